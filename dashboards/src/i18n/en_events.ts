import type { AlarmEventWords, EventWords } from './events_words'

const why = (text: string): string => (text === '' ? '' : ` – ${text}`)
const named = (measure: string | null): string => (measure === null ? 'A measure' : `“${measure}”`)
const because = (text: string): string => (text === '' ? '.' : `: ${text}`)
const stretch = (from: string, to: string | null): string => (to === null ? `since ${from}` : `${from}–${to}`)

function alarm(words: AlarmEventWords): string {
  const { event, subject, cause, value, limit, worst, said, times, by, reason, until, steps } = words
  const bound = limit === null ? '' : ` (limit ${limit})`
  const measured = value === null ? '' : ` ${value}${bound}`
  const what = said === '' ? measured : `: ${said}`
  const name = `${subject}, ${cause.toLowerCase()}`
  const who = by === null ? '' : ` by ${by}`
  switch (event) {
    case 'raised':
      return `Alarm ${name}${what}.`
    case 'worsened':
      return `Worse: ${name}${what}.`
    case 'came_back':
      return `Back, time ${times}: ${name}${what}.`
    case 'returned':
      return `Over, not acknowledged yet: ${name}.`
    case 'acknowledged':
      return `Acknowledged${who}: ${name}.`
    case 'ended':
      return `Closed: ${name}${worst === null ? '' : `, at most ${worst}`}.`
    case 'shelved':
      return `Shelved${until === null ? '' : ` until ${until}`}${who}: ${name}${why(reason)}.`
    case 'unshelved':
      return by === null ? `No longer shelved: ${name}.` : `Brought back${who}: ${name}.`
    case 'suppressed':
      return `Suppressed: ${name}${why(reason)}.`
    case 'unsuppressed':
      return `No longer suppressed: ${name}.`
    case 'out_of_service':
      return `Taken out of service${who}: ${name}${why(reason)}.`
    case 'in_service':
      return `Watched again${by === null ? '' : `, asked for${who}`}: ${name}.`
    case 'escalated':
      return `Not acknowledged, passed on (step ${steps}): ${name}.`
  }
}

export const eventsEn: EventWords = {
  log: {
    title: 'Event log',
    open: 'Open the event log (l)',
    back: 'Back to the map',
    key: 'open the event log',
    may_not: 'This name may not read the record. Whoever manages people can give that right.',
    asking: 'Fetching the log …',
    failed: 'The log did not arrive.',
    retry: 'Fetch again',
    none: 'Nothing is on record for this time.',
    none_filtered: 'Nothing of the kind is on record for this time.',
    fresh: (count) => `${count} new`,
    older: 'Show older ones',
    looking: 'Looking for older ones …',
    end: 'This is where the period begins.',
    filter: 'Filter',
    clear: 'Show everything',
    span: 'Period',
    spans: { shift: 'this shift', day: '24 hours', all: 'everything', between: 'from – to' },
    from: 'from',
    to: 'to',
    between_wrong: 'The end is before the beginning.',
    place: 'Place',
    all_places: 'all places',
    zones: 'Zones',
    cameras: 'Cameras',
    kinds: 'Kind',
    kind: {
      alarms: 'Alarms',
      measures: 'Measures',
      people: 'People',
      revisions: 'Revisions',
      weather: 'Weather',
      deliveries: 'Deliveries',
      record: 'The record itself',
    },
    priority: 'Priority',
    all_priorities: 'any',
    actor: 'Who',
    all_actors: 'everybody',
    text: 'Search',
    text_hint: 'place, name, reason',
    export: 'Save as CSV',
    export_hint: 'Saves just what is selected. That it was saved goes into the record.',
    may_not_export: 'Organisers, engineers and administrators may save it.',
    counted: (count, more) =>
      count === 1 && !more ? '1 entry' : `${more ? 'at least ' : ''}${count} entries`,
    night: (from, to) => `Night of ${from} to ${to}`,
    day: (date) => `Day of ${date}`,
    details: 'Details',
  },
  event: {
    hub: 'the hub',
    command_line: 'the command line',
    alarm,
    measure_confirmed: (by, measure, subject) => `${by} confirmed “${measure}” for ${subject}.`,
    measure: {
      waiting: (measure) => `${named(measure)} waits to be sent.`,
      sent: (measure) => `${named(measure)} was sent.`,
      received: (measure, text) => `${named(measure)} arrived${why(text)}.`,
      failed: (measure) => `${named(measure)} was not delivered.`,
    },
    signed_in: (name) => `${name} signed in.`,
    signed_out: (name) => `${name} signed out.`,
    person_put: (by, name, role) =>
      by === name ? `${name} came in through the provider (${role}).` : `${by} set up ${name} (${role}).`,
    password: (name) => `${name} changed their own password.`,
    disabled: (by, name) => `${by} locked ${name} out.`,
    enabled: (by, name) => `${by} let ${name} in again.`,
    worker_key: (by, name) => `${by} gave worker ${name} a key.`,
    worker_revoked: (by, name) => `${by} locked worker ${name} out.`,
    taken_over: (name, note) =>
      note === '' ? `${name} took over the shift.` : `${name} took over the shift: “${note}”`,
    revision_drafted: (by, number, reason) => `${by} drafted revision ${number}${because(reason)}`,
    revision_published: (by, number, reason) => `${by} published revision ${number}${because(reason)}`,
    revision_rolled_back: (by, number, reason) => `${by} went back, revision ${number} now holds${because(reason)}`,
    revision_imported: (number) => `Revision ${number} was taken from the files.`,
    warning_approved: (by, subject) => `${by} approved the warning about ${subject}.`,
    warning_discarded: (by, subject) => `${by} threw away the draft warning about ${subject}.`,
    exported: (by) => `${by} saved a part of the record.`,
    forgotten: 'Old entries were deleted after their time of keeping.',
    other: (by, action, subject) => `${by}: ${action}, ${subject}.`,
  },
  evidence: {
    alarm: 'Alarm',
    value: 'Value',
    limit: 'Limit',
    worst: 'at most',
    seen: 'seen',
    measured: 'measured',
    raised: 'raised',
    acknowledged: 'acknowledged',
    ended: 'closed',
    times: 'how often',
    state: 'afterwards',
    priority: 'Priority',
    aside: 'set aside until',
    reason: 'Reason',
    changes: 'Changes',
    more_changes: (count) => `and ${count} more`,
    instead_of: 'instead of revision',
    words: 'Wording',
    sent_to: 'goes to',
    receipt: 'Answer',
    note: 'Note',
    who: 'Who',
    number: 'Entry',
    hash: 'Hash',
  },
  since: {
    title: (time) => `Since ${time}`,
    alarms: (count, list) => `${count === 1 ? '1 alarm came' : `${count} alarms came`} (${list})`,
    more: (count) => `and ${count} more`,
    stretch: (subject, cause, from, to) =>
      `${subject} ${cause.toLowerCase()} ${stretch(from, to)}`,
    still_open: (count) => `${count} still open`,
    camera: (name, what, from, to) => `${name}: ${what} ${stretch(from, to)}`,
    revision: (number) => `revision ${number} published`,
    taken_over: (name) => `${name} took over the shift`,
    measures: (count) => (count === 1 ? '1 measure confirmed' : `${count} measures confirmed`),
    failed: (count) => (count === 1 ? '1 measure not delivered' : `${count} measures not delivered`),
    show: 'Show in the log',
    dismiss: 'Got it',
  },
  handover: {
    open: 'Open, to be acknowledged',
    acknowledged: 'Acknowledged, still there',
    shelved: 'Shelved',
    out_of_service: 'Out of service',
    suppressed: 'Suppressed by a rule',
    nothing_open: 'Nothing is open.',
    cameras: 'Cameras without a usable picture',
    numbers: 'The shift in numbers',
    acknowledged_count: 'Acknowledged',
    shelved_count: 'Shelved',
    escalated_count: 'Passed on',
    cameras_count: 'Camera failures',
    revisions_count: 'New revisions',
    print: 'Print',
    printed: (time) => `Printed ${time}`,
  },
}
