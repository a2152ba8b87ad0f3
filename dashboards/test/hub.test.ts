import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Hub } from '../src/state/hub.svelte'
import { alarm, cellsChange, change, columns, NOW_S, snapshot } from './world'

/** A socket of a hub that says what a test lets it say. */
class FakeSocket {
  static all: FakeSocket[] = []
  static get last(): FakeSocket {
    const last = FakeSocket.all.at(-1)
    if (last === undefined) throw new Error('no socket')
    return last
  }

  binaryType = 'blob'
  isOpen = false
  isClosed = false
  readonly sent: string[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null

  constructor() {
    FakeSocket.all.push(this)
  }

  open(): void {
    this.isOpen = true
    this.onopen?.()
  }

  send(text: string): void {
    if (!this.isOpen) throw new Error('InvalidStateError: the socket is not open')
    this.sent.push(text)
  }

  close(): void {
    this.isOpen = false
    this.isClosed = true
  }

  lose(code = 1006): void {
    this.close()
    this.onclose?.({ code })
  }

  async brings(...messages: object[]): Promise<void> {
    for (const message of messages) this.onmessage?.({ data: packed(message) })
    await read()
  }
}

function packed(message: object): ArrayBuffer {
  const deflated = deflateRawSync(JSON.stringify(message))
  const frame = new ArrayBuffer(deflated.byteLength)
  new Uint8Array(frame).set(deflated)
  return frame
}

/** Let inflating be done as soon as something is kept, where the real one waits for a thread. */
function inflateAfter(held: Promise<void>): void {
  const transform = (chunk: Uint8Array, to: TransformStreamDefaultController<Uint8Array>) =>
    held.then(() => to.enqueue(inflateRawSync(chunk)))
  class Inflating extends TransformStream<Uint8Array, Uint8Array> {
    constructor() {
      super({ transform })
    }
  }
  vi.stubGlobal('DecompressionStream', Inflating)
}

/** Until what was brought has been read, as far as it can be. */
async function read(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise((done) => setImmediate(done))
}

const RUBBISH = new TextEncoder().encode('rubbish').buffer

let hub: Hub
let errors: unknown[]
let isSignedIn: boolean

beforeEach(() => {
  vi.useFakeTimers({
    now: NOW_S * 1000,
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  })
  FakeSocket.all = []
  errors = []
  isSignedIn = true
  vi.stubGlobal('WebSocket', FakeSocket)
  inflateAfter(Promise.resolve())
  vi.stubGlobal('location', { protocol: 'http:', host: 'hub' })
  vi.stubGlobal('reportError', (error: unknown) => errors.push(error))
  vi.stubGlobal('requestAnimationFrame', (next: () => void) => next())
  vi.stubGlobal('fetch', () =>
    Promise.resolve(new Response(isSignedIn ? '{}' : '{"error":"no"}', { status: isSignedIn ? 200 : 401 })),
  )
  hub = new Hub()
  hub.open()
})

afterEach(() => {
  hub.close()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** The hub's clock and the page's go on. */
const later = (seconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(seconds * 1000)

const at = (seconds: number): object => change({ now_s: NOW_S + seconds })

test('messages are taken in order, and the page hears them', async () => {
  const socket = FakeSocket.last
  expect(socket.binaryType).toBe('arraybuffer')
  socket.open()
  await socket.brings(snapshot(), change({ now_s: NOW_S, zone_columns: columns([0]) }))
  expect(hub.world?.zoneStates.get('a')?.count).toBe(7.5)
  for (let s = 1; s <= 6; s += 1) {
    await later(1)
    await socket.brings(at(s))
    expect(hub.gone).toBe(false)
  }
  await later(0.1)
  expect(hub.world?.now_s).toBe(NOW_S + 6)
  expect(FakeSocket.all).toHaveLength(1)
})

test('a page whose browser hangs with inflating is gone, and begins anew', async () => {
  const socket = FakeSocket.last
  socket.open()
  await socket.brings(snapshot(), at(0))
  inflateAfter(new Promise(() => undefined))
  for (let s = 1; s <= 4; s += 1) {
    await later(1)
    await socket.brings(at(s))
  }
  expect(hub.gone).toBe(true)
  expect(hub.world?.now_s).toBe(NOW_S)
  inflateAfter(Promise.resolve())
  await later(2)
  expect(socket.isClosed).toBe(true)
  expect(FakeSocket.all).toHaveLength(2)
  FakeSocket.last.open()
  await FakeSocket.last.brings(snapshot({ now_s: NOW_S + 6 }), at(6))
  expect(hub.gone).toBe(false)
  expect(hub.world?.now_s).toBe(NOW_S + 6)
})

test('what was read for too long is as old as it is', async () => {
  const socket = FakeSocket.last
  socket.open()
  await socket.brings(snapshot(), at(0))
  await later(1)
  let go = (): void => undefined
  const held = new Promise<void>((done) => (go = done))
  inflateAfter(held)
  await socket.brings(at(1))
  await later(3.5)
  go()
  await read()
  await later(0.2)
  expect(hub.world?.now_s).toBe(NOW_S + 1)
  expect(hub.gone).toBe(true)
  // Nor does the clock go back with it, or old values would look new.
  expect(hub.now_s).toBeGreaterThanOrEqual(NOW_S + 4)
})

test('nothing of an old socket comes into the world of a new one', async () => {
  const old = FakeSocket.last
  old.open()
  await old.brings(snapshot(), at(0))
  const late = old.onmessage
  // It is given up while a message is being inflated, and another waits.
  let go = (): void => undefined
  inflateAfter(new Promise<void>((done) => (go = done)))
  await old.brings(change({ now_s: NOW_S + 99, duty: { name: 'old', since_s: NOW_S } }), at(100))
  await later(5.4)
  expect(FakeSocket.all).toHaveLength(2)
  inflateAfter(Promise.resolve())
  FakeSocket.last.open()
  await FakeSocket.last.brings(snapshot({ now_s: NOW_S + 6 }), at(6))
  go()
  late?.({ data: packed(at(200)) })
  await read()
  await later(0.1)
  expect(hub.world?.now_s).toBe(NOW_S + 6)
  expect(hub.world?.duty).toBeNull()
})

test('a frame that is no message ends the socket, and the next try waits longer each time', async () => {
  const waits: number[] = []
  for (let i = 0; i < 4; i += 1) {
    const socket = FakeSocket.last
    socket.open()
    await socket.brings(snapshot({ now_s: NOW_S }), at(0))
    socket.onmessage?.({ data: RUBBISH })
    await read()
    expect(socket.isClosed).toBe(true)
    const began = performance.now()
    while (FakeSocket.last === socket) await later(0.05)
    waits.push(performance.now() - began)
  }
  expect(waits.map((ms) => Math.round(ms / 100) / 10)).toEqual([0.5, 1, 2, 2])
  expect(errors).toHaveLength(4)
})

test('a line that keeps breaking is gone until one holds, however well each begins', async () => {
  for (let i = 0; i < 5; i += 1) {
    const socket = FakeSocket.last
    socket.open()
    await socket.brings(snapshot({ now_s: NOW_S + i }), at(i))
    socket.onmessage?.({ data: 'text' })
    await read()
    while (FakeSocket.last === socket) await later(0.1)
  }
  expect(hub.gone).toBe(true)
  FakeSocket.last.open()
  await FakeSocket.last.brings(snapshot(), at(9))
  expect(hub.gone).toBe(true)
  for (let s = 10; s <= 13; s += 1) {
    await later(1)
    await FakeSocket.last.brings(at(s))
  }
  expect(hub.gone).toBe(false)
})

test('a message that makes no world breaks the line too', async () => {
  const socket = FakeSocket.last
  socket.open()
  await socket.brings(snapshot(), { type: 'change', now_s: NOW_S })
  expect(socket.isClosed).toBe(true)
  expect(errors).toHaveLength(1)
})

test('a closed line is tried again soon, and a refused one only while the person is signed in', async () => {
  const socket = FakeSocket.last
  socket.open()
  await socket.brings(snapshot(), at(0))
  socket.lose()
  await later(0.3)
  expect(FakeSocket.all).toHaveLength(2)
  isSignedIn = false
  FakeSocket.last.lose()
  await read()
  await later(5)
  expect(hub.signedOut).toBe(true)
  expect(FakeSocket.all).toHaveLength(2)
})

test('a hub that was closed while it asked who is signed in connects no more', async () => {
  FakeSocket.last.lose()
  hub.close()
  await read()
  await later(5)
  expect(FakeSocket.all).toHaveLength(1)
})

test('what is shown is told on opening, on each change of it, and on each new socket', async () => {
  const first = FakeSocket.last
  hub.watch({ zone_id: 'a', cells: false })
  first.open()
  hub.watch({ zone_id: 'b', cells: true })
  expect(first.sent.map((text) => JSON.parse(text) as object)).toEqual([
    { type: 'watch', zone_id: 'a', cells: false },
    { type: 'watch', zone_id: 'b', cells: true },
  ])
  first.lose()
  hub.watch({ zone_id: 'c', cells: true })
  await read()
  await later(0.6)
  const second = FakeSocket.last
  expect(second).not.toBe(first)
  hub.watch({ zone_id: null, cells: true })
  second.open()
  expect(second.sent).toEqual(['{"type":"watch","zone_id":null,"cells":true}'])
  expect(first.sent).toHaveLength(2)
})

test('cells are there only while they are watched, and never from before', async () => {
  const socket = FakeSocket.last
  const cells = cellsChange({ a: { columns: [1], rows: [1], people: [2] } })
  socket.open()
  await socket.brings(snapshot(), cells)
  expect(hub.world?.cells.size).toBe(0)
  hub.watch({ zone_id: null, cells: true })
  await socket.brings(cells)
  await later(0.1)
  expect(hub.world?.cells.size).toBe(1)
  hub.watch({ zone_id: null, cells: false })
  expect(hub.world?.cells.size).toBe(0)
  await socket.brings(cells)
  hub.watch({ zone_id: null, cells: true })
  await later(0.1)
  expect(hub.world?.cells.size).toBe(0)
})

test('a page that takes long to be drawn hears all the same, and draws an alarm at once', async () => {
  const socket = FakeSocket.last
  socket.open()
  await socket.brings(snapshot())
  // From now on each picture takes 0.4 s.
  vi.stubGlobal('requestAnimationFrame', (next: () => void) => setTimeout(next, 400))
  await later(0.3)
  await socket.brings(at(0.3))
  await later(0.45)
  await socket.brings(at(0.75))
  expect(hub.world?.now_s).toBe(NOW_S + 0.3)
  await later(1)
  expect(hub.world?.now_s).toBe(NOW_S + 0.75)
  await later(0.45)
  await socket.brings(at(2))
  expect(hub.world?.now_s).toBe(NOW_S + 0.75)
  expect(hub.gone).toBe(false)
  await socket.brings(change({ now_s: NOW_S + 2.1, alarms: [alarm(7)] }))
  expect(hub.world?.alarms.has(7)).toBe(true)
})
