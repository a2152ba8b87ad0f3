import type { RecordEvent, RecordEvents } from '../contract'
import { merged } from '../logic/events'
import { ask, isRefusal, type Refusal } from './actions'

const PAGE = 200
const MOST = 1000
const EVERY_MS = 3000

export type LogState = 'asking' | 'ready' | Refusal

/** A part of the record, the newest first, that grows at both its ends. */
export class EventLog {
  /** As they are shown. */
  events = $state.raw<readonly RecordEvent[]>([])
  /** Those that came since, which wait above. */
  fresh = $state.raw<readonly RecordEvent[]>([])
  state = $state.raw<LogState>('asking')
  /** Whether there may be older ones. */
  more = $state(false)
  older = $state(false)

  #query = new URLSearchParams()
  #reached = 0
  #head = 0
  /** Answers to what was asked before are of no use. */
  #turn = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #waits: () => boolean
  readonly #refused: (refusal: Refusal) => void

  /** `waits` says whether new ones have to wait, so that what is read does not move. */
  constructor(on: { waits: () => boolean; refused: (refusal: Refusal) => void }) {
    this.#waits = on.waits
    this.#refused = on.refused
  }

  close(): void {
    this.#turn += 1
    clearTimeout(this.#timer)
  }

  /** Begin anew with what is asked for. */
  async show(query: URLSearchParams): Promise<void> {
    this.close()
    const turn = this.#turn
    this.#query = query
    this.state = 'asking'
    this.older = false
    const answer = await this.#ask({ order: 'newest_first', most: PAGE })
    if (turn !== this.#turn) return
    if (isRefusal(answer)) {
      this.state = answer
      this.#refused(answer)
      return
    }
    this.events = answer.events
    this.fresh = []
    this.#took(answer)
    this.#head = answer.head
    this.state = 'ready'
    this.#later()
    if (answer.events.length === 0) await this.next()
  }

  /** Go on to older ones, until some were found. */
  async next(): Promise<void> {
    if (!this.more || this.older) return
    const turn = this.#turn
    this.older = true
    while (this.more) {
      const answer = await this.#ask({ order: 'newest_first', most: PAGE, before: this.#reached })
      if (turn !== this.#turn) return
      if (isRefusal(answer)) {
        this.#refused(answer)
        break
      }
      this.events = [...this.events, ...answer.events]
      this.#took(answer)
      if (answer.events.length > 0) break
    }
    this.older = false
  }

  showFresh(): void {
    this.events = merged(this.fresh, this.events)
    this.fresh = []
  }

  #took(answer: RecordEvents): void {
    this.#reached = answer.reached
    this.more = answer.more
  }

  #later(): void {
    this.#timer = setTimeout(() => void this.#poll(this.#turn), EVERY_MS)
  }

  async #poll(turn: number): Promise<void> {
    const answer = document.hidden ? null : await this.#ask({ after: this.#head, most: MOST })
    if (turn !== this.#turn) return
    if (answer !== null && isRefusal(answer)) this.#refused(answer)
    else if (answer !== null) {
      this.#head = answer.reached
      const newest = answer.events.toReversed()
      if (newest.length > 0) this.fresh = [...newest, ...this.fresh]
      if (!this.#waits()) this.showFresh()
    }
    this.#later()
  }

  #ask(more: Record<string, string | number>): Promise<RecordEvents | Refusal> {
    const query = new URLSearchParams(this.#query)
    for (const [name, value] of Object.entries(more)) query.set(name, String(value))
    return ask(`/api/record/events?${query.toString()}`, 'GET')
  }
}

/** All entries from a time on, in order. */
export async function eventsSince(from_s: number): Promise<RecordEvent[] | Refusal> {
  const events: RecordEvent[] = []
  let after = 0
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer: RecordEvents | Refusal = await ask(
      `/api/record/events?from_s=${from_s}&after=${after}&most=${MOST}`,
      'GET',
    )
    if (isRefusal(answer)) return answer
    events.push(...answer.events)
    if (!answer.more) break
    after = answer.reached
  }
  return events
}

const MOST_PAGES = 10
