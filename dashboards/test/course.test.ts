import { expect, test } from 'vitest'
import type { CoursePoint, TrendPoint, ZoneCourse } from '../src/contract'
import { columnsOf, passed, topOf } from '../src/logic/course_columns'
import { forecastShape, futureOf_s } from '../src/logic/course_forecast'
import {
  alarmsRequest,
  courseRequest,
  courseSpan,
  hashWithSpan,
  refreshAfter_s,
  SPAN_S,
  spanOfHash,
} from '../src/logic/course_span'
import {
  gapsBetween,
  joinSteps,
  keptSteps,
  liveSteps,
  longerSteps,
  revisionChanges,
  withPeaks,
  type CourseStep,
} from '../src/logic/course_steps'
import { courseRows, stepAt } from '../src/logic/course_table'
import { densityTicks, timeTicks } from '../src/logic/course_ticks'
import { hourAndMinute } from '../src/logic/format'
import { hashOfZone, zoneOfHash } from '../src/logic/route'
import { NOW_S } from './world'

const at = (at_s: number, density_ppm2: number | null): TrendPoint => ({ at_s, density_ppm2 })
const NOW = { from_s: 0, now_s: 100, gap_s: 15 }

function kept(at_s: number, mean_ppm2: number | null, more: Partial<CoursePoint> = {}): CoursePoint {
  return {
    at_s,
    mean_ppm2,
    min_ppm2: mean_ppm2,
    max_ppm2: mean_ppm2,
    peak_ppm2: null,
    people: null,
    known_share: 1,
    revision: 1,
    ...more,
  }
}

const course = (step_s: number, ...points: CoursePoint[]): ZoneCourse => ({ zone_id: 'a', step_s, points })
const bounds = (steps: readonly CourseStep[]): [number, number][] =>
  steps.map(({ from_s, to_s }) => [from_s, to_s])

test('the hub is asked for few steps, and for all of the span', () => {
  const asked = new URL(courseRequest('gate 2/a', '4h', NOW_S + 0.4), 'http://hub')
  expect(asked.pathname).toBe('/api/zones/gate%202%2Fa/history')
  expect(Object.fromEntries(asked.searchParams)).toEqual({
    from_s: String(NOW_S + 1 - SPAN_S['4h']),
    to_s: String(NOW_S + 1),
    max_points: '400',
  })
  // More would be steps of a minute over 15 minutes, fewer of a quarter of an hour over a day.
  for (const [span, step_s] of [['15m', 10], ['1h', 10], ['4h', 60], ['24h', 60]] as const) {
    const most = Number(new URL(courseRequest('a', span, NOW_S), 'http://hub').searchParams.get('max_points'))
    const fits = [1, 10, 60, 900].find((each) => SPAN_S[span] / each <= most)
    expect(fits, span).toBe(step_s)
  }
  expect(alarmsRequest('a', '15m', NOW_S)).toBe(
    `/api/alarms?zone_id=a&from_s=${NOW_S - 900}&to_s=${NOW_S}`,
  )
})

test('what is asked again, is asked at the pace of its steps', () => {
  expect([1, 10, 60, 900].map(refreshAfter_s)).toEqual([30, 30, 180, 300])
})

test('the address tells the span of a zone and of nothing else', () => {
  const hash = hashWithSpan(hashOfZone('gate-2'), '4h')
  expect(hash).toBe('#/zone/gate-2?span=4h')
  expect(spanOfHash(hash)).toBe('4h')
  expect(zoneOfHash(hash)).toBe('gate-2')
  expect(hashWithSpan(hash, '24h')).toBe('#/zone/gate-2?span=24h')
  expect(hashWithSpan('#/', '4h')).toBe('#/')
  expect(spanOfHash('#/zone/gate-2?span=3h')).toBeNull()
  expect(spanOfHash('#/?span=4h')).toBeNull()
  expect(courseSpan('4h ')).toBeNull()
})

test('a live point lasts until the next, unless knowledge ended or broke off', () => {
  const points = [at(10, 0.1), at(11, 0.2), at(12, null), at(40, 0.3), at(60, 0.3), at(90, 0.4)]
  expect(bounds(liveSteps(points, NOW))).toEqual([[10, 11], [11, 11], [40, 40], [60, 60], [90, 100]])
  expect(bounds(liveSteps(points, { ...NOW, now_s: 130 })).at(-1)).toEqual([90, 90])
  expect(bounds(liveSteps(points, { ...NOW, from_s: 50 }))).toEqual([[60, 60], [90, 100]])
})

test('a step of the hub that is not over ends now; one that was never known is none', () => {
  const steps = keptSteps(course(60, kept(0, null), kept(60, 0.2), kept(120, 0.3), kept(180, 9)), 150)
  expect(bounds(steps)).toEqual([[60, 120], [120, 150]])
  expect(steps.map(({ at_s }) => at_s)).toEqual([90, 135])
})

test('a step of two revisions is one step of both', () => {
  const [step, ...more] = keptSteps(
    course(
      60,
      kept(0, 0.1, { known_share: 0.25, max_ppm2: 0.5, revision: 1 }),
      kept(0, 0.3, { known_share: 0.75, peak_ppm2: 1, revision: 2 }),
    ),
    999,
  )
  expect(more).toEqual([])
  expect(step?.mean_ppm2).toBeCloseTo(0.25)
  expect(step).toMatchObject({ min_ppm2: 0.1, max_ppm2: 0.5, peak_ppm2: 1, known_share: 1 })
})

test('live points become steps with their lowest, highest and peak', () => {
  const live = liveSteps([at(0, 0.2), at(5, 0.4), at(10, 0.1), at(15, 0.1)], { ...NOW, now_s: 18 })
  const steps = longerSteps(live, [at(5, 0.9), at(6, null), at(12, 0.5)], { step_s: 10, now_s: 18 })
  expect(bounds(steps)).toEqual([[0, 10], [10, 18]])
  expect(steps[0]?.mean_ppm2).toBeCloseTo(0.3)
  expect(steps[0]).toMatchObject({ min_ppm2: 0.2, max_ppm2: 0.4, peak_ppm2: 0.9, known_share: 1 })
  expect(steps[1]?.peak_ppm2).toBe(0.5)
})

test('of a live step that was known in part, that part is told', () => {
  const live = liveSteps([at(0, 0.2), at(3, null)], NOW)
  expect(longerSteps(live, [], { step_s: 10, now_s: 100 })[0]?.known_share).toBe(0)
  const longer = liveSteps([at(0, 0.2), at(2, 0.2), at(3, null)], NOW)
  expect(longerSteps(longer, [], { step_s: 10, now_s: 100 })[0]?.known_share).toBeCloseTo(0.2)
})

test('a value that lasts over several steps is in each of them', () => {
  const live = liveSteps([at(5, 0.2), at(19, 0.4), at(25, 0.4)], { ...NOW, now_s: 25 })
  const steps = longerSteps(live, [], { step_s: 10, now_s: 25 })
  expect(bounds(steps)).toEqual([[0, 10], [10, 20], [20, 25]])
  expect(steps.map((step) => step.known_share)).toEqual([0.5, 1, 1])
})

test('fine points are used as far back as there are any', () => {
  const hub = keptSteps(course(10, kept(0, 0.1), kept(10, 0.1), kept(20, 0.1)), 30)
  const live = liveSteps([at(15, 0.5), at(16, 0.5)], { ...NOW, now_s: 17 })
  expect(bounds(joinSteps(hub, live, true))).toEqual([[0, 10], [10, 15], [15, 16], [16, 17]])
  expect(joinSteps(hub, [], true)).toEqual(hub)
  expect(joinSteps([], live, true)).toEqual(live)
})

test('the page’s own steps take over from the hub’s last, which was not over', () => {
  const hub = keptSteps(course(10, kept(0, 0.1), kept(10, 0.1), kept(20, 0.9)), 23)
  const points = [5, 10, 15, 20, 25, 30, 35].map((at_s) => at(at_s, 0.3))
  const live = longerSteps(liveSteps(points, { ...NOW, now_s: 36 }), [], { step_s: 10, now_s: 36 })
  const joined = joinSteps(hub, live, false)
  expect(bounds(joined)).toEqual([[0, 10], [10, 20], [20, 30], [30, 36]])
  expect(joined.map((step) => step.mean_ppm2).map((each) => each.toFixed(1))).toEqual(
    ['0.1', '0.1', '0.3', '0.3'],
  )
})

test('where the page heard nothing yet, the hub’s last step stays', () => {
  const hub = keptSteps(course(10, kept(0, 0.1), kept(10, 0.1)), 20)
  const live = longerSteps(liveSteps([at(41, 0.3), at(45, 0.3)], { ...NOW, now_s: 46 }), [], {
    step_s: 10,
    now_s: 46,
  })
  expect(bounds(joinSteps(hub, live, false))).toEqual([[0, 10], [10, 20], [40, 46]])
})

test('peaks are those that the page heard, before them those of the hub', () => {
  const live = liveSteps([5, 12, 30, 31, 50].map((at_s) => at(at_s, 0.3)), NOW)
  const hub = keptSteps(course(10, kept(0, 0.1, { peak_ppm2: 0.7 }), kept(10, 0.1, { peak_ppm2: 0.8 })), 99)
  const peaks = [at(30, 0.9), at(31, 1)]
  expect(withPeaks(live, peaks, hub).map(({ peak_ppm2 }) => peak_ppm2)).toEqual([0.7, 0.8, 0.9, 1, null])
})

test('all time in which nothing was known is a gap, also before the first value and at the end', () => {
  const steps = keptSteps(course(10, kept(20, 0.1), kept(30, 0.1), kept(60, 0.1, { known_share: 0.5 })), 99)
  expect(gapsBetween(steps, 0, 100)).toEqual([[0, 20], [40, 100]])
  expect(gapsBetween(steps, 25, 35)).toEqual([])
  expect(gapsBetween([], 0, 100)).toEqual([[0, 100]])
  const live = liveSteps([at(0, 0.1), at(1, null), at(4, 0.1), at(5, 0.1)], { ...NOW, now_s: 6 })
  expect(gapsBetween(live, 0, 6)).toEqual([[0, 4]])
})

test('no line leads through a time that was not known', () => {
  const steps = keptSteps(
    course(10, kept(0, 0.1), kept(10, 0.2), kept(40, 0.3), kept(50, 0.3, { known_share: 0.2 })),
    99,
  )
  const { at_s, mean, low, peak } = columnsOf(steps, [])
  expect(at_s).toEqual([5, 15, 30, 45, 50, 55])
  expect(mean).toEqual([0.1, 0.2, null, 0.3, null, 0.3])
  expect(low[2]).toBeNull()
  expect(peak[2]).toBeNull()
})

test('the line ends where the zone became another', () => {
  const steps = keptSteps(course(10, kept(0, 0.1), kept(10, 0.2)), 99)
  expect(columnsOf(steps, [10]).mean).toEqual([0.1, null, 0.2])
  expect(columnsOf(steps, [0]).mean).toEqual([0.1, 0.2])
})

test('a picture without a peak does not break the line of the peaks, a step without one does', () => {
  const live = withPeaks(liveSteps([at(0, 0.1), at(1, 0.1)], NOW), [at(1, 0.5)], [])
  expect(columnsOf(live, []).peak).toEqual([undefined, 0.5])
  expect(columnsOf(keptSteps(course(10, kept(0, 0.1)), 99), []).peak).toEqual([null])
})

test('the chart holds the limits and the mean, and cuts a peak that is far above them', () => {
  const columns = columnsOf(keptSteps(course(10, kept(0, 3, { max_ppm2: 5, peak_ppm2: 40 })), 99), [])
  expect(topOf(columns, 0, 4)).toBe(9)
  expect(topOf(columns, 50, 4)).toBe(5)
  expect([passed(columns, 0, 4), passed(columns, 0, 6), passed(columns, 50, 4)]).toEqual([true, false, false])
})

test('a change of the revision is where it began, also within a step and whatever its number', () => {
  const told = (at_s: number, revision: number | null): CoursePoint => kept(at_s, 0.1, { revision })
  const changes = (...points: CoursePoint[]) => revisionChanges(course(10, ...points), 0)
  expect(changes(told(0, 1), told(10, 1), told(30, 2))).toEqual([{ at_s: 30, revision: 2 }])
  expect(changes(told(0, 1), told(10, 1), told(10, 2), told(20, 2))).toEqual([{ at_s: 15, revision: 2 }])
  expect(changes(told(0, 7), told(10, 1), told(10, 7), told(20, 1))).toEqual([{ at_s: 15, revision: 1 }])
  expect(changes(told(0, null), told(10, 3), told(20, null), told(30, 3))).toEqual([])
  expect(revisionChanges(course(10, told(0, 1), told(10, 2)), 11)).toEqual([])
})

const FORECAST = { earliest_min: 2, likely_min: 4, latest_min: 6 }

test('there is room for the forecast, but at most half the span', () => {
  expect(futureOf_s(null, '15m')).toBe(0)
  expect(futureOf_s(FORECAST, '15m')).toBe(7 * 60)
  expect(futureOf_s({ ...FORECAST, latest_min: 30 }, '15m')).toBe(450)
  expect(futureOf_s({ ...FORECAST, latest_min: null }, '1h')).toBe(7 * 60)
})

test('the forecast leads from now to the limit, with its band', () => {
  const where = { now_s: 0, to_s: 600, limit_ppm2: 3 }
  expect(forecastShape(FORECAST, 2, where)).toEqual({
    likely: [[0, 2], [240, 3]],
    band: [[0, 2], [120, 3], [360, 3]],
  })
  expect(forecastShape({ ...FORECAST, latest_min: null }, 2, where)?.band).toEqual([
    [0, 2],
    [120, 3],
    [600, 3],
    [600, 2],
  ])
  expect(forecastShape(FORECAST, 3, where)).toBeNull()
  expect(forecastShape(FORECAST, null, where)).toBeNull()
  expect(forecastShape(null, 2, where)).toBeNull()
})

test('ticks are round and few', () => {
  expect(timeTicks('Europe/Berlin', 30, 330, 6)).toEqual([60, 120, 180, 240, 300])
  expect(densityTicks(0.18, 4)).toEqual([0, 0.05, 0.1, expect.closeTo(0.15)])
})

test('ticks over a day are round on the site’s clock, also in the night in which it is set', () => {
  // The clocks go back an hour at 2023-10-29T01:00Z.
  const back_s = Date.parse('2023-10-29T12:00:00Z') / 1000
  for (const timezone of ['Europe/Berlin', 'Asia/Kathmandu', 'UTC']) {
    const ticks = timeTicks(timezone, back_s - SPAN_S['24h'], back_s, 8)
    for (const at_s of ticks) {
      expect(hourAndMinute(timezone, at_s), timezone).toMatch(/^(00|03|06|09|12|15|18|21):00$/)
    }
    expect(ticks.length).toBeGreaterThanOrEqual(8)
  }
})

test('the table has the newest first, and says where nothing was known', () => {
  const steps = keptSteps(
    course(10, kept(0, 0.1, { peak_ppm2: 0.4 }), kept(10, 0.3, { max_ppm2: 0.6 }), kept(40, 0.2)),
    99,
  )
  const rows = courseRows(steps, 0, 60, 20)
  expect(rows.map(({ from_s }) => from_s)).toEqual([40, 20, 0])
  expect(rows[0]).toMatchObject({ mean_ppm2: 0.2, known_share: 0.5 })
  expect(rows[1]).toMatchObject({ mean_ppm2: null, known_share: 0 })
  expect(rows[2]?.mean_ppm2).toBeCloseTo(0.2)
  expect(rows[2]).toMatchObject({ min_ppm2: 0.1, max_ppm2: 0.6, peak_ppm2: 0.4, known_share: 1 })
})

test('the cursor reads the step that it is in, and nothing in a gap', () => {
  const steps = keptSteps(course(10, kept(0, 0.1), kept(10, 0.2), kept(40, 0.3)), 99)
  expect(stepAt(steps, 12)?.mean_ppm2).toBe(0.2)
  expect(stepAt(steps, 30)).toBeNull()
  expect(stepAt(steps, 60)).toBeNull()
  expect(stepAt([], 60)).toBeNull()
})
