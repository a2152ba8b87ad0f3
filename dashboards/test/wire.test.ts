import { deflateRawSync, deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { inflate, Inbox, messageOf, Watching, type PageMessage } from '../src/logic/wire'
import { cellsChange, change, NOW_S, snapshot } from './world'

function frameOf(bytes: Uint8Array): ArrayBuffer {
  const frame = new ArrayBuffer(bytes.byteLength)
  new Uint8Array(frame).set(bytes)
  return frame
}

const packed = (message: unknown): ArrayBuffer => frameOf(deflateRawSync(JSON.stringify(message)))

/** A reader of frames that a test answers when and as it likes. */
class SlowReader {
  readonly asked: number[] = []
  #answers = new Map<number, { is: (message: PageMessage) => void; fails: (error: Error) => void }>()

  read = (frame: unknown): Promise<PageMessage> => {
    this.asked.push(frame as number)
    return new Promise((is, fails) => this.#answers.set(frame as number, { is, fails }))
  }

  answer(frame: number): Promise<void> {
    this.#answers.get(frame)?.is(change({ now_s: frame }))
    return settled()
  }

  fail(frame: number): Promise<void> {
    this.#answers.get(frame)?.fails(new Error(`frame ${frame}`))
    return settled()
  }
}

/** Until all that waits for a promise which is kept has run. */
const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 0))

function inbox(reader: SlowReader): { box: Inbox; taken: number[]; broken: string[]; put: (n: number) => void } {
  const taken: number[] = []
  const broken: string[] = []
  const box = new Inbox((error) => broken.push(String(error)), reader.read)
  const put = (n: number): void => box.put(n, (message) => taken.push(message.now_s))
  return { box, taken, broken, put }
}

test('a frame of the hub is its message, whatever its size and its letters', async () => {
  const messages = [
    change(),
    cellsChange({ a: { columns: [1], rows: [2], people: [3] } }),
    snapshot({ site: { ...snapshot().site, name: { de: 'Straße – „Süd“ 🎡', en: 'x'.repeat(1e6) } } }),
  ]
  for (const message of messages) expect(await messageOf(packed(message))).toEqual(message)
})

const GOOD = deflateRawSync(JSON.stringify(change()))

test.each([
  ['text', JSON.stringify(change())],
  ['nothing', frameOf(new Uint8Array())],
  ['JSON that is not deflated', frameOf(new TextEncoder().encode(JSON.stringify(change())))],
  ['deflated with a header', frameOf(deflateSync(JSON.stringify(change())))],
  ['the first half', frameOf(GOOD.subarray(0, GOOD.length / 2))],
  ['half a JSON', frameOf(deflateRawSync(JSON.stringify(change()).slice(0, 40)))],
  ['no UTF-8', frameOf(deflateRawSync(Uint8Array.from([0x22, 0xff, 0x22])))],
  ['null', packed(null)],
  ['a list', packed([change()])],
  ['a message of no type', packed({ now_s: NOW_S })],
  ['a message of an unknown type', packed({ ...change(), type: 'toString' })],
])('%s is no message', async (_, frame) => {
  await expect(messageOf(frame)).rejects.toThrow()
})

test('inflating gives the text as it was', async () => {
  expect(await inflate(frameOf(deflateRawSync('größer')))).toBe('größer')
})

test('frames are taken in the order in which they came, each read after the one before', async () => {
  const reader = new SlowReader()
  const { taken, put } = inbox(reader)
  for (const n of [1, 2, 3]) put(n)
  await settled()
  expect(reader.asked).toEqual([1])
  expect(taken).toEqual([])
  await reader.answer(1)
  expect([reader.asked, taken]).toEqual([[1, 2], [1]])
  await reader.answer(2)
  await reader.answer(3)
  expect(taken).toEqual([1, 2, 3])
})

test('really inflated, a long frame does not come after a short one', async () => {
  const taken: string[] = []
  const box = new Inbox((error) => taken.push(String(error)))
  const long = snapshot({ site: { ...snapshot().site, timezone: 'x'.repeat(3e6) } })
  const messages = [long, change(), cellsChange({}), change()]
  await new Promise<void>((done) => {
    for (const [i, message] of messages.entries()) {
      box.put(packed(message), ({ type }) => {
        taken.push(type)
        if (i === messages.length - 1) done()
      })
    }
  })
  expect(taken).toEqual(['snapshot', 'change', 'cells', 'change'])
})

test('what an old socket brought is not taken, not even what is being read', async () => {
  const reader = new SlowReader()
  const { box, taken, broken, put } = inbox(reader)
  for (const n of [1, 2, 3]) put(n)
  await settled()
  await reader.answer(1)
  box.shut()
  await reader.answer(2)
  put(4)
  await settled()
  expect(taken).toEqual([1])
  expect(reader.asked).toEqual([1, 2])
  expect(broken).toEqual([])
})

test('after a frame that cannot be read nothing is taken, and it is said once', async () => {
  const reader = new SlowReader()
  const { taken, broken, put } = inbox(reader)
  for (const n of [1, 2, 3]) put(n)
  await settled()
  await reader.answer(1)
  await reader.fail(2)
  await reader.fail(3)
  expect(taken).toEqual([1])
  expect(broken).toEqual(['Error: frame 2'])
  expect(reader.asked).toEqual([1, 2])
})

test('an old socket that breaks says nothing', async () => {
  const reader = new SlowReader()
  const { box, broken, put } = inbox(reader)
  put(1)
  await settled()
  box.shut()
  await reader.fail(1)
  expect(broken).toEqual([])
})

test('a message that cannot be taken breaks the line like one that cannot be read', async () => {
  const broken: string[] = []
  const box = new Inbox((error) => broken.push(String(error)))
  const taken: string[] = []
  await new Promise<void>((done) => {
    box.put(packed(change()), () => {
      done()
      throw new Error('no world like this')
    })
    box.put(packed(change()), ({ type }) => taken.push(type))
  })
  await settled()
  expect(broken).toEqual(['Error: no world like this'])
  expect(taken).toEqual([])
})

test('the hub is told what the page shows once, and only while there is a socket', () => {
  const sent: unknown[] = []
  const send = (text: string): void => void sent.push(JSON.parse(text))
  const watching = new Watching()
  watching.show({ zone_id: 'a', cells: false })
  expect(sent).toEqual([])
  watching.opened(send)
  watching.show({ zone_id: 'a', cells: false })
  expect(sent).toEqual([{ type: 'watch', zone_id: 'a', cells: false }])
  watching.show({ zone_id: 'a', cells: true })
  watching.show({ zone_id: null, cells: true })
  expect(sent.slice(1)).toEqual([
    { type: 'watch', zone_id: 'a', cells: true },
    { type: 'watch', zone_id: null, cells: true },
  ])
  expect(watching.cells).toBe(true)
  watching.closed()
  watching.show({ zone_id: 'b', cells: true })
  expect(sent).toHaveLength(3)
})

test('each new socket is told, also where nothing is shown that not every page shows', () => {
  const sent: string[] = []
  const watching = new Watching()
  for (let i = 0; i < 2; i += 1) {
    watching.opened((text) => sent.push(text))
    watching.closed()
  }
  const nothing = '{"type":"watch","zone_id":null,"cells":false}'
  expect(sent).toEqual([nothing, nothing])
})
