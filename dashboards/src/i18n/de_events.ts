import type { AlarmEventWords, EventWords } from './events_words'

const why = (text: string): string => (text === '' ? '' : ` – ${text}`)
const named = (measure: string | null): string => (measure === null ? 'Eine Maßnahme' : `„${measure}“`)
const because = (text: string): string => (text === '' ? '.' : `: ${text}`)
const stretch = (from: string, to: string | null): string => (to === null ? `seit ${from}` : `${from}–${to}`)

function alarm(words: AlarmEventWords): string {
  const { event, subject, cause, value, limit, worst, said, times, by, reason, until, steps } = words
  const bound = limit === null ? '' : ` (Grenze ${limit})`
  const measured = value === null ? '' : ` ${value}${bound}`
  const what = said === '' ? measured : `: ${said}`
  const name = `${subject}, ${cause}`
  const who = by === null ? '' : ` von ${by}`
  switch (event) {
    case 'raised':
      return `Alarm ${name}${what}.`
    case 'worsened':
      return `Schlimmer: ${name}${what}.`
    case 'came_back':
      return `Wieder da, zum ${times}. Mal: ${name}${what}.`
    case 'returned':
      return `Vorbei, noch nicht quittiert: ${name}.`
    case 'acknowledged':
      return `Quittiert${who}: ${name}.`
    case 'ended':
      return `Erledigt: ${name}${worst === null ? '' : `, höchstens ${worst}`}.`
    case 'shelved':
      return `Zurückgestellt${until === null ? '' : ` bis ${until}`}${who}: ${name}${why(reason)}.`
    case 'unshelved':
      return by === null ? `Nicht mehr zurückgestellt: ${name}.` : `Zurückgeholt${who}: ${name}.`
    case 'suppressed':
      return `Unterdrückt: ${name}${why(reason)}.`
    case 'unsuppressed':
      return `Nicht mehr unterdrückt: ${name}.`
    case 'out_of_service':
      return `Außer Betrieb genommen${who}: ${name}${why(reason)}.`
    case 'in_service':
      return `Wieder überwacht${by === null ? '' : `, veranlasst${who}`}: ${name}.`
    case 'escalated':
      return `Nicht quittiert, an die nächste Stelle gegeben (Stufe ${steps}): ${name}.`
  }
}

export const eventsDe: EventWords = {
  log: {
    title: 'Protokoll',
    open: 'Protokoll öffnen (l)',
    back: 'Zurück zum Lageplan',
    key: 'Protokoll öffnen',
    may_not: 'Das Protokoll darf unter diesem Namen nicht gelesen werden. Die Verwaltung vergibt dieses Recht.',
    asking: 'Protokoll wird geholt …',
    failed: 'Das Protokoll kam nicht an.',
    retry: 'Noch einmal holen',
    none: 'In dieser Zeit steht nichts im Protokoll.',
    none_filtered: 'Dazu steht in dieser Zeit nichts im Protokoll.',
    fresh: (count) => `${count} neu`,
    older: 'Ältere zeigen',
    looking: 'Ältere werden gesucht …',
    end: 'Das ist der Anfang dieses Zeitraums.',
    filter: 'Auswahl',
    clear: 'Alles zeigen',
    span: 'Zeitraum',
    spans: { shift: 'diese Schicht', day: '24 Stunden', all: 'alles', between: 'von – bis' },
    from: 'von',
    to: 'bis',
    between_wrong: 'Das Ende liegt vor dem Anfang.',
    place: 'Ort',
    all_places: 'alle Orte',
    zones: 'Zonen',
    cameras: 'Kameras',
    kinds: 'Art',
    kind: {
      alarms: 'Alarme',
      measures: 'Maßnahmen',
      people: 'Menschen',
      revisions: 'Stände',
      weather: 'Wetter',
      deliveries: 'Zustellung',
      record: 'Protokoll selbst',
    },
    priority: 'Dringlichkeit',
    all_priorities: 'jede',
    actor: 'Wer',
    all_actors: 'alle',
    text: 'Suchen',
    text_hint: 'Ort, Name, Grund',
    export: 'Als CSV sichern',
    export_hint: 'Sichert genau das Ausgewählte. Dass es gesichert wurde, steht danach im Protokoll.',
    may_not_export: 'Sichern dürfen Veranstalter, Technik und Verwaltung.',
    counted: (count, more) =>
      count === 1 && !more ? '1 Eintrag' : `${more ? 'mindestens ' : ''}${count} Einträge`,
    night: (from, to) => `Nacht ${from} auf ${to}`,
    day: (date) => `Tag ${date}`,
    details: 'Einzelheiten',
  },
  event: {
    hub: 'der Hub',
    command_line: 'die Kommandozeile',
    alarm,
    measure_confirmed: (by, measure, subject) => `${by} bestätigt „${measure}“ für ${subject}.`,
    measure: {
      waiting: (measure) => `${named(measure)} wartet auf das Senden.`,
      sent: (measure) => `${named(measure)} ist gesendet.`,
      received: (measure, text) => `${named(measure)} ist angekommen${why(text)}.`,
      failed: (measure) => `${named(measure)} ist nicht angekommen.`,
    },
    signed_in: (name) => `${name} meldet sich an.`,
    signed_out: (name) => `${name} meldet sich ab.`,
    person_put: (by, name, role) =>
      by === name ? `${name} kommt über den Anbieter herein (${role}).` : `${by} legt ${name} an (${role}).`,
    password: (name) => `${name} ändert das eigene Passwort.`,
    disabled: (by, name) => `${by} sperrt ${name}.`,
    enabled: (by, name) => `${by} lässt ${name} wieder zu.`,
    worker_key: (by, name) => `${by} gibt dem Auswerterechner ${name} einen Schlüssel.`,
    worker_revoked: (by, name) => `${by} sperrt den Auswerterechner ${name}.`,
    taken_over: (name, note) =>
      note === '' ? `${name} übernimmt die Schicht.` : `${name} übernimmt die Schicht: „${note}“`,
    revision_drafted: (by, number, reason) => `${by} entwirft Stand ${number}${because(reason)}`,
    revision_published: (by, number, reason) => `${by} gibt Stand ${number} frei${because(reason)}`,
    revision_rolled_back: (by, number, reason) => `${by} geht zurück, jetzt gilt Stand ${number}${because(reason)}`,
    revision_imported: (number) => `Stand ${number} ist aus den Dateien übernommen.`,
    warning_approved: (by, subject) => `${by} gibt die Warnung zu ${subject} frei.`,
    warning_discarded: (by, subject) => `${by} verwirft den Warnentwurf zu ${subject}.`,
    exported: (by) => `${by} sichert einen Auszug des Protokolls.`,
    forgotten: 'Alte Einträge sind nach der Aufbewahrungsfrist gelöscht.',
    other: (by, action, subject) => `${by}: ${action}, ${subject}.`,
  },
  evidence: {
    alarm: 'Alarm',
    value: 'Wert',
    limit: 'Grenze',
    worst: 'höchstens',
    seen: 'einsehbar',
    measured: 'gemessen',
    raised: 'ausgelöst',
    acknowledged: 'quittiert',
    ended: 'erledigt',
    times: 'wie oft',
    state: 'danach',
    priority: 'Dringlichkeit',
    aside: 'beiseite bis',
    reason: 'Grund',
    changes: 'Änderungen',
    more_changes: (count) => `und ${count} weitere`,
    instead_of: 'statt Stand',
    words: 'Wortlaut',
    sent_to: 'geht an',
    receipt: 'Meldung',
    note: 'Notiz',
    who: 'wer',
    number: 'Eintrag',
    hash: 'Prüfsumme',
  },
  since: {
    title: (time) => `Seit ${time}`,
    alarms: (count, list) => `${count === 1 ? '1 Alarm kam' : `${count} Alarme kamen`} (${list})`,
    more: (count) => `und ${count} weitere`,
    stretch: (subject, cause, from, to) => `${subject} ${cause} ${stretch(from, to)}`,
    still_open: (count) => `${count} noch offen`,
    camera: (name, what, from, to) => `${name}: ${what} ${stretch(from, to)}`,
    revision: (number) => `Stand ${number} freigegeben`,
    taken_over: (name) => `${name} hat die Schicht übernommen`,
    measures: (count) => (count === 1 ? '1 Maßnahme bestätigt' : `${count} Maßnahmen bestätigt`),
    failed: (count) => (count === 1 ? '1 Maßnahme nicht angekommen' : `${count} Maßnahmen nicht angekommen`),
    show: 'Im Protokoll zeigen',
    dismiss: 'Gelesen',
  },
  handover: {
    open: 'Offen, zu quittieren',
    acknowledged: 'Quittiert, steht noch an',
    shelved: 'Zurückgestellt',
    out_of_service: 'Außer Betrieb',
    suppressed: 'Nach einer Regel unterdrückt',
    nothing_open: 'Nichts ist offen.',
    cameras: 'Kameras ohne brauchbares Bild',
    numbers: 'Die Schicht in Zahlen',
    acknowledged_count: 'Quittiert',
    shelved_count: 'Zurückgestellt',
    escalated_count: 'Weitergegeben',
    cameras_count: 'Kameraausfälle',
    revisions_count: 'Neue Stände',
    print: 'Drucken',
    printed: (time) => `Gedruckt ${time}`,
  },
}
