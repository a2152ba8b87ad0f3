import type { CellsChange, Change, Snapshot, Watch } from '../contract'

export type PageMessage = Snapshot | Change | CellsChange

const TYPES: Record<PageMessage['type'], true> = { snapshot: true, change: true, cells: true }

/** The JSON in a frame of the hub: deflated without a header. Throws where it is anything else. */
export async function inflate(frame: ArrayBuffer): Promise<string> {
  const deflated = new ReadableStream<BufferSource>({
    start(controller) {
      controller.enqueue(new Uint8Array(frame))
      controller.close()
    },
  })
  const json = deflated.pipeThrough(new DecompressionStream('deflate-raw'))
  const bytes = await new Response(json).arrayBuffer()
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}

/** A frame of the hub as a message. Throws where it is none. */
export async function messageOf(frame: unknown): Promise<PageMessage> {
  if (!(frame instanceof ArrayBuffer)) throw new TypeError('expected a binary frame of the hub')
  const message: unknown = JSON.parse(await inflate(frame))
  if (typeof message === 'object' && message !== null && 'type' in message) {
    if (Object.hasOwn(TYPES, String(message.type))) return message as PageMessage
  }
  throw new TypeError('expected a message of a known type of the hub')
}

/**
 * Reads the frames of one socket, one after the other.
 *
 * Inflating takes its time, so each waits for the one before. After the first that cannot be read
 * or taken nothing is: what follows it changes a world that the page does not have.
 */
export class Inbox {
  #last = Promise.resolve()
  #shut = false
  readonly #read: (frame: unknown) => Promise<PageMessage>
  readonly #onBroken: (error: unknown) => void

  constructor(onBroken: (error: unknown) => void, read = messageOf) {
    this.#onBroken = onBroken
    this.#read = read
  }

  put(frame: unknown, take: (message: PageMessage) => void): void {
    this.#last = this.#last.then(() => this.#next(frame, take))
  }

  /** Take nothing any more, not even what came already. */
  shut(): void {
    this.#shut = true
  }

  async #next(frame: unknown, take: (message: PageMessage) => void): Promise<void> {
    if (this.#shut) return
    try {
      const message = await this.#read(frame)
      if (!this.#shut) take(message)
    } catch (error) {
      if (this.#shut) return
      this.shut()
      this.#onBroken(error)
    }
  }
}

/** Tells the hub what the page shows: on each new socket, and whenever it is another. */
export class Watching {
  #watch: Watch = { type: 'watch', zone_id: null, cells: false }
  #told = ''
  #send: ((text: string) => void) | null = null

  get cells(): boolean {
    return this.#watch.cells
  }

  show({ zone_id, cells }: Omit<Watch, 'type'>): void {
    this.#watch = { type: 'watch', zone_id, cells }
    this.#tell()
  }

  opened(send: (text: string) => void): void {
    this.#send = send
    this.#told = ''
    this.#tell()
  }

  closed(): void {
    this.#send = null
  }

  #tell(): void {
    const text = JSON.stringify(this.#watch)
    if (this.#send === null || text === this.#told) return
    this.#told = text
    this.#send(text)
  }
}
