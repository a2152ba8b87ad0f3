/** Part of the time that drawing may take. */
const SHARE = 1 / 3
const LONGEST_MS = 2000

/**
 * When the page may be drawn again.
 *
 * Of a thousand zones the browser draws for longer than the hub takes to tell the next change;
 * between two pictures there is time for keys, and to hear the hub.
 */
export class Pace {
  #began_ms = -Infinity
  #took_ms = 0

  /** How long to wait from now on; 0: draw at once. */
  wait_ms(now_ms: number): number {
    const every_ms = Math.min(LONGEST_MS, this.#took_ms / SHARE)
    return Math.max(0, this.#began_ms + every_ms - now_ms)
  }

  begins(now_ms: number): void {
    this.#began_ms = now_ms
  }

  ended(now_ms: number): void {
    this.#took_ms = now_ms - this.#began_ms
  }
}
