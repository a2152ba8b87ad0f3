import type { Dictionary, Trend } from './dictionary'

const trend: Record<Trend, string> = {
  rising_fast: 'stark steigend',
  rising: 'steigend',
  steady: 'gleichbleibend',
  falling: 'fallend',
  falling_fast: 'stark fallend',
}

export const de: Dictionary = {
  language: 'Deutsch',
  other_language: 'EN',
  other_language_hint: 'Switch to English',
  locale: 'de-DE',
  unit: 'P/m²',
  level: {
    clear: 'frei',
    busy: 'belebt',
    tight: 'eng',
    critical: 'kritisch',
    unknown: 'unbekannt',
  },
  unknown_reason: {
    no_camera: 'Keine Kamera meldet diese Zone.',
    silent: 'Die Kamera liefert kein Bild. Die Lage vor Ort ist nicht bekannt.',
    not_seen: 'Die Kamera sieht zu wenig von dieser Zone.',
  },
  unknown_short: {
    no_camera: 'keine Kamera',
    silent: 'kein Bild',
    not_seen: 'nicht einsehbar',
  },
  stale_reason: 'Der letzte Wert ist zu alt. Die Lage vor Ort ist nicht bekannt.',
  stale_short: 'Wert zu alt',
  health: {
    ok: 'in Ordnung',
    silent: 'kein Bild',
    connecting: 'verbindet',
    lost: 'Verbindung verloren',
    ended: 'Aufnahme zu Ende',
  },
  role: { viewer: 'Mitlesen', operator: 'Leitstelle', administrator: 'Verwaltung' },
  trend,
  alarm_state: {
    unacknowledged: 'offen',
    acknowledged: 'quittiert',
    returned: 'vorbei, nicht quittiert',
    cleared: 'erledigt',
  },
  sign_in: {
    title: 'Anmelden',
    intro: 'Personendichte der Zonen, live.',
    name: 'Name',
    password: 'Passwort',
    submit: 'Anmelden',
    busy: 'Wird geprüft …',
    name_missing: 'Bitte den Namen eingeben.',
    password_missing: 'Bitte das Passwort eingeben.',
    wrong: 'Name oder Passwort stimmt nicht. Bitte beides noch einmal eingeben.',
    too_often: 'Zu viele Versuche. Bitte eine Minute warten und dann noch einmal anmelden.',
    no_hub: 'Der Hub antwortet nicht. Bitte gleich noch einmal versuchen.',
    refused: 'Die Anmeldung ging nicht. Bitte noch einmal versuchen.',
    ended: 'Die Anmeldung ist abgelaufen. Bitte neu anmelden.',
  },
  header: {
    sign_out: 'Abmelden',
    theme: { dark: 'Dunkel', light: 'Hell', system: 'Wie Gerät' },
    theme_hint: 'Darstellung wechseln',
    keys: 'Tastenübersicht',
    connected: 'Hub verbunden',
    disconnected: 'Hub getrennt',
    clock: (timezone) => `Ortszeit der Veranstaltung (${timezone})`,
  },
  overall: {
    calm: 'Alles ruhig',
    alarms: (count, first) =>
      count === 1 ? `1 Alarm offen: ${first}` : `${count} Alarme offen, ${first} zuerst`,
    acknowledged: (count, first) =>
      count === 1 ? `1 Alarm quittiert: ${first}` : `${count} Alarme quittiert, ${first} zuerst`,
    unknown: (count) => (count === 1 ? '1 Zone unbekannt' : `${count} Zonen unbekannt`),
    tight: (count, first) =>
      count === 1 ? `${first} ist eng` : `${count} Zonen eng, ${first} zuerst`,
    waiting: 'Warte auf den Hub',
    several: (parts) => parts.join(' · '),
  },
  veil: {
    gone: (span) => `Keine Verbindung zum Hub seit ${span} – Werte sind veraltet`,
    first: 'Verbindung zum Hub wird aufgebaut …',
    hint: 'Die Seite verbindet sich von selbst neu. Lage bis dahin über Funk erfragen.',
  },
  map: {
    title: 'Lageplan',
    fit: 'Alle Zonen zeigen',
    zoom_in: 'Vergrößern',
    zoom_out: 'Verkleinern',
    failed: 'Der Lageplan lässt sich hier nicht zeichnen. Zonen und Alarme bleiben gültig.',
    zone: (name, level) => `${name}, ${level}`,
    camera: (name, health) => `${name}: ${health}`,
  },
  zones: {
    title: 'Zonen',
    none: 'Für dieses Gelände sind keine Zonen angelegt.',
    of_limit: (limit) => `von ${limit}`,
    people: (count, exact) => (exact ? `${count} Person` : `${count} Personen`),
    seen: (share) => `einsehbar ${share}`,
    nothing_seen: 'nicht einsehbar',
    age: (span) => `${span} alt`,
    never: 'noch kein Wert',
    per_minute: (value) => `${value} je min`,
    last_known: 'zuletzt',
    no_value: 'kein Wert',
    spark: (minutes) => `Verlauf der letzten ${minutes} Minuten mit Grenze für eng`,
    since: (span) => `seit ${span}`,
    open: 'Zone öffnen',
  },
  panel: {
    back: 'Zurück',
    chart: (zone, minutes) => `Personendichte ${zone}, letzte ${minutes} Minuten`,
    now: 'jetzt',
    thresholds: 'Grenzen',
    reason: 'Warum diese Grenzen',
    hysteresis: (value, rise, fall) =>
      `Stufe steigt nach ${rise}, fällt nach ${fall} unter Grenze minus ${value}.`,
    camera: 'Kamera',
    no_camera: 'keine',
    area: 'Fläche',
    people: 'Personen',
    seen: 'Einsehbar',
    age: 'Alter',
    trend: 'Trend',
    trend_unknown: 'zu wenig Werte',
    level_since: (time, span) => `seit ${time} (${span})`,
    why_unknown: 'Warum unbekannt',
    no_points: 'Noch keine Werte in diesem Zeitraum.',
    missing: 'Diese Zone gibt es hier nicht.',
  },
  alarms: {
    title: 'Alarme',
    open: 'Zu quittieren',
    acknowledged: 'Quittiert, steht noch an',
    cleared: 'Zuletzt erledigt',
    none: 'Keine Alarme.',
    none_open: 'Nichts zu quittieren.',
    acknowledge: 'Quittieren',
    acknowledging: 'Wird quittiert …',
    may_not: 'Quittieren darf nur die Leitstelle.',
    not_while_gone: 'Quittieren geht erst wieder mit Verbindung zum Hub.',
    failed: 'Quittieren ging nicht. Bitte noch einmal drücken.',
    no_right: 'Für diesen Namen ist Quittieren nicht erlaubt.',
    already: 'Dieser Alarm war schon quittiert oder erledigt.',
    density: ({ zone, density, limit, below, span, since, times, trend: course }) => {
      const when = times > 1 ? `zum ${times}. Mal seit ${since}` : `seit ${span}`
      const tail = course === null ? '' : `, ${trend[course]}`
      if (below) {
        const passed = times > 1 ? when : `vor ${span}`
        return `${zone}: Grenze ${limit} ${passed} überschritten, jetzt ${density}${tail}.`
      }
      return `${zone}: ${density} ${when} (Grenze ${limit})${tail}.`
    },
    returned: ({ zone, peak, limit, span }) =>
      peak === null
        ? `${zone}: seit ${span} wieder unter der Grenze ${limit}.`
        : `${zone}: seit ${span} wieder unter der Grenze ${limit}, höchstens ${peak}.`,
    silence: (subject, span, zones) => {
      const effect =
        zones === 0 ? '' : zones === 1 ? ' – 1 Zone unbekannt' : ` – ${zones} Zonen unbekannt`
      return `${subject} liefert seit ${span} kein Bild${effect}.`
    },
    silence_zone: (zone, span) => `${zone}: seit ${span} kein Bild, Lage unbekannt.`,
    silence_over: (subject, span) => `${subject} liefert seit ${span} wieder Bilder.`,
    uncertainty: (sd) => `Unsicherheit ± ${sd}`,
    seen: (share) => `einsehbar ${share}`,
    peak: (value) => `höchstens ${value}`,
    raised: (time) => `ausgelöst ${time}`,
    times: (count) => `${count} Mal ausgelöst`,
    by: (name, time) => `quittiert ${time} von ${name}`,
    returned_at: (time) => `vorbei seit ${time}, noch zu quittieren`,
    cleared_at: (time) => `erledigt ${time}`,
    some_camera: 'Eine Kamera',
    fresh: (sentence) => `Neuer Alarm. ${sentence}`,
    flood: (count) => `${count} neue Alarme.`,
  },
  cameras: {
    title: 'Kameras',
    none: 'Keine Kamera angelegt.',
    picture: (span) => `Bild ${span} alt`,
    no_picture: 'noch kein Bild',
    rate: (perSecond) => `${perSecond} Bilder/s`,
    dropped: (count) => `${count} ausgelassen`,
    no_detector: 'kein Erkenner gemeldet',
    detector: (name) => `Erkenner ${name}`,
  },
  keys: {
    title: 'Tasten',
    close: 'Schließen',
    walk: 'durch Zonen oder Alarme gehen',
    switch: 'zwischen Alarmen und Zonen wechseln',
    open: 'gewählte Zone öffnen',
    acknowledge: 'gewählten, sonst obersten Alarm quittieren',
    back: 'zurück',
    fit: 'alle Zonen zeigen',
    zoom: 'Lageplan vergrößern, verkleinern',
    sheet: 'diese Übersicht',
    off: 'Einzeltasten ausschalten (Pfeile, Enter und Esc bleiben)',
  },
  span: {
    seconds: (value) => `${value}\u00a0s`,
    minutes: (value) => `${value}\u00a0min`,
    minutes_seconds: (minutes, seconds) => `${minutes}\u00a0min\u00a0${seconds}\u00a0s`,
    hours_minutes: (hours, minutes) => `${hours}\u00a0h\u00a0${minutes}\u00a0min`,
  },
}
