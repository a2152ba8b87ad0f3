import type { ZoneCause } from '../words'
import type { AlarmWords, Trend } from './alarm_words'

export const trendDe: Record<Trend, string> = {
  rising_fast: 'stark steigend',
  rising: 'steigend',
  steady: 'gleichbleibend',
  falling: 'fallend',
  falling_fast: 'stark fallend',
}

const blinds = (zones: number): string =>
  zones === 0 ? '' : zones === 1 ? ' – 1 Zone unbekannt' : ` – ${zones} Zonen unbekannt`

/** What the value is of, where the cause's density would not be understood by itself. */
const said: Record<ZoneCause, (value: string) => string> = {
  density: (value) => value,
  peak: (value) => `${value} an der dichtesten Stelle`,
  rise: (value) => value,
  forecast: (value) => `eng in etwa ${value}`,
  pressure: (value) => `Druck ${value}`,
  counter_flow: (value) => `${value} gegen den Strom`,
  occupancy: (value) => value,
}

const sentenceEnd = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`)

const languages: Record<string, string> = {
  de: 'Deutsch',
  en: 'Englisch',
  nl: 'Niederländisch',
  tr: 'Türkisch',
  pl: 'Polnisch',
  fr: 'Französisch',
  uk: 'Ukrainisch',
  ru: 'Russisch',
  ar: 'Arabisch',
}

export const alarmsDe: AlarmWords = {
  alarms: {
    title: 'Alarme',
    open: (count) => `${count} offen`,
    acknowledged: 'Quittiert, steht noch an',
    ended: 'Zuletzt erledigt',
    none: 'Keine Alarme.',
    acknowledge: 'Quittieren',
    acknowledging: 'Wird quittiert …',
    shelve: 'Zurückstellen',
    may_not: 'Quittieren darf nur die Leitstelle.',
    not_while_gone: 'Das geht erst wieder mit Verbindung zum Hub.',
    problem: {
      no_right: 'Das ist für diesen Namen nicht erlaubt.',
      wrong_state: 'Das ging nicht: Der Alarm steht inzwischen anders.',
      not_stored: 'Vermerkt, aber noch nicht gesichert. Der Hub holt es nach.',
      refused: 'Der Hub nimmt das so nicht an.',
      failed: 'Das ging nicht durch. Bitte noch einmal drücken.',
    },
    cause: {
      density: 'Dichte',
      peak: 'Dichteste Stelle',
      rise: 'Zulauf',
      forecast: 'Vorhersage',
      pressure: 'Druck',
      counter_flow: 'Gegenstrom',
      occupancy: 'Personenzahl',
      picture: 'Kamerabild',
      silence: 'Kamera',
      worker: 'Auswerterechner',
      weather: 'Wetter',
      delivery: 'Zustellung',
    },
    state: {
      normal: 'erledigt',
      unacknowledged: 'offen',
      acknowledged: 'quittiert',
      returned: 'vorbei, nicht quittiert',
      shelved: 'zurückgestellt',
      suppressed: 'unterdrückt',
      out_of_service: 'außer Betrieb',
    },
    priority: { high: 'hoch', medium: 'mittel', low: 'niedrig' },
    priority_letter: { high: 'H', medium: 'M', low: 'N' },
    counts: ({ high, medium, low }) =>
      [
        [high, 'hoch'],
        [medium, 'mittel'],
        [low, 'niedrig'],
      ]
        .filter(([count]) => count !== 0)
        .map(([count, word]) => `${count}\u00a0${word}`)
        .join(', '),
    asks: {
      density: 'Zulauf drosseln, Abgang frei halten.',
      peak: 'Hinsehen lassen, hintere Reihen zurücknehmen.',
      rise: 'Nachsehen, woher sie kommen, und den Zulauf bremsen.',
      forecast: 'Jetzt den Zulauf drosseln, solange noch Platz ist.',
      pressure: 'Sofort Druck von hinten nehmen und den Abgang öffnen.',
      counter_flow: 'Ströme trennen, rechts gehen lassen.',
      occupancy: 'Einlass anhalten, Ankommende umleiten.',
      silence: 'Lage über Funk erfragen, Strom und Netz der Kamera prüfen lassen.',
      worker: 'Lage über Funk erfragen, Strom und Netz des Rechners prüfen lassen.',
      weather: 'Nach dem Wetterplan des Veranstalters handeln.',
      delivery: 'Über Funk weitergeben, das Ziel prüfen lassen.',
    },
    of_zone: (words) => {
      const { cause, zone, value, limit, standing, span, since, times, age, trend } = words
      if (cause === 'forecast') {
        const band = words.band === null ? '' : ` (${words.band})`
        const now = words.density === null ? '' : `, jetzt ${words.density}`
        if (value === null) return `${zone}: bald eng, seit ${span} vorhergesagt.`
        if (standing === 'old') {
          return `${zone}: zuletzt eng in etwa ${value}${band} vorhergesagt, vor ${age ?? '–'} – Lage jetzt unbekannt.`
        }
        const tail = trend === null ? '' : `, ${trendDe[trend]}`
        return `${zone}: eng in etwa ${value}${band}${now}${tail}.`
      }
      const bound = limit === null ? '' : ` (Grenze ${limit})`
      const when = times > 1 ? `zum ${times}. Mal seit ${since}` : `seit ${span}`
      if (value === null) return `${zone}: Grenze ${limit ?? '–'} ${when} überschritten, jetzt kein Wert.`
      if (standing === 'old') {
        return `${zone}: zuletzt ${said[cause](value)}, vor ${age ?? '–'}${bound} – Lage jetzt unbekannt.`
      }
      const tail = trend === null ? '' : `, ${trendDe[trend]}`
      if (standing === 'within') {
        const passed = times > 1 ? when : `vor ${span}`
        return `${zone}: Grenze ${limit ?? '–'} ${passed} überschritten, jetzt ${said[cause](value)}${tail}.`
      }
      const critical = words.critical ? ' kritisch' : ''
      const lead = cause === 'rise' ? 'füllt sich schnell, ' : ''
      return `${zone}${critical}: ${lead}${said[cause](value)} ${when}${bound}${tail}.`
    },
    over: ({ cause, zone, worst, limit, span }) => {
      if (cause === 'forecast') return `${zone}: seit ${span} nicht mehr bald eng zu erwarten.`
      const most = worst === null ? '' : `, höchstens ${worst}`
      return `${zone}: seit ${span} wieder unter der Grenze${limit === null ? '' : ` ${limit}`}${most}.`
    },
    silence: (camera, span, zones) => `${camera} liefert seit ${span} kein Bild${blinds(zones)}.`,
    picture: (camera, health, span, zones) => `${camera} seit ${span}: ${health}${blinds(zones)}.`,
    camera_over: (camera, span) => `${camera} liefert seit ${span} wieder brauchbare Bilder.`,
    worker: (worker, span) =>
      `Auswerterechner ${worker} seit ${span} ohne Verbindung – seine Kameras fehlen.`,
    worker_over: (worker, span) => `Auswerterechner ${worker} ist seit ${span} wieder verbunden.`,
    weather: (name, grade, detail) =>
      detail === ''
        ? `${name}: Warnstufe ${grade} von 4.`
        : sentenceEnd(`${name}, Warnstufe ${grade} von 4: ${detail}`),
    weather_over: (name, span) => `${name}: Warnung seit ${span} vorbei.`,
    weather_subject: { wind: 'Wind', thunderstorm: 'Gewitter', other: 'Wetter' },
    weather_source: (id) => `Wetterquelle ${id}`,
    source_silent: (name, detail) =>
      detail === '' ? `${name} schweigt. Wetter anders beobachten.` : sentenceEnd(`${name} ${detail}`),
    source_over: (name, span) => `${name} meldet seit ${span} wieder.`,
    delivery: (target, span, detail) => {
      const waits = span === null ? '' : `, die älteste wartet ${span}`
      const why = detail === '' ? '' : ` – ${detail}`
      return sentenceEnd(`Nachrichten an ${target} kommen nicht an${waits}${why}`)
    },
    delivery_over: (target, span) => `Nachrichten an ${target} kommen seit ${span} wieder an.`,
    not_watched: (subject, cause) => `${subject}: ${cause} wird nicht überwacht.`,
    uncertainty: (sd) => `Unsicherheit ± ${sd}`,
    seen: (share) => `einsehbar ${share}`,
    worst: (value) => `höchstens ${value}`,
    raised: (time) => `ausgelöst ${time}`,
    times: (count) => `${count} Mal ausgelöst`,
    by: (name, time) => `quittiert ${time} von ${name}`,
    returned_at: (time) => `vorbei seit ${time}, noch zu quittieren`,
    ended_at: (time) => `erledigt ${time}`,
    escalated: (steps) =>
      steps === 1 ? 'an die nächste Stelle gegeben' : `${steps} Mal an die nächste Stelle gegeben`,
    escalates_in: (span) => `geht in ${span} an die nächste Stelle`,
    escalates_now: 'geht jetzt an die nächste Stelle',
    first: (subject) => `zuerst: ${subject}`,
    followers: (counts) => `danach ${counts}`,
    fresh: (sentence) => `Neuer Alarm. ${sentence}`,
    several: (count) => `${count} neue Alarme.`,
    flood: (count) => `Alarmflut: ${count} Alarme in 10 min`,
    flood_open: (counts) => `Offen sind ${counts}.`,
    flood_low: 'Die niedrigen warten unten.',
    low_behind: (count) => (count === 1 ? '1 niedriger wartet' : `${count} niedrige warten`),
  },
  aside: {
    title: 'Beiseite',
    until: (time, span) => `bis ${time} (noch ${span})`,
    until_ended: 'bis ihn jemand zurückholt',
    since: (time) => `seit ${time}`,
    by: (name) => `von ${name}`,
    by_rule: 'nach einer Regel',
    rules: {
      density_stands: 'Die Dichte selbst meldet schon; dass sie kommt, sagt nichts Neues.',
      worker_away: 'Der Auswerterechner ist weg, dafür steht ein eigener Alarm.',
    },
    back: 'Zurückholen',
    in_service: 'Wieder überwachen',
    heading: (subject, cause) => `Zurückstellen: ${subject}, ${cause}`,
    intro: 'Er schweigt so lange. Wird es schlimmer, ist er sofort wieder da.',
    how_long: 'Wie lange',
    minutes: (count) => `${count} min`,
    until_choice: 'bis …',
    until_time: 'Uhrzeit',
    until_past: 'Bitte eine Uhrzeit in den nächsten 8 Stunden wählen.',
    out_of_service: 'außer Betrieb, bis ihn jemand zurückholt',
    reason: 'Grund',
    reason_missing: 'Bitte den Grund nennen, mindestens 3 Zeichen.',
    reasons: [
      'Ordner ist vor Ort',
      'Maßnahme läuft',
      'Messung ist falsch',
      'Wartung',
      'Bereich ist gesperrt',
    ],
    submit_shelve: (time) => `Zurückstellen bis ${time}`,
    submit_out: 'Außer Betrieb nehmen',
    busy: 'Wird zurückgestellt …',
    cancel: 'Abbrechen',
    gone: 'Dieser Alarm steht nicht mehr an.',
  },
  measures: {
    title: 'Maßnahmen',
    button: (count) => `Maßnahmen (${count})`,
    kind: { announce: 'Durchsage', meter: 'Zulauf drosseln', send: 'Team schicken', other: 'Maßnahme' },
    loudspeaker: 'Lautsprecher',
    display: 'Anzeige',
    more_languages: (count) => (count === 1 ? '1 weitere Sprache' : `${count} weitere Sprachen`),
    gate: (line) => `Anhalten bei ${line}`,
    holds: { into: 'wer hinein will', out: 'wer hinaus will' },
    team: (name) => `Team: ${name}`,
    by_hand: 'Von Hand: Gesendet wird nichts.',
    to_target: (target) => `Geht an ${target}.`,
    approved: (name, date) => `freigegeben ${date} von ${name}`,
    confirm: 'Bestätigen und senden',
    confirm_by_hand: 'Bestätigen, wird von Hand getan',
    send: 'Ja, jetzt senden',
    done_by_hand: 'Ja, wird jetzt getan',
    again: 'Noch einmal bestätigen',
    cancel: 'Doch nicht',
    sending: 'Wird bestätigt …',
    may_not: 'Bestätigen darf nur die Leitstelle.',
    language: (code) => languages[code] ?? code,
    delivery: {
      by_hand: 'bestätigt, von Hand zu tun',
      waiting: 'bestätigt, wartet auf das Senden',
      sent: 'gesendet, noch keine Empfangsmeldung',
      received: 'angekommen',
      failed: 'nicht angekommen',
    },
    confirmed: (name, time) => `${time} von ${name}`,
    failed_do: 'Bitte über Funk oder von Hand ausführen.',
    unknown: (id) => `Maßnahme ${id}`,
  },
  load: {
    word: { quiet: 'ruhig', manageable: 'zu schaffen', excessive: 'zu viel', flood: 'Flut' },
    figure: (value) => `${value} in 10 min`,
    hint: ({ last_10_min, last_hour, operators, high }) =>
      `Alarme je Person in 10 min. In 10 min ${last_10_min}, in 1 h ${last_hour}` +
      `${high === null ? '' : `, davon ${high} hoch`}; ` +
      `${operators === 0 ? 'niemand im Dienst' : `${operators} im Dienst`}. ` +
      '1 ist ruhig, ab 5 zu viel, ab 10 Flut (EEMUA 191).',
  },
  shift: {
    on_duty: (name) => `im Dienst: ${name}`,
    since: (time) => `seit ${time}`,
    nobody: 'niemand im Dienst',
    open: 'Schicht und Übergabe',
    title: 'Schichtübergabe',
    asking: 'Übersicht wird geholt …',
    failed: 'Die Übersicht kam nicht an.',
    retry: 'Noch einmal holen',
    from_to: (from, to) => `von ${from} bis ${to}`,
    raised: 'Alarme',
    raised_by: (count, counts) => (count === 0 ? 'keine' : `${count} (${counts})`),
    answered: 'quittiert nach',
    answered_after: (span) => `${span} (Median)`,
    not_answered: 'noch keiner',
    measures: 'Maßnahmen bestätigt',
    load: 'Alarmlast jetzt',
    most: 'Am häufigsten',
    unanswered: 'Nicht angekommen',
    unknown_zones: 'Zonen ohne Sicht',
    note: 'Was die nächste Schicht sonst wissen muss',
    note_help: 'Steht danach im Protokoll.',
    take_over: 'Schicht übernehmen',
    taking: 'Wird übernommen …',
    may_not: 'Übernehmen darf nur die Leitstelle.',
    yours: (time) => `Sie haben den Dienst seit ${time}.`,
    close: 'Schließen',
  },
  exercise: {
    word: 'Übung',
    says: 'Nichts davon ist echt.',
  },
}
