import { expect, test } from 'vitest'
import type { TrendPoint } from '../src/contract'
import { gaps, lines } from '../src/logic/course'
import { addPoint, HISTORY_S, longestStep_s, OLD_STEP_S } from '../src/logic/history'
import { NOW_S, zoneState } from './world'

const known = (at_s: number) => zoneState('a', { captured_at_s: at_s, density_ppm2: 0.05 })
const lost = (at_s: number) => zoneState('a', { level: 'unknown', captured_at_s: at_s })
const timesOf = (points: TrendPoint[]): number[] => points.map(({ at_s }) => at_s - NOW_S)

/** The course of a zone of which a picture comes every so often, each known when it is taken. */
function courseOf(span_s: number, every_s: number): TrendPoint[] {
  const points: TrendPoint[] = []
  for (let i = 0; i * every_s <= span_s; i += 1) {
    const at_s = NOW_S + i * every_s
    addPoint(points, known(at_s), at_s)
  }
  return points
}

test('the course takes each picture once, and ends once where knowledge ends', () => {
  const points: TrendPoint[] = []
  for (const state of [known(NOW_S), known(NOW_S), lost(NOW_S), lost(NOW_S)]) {
    addPoint(points, state, NOW_S + 1)
  }
  expect(points).toEqual([
    { at_s: NOW_S, density_ppm2: 0.05 },
    { at_s: NOW_S + 1, density_ppm2: null },
  ])
  const never: TrendPoint[] = []
  addPoint(never, lost(NOW_S), NOW_S)
  expect(never).toEqual([])
})

test('a picture that is older than the last, or of no time, is not of the course', () => {
  const points = [{ at_s: NOW_S, density_ppm2: 0.1 }]
  addPoint(points, known(NOW_S - 5), NOW_S)
  addPoint(points, zoneState('a', { captured_at_s: null }), NOW_S)
  expect(points).toHaveLength(1)
})

test('one picture a second is enough, also where the pace is unsteady', () => {
  const times = [0, 0.15, 0.5, 0.95, 1.4, 1.9]
  const points: TrendPoint[] = []
  for (const at_s of times) addPoint(points, known(NOW_S + at_s), NOW_S + 2)
  expect(timesOf(points).map((each) => each.toFixed(2))).toEqual(['0.00', '0.95', '1.90'])
})

test('the first picture after a gap is taken at once', () => {
  const points: TrendPoint[] = [
    { at_s: NOW_S, density_ppm2: 0.1 },
    { at_s: NOW_S + 0.2, density_ppm2: null },
  ]
  addPoint(points, known(NOW_S + 0.25), NOW_S + 1)
  expect(timesOf(points).at(-1)).toBeCloseTo(0.25)
})

test('after hours a course is short, covers half an hour, and is fine where it is new', () => {
  const end_s = 3 * 3600
  const times = timesOf(courseOf(end_s, 1))
  expect(times.length).toBeLessThanOrEqual(600)
  expect(times[0]).toBeLessThanOrEqual(end_s - HISTORY_S + OLD_STEP_S)
  const recent = times.filter((at_s) => at_s > end_s - 300)
  expect(recent).toHaveLength(300)
})

test('a course that was never interrupted is drawn in one line, however it was thinned', () => {
  const [every_s, unknown_after_s] = [4, 5]
  const points = courseOf(2 * 3600, every_s)
  const now_s = NOW_S + 2 * 3600
  const frame = { width: 600, height: 10, from_s: now_s - HISTORY_S, to_s: now_s, top_ppm2: 1 }
  const gap_s = longestStep_s(unknown_after_s)
  expect(lines(points, frame, gap_s)).toHaveLength(1)
  expect(gaps(points, frame.from_s, now_s, gap_s)).toEqual([])
})

test('thinning keeps every place where knowledge ended', () => {
  const points: TrendPoint[] = []
  for (let i = 0; i < 700; i += 1) {
    const at_s = NOW_S + 2 * i
    const state = i % 100 === 99 ? lost(at_s) : known(at_s)
    addPoint(points, state, at_s)
  }
  expect(points.length).toBeLessThan(600)
  expect(points.filter(({ density_ppm2 }) => density_ppm2 === null)).toHaveLength(7)
})
