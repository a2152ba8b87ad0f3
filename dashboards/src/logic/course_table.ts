import type { CourseStep } from './course_steps'

export interface CourseRow {
  from_s: number
  /** null: nothing was known in it. */
  mean_ppm2: number | null
  min_ppm2: number | null
  max_ppm2: number | null
  peak_ppm2: number | null
  known_share: number
}

/** A few rows of equal length that begin at round times, the newest first, for who cannot see. */
export function courseRows(
  steps: readonly CourseStep[],
  from_s: number,
  to_s: number,
  row_s: number,
): CourseRow[] {
  const rows: CourseRow[] = []
  const first = Math.ceil(from_s / row_s)
  for (let slot = Math.floor((to_s - 1e-6) / row_s); slot >= first; slot -= 1) {
    rows.push(rowOf(steps, slot * row_s, Math.min((slot + 1) * row_s, to_s)))
  }
  return rows
}

function rowOf(steps: readonly CourseStep[], from_s: number, to_s: number): CourseRow {
  const row: CourseRow = {
    from_s,
    mean_ppm2: null,
    min_ppm2: null,
    max_ppm2: null,
    peak_ppm2: null,
    known_share: 0,
  }
  let known_s = 0
  let weight = 0
  let sum = 0
  for (const step of steps) {
    // The last value before a gap has no length, and is of the row in which it was.
    const before = step.from_s < from_s && step.to_s <= from_s
    if (before || step.from_s >= to_s) continue
    const lasts_s = Math.min(step.to_s, to_s) - Math.max(step.from_s, from_s)
    const counts = Math.max(lasts_s, 0.1) * step.known_share
    known_s += Math.max(0, lasts_s) * step.known_share
    weight += counts
    sum += step.mean_ppm2 * counts
    row.min_ppm2 = Math.min(row.min_ppm2 ?? Infinity, step.min_ppm2)
    row.max_ppm2 = Math.max(row.max_ppm2 ?? 0, step.max_ppm2)
    if (step.peak_ppm2 !== null) row.peak_ppm2 = Math.max(row.peak_ppm2 ?? 0, step.peak_ppm2)
  }
  if (weight > 0) row.mean_ppm2 = sum / weight
  row.known_share = Math.min(1, known_s / (to_s - from_s))
  return row
}

/** The step that holds a moment; null: nothing was known then. */
export function stepAt(steps: readonly CourseStep[], at_s: number): CourseStep | null {
  let best: CourseStep | null = null
  for (const step of steps) {
    if (step.from_s - 0.5 > at_s) break
    if (step.to_s + 0.5 >= at_s) best = step
  }
  return best
}
