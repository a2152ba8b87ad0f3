import type { CourseStep } from './course_steps'

/** As the chart takes them: null ends a line, undefined is no point of it. */
export type Cell = number | null | undefined

export interface CourseColumns {
  at_s: number[]
  mean: Cell[]
  low: Cell[]
  high: Cell[]
  peak: Cell[]
}

/** A step of which less was known stands alone: no line leads through it. */
const MOSTLY = 0.5

/** Steps as columns of a chart; the lines end where nothing was known and at each of `breaks_s`. */
export function columnsOf(
  steps: readonly CourseStep[],
  breaks_s: readonly number[],
): CourseColumns {
  const columns: CourseColumns = { at_s: [], mean: [], low: [], high: [], peak: [] }
  const put = (at_s: number, mean: Cell, low: Cell, high: Cell, peak: Cell): void => {
    columns.at_s.push(at_s)
    columns.mean.push(mean)
    columns.low.push(low)
    columns.high.push(high)
    columns.peak.push(peak)
  }
  let last: CourseStep | null = null
  for (const step of steps) {
    if (last !== null && isBroken(last, step, breaks_s)) {
      put((last.at_s + step.at_s) / 2, null, null, null, null)
    }
    // A single picture may come without a peak; the line of the peaks goes on.
    const peak = step.peak_ppm2 ?? (step.at_s === step.from_s ? undefined : null)
    put(step.at_s, step.mean_ppm2, step.min_ppm2, step.max_ppm2, peak)
    last = step
  }
  return columns
}

function isBroken(last: CourseStep, step: CourseStep, breaks_s: readonly number[]): boolean {
  if (last.known_share < MOSTLY || step.known_share < MOSTLY) return true
  if (step.from_s - last.to_s > 0.05) return true
  return breaks_s.some((each) => last.at_s < each && each <= step.at_s)
}

/** The highest density that the chart has to hold, rounded so that it does not tremble. */
export function topOf(columns: CourseColumns, from_s: number, critical_ppm2: number): number {
  let highest = critical_ppm2
  // A peak far above all limits would press everything else to the ground; it leaves the chart.
  const most = 2 * critical_ppm2
  columns.at_s.forEach((at_s, i) => {
    if (at_s < from_s) return
    highest = Math.max(highest, columns.high[i] ?? 0, Math.min(most, columns.peak[i] ?? 0))
  })
  const step = critical_ppm2 / 4
  return Math.ceil((highest * 1.08) / step) * step
}

/** Whether the mean passed a limit in the span, if only for a moment of a step. */
export function passed(columns: CourseColumns, from_s: number, limit_ppm2: number): boolean {
  return columns.high.some((high, i) => (columns.at_s[i] ?? 0) >= from_s && (high ?? 0) >= limit_ppm2)
}
