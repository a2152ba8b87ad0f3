import { expect, test } from 'vitest'
import type { Change } from '../src/contract'
import { HISTORY_S, reduce, withAnswer, type World } from '../src/logic/world'
import { sortedZones, trendOf, zoneView } from '../src/logic/zones'
import { alarm, load, measure, NOW_S, snapshot, zoneState } from './world'

function started(more: Parameters<typeof snapshot>[0] = {}): World {
  const world = reduce(null, snapshot(more))
  if (world === null) throw new Error('a snapshot makes a world')
  return world
}

const change = (more: Partial<Change>): Change => ({
  type: 'change',
  now_s: NOW_S + 1,
  zone_states: [],
  camera_states: [],
  line_states: [],
  alarms: [],
  load: null,
  duty: null,
  ...more,
})

test('a change before any snapshot changes nothing', () => {
  expect(reduce(null, change({}))).toBeNull()
})

test('a change replaces what it names and keeps the rest', () => {
  const before = started()
  const after = reduce(before, change({ zone_states: [zoneState('a', { density_ppm2: 0.2, captured_at_s: NOW_S })] }))
  expect(after?.zoneStates.get('a')?.density_ppm2).toBe(0.2)
  expect(after?.zoneStates.get('b')).toBe(before.zoneStates.get('b'))
  expect(before.zoneStates.get('a')?.density_ppm2).toBe(0.05)
  expect(after?.history.get('a')).toEqual([{ at_s: NOW_S, density_ppm2: 0.2 }])
})

test('the course takes each picture once, ends once where knowledge ends, and forgets', () => {
  const state = zoneState('a', { captured_at_s: NOW_S })
  const lost = zoneState('a', { level: 'unknown', captured_at_s: NOW_S })
  let world: World | null = started({
    history: [{ zone_id: 'a', points: [{ at_s: NOW_S - HISTORY_S - 9, density_ppm2: 0.1 }] }],
  })
  for (const zone of [state, state, lost, lost]) world = reduce(world, change({ zone_states: [zone] }))
  expect(world?.history.get('a')).toEqual([
    { at_s: NOW_S, density_ppm2: 0.05 },
    { at_s: NOW_S + 1, density_ppm2: null },
  ])
})

test('an answer is taken unless the socket has told something since', () => {
  const asked = alarm(1)
  const world = started({ alarms: [asked] })
  const answer = alarm(1, { state: 'acknowledged' })
  expect(withAnswer(world, asked, answer).alarms.get(1)).toBe(answer)
  const newer = reduce(world, change({ alarms: [alarm(1, { state: 'normal' })] }))
  if (newer === null) throw new Error('no world')
  expect(withAnswer(newer, asked, answer)).toBe(newer)
  // What is taken out of service may never have been an alarm.
  const out = alarm(2, { state: 'out_of_service' })
  expect(withAnswer(world, null, out).alarms.get(2)).toBe(out)
})

test('only the last fifty alarms that ended are kept, and all that stand', () => {
  const alarms = Array.from({ length: 60 }, (_, i) =>
    alarm(i + 1, { state: 'normal', ended_at_s: NOW_S + i }),
  )
  const standing = [alarm(90), alarm(91, { state: 'shelved' }), alarm(92, { state: 'suppressed' })]
  const world = reduce(started(), change({ alarms: [...alarms, ...standing] }))
  expect(world?.alarms.size).toBe(53)
  expect(world?.alarms.has(10)).toBe(false)
  expect(world?.alarms.has(11)).toBe(true)
})

test('load and duty stay as they were until they are told anew', () => {
  const duty = { name: 'op', since_s: NOW_S - 60 }
  const before = started({ duty, load: load({ last_10_min: 2, name: 'manageable' }) })
  const same = reduce(before, change({}))
  expect(same?.duty).toBe(before.duty)
  expect(same?.load).toBe(before.load)
  const flood = load({ last_10_min: 12, name: 'flood' })
  const after = reduce(before, change({ load: flood, duty: { name: 'next', since_s: NOW_S } }))
  expect(after?.load).toBe(flood)
  expect(after?.duty?.name).toBe('next')
})

test('a snapshot brings the measures and whether it is an exercise', () => {
  const world = started({ measures: [measure('m1')], exercise: true })
  expect(world.measures.get('m1')?.target).toBeNull()
  expect(world.exercise).toBe(true)
  expect(started().exercise).toBe(false)
})

test('a value older than the hub allows is unknown, whatever level was named', () => {
  const world = started()
  const info = world.zones[0]
  if (info === undefined) throw new Error('no zone')
  expect(zoneView(world, info, NOW_S + 3.9).level).toBe('clear')
  expect(zoneView(world, info, NOW_S + 4.1)).toMatchObject({ level: 'unknown', stale: true })
})

test('worst first, unknown beside tight, otherwise the site keeps its order', () => {
  const levels = { a: 'clear', b: 'unknown', c: 'tight' } as const
  const world = started({
    zone_states: (['a', 'b', 'c'] as const).map((id) => zoneState(id, { level: levels[id] })),
  })
  const order = (w: World): string[] =>
    sortedZones(w.zones.map((info) => zoneView(w, info, NOW_S))).map((view) => view.info.id)
  expect(order(world)).toEqual(['c', 'b', 'a'])
  expect(order(started())).toEqual(['a', 'b', 'c'])
})

test('the trend is measured against the limit', () => {
  const slope = (trend_ppm2_per_min: number | null) =>
    trendOf(zoneState('a', { trend_ppm2_per_min }), 0.1)
  expect(slope(null)).toBeNull()
  expect(slope(0.005)).toBe('steady')
  expect(trendOf(zoneState('a', { trend_ppm2_per_min: 0.04, density_sd_ppm2: 0.05 }), 0.1)).toBe('steady')
  expect(slope(0.02)).toBe('rising')
  expect(slope(0.05)).toBe('rising_fast')
  expect(slope(-0.02)).toBe('falling')
})
