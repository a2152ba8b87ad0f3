import { expect, test } from 'vitest'
import { DICTIONARIES, chosenLanguage } from '../src/i18n/language'
import {
  dateWords,
  density,
  densityWithSpread,
  moment,
  share,
  signed,
  span as bound,
  timeOfDay,
} from '../src/logic/format'
import { overall } from '../src/logic/overall'
import type { Speech } from '../src/logic/subject'
import { reduce, type World } from '../src/logic/world'
import { alarm, NOW_S, snapshot, zoneState } from './world'

const DE: Speech = { words: DICTIONARIES.de, language: 'de' }
const EN: Speech = { words: DICTIONARIES.en, language: 'en' }

// Numbers keep their unit on one line by no-break spaces; the tests read them as plain ones.
const plain = (text: string): string => text.replaceAll('\u00a0', ' ')
const span = (...given: Parameters<typeof bound>): string => plain(bound(...given))

function world(more: Parameters<typeof snapshot>[0]): World {
  const made = reduce(null, snapshot(more))
  if (made === null) throw new Error('a snapshot makes a world')
  return made
}

function leaves(value: object, path = ''): [string, unknown][] {
  return Object.entries(value).flatMap(([key, each]: [string, unknown]) =>
    typeof each === 'object' && each !== null
      ? leaves(each, `${path}${key}.`)
      : [[`${path}${key}`, each] as [string, unknown]],
  )
}

test('both languages have the same keys, each with a text of its own', () => {
  const de = leaves(DICTIONARIES.de)
  const en = leaves(DICTIONARIES.en)
  expect(de.map(([key]) => key).sort()).toEqual(en.map(([key]) => key).sort())
  for (const [key, text] of [...de, ...en]) {
    if (typeof text === 'string') expect(text.trim(), key).not.toBe('')
  }
})

test('the language is remembered, else the browser’s, else German', () => {
  expect(chosenLanguage('en', ['de'])).toBe('en')
  expect(chosenLanguage(null, ['fr-FR', 'en-US', 'de'])).toBe('en')
  expect(chosenLanguage('xx', ['fr'])).toBe('de')
})

test('numbers as each language writes them', () => {
  expect(densityWithSpread(DE.words, 0.123, 0.031)).toBe('0,12 ± 0,03 P/m²')
  expect(densityWithSpread(EN.words, 0.123, null)).toBe('0.12 p/m²')
  expect(density(DE.words, -0.001)).toBe('0,00')
  expect(signed(EN.words, -0.02)).toBe('−0.02')
  expect(signed(EN.words, 0.001)).toBe('±0.00')
  expect(share(DE.words, 0.999)).toBe('99 %')
})

test('spans are short and never negative', () => {
  expect([-3, 4.9, 60, 95, 600, 4000].map((seconds) => span(DE.words, seconds))).toEqual([
    '0 s',
    '4 s',
    '1 min',
    '1 min 35 s',
    '10 min',
    '1 h 6 min',
  ])
})

test('times are the site’s, with 24 hours', () => {
  expect(timeOfDay('Europe/Berlin', NOW_S)).toBe('23:13:20')
  expect(timeOfDay('Asia/Tokyo', NOW_S)).toBe('07:13:20')
  expect(() => timeOfDay('Nowhere/At_All', NOW_S)).not.toThrow()
})

test('a time of another day has its date', () => {
  expect(moment(DE.words, 'Europe/Berlin', NOW_S - 600, NOW_S)).toBe('23:03')
  expect(moment(DE.words, 'Europe/Berlin', NOW_S - 86_400, NOW_S)).toBe('13. Nov. 23:13')
  expect(moment(EN.words, 'Europe/Berlin', NOW_S + 3600, NOW_S)).toBe('15 Nov 00:13')
  expect(dateWords(DE.words, '2026-01-12')).toBe('12.01.2026')
  expect(dateWords(EN.words, 'soon')).toBe('soon')
})

test('the whole site in one sentence', () => {
  expect(overall(world({}), NOW_S, DE)).toMatchObject({ sentence: 'Alles ruhig', tone: 'calm' })
  const two = world({ alarms: [alarm(1), alarm(2, { zone_id: 'b', priority: 'high' })] })
  expect(overall(two, NOW_S, DE)).toMatchObject({
    sentence: '2 Alarme offen, Zone b zuerst',
    tone: 'act',
    mark: { priority: 'high' },
  })
  const blind = world({ zone_states: [zoneState('a'), zoneState('b')] })
  expect(overall(blind, NOW_S, EN)).toMatchObject({ sentence: '1 zone unknown', tone: 'look' })
})

test('an alarm that somebody set aside is not calm, one that a rule did is told elsewhere', () => {
  const aside = { since_s: NOW_S, until_s: NOW_S + 900, by: 'op', reason: 'Wartung' }
  const shelved = world({ alarms: [alarm(1, { state: 'shelved', cause: 'pressure', aside })] })
  expect(overall(shelved, NOW_S, DE)).toMatchObject({ sentence: '1 Alarm beiseite', tone: 'look' })
  const rule = { ...aside, by: null, until_s: null, reason: 'density_stands' }
  const ruled = world({ alarms: [alarm(1, { state: 'suppressed', cause: 'rise', aside: rule })] })
  expect(overall(ruled, NOW_S, DE).tone).toBe('calm')
})
