const LONGEST_MS = 2000

/** How long to wait before the next try: quick at first, never more than two seconds. */
export function waitBefore(failures: number): number {
  return Math.min(LONGEST_MS, 250 * 2 ** Math.min(failures, 10))
}
