const DAY_S = 24 * 3600

/** What the hub allows at most. */
export const LONGEST_SHELVED_S = 8 * 3600

export const SHELVE_MINUTES = [5, 15, 30, 60] as const

/** A reason has at least so many characters. */
export const SHORTEST_REASON = 3

/**
 * How long it is until the next time of day such as 21:30; null: it is no time, or too far off.
 *
 * The site's clock counts, on which a day of 23 or 25 hours is met by at most that hour.
 */
export function secondsUntil(time: string, siteTime: string): number | null {
  const [wanted_s, here_s] = [secondsOfDay(time), secondsOfDay(siteTime)]
  if (wanted_s === null || here_s === null) return null
  const ahead_s = (wanted_s - here_s + DAY_S) % DAY_S
  return ahead_s > 0 && ahead_s <= LONGEST_SHELVED_S ? ahead_s : null
}

function secondsOfDay(time: string): number | null {
  const found = /^(\d\d):(\d\d)(?::(\d\d))?$/.exec(time)
  if (found === null) return null
  const [hours, minutes, seconds] = [found[1], found[2], found[3] ?? '0'].map(Number)
  return (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)
}
