import type { Alarm, Change, Duty, Snapshot } from '../contract'
import { waitBefore } from '../logic/backoff'
import { reduce, withAnswer, type World } from '../logic/world'
import { whoAmI } from './session'

const NOT_SIGNED_IN = 4401

/** The hub speaks every second: three missed words are a broken line, not a slow one. */
const SILENT_AFTER_S = 3
const GIVE_UP_SOCKET_AFTER_S = 5
const TICK_MS = 200

const monotonic_s = (): number => performance.now() / 1000
const wall_s = (): number => Date.now() / 1000

/** The line to the hub: the world as last told, how old that is, and whether anyone listens. */
export class Hub {
  world = $state.raw<World | null>(null)
  /** The hub's time, moved once a second. */
  now_s = $state(wall_s())
  /** Whole seconds without a word from the hub; 0 while the line is well. */
  silent_s = $state(0)
  signedOut = $state(false)

  #socket: WebSocket | null = null
  #failures = 0
  #retry: ReturnType<typeof setTimeout> | undefined
  #ticker: ReturnType<typeof setInterval> | undefined
  #offset_s = 0
  #heard = { monotonic_s: monotonic_s(), wall_s: wall_s() }
  #tried_s = 0

  open(): void {
    this.#heard = { monotonic_s: monotonic_s(), wall_s: wall_s() }
    this.#offset_s = wall_s() - monotonic_s()
    this.#ticker = setInterval(() => this.#tick(), TICK_MS)
    this.#connect()
  }

  close(): void {
    clearInterval(this.#ticker)
    clearTimeout(this.#retry)
    this.#drop()
  }

  get gone(): boolean {
    return this.silent_s >= SILENT_AFTER_S
  }

  /** Take the answer to what was asked about an alarm; `asked` is the alarm as it was then. */
  learn(asked: Alarm | null, answer: Alarm): void {
    if (this.world !== null) this.world = withAnswer(this.world, asked, answer)
  }

  learnDuty(duty: Duty | null): void {
    if (this.world !== null) this.world = { ...this.world, duty }
  }

  #connect(): void {
    this.#drop()
    this.#tried_s = monotonic_s()
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    const socket = new WebSocket(`${scheme}://${location.host}/ws/page`)
    this.#socket = socket
    let heard = false
    socket.onmessage = (event: MessageEvent<string>) => {
      heard = true
      this.#hear(JSON.parse(event.data) as Snapshot | Change)
    }
    socket.onclose = (event) => {
      this.#socket = null
      if (event.code === NOT_SIGNED_IN) this.signedOut = true
      else void this.#again(heard)
    }
  }

  async #again(heard: boolean): Promise<void> {
    // A refused handshake does not say why; the session does.
    if (!heard && (await whoAmI()) === null) {
      this.signedOut = true
      return
    }
    this.#failures = heard ? 0 : this.#failures + 1
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.#connect(), waitBefore(this.#failures))
  }

  #drop(): void {
    if (this.#socket === null) return
    this.#socket.onmessage = null
    this.#socket.onclose = null
    this.#socket.close()
    this.#socket = null
  }

  #hear(message: Snapshot | Change): void {
    this.world = reduce(this.world, message)
    this.#offset_s = message.now_s - monotonic_s()
    this.#heard = { monotonic_s: monotonic_s(), wall_s: wall_s() }
    this.#failures = 0
    if (message.type === 'snapshot') this.now_s = message.now_s
    this.#tick()
  }

  #tick(): void {
    const now_s = monotonic_s() + this.#offset_s
    if (Math.floor(now_s) !== Math.floor(this.now_s)) this.now_s = now_s
    // The monotonic clock may stand still while the machine sleeps, the wall clock does not.
    const silent_s = Math.max(
      monotonic_s() - this.#heard.monotonic_s,
      wall_s() - this.#heard.wall_s,
    )
    const whole = silent_s < SILENT_AFTER_S ? 0 : Math.floor(silent_s)
    if (whole !== this.silent_s) this.silent_s = whole
    const waiting_s = Math.min(silent_s, monotonic_s() - this.#tried_s)
    if (this.#socket !== null && waiting_s > GIVE_UP_SOCKET_AFTER_S) {
      // A line that died without a close would be waited for for minutes.
      this.#connect()
    }
  }
}
