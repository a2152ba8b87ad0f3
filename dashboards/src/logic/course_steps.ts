import type { CoursePoint, TrendPoint, ZoneCourse } from '../contract'

/** A stretch of time in which a zone's density was known, wholly or in part. */
export interface CourseStep {
  from_s: number
  to_s: number
  /** Where its value is drawn. */
  at_s: number
  mean_ppm2: number
  min_ppm2: number
  max_ppm2: number
  peak_ppm2: number | null
  /** Part of it in which the density was known. */
  known_share: number
}

/** A moment from which the zone was another. */
export interface RevisionChange {
  at_s: number
  revision: number
}

/** What the hub keeps as steps, those left out in which nothing was known. */
export function keptSteps({ step_s, points }: ZoneCourse, now_s: number): CourseStep[] {
  const steps: CourseStep[] = []
  for (const point of points) {
    const made = stepOf(point, step_s, now_s)
    if (made === null) continue
    const last = steps.at(-1)
    // One step of two revisions is told in two parts.
    if (last?.from_s === made.from_s) steps[steps.length - 1] = together(last, made)
    else steps.push(made)
  }
  return steps
}

function stepOf(point: CoursePoint, step_s: number, now_s: number): CourseStep | null {
  const { at_s, mean_ppm2, min_ppm2, max_ppm2, peak_ppm2, known_share } = point
  if (mean_ppm2 === null || at_s >= now_s) return null
  const to_s = Math.min(at_s + step_s, now_s)
  return {
    from_s: at_s,
    to_s,
    at_s: (at_s + to_s) / 2,
    mean_ppm2,
    min_ppm2: min_ppm2 ?? mean_ppm2,
    max_ppm2: max_ppm2 ?? mean_ppm2,
    peak_ppm2,
    known_share,
  }
}

function together(a: CourseStep, b: CourseStep): CourseStep {
  const known = a.known_share + b.known_share
  return {
    ...a,
    mean_ppm2:
      known === 0
        ? (a.mean_ppm2 + b.mean_ppm2) / 2
        : (a.mean_ppm2 * a.known_share + b.mean_ppm2 * b.known_share) / known,
    min_ppm2: Math.min(a.min_ppm2, b.min_ppm2),
    max_ppm2: Math.max(a.max_ppm2, b.max_ppm2),
    peak_ppm2: highest(a.peak_ppm2, b.peak_ppm2),
    known_share: Math.min(1, known),
  }
}

/**
 * The page's own points as steps: each lasts until the next, unless knowledge ended before.
 *
 * `gap_s` is the longest time between two points in between which the zone was never unknown.
 */
export function liveSteps(
  points: readonly TrendPoint[],
  { from_s, now_s, gap_s }: { from_s: number; now_s: number; gap_s: number },
): CourseStep[] {
  const steps: CourseStep[] = []
  points.forEach(({ at_s, density_ppm2 }, i) => {
    if (density_ppm2 === null || at_s < from_s) return
    const next = points[i + 1]
    const end_s = next?.at_s ?? Math.max(now_s, at_s)
    // Where it ended is told as a point of its own; what merely broke off ended at its last value.
    const ended = next === undefined ? end_s - at_s > gap_s : next.density_ppm2 === null
    const to_s = ended || end_s - at_s > gap_s ? at_s : end_s
    steps.push({
      from_s: at_s,
      to_s,
      at_s,
      mean_ppm2: density_ppm2,
      min_ppm2: density_ppm2,
      max_ppm2: density_ppm2,
      peak_ppm2: null,
      known_share: 1,
    })
  })
  return steps
}

/** Fine steps with the peaks that the page heard, and before those with what the hub keeps. */
export function withPeaks(
  fine: readonly CourseStep[],
  peaks: readonly TrendPoint[],
  kept: readonly CourseStep[],
): CourseStep[] {
  let i = 0
  let k = 0
  return fine.map((step) => {
    while ((peaks[i + 1]?.at_s ?? Infinity) <= step.at_s) i += 1
    const heard = peaks[i]
    if (heard !== undefined && heard.at_s <= step.at_s) {
      const near = step.at_s - heard.at_s < 2
      return near ? { ...step, peak_ppm2: heard.density_ppm2 } : step
    }
    while ((kept[k]?.to_s ?? Infinity) <= step.at_s) k += 1
    const told = kept[k]
    return told !== undefined && told.from_s <= step.at_s
      ? { ...step, peak_ppm2: told.peak_ppm2 }
      : step
  })
}

/** Fine steps as the longer ones that the hub would keep of them, with the peaks in each. */
export function longerSteps(
  fine: readonly CourseStep[],
  peaks: readonly TrendPoint[],
  { step_s, now_s }: { step_s: number; now_s: number },
): CourseStep[] {
  const slots = new Map<number, { step: CourseStep; known_s: number; weight: number }>()
  for (const each of fine) {
    const last = Math.floor(Math.max(each.from_s, each.to_s - 1e-6) / step_s)
    for (let slot = Math.floor(each.from_s / step_s); slot <= last; slot += 1) {
      const from_s = slot * step_s
      const known_s = Math.max(
        0,
        Math.min(each.to_s, from_s + step_s) - Math.max(each.from_s, from_s),
      )
      // The last value before a gap has no length, and counts for a moment all the same.
      const weight = Math.max(known_s, 0.1)
      const had = slots.get(slot)
      if (had === undefined) {
        const to_s = Math.max(each.from_s, Math.min(from_s + step_s, now_s))
        slots.set(slot, {
          step: { ...each, from_s, to_s, at_s: (from_s + to_s) / 2 },
          known_s,
          weight,
        })
        continue
      }
      const { step } = had
      const sum = had.weight + weight
      step.mean_ppm2 = (step.mean_ppm2 * had.weight + each.mean_ppm2 * weight) / sum
      step.min_ppm2 = Math.min(step.min_ppm2, each.min_ppm2)
      step.max_ppm2 = Math.max(step.max_ppm2, each.max_ppm2)
      had.weight = sum
      had.known_s += known_s
    }
  }
  for (const { at_s, density_ppm2 } of peaks) {
    const slot = slots.get(Math.floor(at_s / step_s))
    if (slot !== undefined) slot.step.peak_ppm2 = highest(slot.step.peak_ppm2, density_ppm2)
  }
  return [...slots.values()].map(({ step, known_s }) => {
    const lasts_s = step.to_s - step.from_s
    return { ...step, known_share: lasts_s <= 0 ? 1 : Math.min(1, known_s / lasts_s) }
  })
}

/**
 * The hub's steps and then the page's own.
 *
 * Fine points are used as far back as there are any. Steps take over from the hub's last one,
 * which was not at its end when it was told, unless the page's own begin only after it.
 */
export function joinSteps(
  kept: readonly CourseStep[],
  live: readonly CourseStep[],
  fine: boolean,
): CourseStep[] {
  const begin_s = live[0]?.from_s
  if (begin_s === undefined) return [...kept]
  const last = kept.at(-1)
  const told_s = last === undefined ? begin_s : begin_s <= last.from_s ? last.from_s : last.to_s
  const cut_s = fine ? begin_s : told_s
  const before = kept
    .filter(({ from_s }) => from_s < cut_s)
    .map((step) => {
      if (step.to_s <= cut_s) return step
      return { ...step, to_s: cut_s, at_s: (step.from_s + cut_s) / 2 }
    })
  return [...before, ...live.filter(({ from_s }) => from_s >= cut_s)]
}

/** Less of a step known than this is hatched: in between, one late picture is no gap. */
const WHOLE = 0.9

/** Stretches in which the density was not known, or not all the time. */
export function gapsBetween(
  steps: readonly CourseStep[],
  from_s: number,
  to_s: number,
): [number, number][] {
  const gaps: [number, number][] = []
  const put = (begin_s: number, end_s: number): void => {
    const begin = Math.max(from_s, begin_s)
    const end = Math.min(to_s, end_s)
    if (end - begin <= 0.05) return
    const last = gaps.at(-1)
    if (last !== undefined && begin - last[1] <= 0.05) last[1] = end
    else gaps.push([begin, end])
  }
  let known_s = from_s
  for (const step of steps) {
    put(known_s, step.from_s)
    if (step.known_share < WHOLE) put(step.from_s, step.to_s)
    known_s = Math.max(known_s, step.to_s)
  }
  put(known_s, to_s)
  return gaps
}

/** Where another revision of the site began, of those that are known. */
export function revisionChanges({ points, step_s }: ZoneCourse, from_s: number): RevisionChange[] {
  const changes: RevisionChange[] = []
  let last: number | null = null
  let i = 0
  while (i < points.length) {
    const at_s = points[i]?.at_s ?? 0
    const told = new Set<number>()
    // A step in which it changed is there once for each, in no order of time.
    for (; points[i]?.at_s === at_s; i += 1) {
      const revision = points[i]?.revision ?? null
      if (revision !== null) told.add(revision)
    }
    const within = last !== null && told.has(last) && told.size > 1
    const next = [...told].filter((revision) => revision !== last).at(-1)
    if (next === undefined) continue
    const change_s = within ? at_s + step_s / 2 : at_s
    if (last !== null && change_s >= from_s) changes.push({ at_s: change_s, revision: next })
    last = next
  }
  return changes
}

function highest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return Math.max(a, b)
}
