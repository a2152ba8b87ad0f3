import type { TrendPoint } from '../contract'

export interface Frame {
  width: number
  height: number
  from_s: number
  to_s: number
  top_ppm2: number
}

export interface Dot {
  x: number
  y: number
}

const MINUTES = [2, 5, 15, 30]

/** The shortest usual window that holds every point, so that a young chart is not a sliver. */
export function windowMinutes(
  points: readonly TrendPoint[],
  now_s: number,
  longest: number,
): number {
  const oldest_s = points[0]?.at_s ?? now_s
  const allowed = MINUTES.filter((minutes) => minutes <= longest)
  return allowed.find((minutes) => oldest_s >= now_s - minutes * 60) ?? longest
}

export function place(frame: Frame, at_s: number, ppm2: number): Dot {
  return {
    x: ((at_s - frame.from_s) / (frame.to_s - frame.from_s)) * frame.width,
    y: frame.height - (Math.min(ppm2, frame.top_ppm2) / frame.top_ppm2) * frame.height,
  }
}

/**
 * The course as separate lines of dots, broken where nothing was known.
 *
 * Points that fall on one pixel column are averaged: a chart cannot show more, and the browser
 * draws hundreds of points instead of thousands.
 */
export function lines(points: readonly TrendPoint[], frame: Frame, gap_s: number): Dot[][] {
  const result: Dot[][] = []
  let line: Dot[] = []
  let column = -1
  let sum = 0
  let sumTime = 0
  let many = 0
  let last_s: number | null = null

  const close = (): void => {
    if (many > 0) line.push(place(frame, sumTime / many, sum / many))
    many = sum = sumTime = 0
  }
  const end = (): void => {
    close()
    if (line.length > 0) result.push(line)
    line = []
    column = -1
  }

  for (const { at_s, density_ppm2 } of points) {
    if (at_s < frame.from_s) continue
    if (density_ppm2 === null || (last_s !== null && at_s - last_s > gap_s)) end()
    if (density_ppm2 === null) {
      last_s = null
      continue
    }
    const at = Math.floor(place(frame, at_s, 0).x)
    if (at !== column) {
      close()
      column = at
    }
    sum += density_ppm2
    sumTime += at_s
    many += 1
    last_s = at_s
  }
  end()
  return result
}

export function pathOf(dots: readonly Dot[]): string {
  if (dots.length === 1 && dots[0] !== undefined) {
    const { x, y } = dots[0]
    return `M${x.toFixed(1)} ${y.toFixed(1)}h0.01`
  }
  return dots.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')
}

/** Spans in which nothing was known, or not all the time, for the hatching under the line. */
export function gaps(
  points: readonly TrendPoint[],
  from_s: number,
  to_s: number,
  gap_s: number,
): [number, number][] {
  const result: [number, number][] = []
  let known_s: number | null = null
  let ended = false
  const put = (at_s: number): void => {
    if (known_s === null || at_s <= from_s) return
    if (ended || at_s - known_s > gap_s) result.push([Math.max(from_s, known_s), at_s])
  }
  for (const { at_s, density_ppm2 } of points) {
    ended ||= density_ppm2 === null
    if (density_ppm2 === null) continue
    put(at_s)
    known_s = at_s
    ended = false
  }
  put(to_s)
  return result
}
