import { expect, test } from 'vitest'
import type { Cells, GridInfo, LineInfo, Thresholds } from '../src/contract'
import { DICTIONARIES } from '../src/i18n/language'
import { flowPerMetre, flowWords, lineView, middleOfLine } from '../src/logic/counting'
import { circleAround, metresOf, placeOnGrid } from '../src/logic/ground'
import { Heat } from '../src/logic/heat'
import { standOf } from '../src/logic/labels'
import { levelAt, markedPeaks, peakOf } from '../src/logic/peak'
import { reduce, type World } from '../src/logic/world'
import { zoneView, type ZoneView } from '../src/logic/zones'
import type { LonLat } from '../src/words'
import { change, GRID, NOW_S, snapshot, zoneInfo, zoneState } from './world'

/** A site frame that is turned by 30°: east on the site is not east on the globe. */
const TURNED: GridInfo = {
  cell_m: 0.5,
  peak_radius_m: 1.5,
  origin: [7, 51],
  east: [GRID.east[0] * Math.cos(Math.PI / 6), GRID.north[1] * Math.sin(Math.PI / 6)],
  north: [-GRID.east[0] * Math.sin(Math.PI / 6), GRID.north[1] * Math.cos(Math.PI / 6)],
}

const LIMITS: Thresholds = {
  busy_ppm2: 1,
  tight_ppm2: 2,
  critical_ppm2: 4,
  hysteresis_ppm2: 0.2,
  rise_s: 5,
  fall_s: 15,
}

const NOBODY: Cells = { columns: [], rows: [], people: [] }

interface Square {
  id: string
  /** West, south, east, north in cells. */
  area: [number, number, number, number]
  cells?: Cells
  unknown?: boolean
  untold?: boolean
}

function cellsOf(squares: readonly Square[]): Map<string, Cells> {
  const told = squares.filter(({ untold }) => untold !== true)
  return new Map(told.map(({ id, cells }) => [id, cells ?? NOBODY]))
}

function viewsOf(grid: GridInfo, squares: readonly Square[]): ZoneView[] {
  return squares.map(({ id, area: [west, south, east, north], unknown }) => {
    const corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    const ring = corners.map(([x = 0, y = 0]) => placeOnGrid(grid, x, y))
    const info = { ...zoneInfo(id), rings: [ring], thresholds: LIMITS }
    const level = unknown === true ? 'unknown' : 'clear'
    const state = zoneState(id, { level })
    return { info, state, level, stale: false, age_s: 1 }
  })
}

function drawn(grid: GridInfo, squares: readonly Square[]) {
  const views = viewsOf(grid, squares)
  return new Heat(grid, views.map((view) => view.info)).squares(views, cellsOf(squares)).features
}

test('metres and degrees are each other’s way back, also on a turned site', () => {
  const [east_m, north_m] = metresOf(TURNED, placeOnGrid(TURNED, 20, -7))
  expect(east_m).toBeCloseTo(10, 6)
  expect(north_m).toBeCloseTo(-3.5, 6)
})

test('the peak’s ring is a closed circle in metres', () => {
  const ring = circleAround(TURNED, placeOnGrid(TURNED, 8, 4), 1.5)
  expect(ring.at(0)).toEqual(ring.at(-1))
  for (const corner of ring) {
    const [x, y] = metresOf(TURNED, corner)
    expect(Math.hypot(x - 4, y - 2)).toBeCloseTo(1.5, 5)
  }
})

test('a full cell’s square has the grid’s corners', () => {
  const features = drawn(TURNED, [
    { id: 'a', area: [0, 0, 40, 40], cells: { columns: [20], rows: [20], people: [40] } },
  ])
  const here = features.find(({ geometry }) => near(geometry.coordinates[0]?.[0], placeOnGrid(TURNED, 20, 20)))
  const ring = here?.geometry.coordinates[0] ?? []
  for (const [i, [x, y]] of ([[20, 20], [21, 20], [21, 21], [20, 21], [20, 20]] as const).entries()) {
    expect(near(ring[i], placeOnGrid(TURNED, x, y)), `corner ${i}`).toBe(true)
  }
  expect(here?.properties?.level).toBe('critical')
})

test('the colour of a place is the density of the disc around it, and the square grows with it', () => {
  // 29 cells of a quarter square metre have their middles within 1.5 m: 7.25 m².
  const features = drawn(GRID, [
    { id: 'a', area: [0, 0, 40, 40], cells: { columns: [20], rows: [20], people: [14.5] } },
  ])
  expect(features).toHaveLength(29)
  for (const { properties, geometry } of features) {
    expect(properties?.ppm2).toBeCloseTo(2)
    expect(properties?.level).toBe('tight')
    const [low, high] = [geometry.coordinates[0]?.[0] ?? [], geometry.coordinates[0]?.[2] ?? []]
    const side_cells = ((high[0] ?? 0) - (low[0] ?? 0)) / GRID.east[0]
    expect(side_cells ** 2).toBeCloseTo(2 / 4)
  }
})

test('the disc of the heat is of the radius that the hub looks for peaks in', () => {
  // 13 cells of a quarter square metre have their middles within 1 m: 3.25 m².
  const features = drawn({ ...GRID, peak_radius_m: 1 }, [
    { id: 'a', area: [0, 0, 40, 40], cells: { columns: [20], rows: [20], people: [6.5] } },
  ])
  expect(features).toHaveLength(13)
  for (const { properties } of features) expect(properties?.ppm2).toBeCloseTo(2)
})

test('at a border only the zone’s part of the disc counts, so a press at a fence is not halved', () => {
  const people = { columns: [0, 0], rows: [20, 21], people: [4, 4] }
  const [inside, border] = [[-40, 0, 40, 40], [0, 0, 40, 40]].map((area) => {
    const features = drawn(GRID, [{ id: 'a', area: area as Square['area'], cells: people }])
    return Math.max(...features.map(({ properties }) => Number(properties?.ppm2)))
  })
  expect(border).toBeGreaterThan(1.5 * (inside ?? Infinity))
})

test('a cell on a common border is of the people of both sides', () => {
  const half = { columns: [20], rows: [20], people: [7.25] }
  const features = drawn(GRID, [
    { id: 'a', area: [0, 0, 20.5, 40], cells: half },
    { id: 'b', area: [20.5, 0, 40, 40], cells: half },
  ])
  expect(Math.max(...features.map(({ properties }) => Number(properties?.ppm2)))).toBeCloseTo(2)
})

test('nothing is drawn where it is loose, for a person alone, or where the zone is unknown', () => {
  const crowd = { columns: [20], rows: [20], people: [40] }
  const one = (people: number): Cells => ({ columns: [20], rows: [20], people: [people] })
  expect(drawn(GRID, [{ id: 'a', area: [0, 0, 40, 40], cells: one(3) }])).toEqual([])
  // In a corner a person alone has so little of the disc that it would be dense.
  expect(drawn(GRID, [{ id: 'a', area: [20, 20, 22, 22], cells: one(1) }])).toEqual([])
  expect(drawn(GRID, [{ id: 'a', area: [0, 0, 40, 40], cells: crowd, unknown: true }])).toEqual([])
  for (const why of [{ unknown: true }, { untold: true }]) {
    const beside = drawn(GRID, [
      { id: 'a', area: [0, 0, 21, 40], cells: crowd },
      { id: 'b', area: [21, 0, 40, 40], ...why },
    ])
    expect(beside.length).toBeGreaterThan(0)
    for (const { geometry } of beside) {
      for (const corner of geometry.coordinates[0] ?? []) {
        expect(metresOf(GRID, corner as LonLat)[0]).toBeLessThan(10.5 + 1e-6)
      }
    }
  }
})

test('where nobody has said yet how many people there are, nothing is drawn and nothing is empty', () => {
  const crowd = { columns: [19], rows: [20], people: [40] }
  const beside: Square = { id: 'b', area: [20, 0, 40, 40] }
  const squares: Square[] = [{ id: 'a', area: [0, 0, 20, 40], cells: crowd }, beside]
  const views = viewsOf(GRID, squares)
  expect(new Heat(GRID, views.map((view) => view.info)).squares(views, new Map()).features).toEqual([])
  const highest = (all: Square[]): number =>
    Math.max(...drawn(GRID, all).map(({ properties }) => Number(properties?.ppm2)))
  expect(highest([{ ...beside, untold: true }, ...squares.slice(0, 1)])).toBeGreaterThan(highest(squares))
})

test('what was open around a place is counted anew when a zone becomes unknown', () => {
  const people = { columns: [20, 20], rows: [20, 21], people: [8, 8] }
  const squares: Square[] = [
    { id: 'a', area: [0, 0, 21, 40], cells: people },
    { id: 'b', area: [21, 0, 40, 40] },
  ]
  const both = viewsOf(GRID, squares)
  const one = viewsOf(GRID, squares.map((each) => ({ ...each, unknown: each.id === 'b' })))
  const heat = new Heat(GRID, both.map((view) => view.info))
  const highest = (views: ZoneView[]): number =>
    Math.max(...heat.squares(views, cellsOf(squares)).features.map(({ properties }) => Number(properties?.ppm2)))
  const before = highest(both)
  expect(highest(one)).toBeGreaterThan(before)
  expect(highest(both)).toBe(before)
})

test('a peak stands out only where its level is above the zone’s', () => {
  const view = (peak_ppm2: number | null, level: ZoneView['level']): ZoneView => ({
    info: { ...zoneInfo('a'), thresholds: LIMITS },
    state: zoneState('a', { level, peak_ppm2 }),
    level,
    stale: false,
    age_s: 1,
  })
  expect([0, 0.99, 1, 2, 3.99, 4].map((ppm2) => levelAt(ppm2, LIMITS))).toEqual([
    'clear',
    'clear',
    'busy',
    'tight',
    'tight',
    'critical',
  ])
  expect(peakOf(view(2.5, 'busy'), 1.5)).toMatchObject({ level: 'tight', above: true })
  expect(peakOf(view(2.5, 'tight'), 1.5)).toMatchObject({ level: 'tight', above: false })
  expect(peakOf(view(0.5, 'clear'), 1.5)).toMatchObject({ level: 'clear', above: false })
  expect(peakOf(view(2.5, 'unknown'), 1.5)).toBeNull()
  expect(peakOf(view(null, 'clear'), 1.5)).toBeNull()
})

test('a person alone is no peak, however low the limits', () => {
  const info = zoneInfo('a', 0.07)
  const above = (peak_ppm2: number, radius_m: number) => {
    const state = zoneState('a', { peak_ppm2 })
    return peakOf({ info, state, level: 'clear', stale: false, age_s: 1 }, radius_m)?.above
  }
  expect(above(0.14, 1.5)).toBe(false)
  expect(above(0.28, 1.5)).toBe(true)
  // In a disc of 1 m one person is 0.32 persons per m², and two are 0.64.
  expect(above(0.32, 1)).toBe(false)
  expect(above(0.64, 1)).toBe(true)
})

test('the map marks the peaks of tight zones and of the open one, never of an unknown one', () => {
  const levels = { a: 'clear', b: 'tight', c: 'unknown' } as const
  const world = made({
    zone_states: (['a', 'b', 'c'] as const).map((id) => zoneState(id, { level: levels[id] })),
  })
  const views = world.zones.map((info) => zoneView(world, info, NOW_S))
  const marked = (open: string | null) => markedPeaks(views, open, 1.5).map(({ view }) => view.info.id)
  expect(marked(null)).toEqual(['b'])
  expect(marked('a')).toEqual(['a', 'b'])
  expect(marked('c')).toEqual(['b'])
})

test('a line’s in side is to the right of its way', () => {
  const line = (ends: [number, number][]): LineInfo => ({
    id: 'gate',
    name: { de: 'Tor', en: 'Gate' },
    ends: ends.map(([x, y]) => placeOnGrid(GRID, x, y)),
    length_m: 8,
    zone_id: 'a',
  })
  expect(middleOfLine(GRID, line([[0, 0], [0, 16]]))?.in_deg).toBeCloseTo(90)
  expect(middleOfLine(GRID, line([[0, 0], [16, 0]]))?.in_deg).toBeCloseTo(180)
  const bent = middleOfLine(GRID, line([[0, 0], [12, 0], [12, 4]]))
  expect(near(bent?.at, placeOnGrid(GRID, 8, 0))).toBe(true)
  expect(middleOfLine(GRID, line([[3, 3], [3, 3]]))).toBeNull()
  expect(middleOfLine(GRID, line([[3, 3]]))).toBeNull()
})

test('a line’s flow is in words, and old counts are none', () => {
  const info: LineInfo = {
    id: 'gate',
    name: { de: 'Tor', en: 'Gate' },
    ends: [],
    length_m: 8,
    zone_id: 'a',
  }
  const state = {
    line_id: 'gate',
    into_per_min: 34.4,
    out_per_min: 12,
    into: 900,
    out: 300,
    counted_at_s: NOW_S,
  }
  const world = made({ lines: [info], line_states: [state] })
  const { de, en } = DICTIONARIES
  expect(flowWords(de, lineView(world, info, NOW_S + 1))).toBe('ein 34 · aus 12 je min')
  expect(flowPerMetre(de, lineView(world, info, NOW_S + 1))).toBe('5,8 je min und m')
  expect(flowWords(en, lineView(world, info, NOW_S + 6))).toBe('in – · out – a min')
  expect(flowPerMetre(en, lineView(world, info, NOW_S + 6))).toBeNull()
  const newer = reduce(
    world,
    change({ line_states: [{ ...state, into_per_min: 50, counted_at_s: NOW_S + 6 }] }),
  )
  expect(newer && flowWords(en, lineView(newer, info, NOW_S + 6))).toBe('in 50 · out 12 a min')
})

test('a label leaves its place for a mark, and stays there while the mark wanders', () => {
  const at = { x: 200, y: 200 }
  const stand = (mark: { x: number; y: number } | null, kept: 'middle' | 'above' | 'below') =>
    standOf({ at, top: 100, bottom: 300, mark, kept })
  expect(stand(null, 'above')).toEqual({ stand: 'middle', y: 200 })
  expect(stand({ x: 200, y: 250 }, 'middle')).toEqual({ stand: 'middle', y: 200 })
  expect(stand({ x: 210, y: 205 }, 'middle')).toEqual({ stand: 'above', y: 100 })
  expect(stand({ x: 210, y: 250 }, 'above')).toEqual({ stand: 'above', y: 100 })
  expect(stand({ x: 210, y: 110 }, 'above')).toEqual({ stand: 'middle', y: 200 })
  expect(stand({ x: 390, y: 205 }, 'middle')).toEqual({ stand: 'middle', y: 200 })
})

function near(a: readonly number[] | undefined, b: readonly number[] | undefined): boolean {
  const far = (i: number): number => Math.abs((a?.[i] ?? Infinity) - (b?.[i] ?? -Infinity))
  return far(0) < 1e-9 && far(1) < 1e-9
}

function made(more: Parameters<typeof snapshot>[0]): World {
  const world = reduce(null, snapshot(more))
  if (world === null) throw new Error('a snapshot makes a world')
  return world
}
