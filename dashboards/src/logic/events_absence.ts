/** No key and no pointer for so long: nobody looks. */
export const AWAY_AFTER_S = 180
/** A page that was hidden for less was not left: somebody looked something up. */
const HIDDEN_FOR_S = 20
/** Who signs in anew is told of so long at most. */
const RECALLED_S = 86_400
/** A page that is made anew within this time was only loaded again. */
const LOADED_AGAIN_S = 60

/** When somebody was last here, and from when on they have to be told what happened. */
export class Absence {
  #seen_s: number
  #hidden_s: number | null = null
  #silent_s: number | null = null

  constructor(now_s: number) {
    this.#seen_s = now_s
  }

  /** When somebody was last seen. */
  get seen_s(): number {
    return this.#seen_s
  }

  /** A key or the pointer; the time from which on to tell, null: they were here. */
  touched(now_s: number): number | null {
    const left_s = this.#seen_s
    this.#seen_s = now_s
    return now_s - left_s >= AWAY_AFTER_S ? left_s : null
  }

  hidden(now_s: number): void {
    this.#hidden_s ??= now_s
  }

  shown(now_s: number): number | null {
    const left_s = this.#hidden_s
    this.#hidden_s = null
    if (left_s === null || now_s - left_s < HIDDEN_FOR_S) return null
    const from_s = Math.min(left_s, now_s - this.#seen_s >= AWAY_AFTER_S ? this.#seen_s : left_s)
    this.#seen_s = now_s
    return from_s
  }

  /** The hub went at this time. */
  lost(at_s: number): void {
    this.#silent_s ??= at_s
  }

  /** It is back. */
  found(): number | null {
    const from_s = this.#silent_s
    this.#silent_s = null
    return from_s
  }
}

/** From when on to tell somebody who signs in; `last_s` is when they were last seen here. */
export function sinceLast(last_s: number | null, now_s: number): number | null {
  if (last_s === null || now_s - last_s < LOADED_AGAIN_S) return null
  return Math.max(last_s, now_s - RECALLED_S)
}
