import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ZoneCourse } from '../src/contract'
import { HeardPeaks, KeptCourse } from '../src/state/course.svelte'
import { alarm, NOW_S, zoneState } from './world'

const COURSE: ZoneCourse = { zone_id: 'a', step_s: 10, points: [] }

let asked: string[]
let closed: AbortSignal[]
/** What the hub answers to a path; null: it does not. */
let answer: (path: string) => [status: number, body: object] | null

beforeEach(() => {
  vi.useFakeTimers()
  asked = []
  closed = []
  vi.stubGlobal('fetch', (path: string, { signal }: { signal: AbortSignal }) => {
    asked.push(path)
    closed.push(signal)
    const made = answer(path)
    if (made === null) return Promise.reject(new TypeError('no hub'))
    return Promise.resolve(new Response(JSON.stringify(made[1]), { status: made[0] }))
  })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const ofHub = (path: string): [number, object] =>
  path.startsWith('/api/alarms') ? [200, { alarms: [alarm(1)] }] : [200, COURSE]
const pass = (seconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(seconds * 1000)

test('the record is fetched at once, and again at the pace of its steps', async () => {
  answer = ofHub
  let now_s = NOW_S
  const kept = new KeptCourse('a', '1h', () => now_s)
  expect(kept.fetching).toBe('loading')
  await pass(0)
  expect(kept).toMatchObject({ fetching: 'well', course: COURSE, told_at_s: NOW_S })
  expect(kept.alarms.map(({ id }) => id)).toEqual([1])
  now_s += 30
  await pass(29)
  expect(asked).toHaveLength(2)
  await pass(1)
  expect(asked).toHaveLength(4)
  expect(kept.told_at_s).toBe(NOW_S + 30)
  kept.close()
})

test('what did not come is said and tried again; what came before stays', async () => {
  answer = ofHub
  const kept = new KeptCourse('a', '1h', () => NOW_S)
  await pass(0)
  answer = () => null
  await pass(30)
  expect(kept).toMatchObject({ fetching: 'failed', course: COURSE })
  answer = () => [503, { error: 'busy' }]
  await pass(5)
  expect(kept.fetching).toBe('failed')
  answer = ofHub
  await pass(5)
  expect(kept.fetching).toBe('well')
  kept.close()
})

test('what is refused is not asked for again', async () => {
  answer = (path) => (path.startsWith('/api/alarms') ? ofHub(path) : [404, { error: 'no zone' }])
  const kept = new KeptCourse('a', '1h', () => NOW_S)
  await pass(0)
  expect(kept).toMatchObject({ fetching: 'refused', course: null })
  await pass(3600)
  expect(asked).toHaveLength(2)
  kept.close()
})

test('who may not read the record still has the course', async () => {
  answer = (path) => (path.startsWith('/api/alarms') ? [403, { error: 'no' }] : ofHub(path))
  const kept = new KeptCourse('a', '1h', () => NOW_S)
  await pass(0)
  expect(kept).toMatchObject({ fetching: 'well', alarms: [] })
  kept.close()
})

test('a course that is shown no more is not asked for again, and its answer is not taken', async () => {
  answer = ofHub
  const kept = new KeptCourse('a', '1h', () => NOW_S)
  kept.close()
  await pass(3600)
  expect(asked).toHaveLength(2)
  expect(closed.every((signal) => signal.aborted)).toBe(true)
  expect(kept.course).toBeNull()
})

test('peaks are heard once for each picture, and end where the zone is unknown', () => {
  const peaks = new HeardPeaks()
  peaks.hear(null, NOW_S)
  for (const captured_at_s of [NOW_S, NOW_S, NOW_S + 1]) {
    peaks.hear(zoneState('a', { captured_at_s, peak_ppm2: 0.4 }), NOW_S + 1)
  }
  peaks.hear(zoneState('a', { level: 'unknown' }), NOW_S + 2)
  expect(peaks.points).toEqual([
    { at_s: NOW_S, density_ppm2: 0.4 },
    { at_s: NOW_S + 1, density_ppm2: 0.4 },
    { at_s: NOW_S + 2, density_ppm2: null },
  ])
})
