import { expect, test } from 'vitest'
import type { Alarm } from '../src/contract'
import { AGAIN_AFTER_S, Ringing, TUNES, type Call } from '../src/logic/sound'
import { alarm } from './world'

/** What sounds in each second, for what waits in it. */
function heard(steps: readonly (readonly Alarm[])[], gone: (second: number) => boolean = () => false) {
  const ringing = new Ringing()
  return steps.flatMap((alarms, second): [number, Call][] => {
    const call = ringing.step(alarms, gone(second), second)
    return call === null ? [] : [[second, call]]
  })
}

const of = (id: number, priority: Alarm['priority'], more: Partial<Alarm> = {}): Alarm =>
  alarm(id, { priority, state: 'unacknowledged', ...more })
const held = (alarms: readonly Alarm[], seconds: number): (readonly Alarm[])[] =>
  Array.from({ length: seconds }, () => alarms)

test('nothing sounds while nothing waits', () => {
  expect(heard(held([], 60))).toEqual([])
  expect(heard(held([alarm(1, { state: 'acknowledged', priority: 'high' })], 60))).toEqual([])
})

test.each([
  ['high', [0, 8, 16, 24]],
  ['medium', [0, 25]],
  ['low', [0]],
] as const)('%s is repeated as its priority asks, until it is acknowledged', (priority, seconds) => {
  const steps = [...held([of(1, priority)], 30), ...held([of(1, priority, { state: 'acknowledged' })], 30)]
  expect(heard(steps)).toEqual(seconds.map((second) => [second, priority]))
})

test('the worst of what waits is heard, at once', () => {
  const steps = [...held([of(1, 'medium')], 5), ...held([of(1, 'medium'), of(2, 'high')], 5)]
  expect(heard(steps)).toEqual([
    [0, 'medium'],
    [5, 'high'],
  ])
})

test('what is less urgent and new does not break in on what is worse', () => {
  const steps = [...held([of(1, 'high')], 3), ...held([of(1, 'high'), of(2, 'low')], 4)]
  expect(heard(steps)).toEqual([[0, 'high']])
})

test('an alarm that got worse, or came back, is heard again at once', () => {
  const steps = [...held([of(1, 'medium', { grade: 2 })], 3), ...held([of(1, 'high', { grade: 3 })], 3)]
  expect(heard(steps)).toEqual([
    [0, 'medium'],
    [3, 'high'],
  ])
  const back = [...held([of(1, 'low')], 3), ...held([], 3), ...held([of(1, 'low', { called_at_s: 9 })], 3)]
  expect(heard(back)).toEqual([
    [0, 'low'],
    [6, 'low'],
  ])
})

test('a page that has lost the hub says so and nothing else, and goes on where it was', () => {
  const calls = heard(held([of(1, 'high')], 40), (second) => second >= 4 && second < 30)
  expect(calls).toEqual([
    [0, 'high'],
    [4, 'gone'],
    [24, 'gone'],
    [32, 'high'],
  ])
})

test('more urgent calls have more notes and are repeated sooner', () => {
  const notes = (call: Call) => TUNES[call].length
  expect(notes('high')).toBeGreaterThan(notes('medium'))
  expect(notes('medium')).toBeGreaterThan(notes('low'))
  expect(AGAIN_AFTER_S.high).toBeLessThan(AGAIN_AFTER_S.medium ?? 0)
  for (const call of Object.keys(TUNES) as Call[]) {
    const last = TUNES[call].at(-1)
    expect((last?.at_s ?? 0) + (last?.for_s ?? 0)).toBeLessThan(AGAIN_AFTER_S[call] ?? 8)
  }
})
