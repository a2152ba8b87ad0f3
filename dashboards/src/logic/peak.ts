import type { Thresholds } from '../contract'
import type { LevelName, LonLat } from '../words'
import type { ZoneView } from './zones'

/** So few people in a disc are one person: no crowd, however low the limits are. */
export const ALONE = 1.5

const RANK: Record<LevelName, number> = { clear: 0, busy: 1, tight: 2, critical: 3, unknown: 4 }

export interface Peak {
  ppm2: number
  sd_ppm2: number | null
  at: LonLat | null
  level: LevelName
  /** It is of a higher level than the zone as a whole: there is a tight spot in a loose zone. */
  above: boolean
}

/** The level that a density has by itself, without the hub's hysteresis. */
export function levelAt(ppm2: number, limits: Thresholds): LevelName {
  if (ppm2 >= limits.critical_ppm2) return 'critical'
  if (ppm2 >= limits.tight_ppm2) return 'tight'
  return ppm2 >= limits.busy_ppm2 ? 'busy' : 'clear'
}

/** The densest disc of this radius in a zone; null where it is not known now. */
export function peakOf(view: ZoneView, radius_m: number): Peak | null {
  const { state, level } = view
  if (level === 'unknown' || state?.peak_ppm2 == null) return null
  const ppm2 = state.peak_ppm2
  const alone = ppm2 * Math.PI * radius_m ** 2 < ALONE
  const own = alone ? 'clear' : levelAt(ppm2, view.info.thresholds)
  return {
    ppm2,
    sd_ppm2: state.peak_sd_ppm2,
    at: state.peak_at,
    level: own,
    above: RANK[own] > RANK[level],
  }
}

/** The spots that the map marks: of every tight zone, and of the one that is open. */
export function markedPeaks(
  views: readonly ZoneView[],
  selected: string | null,
  radius_m: number,
): { view: ZoneView; peak: Peak; at: LonLat }[] {
  return views.flatMap((view) => {
    const peak = peakOf(view, radius_m)
    const wanted = view.info.id === selected || RANK[view.level] >= RANK.tight
    return peak === null || peak.at === null || !wanted ? [] : [{ view, peak, at: peak.at }]
  })
}
