import { expect, test } from 'vitest'
import type { Cells } from '../src/contract'
import { reduce, withAnswer, withoutCells, type World } from '../src/logic/world'
import { sortedZones, trendOf, zoneView } from '../src/logic/zones'
import {
  alarm,
  cellsChange,
  change,
  columns,
  load,
  measure,
  NOW_S,
  snapshot,
  zoneInfo,
  zoneState,
} from './world'

function started(more: Parameters<typeof snapshot>[0] = {}): World {
  const world = reduce(null, snapshot(more))
  if (world === null) throw new Error('a snapshot makes a world')
  return world
}

const CROWD: Cells = { columns: [20], rows: [20], people: [40] }

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

test('columns change the figures of their zones and nothing else', () => {
  const before = started()
  const after = reduce(before, change({ zone_columns: columns([2, 0], { peak_ppm2: null }) }))
  for (const id of ['a', 'c']) {
    expect(after?.zoneStates.get(id)).toEqual({
      ...before.zoneStates.get(id),
      captured_at_s: NOW_S + 0.75,
      count: 7.5,
      count_sd: 1.2,
      density_ppm2: 0.075,
      density_sd_ppm2: 0.012,
      peak_ppm2: null,
      trend_ppm2_per_min: 0.01,
    })
    expect(after?.history.get(id)).toEqual([{ at_s: NOW_S + 0.75, density_ppm2: 0.075 }])
  }
  expect(after?.zoneStates.get('b')).toBe(before.zoneStates.get('b'))
  expect(before.zoneStates.get('a')?.count).toBe(5)
})

test('each column’s n-th is of the n-th zone', () => {
  const two = columns([1, 0])
  two.density_ppm2 = [0.2, 0.3]
  two.captured_ago_ms = [0, 1500]
  const after = reduce(started(), change({ zone_columns: two }))
  expect(after?.zoneStates.get('b')).toMatchObject({ density_ppm2: 0.2, captured_at_s: NOW_S + 1 })
  expect(after?.zoneStates.get('a')).toMatchObject({ density_ppm2: 0.3, captured_at_s: NOW_S - 0.5 })
})

test('columns of a zone come after its state in the same change', () => {
  const state = zoneState('a', { level: 'busy', density_ppm2: 0.06, captured_at_s: NOW_S })
  const both = change({ zone_states: [state], zone_columns: columns([0]) })
  expect(reduce(started(), both)?.zoneStates.get('a')).toMatchObject({
    level: 'busy',
    density_ppm2: 0.075,
  })
})

test('columns of no zone, of one without a state, or that are too short change nothing', () => {
  const world = started({ zones: [zoneInfo('a'), zoneInfo('new')] })
  const after = reduce(world, change({ zone_columns: columns([1, 2, 99]) }))
  expect([...(after?.zoneStates ?? [])]).toEqual([...world.zoneStates])
  const short = { ...columns([0]), captured_ago_ms: [] }
  expect(reduce(world, change({ zone_columns: short }))?.zoneStates.get('a')).toBe(
    world.zoneStates.get('a'),
  )
})

test('columns of an unknown zone leave it unknown and draw no line', () => {
  const lost = zoneState('a', { level: 'unknown', unknown_reason: 'frozen' })
  const world = started({ zone_states: [lost] })
  const after = reduce(world, change({ zone_columns: columns([0]) }))
  expect(after?.zoneStates.get('a')).toMatchObject({ level: 'unknown', unknown_reason: 'frozen' })
  expect(after?.history.get('a')).toEqual([])
})

test('cells are kept by zone, the newest of each, until they are not asked for any more', () => {
  const before = started()
  expect(before.cells.size).toBe(0)
  const none: Cells = { columns: [], rows: [], people: [] }
  let world = reduce(before, cellsChange({ a: CROWD, b: CROWD }))
  world = reduce(world, cellsChange({ b: none }))
  expect([...(world?.cells ?? [])]).toEqual([
    ['a', CROWD],
    ['b', none],
  ])
  expect(before.cells.size).toBe(0)
  expect(reduce(null, cellsChange({ a: CROWD }))).toBeNull()
  if (world === null) throw new Error('no world')
  expect(withoutCells(world).cells.size).toBe(0)
  expect(withoutCells(before)).toBe(before)
})

test('a snapshot begins without cells', () => {
  const world = reduce(started(), cellsChange({ a: CROWD }))
  expect(reduce(world, snapshot())?.cells.size).toBe(0)
})

test('a zone that becomes unknown has no cells when it comes back', () => {
  const lost = change({ zone_states: [zoneState('a', { level: 'unknown' })] })
  let world = reduce(started(), cellsChange({ a: CROWD, b: CROWD }))
  world = reduce(world, lost)
  expect([...(world?.cells.keys() ?? [])]).toEqual(['b'])
  // Nor does it get any while it is unknown, nor a zone that nobody knows.
  world = reduce(world, cellsChange({ a: CROWD, elsewhere: CROWD }))
  world = reduce(world, change({ zone_states: [zoneState('a')] }))
  expect([...(world?.cells.keys() ?? [])]).toEqual(['b'])
})

test('a change that moves no zone copies none', () => {
  const before = started()
  const after = reduce(before, change())
  expect(after?.zoneStates).toBe(before.zoneStates)
  expect(after?.history).toBe(before.history)
  expect(after?.cells).toBe(before.cells)
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
