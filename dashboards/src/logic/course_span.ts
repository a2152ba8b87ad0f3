import { zoneOfHash } from './route'

/** How far back the course of a zone is shown. */
export const COURSE_SPANS = ['15m', '1h', '4h', '24h'] as const
export type CourseSpan = (typeof COURSE_SPANS)[number]

export const SPAN_S: Record<CourseSpan, number> = {
  '15m': 15 * 60,
  '1h': 3600,
  '4h': 4 * 3600,
  '24h': 24 * 3600,
}

/** So that the hub answers in steps of 10 s up to an hour, of a minute beyond. */
const MOST_POINTS: Record<CourseSpan, number> = { '15m': 200, '1h': 400, '4h': 400, '24h': 1500 }

/** What the hub's steps will be, as long as it has not said so. */
export const LIKELY_STEP_S: Record<CourseSpan, number> = { '15m': 10, '1h': 10, '4h': 60, '24h': 60 }

/** The shortest span comes point by point as the page hears it, the others in the hub's steps. */
export function isFine(span: CourseSpan): boolean {
  return span === '15m'
}

export function courseSpan(text: string | null): CourseSpan | null {
  return COURSE_SPANS.find((span) => span === text) ?? null
}

/** The span that an address such as #/zone/bridge?span=4h names. */
export function spanOfHash(hash: string): CourseSpan | null {
  const at = hash.indexOf('?')
  if (at < 0 || zoneOfHash(hash) === null) return null
  return courseSpan(new URLSearchParams(hash.slice(at + 1)).get('span'))
}

/** The address of a zone with the span; any other address stays as it is. */
export function hashWithSpan(hash: string, span: CourseSpan): string {
  if (zoneOfHash(hash) === null) return hash
  const [path = '', query = ''] = hash.split('?', 2)
  const asked = new URLSearchParams(query)
  asked.set('span', span)
  return `${path}?${asked.toString()}`
}

export function courseRequest(zoneId: string, span: CourseSpan, now_s: number): string {
  const to_s = Math.ceil(now_s)
  const asked = { from_s: to_s - SPAN_S[span], to_s, max_points: MOST_POINTS[span] }
  return `/api/zones/${encodeURIComponent(zoneId)}/history?${query(asked)}`
}

export function alarmsRequest(zoneId: string, span: CourseSpan, now_s: number): string {
  const to_s = Math.ceil(now_s)
  return `/api/alarms?${query({ zone_id: zoneId, from_s: to_s - SPAN_S[span], to_s })}`
}

/** Between two requests the page's own points go on: a few steps are soon enough. */
export function refreshAfter_s(step_s: number): number {
  return Math.min(300, Math.max(30, 3 * step_s))
}

function query(values: Record<string, string | number>): string {
  return new URLSearchParams(
    Object.entries(values).map(([key, value]) => [key, String(value)]),
  ).toString()
}
