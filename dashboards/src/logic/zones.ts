import type { ZoneInfo, ZoneState } from '../contract'
import type { Trend } from '../i18n/dictionary'
import type { LevelName } from '../words'
import type { World } from './world'

/** A zone as it is shown: what the hub says, and what the page must doubt by itself. */
export interface ZoneView {
  info: ZoneInfo
  state: ZoneState | null
  level: LevelName
  /** The value is older than the hub allows, whatever level the hub last named. */
  stale: boolean
  age_s: number | null
}

// Silence is not calm: an unknown zone may be as tight as any.
const RANK: Record<LevelName, number> = { clear: 0, busy: 1, unknown: 2, tight: 2, critical: 3 }

export function zoneView(world: World, info: ZoneInfo, now_s: number): ZoneView {
  const state = world.zoneStates.get(info.id) ?? null
  const captured = state?.captured_at_s ?? null
  const age_s = captured === null ? null : Math.max(0, now_s - captured)
  const stale = age_s !== null && age_s > world.unknown_after_s
  const level = state === null || stale ? 'unknown' : state.level
  return { info, state, level, stale, age_s }
}

/** Worst first; zones of one rank keep the site's order, so that nothing jumps. */
export function sortedZones(views: readonly ZoneView[]): ZoneView[] {
  return [...views].sort(
    (a, b) => RANK[b.level] - RANK[a.level] || Number(a.level === 'unknown') - Number(b.level === 'unknown'),
  )
}

/** The slope in words, measured against the zone's own limit. */
export function trendOf(state: ZoneState | null, tight_ppm2: number): Trend | null {
  const slope = state?.trend_ppm2_per_min ?? null
  if (slope === null) return null
  // What changes by less than the value's own uncertainty within the minute is no trend.
  if (Math.abs(slope) < (state?.density_sd_ppm2 ?? 0)) return 'steady'
  const relative = slope / tight_ppm2
  if (relative > 0.3) return 'rising_fast'
  if (relative > 0.1) return 'rising'
  if (relative < -0.3) return 'falling_fast'
  if (relative < -0.1) return 'falling'
  return 'steady'
}

export const ARROW: Record<Trend, string> = {
  rising_fast: '↑',
  rising: '↗',
  steady: '→',
  falling: '↘',
  falling_fast: '↓',
}
