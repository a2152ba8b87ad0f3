import { expect, test } from 'vitest'
import type { RecordEvent } from '../src/contract'
import {
  byHalfDay,
  dayBefore,
  fieldOfTime,
  filterOfHash,
  hashOfFilter,
  inBlocks,
  isNarrowed,
  merged,
  NO_FILTER,
  queryOf,
  timeOfField,
  type EventFilter,
} from '../src/logic/events'
import { NOW_S } from './world'

const BERLIN = 'Europe/Berlin'

function event(seq: number, at_s: number): RecordEvent {
  return { seq, at_s, actor: 'hub', action: 'x', subject: 'x', detail: {}, hash: '' }
}

test('a filter goes into the address and comes back the same', () => {
  const filters: EventFilter[] = [
    NO_FILTER,
    { ...NO_FILTER, span: 'shift', kinds: ['alarms', 'people'] },
    { ...NO_FILTER, span: 'between', from_s: NOW_S, to_s: NOW_S + 60, place: 'gate_2' },
    { ...NO_FILTER, span: 'all', priority: 'high', actor: 'Jörg & Co', text: 'Tür = offen?' },
  ]
  for (const filter of filters) expect(filterOfHash(hashOfFilter(filter))).toEqual(filter)
  expect(hashOfFilter(NO_FILTER)).toBe('#/log')
})

test('an address that is no log, or nonsense in it, is nothing', () => {
  for (const hash of ['', '#/', '#/zone/log', '#/logs', '#/log/x']) expect(filterOfHash(hash)).toBeNull()
  expect(filterOfHash('#/log?span=x&kinds=ghosts,alarms&priority=urgent&from=NaN&to=-1')).toEqual({
    ...NO_FILTER,
    kinds: ['alarms'],
  })
  expect(filterOfHash('#/log?span=between&from=1e12&to=')).toEqual({ ...NO_FILTER, span: 'between' })
})

test('what is asked of the hub begins when the span does', () => {
  const from = (filter: Partial<EventFilter>, since_s: number | null = null): string | null =>
    queryOf({ ...NO_FILTER, ...filter }, NOW_S, since_s).get('from_s')
  expect(from({})).toBe(String(NOW_S - 86_400))
  expect(from({ span: 'shift' }, NOW_S - 60)).toBe(String(NOW_S - 60))
  expect(from({ span: 'shift' })).toBe(String(NOW_S - 8 * 3600))
  expect(from({ span: 'all' })).toBeNull()
  const query = queryOf({ ...NO_FILTER, kinds: ['weather', 'people'], text: ' x ' }, NOW_S, null)
  expect(query.get('kinds')).toBe('weather,people')
  expect(query.get('text')).toBe('x')
  expect(isNarrowed({ ...NO_FILTER, text: '  ' })).toBe(false)
  expect(isNarrowed({ ...NO_FILTER, actor: 'hub' })).toBe(true)
})

test('a night of a fair is one, from six to six in the site’s time', () => {
  // 23:13:20 in Berlin.
  const halves = byHalfDay(
    [
      event(5, NOW_S + 8 * 3600), // 07:13, the next morning
      event(4, NOW_S + 3600), // 00:13
      event(3, NOW_S),
      event(2, NOW_S - 5 * 3600), // 18:13
      event(1, NOW_S - 6 * 3600), // 17:13
    ],
    BERLIN,
  )
  expect(halves.map(({ date, night, events }) => [date, night, events.length])).toEqual([
    ['2023-11-15', false, 1],
    ['2023-11-14', true, 3],
    ['2023-11-14', false, 1],
  ])
  expect(dayBefore('2024-03-01')).toBe('2024-02-29')
  expect(dayBefore('2023-12-31', -1)).toBe('2024-01-01')
})

test('what was written a moment too late makes no second night', () => {
  const six_s = timeOfField('2023-11-14T06:00', BERLIN) ?? NaN
  const halves = byHalfDay([event(3, six_s + 1), event(2, six_s - 1), event(1, six_s + 1)], BERLIN)
  expect(halves.map(({ events }) => events.map(({ seq }) => seq))).toEqual([[3, 1], [2]])
})

test('a field of a time is in the site’s time zone, also when the clocks change', () => {
  expect(fieldOfTime(NOW_S, BERLIN)).toBe('2023-11-14T23:13')
  expect(timeOfField('2023-11-14T23:13', BERLIN)).toBe(NOW_S - 20)
  for (const text of ['2024-03-31T01:59', '2024-03-31T03:00', '2024-10-27T03:30', '2024-07-01T00:00']) {
    expect(fieldOfTime(timeOfField(text, BERLIN), BERLIN)).toBe(text)
  }
  expect(timeOfField('', BERLIN)).toBeNull()
  expect(fieldOfTime(null, BERLIN)).toBe('')
})

test('new ones come on top, each once', () => {
  const seqs = merged([event(4, 4), event(3, 3), event(2, 2)], [event(2, 2), event(1, 1)])
  expect(seqs.map(({ seq }) => seq)).toEqual([4, 3, 2, 1])
  expect(merged([event(1, 1)], [])).toHaveLength(1)
})

test('a block keeps its events when newer and older ones come', () => {
  const some = [120, 110, 99, 60, 50, 49].map((seq) => event(seq, seq))
  const seqs = (events: RecordEvent[]): [number, number[]][] =>
    inBlocks(events).map(({ block, events: each }) => [block, each.map(({ seq }) => seq)])
  expect(seqs(some)).toEqual([
    [2, [120, 110]],
    [1, [99, 60, 50]],
    [0, [49]],
  ])
  expect(seqs([event(151, 151), ...some, event(3, 3)])[2]).toEqual([1, [99, 60, 50]])
})
