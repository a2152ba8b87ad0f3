import { expect, test } from 'vitest'
import type { Alarm } from '../src/contract'
import {
  countByPriority,
  families,
  groupAlarms,
  mayShelve,
  shownOpen,
  toAcknowledge,
  toMeasure,
  toShelve,
} from '../src/logic/alarms'
import { textsOf } from '../src/logic/measures'
import { LONGEST_SHELVED_S, secondsUntil } from '../src/logic/shelving'
import { alarm, measure, NOW_S } from './world'

const ids = (alarms: readonly Alarm[]): number[] => alarms.map(({ id }) => id)

const STATES: Alarm['state'][] = [
  'normal',
  'unacknowledged',
  'acknowledged',
  'returned',
  'shelved',
  'suppressed',
  'out_of_service',
]

test('each state has one place', () => {
  const groups = groupAlarms(STATES.map((state, i) => alarm(i + 1, { state })))
  expect(ids(groups.open)).toEqual([2, 4])
  expect(ids(groups.acknowledged)).toEqual([3])
  expect(ids(groups.aside)).toEqual([5, 6, 7])
  expect(ids(groups.ended)).toEqual([1])
  expect(STATES.filter((state) => mayShelve(alarm(1, { state })))).toEqual([
    'unacknowledged',
    'acknowledged',
    'returned',
  ])
})

test('unacknowledged before returned, then by priority, then the newest call', () => {
  const { open } = groupAlarms([
    alarm(1, { state: 'returned', priority: 'high' }),
    alarm(2, { called_at_s: NOW_S - 30 }),
    alarm(3, { priority: 'high', called_at_s: NOW_S - 90 }),
    alarm(4, { called_at_s: NOW_S - 10 }),
    alarm(5, { priority: 'low', called_at_s: NOW_S }),
  ])
  expect(ids(open)).toEqual([3, 4, 2, 5, 1])
})

test('an alarm stands under the one that came first, and the family where its worst would', () => {
  const alarms = [
    alarm(1, { priority: 'low' }),
    alarm(2, { priority: 'medium' }),
    alarm(3, { first_out_id: 1, priority: 'high' }),
    alarm(4, { first_out_id: 1, priority: 'low' }),
  ]
  expect(families(alarms).map(({ first, rest }) => [first.id, ...ids(rest)])).toEqual([
    [1, 3, 4],
    [2],
  ])
  expect(ids(groupAlarms(alarms).open)).toEqual([1, 3, 4, 2])
})

test('an alarm whose first is elsewhere stands alone, and none is lost in a ring', () => {
  const alarms = [
    alarm(1, { state: 'acknowledged' }),
    alarm(2, { first_out_id: 1 }),
    alarm(3, { first_out_id: 3 }),
    alarm(4, { first_out_id: 5 }),
    alarm(5, { first_out_id: 4 }),
    alarm(6, { first_out_id: 99 }),
  ]
  const { open, acknowledged } = groupAlarms(alarms)
  expect(ids(open).sort()).toEqual([2, 3, 4, 5, 6])
  expect(ids(acknowledged)).toEqual([1])
})

test('what is there does not wait below what has gone', () => {
  const first = alarm(1, { state: 'returned', priority: 'high' })
  const follower = alarm(2, { first_out_id: 1, priority: 'low' })
  expect(ids(groupAlarms([first, follower]).open)).toEqual([2, 1])
  const both = groupAlarms([first, { ...follower, state: 'returned' }])
  expect(families(both.open)).toHaveLength(1)
})

test('in a flood the low ones wait behind the others, and hide nothing when they are all', () => {
  const low = [alarm(1, { priority: 'low' }), alarm(2, { priority: 'low' })]
  const family = [
    alarm(3, { priority: 'low' }),
    alarm(4, { priority: 'medium', first_out_id: 3 }),
  ]
  const high = alarm(5, { priority: 'high' })
  const firsts = (open: Alarm[], flood: boolean): number[][] => {
    const { shown, behind } = shownOpen(open, flood)
    return [shown.map(({ first }) => first.id), behind.map(({ first }) => first.id)]
  }
  expect(firsts([...low, ...family, high], true)).toEqual([[5, 3], [2, 1]])
  expect(firsts([...low, high], false)).toEqual([[5, 2, 1], []])
  expect(firsts(low, true)).toEqual([[2, 1], []])
  expect(countByPriority([...low, ...family, high])).toEqual({ high: 1, medium: 1, low: 3 })
})

test('the keys mean the chosen alarm where they can, else the topmost', () => {
  const groups = groupAlarms([
    alarm(1, { priority: 'high' }),
    alarm(2, { offers: ['m1'] }),
    alarm(3, { state: 'acknowledged', offers: ['m1'] }),
    alarm(4, { state: 'shelved', offers: ['m1'] }),
  ])
  expect(toAcknowledge(groups, 2)?.id).toBe(2)
  expect(toAcknowledge(groups, 3)?.id).toBe(1)
  expect(toShelve(groups, 3)?.id).toBe(3)
  expect(toShelve(groups, 4)?.id).toBe(1)
  expect(toMeasure(groups, 1)?.id).toBe(2)
  expect(toMeasure(groups, 3)?.id).toBe(3)
  const none = groupAlarms([])
  expect([toAcknowledge(none, 1), toShelve(none, null), toMeasure(none, null)]).toEqual([
    null,
    null,
    null,
  ])
})

test('a time of day is the next one, at most eight hours off', () => {
  expect(secondsUntil('21:30', '21:00:00')).toBe(1800)
  expect(secondsUntil('00:30', '23:30:30')).toBe(3570)
  expect(secondsUntil('05:00', '21:00:00')).toBe(LONGEST_SHELVED_S)
  expect(secondsUntil('05:01', '21:00:00')).toBeNull()
  expect(secondsUntil('20:59', '21:00:00')).toBeNull()
  expect(secondsUntil('21:00', '21:00:00')).toBeNull()
  for (const rubbish of ['', '9:00', '21', 'soon']) expect(secondsUntil(rubbish, '21:00:00')).toBeNull()
})

test('a measure shows the person’s and the site’s language at once, and hides no other', () => {
  const many = measure('m', { loudspeaker: { nl: 'a', tr: 'b', de: 'c', en: 'd' }, display: { pl: 'e' } })
  expect(textsOf(many, 'de')).toEqual({ first: ['de'], more: ['nl', 'tr', 'en', 'pl'] })
  expect(textsOf(many, 'en')).toEqual({ first: ['en', 'de'], more: ['nl', 'tr', 'pl'] })
  const foreign = measure('m', { loudspeaker: { nl: 'a', tr: 'b' }, display: {} })
  expect(textsOf(foreign, 'de')).toEqual({ first: ['nl', 'tr'], more: [] })
  expect(textsOf(measure('m', { loudspeaker: {}, display: {} }), 'de')).toEqual({ first: [], more: [] })
})
