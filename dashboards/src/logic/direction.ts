import type { Motion } from '../contract'

// Below a third of the people's own speed the mean is what is left of people going all ways.
const COMMON_SHARE = 1 / 3
const STANDING_M_S = 0.1

/** Where the people of a zone go: degrees from north over east, and the nearest of eight winds. */
export interface Direction {
  bearing_deg: number
  wind: number
}

/** Degrees from north over east, 0 up to 360. */
export function bearingOf(east: number, north: number): number {
  return ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360
}

/** Null where the people have no direction in common. */
export function directionOf(motion: Motion): Direction | null {
  const [east, north] = motion.velocity_m_s
  const common_m_s = Math.hypot(east, north)
  if (common_m_s < STANDING_M_S || common_m_s < COMMON_SHARE * motion.speed_m_s) return null
  const bearing_deg = bearingOf(east, north)
  return { bearing_deg, wind: Math.round(bearing_deg / 45) % 8 }
}
