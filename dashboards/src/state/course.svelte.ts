import type { Alarm, PastAlarms, ZoneCourse, TrendPoint, ZoneState } from '../contract'
import { alarmsRequest, courseRequest, refreshAfter_s, type CourseSpan } from '../logic/course_span'
import { addPoint } from '../logic/history'

const RETRY_AFTER_S = 5
const GIVE_UP_AFTER_MS = 8000

export type Fetching = 'loading' | 'well' | 'failed' | 'refused'

/** What the hub keeps of a zone in a span, asked for again as time goes on. */
export class KeptCourse {
  course = $state.raw<ZoneCourse | null>(null)
  /** When the hub was asked for it. */
  told_at_s = $state(0)
  alarms = $state.raw<readonly Alarm[]>([])
  fetching = $state<Fetching>('loading')

  readonly #zoneId: string
  readonly #span: CourseSpan
  readonly #now: () => number
  readonly #closed = new AbortController()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(zoneId: string, span: CourseSpan, now: () => number) {
    this.#zoneId = zoneId
    this.#span = span
    this.#now = now
    void this.#ask()
  }

  close(): void {
    this.#closed.abort()
    clearTimeout(this.#timer)
  }

  async #ask(): Promise<void> {
    const now_s = this.#now()
    const [course, past] = await Promise.all([
      this.#get<ZoneCourse>(courseRequest(this.#zoneId, this.#span, now_s)),
      this.#get<PastAlarms>(alarmsRequest(this.#zoneId, this.#span, now_s)),
    ])
    if (this.#closed.signal.aborted) return
    // Who may not read the record sees the alarms that the page knows by itself.
    if (typeof past === 'object') this.alarms = past.alarms
    if (typeof course === 'object') {
      this.course = course
      this.told_at_s = now_s
    }
    this.fetching = typeof course === 'object' ? 'well' : course
    const wait_s = typeof course === 'object' ? refreshAfter_s(course.step_s) : RETRY_AFTER_S
    if (course !== 'refused') this.#timer = setTimeout(() => void this.#ask(), wait_s * 1000)
  }

  async #get<Answer extends object>(path: string): Promise<Answer | 'failed' | 'refused'> {
    try {
      const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(GIVE_UP_AFTER_MS)])
      const answer = await fetch(path, { signal })
      if (answer.ok) return (await answer.json()) as Answer
      // A hub that is starting or overloaded answers by 5xx or 429 and will do better later.
      return answer.status >= 500 || answer.status === 429 ? 'failed' : 'refused'
    } catch {
      return 'failed'
    }
  }
}

/** The peaks of one zone as the page hears them: of the past it is told the mean only. */
export class HeardPeaks {
  readonly points: TrendPoint[] = []

  hear(state: ZoneState | null, now_s: number): void {
    if (state === null) return
    addPoint(this.points, { ...state, density_ppm2: state.peak_ppm2 }, now_s)
  }
}
