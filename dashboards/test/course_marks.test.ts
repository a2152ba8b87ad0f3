import { expect, test } from 'vitest'
import type { MeasureUse } from '../src/contract'
import { DICTIONARIES } from '../src/i18n/language'
import { alarmsOf, groupMarks, marksOf } from '../src/logic/course_marks'
import { alarm, NOW_S } from './world'

const USE: MeasureUse = {
  measure_id: 'hold',
  notice_id: 'n1',
  confirmed_at_s: NOW_S + 20,
  confirmed_by: 'op',
  delivery: 'received',
  delivered_at_s: NOW_S + 21,
  detail: '',
}

const LIFE = alarm(1, {
  state: 'normal',
  times: 2,
  first_raised_at_s: NOW_S,
  raised_at_s: NOW_S + 50,
  acknowledged_at_s: NOW_S + 10,
  acknowledged_by: 'op',
  measures: [USE],
  ended_at_s: NOW_S + 90,
})

test('the life of an alarm is told by marks in order, with who did what', () => {
  const marks = marksOf([LIFE], NOW_S, NOW_S + 100)
  expect(marks.map(({ event, at_s, by }) => [event, at_s - NOW_S, by])).toEqual([
    ['raised', 0, null],
    ['acknowledged', 10, 'op'],
    ['measure', 20, 'op'],
    ['raised', 50, null],
    ['ended', 90, null],
  ])
  expect(marks[2]?.measure_id).toBe('hold')
})

test('marks outside the span are left out', () => {
  expect(marksOf([LIFE], NOW_S + 5, NOW_S + 40).map(({ event }) => event)).toEqual(['acknowledged', 'measure'])
})

test('an alarm that a person set aside has a mark, one that a rule did has none', () => {
  const aside = { since_s: NOW_S + 5, until_s: NOW_S + 900, by: 'op', reason: 'Wartung' }
  const shelved = alarm(1, { state: 'shelved', aside })
  expect(marksOf([shelved], NOW_S, NOW_S + 10)).toMatchObject([
    { event: 'shelved', by: 'op', reason: 'Wartung' },
  ])
  const ruled = alarm(1, { state: 'suppressed', aside: { ...aside, by: null } })
  expect(marksOf([ruled], NOW_S, NOW_S + 10)).toEqual([])
})

test('what the page knows of an alarm is newer than the record, and other zones are left out', () => {
  const past = [alarm(1), alarm(2), alarm(3, { zone_id: 'b' })]
  const known = new Map([[2, alarm(2, { state: 'acknowledged' })], [4, alarm(4, { zone_id: null })]])
  expect(alarmsOf('a', past, known).map(({ id, state }) => [id, state])).toEqual([
    [1, 'unacknowledged'],
    [2, 'acknowledged'],
  ])
})

test('marks that stand close are one, drawn as the most urgent thing that came', () => {
  const marks = marksOf([LIFE, alarm(2, { priority: 'high', raised_at_s: NOW_S + 12, first_raised_at_s: NOW_S + 12 })], NOW_S, NOW_S + 100)
  const groups = groupMarks(marks, 30)
  expect(groups.map(({ at_s, marks: all }) => [at_s - NOW_S, all.length])).toEqual([[0, 4], [50, 1], [90, 1]])
  expect(groups[0]?.first).toMatchObject({ event: 'raised', alarm: { id: 2 } })
  expect(groupMarks([], 30)).toEqual([])
})

test('a mark and a value as each language says them', () => {
  const { de, en } = DICTIONARIES
  const mark = { time: '21:04', priority: 'x', cause: 'y', measure: null, reason: null, by: 'op' }
  expect(de.course.mark({ ...mark, event: de.course.event.acknowledged })).toBe('21:04 y (x) quittiert von op')
  expect(en.course.mark({ ...mark, event: en.course.event.measure, measure: 'Hold' })).toBe(
    '21:04 y (x) measure confirmed “Hold” by op',
  )
  const value = { time: '21:04', mean: '0,10', unit: 'P/m²', range: null, peak: null, known: null }
  expect(de.course.reading(value)).toBe('21:04: 0,10 P/m²')
  expect(
    de.course.reading({ ...value, range: { lowest: '0,05', highest: '0,20' }, peak: '0,40', known: '40 %' }),
  ).toBe('21:04: 0,10 (0,05–0,20) P/m², Spitze 0,40, zu 40 % bekannt')
})
