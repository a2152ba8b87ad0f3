import type { Alarm } from '../contract'
import { PRIORITIES, type Priority } from '../words'

/** What the page has to call out: an alarm of a priority, or that it has lost the hub. */
export type Call = Priority | 'gone'

/** One note of a tune. */
export interface Note {
  at_s: number
  hz: number
  for_s: number
}

const beats = (hz: readonly number[], every_s: number, for_s: number): Note[] =>
  hz.map((each, place) => ({ at_s: place * every_s, hz: each, for_s }))

/**
 * More notes and less time between them the more urgent it is, as in IEC 60601-1-8: five quick
 * ones, three, one. The lost hub falls, which no alarm does.
 */
export const TUNES: Readonly<Record<Call, readonly Note[]>> = {
  high: beats([523, 523, 659, 784, 784], 0.22, 0.15),
  medium: beats([440, 523, 440], 0.36, 0.24),
  low: beats([440], 0.4, 0.3),
  gone: beats([523, 392, 294], 0.4, 0.34),
}

/** A call that nobody answers is repeated after so long; null: never. */
export const AGAIN_AFTER_S: Readonly<Record<Call, number | null>> = {
  high: 8,
  medium: 25,
  low: null,
  gone: 20,
}

/** What is to sound, second by second: the worst of what waits, and never two at once. */
export class Ringing {
  #heard = new Set<string>()
  #last_s = -Infinity
  #last: Call | null = null

  /** What sounds now, null for nothing. `now_s` is any clock that does not jump. */
  step(alarms: Iterable<Alarm>, gone: boolean, now_s: number): Call | null {
    const waiting = new Map<string, Priority>()
    for (const alarm of alarms) {
      if (alarm.state !== 'unacknowledged') continue
      waiting.set(`${alarm.id} ${alarm.grade} ${alarm.called_at_s}`, alarm.priority)
    }
    if (gone) waiting.clear()
    const worst = gone ? 'gone' : PRIORITIES.find((each) => [...waiting.values()].includes(each))
    const fresh = [...waiting].filter(([key]) => !this.#heard.has(key)).map(([, each]) => each)
    const freshest = PRIORITIES.find((each) => fresh.includes(each))
    if (!gone) this.#heard = new Set(waiting.keys())
    if (worst === undefined) {
      this.#last = null
      return null
    }
    const again_s = AGAIN_AFTER_S[worst]
    const due = again_s !== null && now_s - this.#last_s >= again_s
    // What is new is heard at once, unless something worse is repeated all the time.
    const isNew = worst !== this.#last && (gone || freshest === worst)
    if (!(due || isNew || freshest === worst)) {
      this.#last = worst
      return null
    }
    this.#last = worst
    this.#last_s = now_s
    return worst
  }
}
