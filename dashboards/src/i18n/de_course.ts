import type { CourseWords } from './course_words'

export const courseDe: CourseWords = {
  course: {
    span: 'Zeitraum',
    spans: { '15m': '15 min', '1h': '1 h', '4h': '4 h', '24h': '24 h' },
    label: (zone, span) => `Personendichte ${zone}, letzte ${span}`,
    help: 'Pfeiltasten lesen Werte ab, Pos1 und Ende springen an die Enden.',
    mean: 'Mittel',
    range: 'niedrigster bis höchster',
    peak: 'Spitze',
    gap: 'nicht bekannt',
    reading: ({ time, mean, range, peak, unit, known }) =>
      [
        `${time}: ${mean}`,
        range === null ? '' : ` (${range.lowest}–${range.highest})`,
        ` ${unit}`,
        peak === null ? '' : `, Spitze ${peak}`,
        known === null ? '' : `, zu ${known} bekannt`,
      ].join(''),
    unknown_at: (time) => `${time}: nicht bekannt`,
    loading: 'Aufzeichnung wird geholt …',
    failed: 'Die Aufzeichnung kam nicht an, sie wird erneut geholt.',
    refused: 'Der Hub gibt diese Aufzeichnung nicht heraus.',
    none: 'Noch keine Werte in diesem Zeitraum.',
    forecast: 'Vorhersage',
    revision: (revision) => `Stand ${revision}`,
    revision_hint: 'Ab hier galt ein anderer Stand des Geländes: Die Zone kann eine andere gewesen sein.',
    marks: 'Ereignisse',
    event: {
      raised: 'ausgelöst',
      acknowledged: 'quittiert',
      measure: 'Maßnahme bestätigt',
      shelved: 'zurückgestellt',
      ended: 'beendet',
    },
    mark: ({ time, priority, cause, event, measure, reason, by }) =>
      [
        `${time} ${cause} (${priority}) ${event}`,
        measure === null ? '' : ` „${measure}“`,
        by === null ? '' : ` von ${by}`,
        reason === null ? '' : `: ${reason}`,
      ].join(''),
    more: (count) => (count === 1 ? 'ein weiteres' : `${count} weitere`),
    not_there: 'Dieser Alarm steht nicht mehr auf der Seite.',
    table: (zone, span) => `Personendichte ${zone} in Zahlen, letzte ${span}, neueste zuerst`,
    time: 'ab',
    lowest: 'niedrigster',
    highest: 'höchster',
    known: 'bekannt',
    unknown: 'nicht bekannt',
  },
}
