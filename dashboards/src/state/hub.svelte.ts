import type { Alarm, Duty, Watch } from '../contract'
import { waitBefore } from '../logic/backoff'
import { Pace } from '../logic/pace'
import { Inbox, Watching, type PageMessage } from '../logic/wire'
import { reduce, withAnswer, withoutCells, type World } from '../logic/world'
import { whoAmI } from './session'

const NOT_SIGNED_IN = 4401

/** The hub speaks every second: three missed words are a broken line, not a slow one. */
const SILENT_AFTER_S = 3
const GIVE_UP_SOCKET_AFTER_S = 5
const TICK_MS = 200

const monotonic_s = (): number => performance.now() / 1000
const wall_s = (): number => Date.now() / 1000

/** The monotonic clock may stand still while the machine sleeps, the wall clock does not. */
interface Moment {
  monotonic_s: number
  wall_s: number
}

const now = (): Moment => ({ monotonic_s: monotonic_s(), wall_s: wall_s() })

/** The line to the hub: the world as last told, how old that is, and whether anyone listens. */
export class Hub {
  /** As it is to be drawn; what is known may be newer by as long as the page takes to be drawn. */
  world = $state.raw<World | null>(null)
  /** The hub's time, moved once a second. */
  now_s = $state(wall_s())
  /** Whole seconds without a word from the hub; 0 while the line is well. */
  silent_s = $state(0)
  signedOut = $state(false)

  #known: World | null = null
  readonly #pace = new Pace()
  #later: ReturnType<typeof setTimeout> | undefined
  #socket: WebSocket | null = null
  #inbox: Inbox | null = null
  readonly #watching = new Watching()
  #closed = false
  #failures = 0
  /** The last line broke; one that breaks again and again must not look well in between. */
  #doubted = false
  #retry: ReturnType<typeof setTimeout> | undefined
  #ticker: ReturnType<typeof setInterval> | undefined
  #offset_s = 0
  #heard = now()
  #tried_s = 0

  open(): void {
    this.#heard = now()
    this.#offset_s = wall_s() - monotonic_s()
    this.#ticker = setInterval(() => this.#tick(), TICK_MS)
    this.#connect()
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#ticker)
    clearTimeout(this.#retry)
    clearTimeout(this.#later)
    this.#drop()
  }

  get gone(): boolean {
    return this.silent_s >= SILENT_AFTER_S
  }

  /** Take the answer to what was asked about an alarm; `asked` is the alarm as it was then. */
  learn(asked: Alarm | null, answer: Alarm): void {
    if (this.#known === null) return
    this.#known = withAnswer(this.#known, asked, answer)
    this.#draw()
  }

  learnDuty(duty: Duty | null): void {
    if (this.#known === null) return
    this.#known = { ...this.#known, duty }
    this.#draw()
  }

  /** Ask for what the page shows and not every page does. */
  watch(shown: Omit<Watch, 'type'>): void {
    this.#watching.show(shown)
    if (shown.cells || this.#known === null) return
    this.#known = withoutCells(this.#known)
    this.#draw()
  }

  #connect(): void {
    this.#drop()
    this.#tried_s = monotonic_s()
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    const socket = new WebSocket(`${scheme}://${location.host}/ws/page`)
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    let heard = false
    const inbox = new Inbox((error) => {
      reportError(new Error('a message of the hub could not be read', { cause: error }))
      this.#drop()
      this.#doubted = true
      void this.#again(false)
    })
    this.#inbox = inbox
    socket.onopen = () => this.#watching.opened((text) => socket.send(text))
    socket.onmessage = (event: MessageEvent<unknown>) => {
      const came = now()
      inbox.put(event.data, (message) => {
        heard ||= message.type === 'change'
        this.#hear(message, came)
      })
    }
    socket.onclose = (event) => {
      this.#socket = null
      this.#watching.closed()
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
    if (this.#closed) return
    this.#failures = heard ? 0 : this.#failures + 1
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.#connect(), waitBefore(this.#failures))
  }

  #drop(): void {
    // What the old socket brought must not come into the world of the next one.
    this.#inbox?.shut()
    this.#inbox = null
    this.#watching.closed()
    if (this.#socket === null) return
    this.#socket.onopen = null
    this.#socket.onmessage = null
    this.#socket.onclose = null
    this.#socket.close()
    this.#socket = null
  }

  /** Take a message into the world; it is as old as its coming, however long it was read. */
  #hear(message: PageMessage, came: Moment): void {
    if (message.type !== 'cells' || this.#watching.cells) {
      this.#known = reduce(this.#known, message)
    }
    // Cells are of the time of the change before them.
    if (message.type !== 'cells') this.#offset_s = message.now_s - came.monotonic_s
    if (message.type === 'change') {
      if (came.monotonic_s - this.#tried_s >= SILENT_AFTER_S) this.#doubted = false
      if (!this.#doubted) this.#failures = 0
    }
    if (!this.#doubted) this.#heard = came
    this.#tick()
    const isNews = message.type === 'snapshot' || (message.type === 'change' && message.alarms.length > 0)
    if (isNews) this.#draw()
    else this.#drawSoon()
  }

  #drawSoon(): void {
    if (this.#later !== undefined) return
    const wait_ms = this.#pace.wait_ms(performance.now())
    if (wait_ms === 0) this.#draw()
    else this.#later = setTimeout(() => this.#draw(), wait_ms)
  }

  #draw(): void {
    clearTimeout(this.#later)
    this.#later = undefined
    this.#pace.begins(performance.now())
    this.world = this.#known
    const now_s = this.#clock_s()
    if (Math.floor(now_s) !== Math.floor(this.now_s)) this.now_s = now_s
    requestAnimationFrame(() => setTimeout(() => this.#pace.ended(performance.now()), 0))
  }

  #clock_s(): number {
    return monotonic_s() + this.#offset_s
  }

  #tick(): void {
    if (Math.floor(this.#clock_s()) !== Math.floor(this.now_s)) this.#drawSoon()
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
