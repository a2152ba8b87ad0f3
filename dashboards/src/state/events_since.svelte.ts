import type { RecordEvent } from '../contract'
import { Absence, AWAY_AFTER_S, sinceLast } from '../logic/events_absence'
import { isRefusal } from './actions'
import { eventsSince } from './events.svelte'

const KEY = 'crowdsafe.seen'
const KEPT_EVERY_MS = 20_000

interface Seen {
  name: string
  at_s: number
}

/** What happened while somebody was away, once they are back. */
export class Since {
  /** From when on, and what is on record since; null: there is nothing to tell. */
  told = $state.raw<{ from_s: number; events: readonly RecordEvent[] } | null>(null)

  readonly #name: string
  readonly #now_s: () => number
  readonly #absence: Absence
  /** From when on the hub has yet to be asked. */
  #wanted_s: number | null
  #asking = false
  readonly #end = new AbortController()

  /** `now_s` is the hub's time. */
  constructor(name: string, now_s: () => number) {
    this.#name = name
    this.#now_s = now_s
    this.#absence = new Absence(now_s())
    this.#wanted_s = sinceLast(recall(name), now_s())
  }

  open(): void {
    const { signal } = this.#end
    const touched = (): void => this.#back(this.#absence.touched(this.#now_s()))
    for (const name of ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchstart']) {
      addEventListener(name, touched, { signal, capture: true, passive: true })
    }
    document.addEventListener(
      'visibilitychange',
      () => {
        if (document.hidden) {
          this.#absence.hidden(this.#now_s())
          this.#keep()
        } else this.#back(this.#absence.shown(this.#now_s()))
      },
      { signal },
    )
    addEventListener('pagehide', () => this.#keep(), { signal })
    const timer = setInterval(() => this.#keep(), KEPT_EVERY_MS)
    signal.addEventListener('abort', () => clearInterval(timer))
    this.#keep()
    void this.#ask()
  }

  close(): void {
    this.#keep()
    this.#end.abort()
  }

  /** The hub has been silent for so long, or speaks. */
  heard(silent_s: number): void {
    if (silent_s > 0) this.#absence.lost(this.#now_s() - silent_s)
    else this.#back(this.#absence.found())
  }

  dismiss(): void {
    this.told = null
  }

  #back(from_s: number | null): void {
    if (from_s === null) return
    // What was not read yet is still to be told.
    this.#wanted_s = Math.min(from_s, this.#wanted_s ?? from_s, this.told?.from_s ?? from_s)
    void this.#ask()
  }

  async #ask(): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    while (this.#wanted_s !== null && !this.#end.signal.aborted) {
      const from_s: number = this.#wanted_s
      this.#wanted_s = null
      const events = await eventsSince(from_s)
      // Without an answer the hub is gone; what was missed is told when it is back.
      if (isRefusal(events)) {
        if (events.kind === 'failed') this.#absence.lost(from_s)
        break
      }
      this.told = { from_s, events }
    }
    this.#asking = false
  }

  #keep(): void {
    const now_s = this.#now_s()
    const here = now_s - this.#absence.seen_s < AWAY_AFTER_S
    remember({ name: this.#name, at_s: here ? now_s : this.#absence.seen_s })
  }
}

function recall(name: string): number | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null')
    const seen = kept as Partial<Seen> | null
    return seen?.name === name && typeof seen.at_s === 'number' ? seen.at_s : null
  } catch {
    // A browser that forbids storage, or what somebody else put there, recalls nothing.
    return null
  }
}

function remember(seen: Seen): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(seen))
  } catch {
    // See recall().
  }
}
