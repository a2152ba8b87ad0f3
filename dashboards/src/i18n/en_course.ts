import type { CourseWords } from './course_words'

export const courseEn: CourseWords = {
  course: {
    span: 'Period',
    spans: { '15m': '15 min', '1h': '1 h', '4h': '4 h', '24h': '24 h' },
    label: (zone, span) => `Density of ${zone}, last ${span}`,
    help: 'Arrow keys read values, Home and End go to either end.',
    mean: 'mean',
    range: 'lowest to highest',
    peak: 'densest spot',
    gap: 'not known',
    reading: ({ time, mean, range, peak, unit, known }) =>
      [
        `${time}: ${mean}`,
        range === null ? '' : ` (${range.lowest}–${range.highest})`,
        ` ${unit}`,
        peak === null ? '' : `, densest spot ${peak}`,
        known === null ? '' : `, known for ${known} of it`,
      ].join(''),
    unknown_at: (time) => `${time}: not known`,
    loading: 'Fetching the record …',
    failed: 'The record did not arrive; it is being fetched again.',
    refused: 'The hub does not give this record.',
    none: 'No values in this period yet.',
    forecast: 'forecast',
    revision: (revision) => `revision ${revision}`,
    revision_hint: 'From here on another revision of the site held: the zone may have been another.',
    marks: 'Events',
    event: {
      raised: 'raised',
      acknowledged: 'acknowledged',
      measure: 'measure confirmed',
      shelved: 'shelved',
      ended: 'ended',
    },
    mark: ({ time, priority, cause, event, measure, reason, by }) =>
      [
        `${time} ${cause} (${priority}) ${event}`,
        measure === null ? '' : ` “${measure}”`,
        by === null ? '' : ` by ${by}`,
        reason === null ? '' : `: ${reason}`,
      ].join(''),
    more: (count) => `${count} more`,
    not_there: 'This alarm is no longer on the page.',
    table: (zone, span) => `Density of ${zone} in figures, last ${span}, newest first`,
    time: 'from',
    lowest: 'lowest',
    highest: 'highest',
    known: 'known',
    unknown: 'not known',
  },
}
