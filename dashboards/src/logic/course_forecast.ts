import type { Forecast } from '../contract'
import type { CourseSpan } from './course_span'
import { SPAN_S } from './course_span'

/** Time and density. */
export type CoursePlace = readonly [at_s: number, ppm2: number]

export interface ForecastShape {
  likely: readonly [CoursePlace, CoursePlace]
  /** From now to where the limit is reached at the earliest and at the latest. */
  band: readonly CoursePlace[]
}

/** How much room the chart leaves to the right of now: whole minutes, at most half the span. */
export function futureOf_s(forecast: Forecast | null, span: CourseSpan): number {
  if (forecast === null) return 0
  const latest_min = forecast.latest_min ?? 1.5 * forecast.likely_min
  const whole_min = Math.ceil(Math.max(latest_min, forecast.likely_min)) + 1
  return Math.min(SPAN_S[span] / 2, whole_min * 60)
}

/** How the density is expected to reach the limit; null: there is nothing to draw. */
export function forecastShape(
  forecast: Forecast | null,
  density_ppm2: number | null,
  { now_s, to_s, limit_ppm2 }: { now_s: number; to_s: number; limit_ppm2: number },
): ForecastShape | null {
  if (forecast === null || density_ppm2 === null) return null
  if (density_ppm2 >= limit_ppm2 || to_s <= now_s) return null
  const now: CoursePlace = [now_s, density_ppm2]
  const after = (minutes: number): CoursePlace => [now_s + minutes * 60, limit_ppm2]
  // Without a latest time it may as well stay as it is.
  const end: readonly CoursePlace[] =
    forecast.latest_min === null
      ? [[to_s, limit_ppm2], [to_s, density_ppm2]]
      : [after(forecast.latest_min)]
  return { likely: [now, after(forecast.likely_min)], band: [now, after(forecast.earliest_min), ...end] }
}
