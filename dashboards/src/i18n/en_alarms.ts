import type { ZoneCause } from '../words'
import type { AlarmWords, Trend } from './alarm_words'

export const trendEn: Record<Trend, string> = {
  rising_fast: 'rising fast',
  rising: 'rising',
  steady: 'steady',
  falling: 'falling',
  falling_fast: 'falling fast',
}

const ordinal = (count: number): string => {
  const tens = count % 100
  const ending = tens > 10 && tens < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th')
  return `${count}${ending}`
}

const blinds = (zones: number): string =>
  zones === 0 ? '' : zones === 1 ? ' – 1 zone unknown' : ` – ${zones} zones unknown`

const said: Record<ZoneCause, (value: string) => string> = {
  density: (value) => value,
  peak: (value) => `${value} at its densest spot`,
  rise: (value) => value,
  forecast: (value) => `tight in about ${value}`,
  pressure: (value) => `pressure ${value}`,
  counter_flow: (value) => `${value} against the stream`,
  occupancy: (value) => value,
}

const sentenceEnd = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`)

const languages: Record<string, string> = {
  de: 'German',
  en: 'English',
  nl: 'Dutch',
  tr: 'Turkish',
  pl: 'Polish',
  fr: 'French',
  uk: 'Ukrainian',
  ru: 'Russian',
  ar: 'Arabic',
}

export const alarmsEn: AlarmWords = {
  alarms: {
    title: 'Alarms',
    open: (count) => `${count} open`,
    acknowledged: 'Acknowledged, still present',
    ended: 'Ended lately',
    none: 'No alarms.',
    acknowledge: 'Acknowledge',
    acknowledging: 'Acknowledging …',
    shelve: 'Shelve',
    may_not: 'Only the control room may acknowledge.',
    not_while_gone: 'This works again once the hub is back.',
    problem: {
      no_right: 'Your name is not allowed to do that.',
      wrong_state: 'That did not work: the alarm has moved on.',
      not_stored: 'Noted, but not yet saved. The hub will catch up.',
      refused: 'The hub does not accept it like this.',
      failed: 'That did not go through. Please press again.',
    },
    cause: {
      density: 'Density',
      peak: 'Densest spot',
      rise: 'Inflow',
      forecast: 'Forecast',
      pressure: 'Pressure',
      counter_flow: 'Counter-flow',
      occupancy: 'Head count',
      picture: 'Camera picture',
      silence: 'Camera',
      worker: 'Edge worker',
      weather: 'Weather',
      delivery: 'Delivery',
    },
    state: {
      normal: 'ended',
      unacknowledged: 'open',
      acknowledged: 'acknowledged',
      returned: 'over, not acknowledged',
      shelved: 'shelved',
      suppressed: 'suppressed',
      out_of_service: 'out of service',
    },
    priority: { high: 'high', medium: 'medium', low: 'low' },
    priority_letter: { high: 'H', medium: 'M', low: 'L' },
    counts: ({ high, medium, low }) =>
      [
        [high, 'high'],
        [medium, 'medium'],
        [low, 'low'],
      ]
        .filter(([count]) => count !== 0)
        .map(([count, word]) => `${count}\u00a0${word}`)
        .join(', '),
    asks: {
      density: 'Slow the inflow, keep the way out clear.',
      peak: 'Have someone look, move the back rows back.',
      rise: 'Find out where they come from and slow the inflow.',
      forecast: 'Slow the inflow now, while there is room.',
      pressure: 'Take the push from behind off at once, open the way out.',
      counter_flow: 'Part the streams, let people keep right.',
      occupancy: 'Hold the entrance, send arrivals elsewhere.',
      silence: 'Ask by radio, have the camera’s power and network checked.',
      worker: 'Ask by radio, have the computer’s power and network checked.',
      weather: 'Follow the organiser’s weather plan.',
      delivery: 'Pass it on by radio, have the target checked.',
    },
    of_zone: (words) => {
      const { cause, zone, value, limit, standing, span, since, times, age, trend } = words
      if (cause === 'forecast') {
        const band = words.band === null ? '' : ` (${words.band})`
        const now = words.density === null ? '' : `, now ${words.density}`
        if (value === null) return `${zone}: tight soon, forecast for ${span}.`
        if (standing === 'old') {
          return `${zone}: last forecast tight in about ${value}${band}, ${age ?? '–'} ago – state unknown now.`
        }
        const tail = trend === null ? '' : `, ${trendEn[trend]}`
        return `${zone}: tight in about ${value}${band}${now}${tail}.`
      }
      const bound = limit === null ? '' : ` (limit ${limit})`
      const when = times > 1 ? `for the ${ordinal(times)} time since ${since}` : `for ${span}`
      const passed = times > 1 ? when : `${span} ago`
      if (value === null) return `${zone}: passed the limit of ${limit ?? '–'} ${passed}, no value now.`
      if (standing === 'old') {
        return `${zone}: last ${said[cause](value)}, ${age ?? '–'} ago${bound} – state unknown now.`
      }
      const tail = trend === null ? '' : `, ${trendEn[trend]}`
      if (standing === 'within') {
        return `${zone}: passed the limit of ${limit ?? '–'} ${passed}, now ${said[cause](value)}${tail}.`
      }
      const critical = words.critical ? ' critical' : ''
      const lead = cause === 'rise' ? 'filling fast, ' : ''
      return `${zone}${critical}: ${lead}${said[cause](value)} ${when}${bound}${tail}.`
    },
    over: ({ cause, zone, worst, limit, span }) => {
      if (cause === 'forecast') return `${zone}: no longer expected to be tight soon, for ${span}.`
      const most = worst === null ? '' : `, at most ${worst}`
      return `${zone}: back below the limit${limit === null ? '' : ` of ${limit}`} for ${span}${most}.`
    },
    silence: (camera, span, zones) => `${camera} has sent no picture for ${span}${blinds(zones)}.`,
    picture: (camera, health, span, zones) => `${camera} for ${span}: ${health}${blinds(zones)}.`,
    camera_over: (camera, span) => `${camera} has been sending usable pictures again for ${span}.`,
    worker: (worker, span) =>
      `Edge worker ${worker} without connection for ${span} – its cameras are missing.`,
    worker_over: (worker, span) => `Edge worker ${worker} has been connected again for ${span}.`,
    weather: (name, grade, detail) =>
      detail === ''
        ? `${name}: warning level ${grade} of 4.`
        : sentenceEnd(`${name}, warning level ${grade} of 4: ${detail}`),
    weather_over: (name, span) => `${name}: the warning has been over for ${span}.`,
    weather_subject: { wind: 'Wind', thunderstorm: 'Thunderstorm', other: 'Weather' },
    weather_source: (id) => `Weather source ${id}`,
    source_silent: (name, detail) =>
      detail === ''
        ? `${name} is silent. Watch the weather by other means.`
        : sentenceEnd(`${name} ${detail}`),
    source_over: (name, span) => `${name} has been heard again for ${span}.`,
    delivery: (target, span, detail) => {
      const waits = span === null ? '' : `, the oldest has waited ${span}`
      const why = detail === '' ? '' : ` – ${detail}`
      return sentenceEnd(`Messages to ${target} do not arrive${waits}${why}`)
    },
    delivery_over: (target, span) => `Messages to ${target} have been arriving again for ${span}.`,
    not_watched: (subject, cause) => `${subject}: ${cause} is not watched.`,
    uncertainty: (sd) => `uncertainty ± ${sd}`,
    seen: (share) => `seen ${share}`,
    worst: (value) => `at most ${value}`,
    raised: (time) => `raised ${time}`,
    times: (count) => `raised ${count} times`,
    by: (name, time) => `acknowledged ${time} by ${name}`,
    returned_at: (time) => `over since ${time}, still to acknowledge`,
    ended_at: (time) => `ended ${time}`,
    escalated: (steps) => (steps === 1 ? 'passed on once' : `passed on ${steps} times`),
    escalates_in: (span) => `goes to the next in line in ${span}`,
    escalates_now: 'goes to the next in line now',
    first: (subject) => `first: ${subject}`,
    followers: (counts) => `after it ${counts}`,
    fresh: (sentence) => `New alarm. ${sentence}`,
    several: (count) => `${count} new alarms.`,
    flood: (count) => `Alarm flood: ${count} alarms in 10 min`,
    flood_open: (counts) => `Open: ${counts}.`,
    flood_low: 'The low ones wait below.',
    low_behind: (count) => (count === 1 ? '1 low one waits' : `${count} low ones wait`),
  },
  aside: {
    title: 'Set aside',
    until: (time, span) => `until ${time} (${span} left)`,
    until_ended: 'until somebody brings it back',
    since: (time) => `since ${time}`,
    by: (name) => `by ${name}`,
    by_rule: 'by a rule',
    rules: {
      density_stands: 'The density itself alarms already; that it is coming is no news.',
      worker_away: 'The edge worker is away, which has an alarm of its own.',
    },
    back: 'Bring back',
    in_service: 'Watch again',
    heading: (subject, cause) => `Shelve: ${subject}, ${cause}`,
    intro: 'It stays quiet for so long. If it gets worse, it is back at once.',
    how_long: 'How long',
    minutes: (count) => `${count} min`,
    until_choice: 'until …',
    until_time: 'Time of day',
    until_past: 'Please choose a time within the next 8 hours.',
    out_of_service: 'out of service, until somebody brings it back',
    reason: 'Reason',
    reason_missing: 'Please give the reason, at least 3 characters.',
    reasons: [
      'Steward is on the spot',
      'Measure under way',
      'Measurement is wrong',
      'Maintenance',
      'Area is closed',
    ],
    submit_shelve: (time) => `Shelve until ${time}`,
    submit_out: 'Take out of service',
    busy: 'Setting aside …',
    cancel: 'Cancel',
    gone: 'This alarm no longer stands.',
  },
  measures: {
    title: 'Measures',
    button: (count) => `Measures (${count})`,
    kind: {
      announce: 'Announcement',
      meter: 'Hold people back',
      send: 'Send a team',
      other: 'Measure',
    },
    loudspeaker: 'Loudspeaker',
    display: 'Display',
    more_languages: (count) => (count === 1 ? '1 more language' : `${count} more languages`),
    gate: (line) => `Hold at ${line}`,
    holds: { into: 'those who go in', out: 'those who go out' },
    team: (name) => `Team: ${name}`,
    by_hand: 'By hand: nothing is sent.',
    to_target: (target) => `Goes to ${target}.`,
    approved: (name, date) => `approved ${date} by ${name}`,
    confirm: 'Confirm and send',
    confirm_by_hand: 'Confirm, done by hand',
    send: 'Yes, send it now',
    done_by_hand: 'Yes, being done now',
    again: 'Confirm once more',
    cancel: 'Not now',
    sending: 'Confirming …',
    may_not: 'Only the control room may confirm.',
    language: (code) => languages[code] ?? code,
    delivery: {
      by_hand: 'confirmed, to be done by hand',
      waiting: 'confirmed, waiting to be sent',
      sent: 'sent, no receipt yet',
      received: 'arrived',
      failed: 'not delivered',
    },
    confirmed: (name, time) => `${time} by ${name}`,
    failed_do: 'Please do it by radio or by hand.',
    unknown: (id) => `Measure ${id}`,
  },
  load: {
    word: { quiet: 'quiet', manageable: 'manageable', excessive: 'too many', flood: 'flood' },
    figure: (value) => `${value} in 10 min`,
    hint: ({ last_10_min, last_hour, operators, high }) =>
      `Alarms for each person in 10 min. ${last_10_min} in 10 min, ${last_hour} in 1 h` +
      `${high === null ? '' : `, ${high} of them high`}; ` +
      `${operators === 0 ? 'nobody on duty' : `${operators} on duty`}. ` +
      '1 is quiet, from 5 too many, from 10 a flood (EEMUA 191).',
  },
  shift: {
    on_duty: (name) => `on duty: ${name}`,
    since: (time) => `since ${time}`,
    nobody: 'nobody on duty',
    open: 'Shift and hand-over',
    title: 'Hand-over',
    asking: 'Fetching the summary …',
    failed: 'The summary did not arrive.',
    retry: 'Fetch again',
    from_to: (from, to) => `from ${from} to ${to}`,
    raised: 'Alarms',
    raised_by: (count, counts) => (count === 0 ? 'none' : `${count} (${counts})`),
    answered: 'acknowledged after',
    answered_after: (span) => `${span} (median)`,
    not_answered: 'none yet',
    measures: 'Measures confirmed',
    load: 'Alarm load now',
    most: 'Most often',
    unanswered: 'Not delivered',
    unknown_zones: 'Zones out of sight',
    note: 'What else the next shift has to know',
    note_help: 'Goes into the record.',
    take_over: 'Take over the shift',
    taking: 'Taking over …',
    may_not: 'Only the control room may take over.',
    yours: (time) => `You have been on duty since ${time}.`,
    close: 'Close',
  },
  exercise: {
    word: 'Exercise',
    says: 'Nothing of this is real.',
  },
}
