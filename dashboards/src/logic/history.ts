import type { TrendPoint, ZoneState } from '../contract'

/** Points older than this leave the page's memory. */
export const HISTORY_S = 30 * 60
/** Older points are so far apart: the hub's of before the page was opened, and what is thinned. */
export const OLD_STEP_S = 10

// A little less than a second, or a camera's unsteady pace would leave out every other one.
const STEP_S = 0.9
// What the small chart of a card shows stays as fine as it came.
const FINE_S = 6 * 60
// Thinned only now and then: a thousand zones have such a course.
const THIN_FROM = 600

/** The longest time between two points of a course in which the zone was never unknown. */
export function longestStep_s(unknown_after_s: number): number {
  return OLD_STEP_S + unknown_after_s
}

/** Add what is known of the zone now to its course, where that is something new. */
export function addPoint(points: TrendPoint[] | undefined, state: ZoneState, now_s: number): void {
  if (points === undefined) return
  const last = points.at(-1)
  if (state.level === 'unknown' || state.density_ppm2 === null) {
    // One point without a value ends the line where knowledge ended.
    if (last === undefined || last.density_ppm2 === null) return
    points.push({ at_s: Math.max(now_s, last.at_s), density_ppm2: null })
    return
  }
  const at_s = state.captured_at_s
  if (at_s === null) return
  if (last !== undefined) {
    const step_s = last.density_ppm2 === null ? 0 : STEP_S
    if (at_s <= last.at_s || at_s - last.at_s < step_s) return
  }
  if (points.length >= THIN_FROM) thin(points, now_s)
  points.push({ at_s, density_ppm2: state.density_ppm2 })
}

/** Leave out what is too old, and of the old all but a point every so often. */
function thin(points: TrendPoint[], now_s: number): void {
  let last: TrendPoint | null = null
  let kept = 0
  for (const point of points) {
    if (point.at_s < now_s - HISTORY_S) continue
    const close =
      last?.density_ppm2 != null &&
      point.density_ppm2 !== null &&
      point.at_s < now_s - FINE_S &&
      point.at_s - last.at_s < OLD_STEP_S
    if (close) continue
    points[kept] = last = point
    kept += 1
  }
  points.length = kept
}
