import { expect, test } from 'vitest'
import { DICTIONARIES, chosenLanguage } from '../src/i18n/language'
import { groupAlarms, toAcknowledge } from '../src/logic/alarms'
import { density, densityWithSpread, share, signed, span as bound, timeOfDay } from '../src/logic/format'
import { alarmSentence as sentence, overall, type Speech } from '../src/logic/sentences'
import { reduce, type World } from '../src/logic/world'
import { alarm, NOW_S, snapshot, zoneState } from './world'

const DE: Speech = { words: DICTIONARIES.de, language: 'de' }
const EN: Speech = { words: DICTIONARIES.en, language: 'en' }

// Numbers keep their unit on one line by no-break spaces; the tests read them as plain ones.
const plain = (text: string): string => text.replaceAll('\u00a0', ' ')
const span = (...given: Parameters<typeof bound>): string => plain(bound(...given))
const alarmSentence = (...given: Parameters<typeof sentence>): string => plain(sentence(...given))

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

test('a density alarm reads like a colleague, with the zone’s value of now', () => {
  const here = world({
    zone_states: [
      zoneState('a', { level: 'tight', density_ppm2: 0.114, trend_ppm2_per_min: 0.02 }),
    ],
  })
  expect(alarmSentence(here, alarm(1), NOW_S, DE)).toBe(
    'Zone a: 0,11 P/m² seit 6 s (Grenze 0,10), steigend.',
  )
  expect(alarmSentence(here, alarm(1, { times: 3 }), NOW_S, EN)).toBe(
    'Area a: 0.11 p/m² for the 3rd time since 23:13:14 (limit 0.10), rising.',
  )
  const falling = world({
    zone_states: [zoneState('a', { level: 'tight', density_ppm2: 0.05, trend_ppm2_per_min: 0 })],
  })
  expect(alarmSentence(falling, alarm(1), NOW_S, DE)).toBe(
    'Zone a: Grenze 0,10 vor 6 s überschritten, jetzt 0,05 P/m², gleichbleibend.',
  )
  expect(alarmSentence(falling, alarm(1), NOW_S, EN)).toBe(
    'Area a: passed the limit of 0.10 6 s ago, now 0.05 p/m², steady.',
  )
  const over = alarm(1, { state: 'returned', returned_at_s: NOW_S - 9 })
  expect(alarmSentence(here, over, NOW_S, DE)).toBe(
    'Zone a: seit 9 s wieder unter der Grenze 0,10, höchstens 0,14 P/m².',
  )
})

test('a silence alarm says since when and what it blinds', () => {
  const states = ['a', 'b', 'c'].map((id) =>
    zoneState(id, { level: 'unknown', unknown_reason: 'silent', captured_at_s: NOW_S - 12 }),
  )
  const here = world({
    zone_states: states,
    camera_states: snapshot().camera_states.map((state) => ({
      ...state,
      health: 'silent' as const,
      captured_at_s: NOW_S - 12,
    })),
  })
  const silence = alarm(2, { cause: 'silence', zone_id: null, level: 'unknown' })
  expect(alarmSentence(here, silence, NOW_S, DE)).toBe(
    'Mast 1 liefert seit 12 s kein Bild – 3 Zonen unbekannt.',
  )
})

test('the whole site in one sentence', () => {
  expect(overall(world({}), NOW_S, DE)).toMatchObject({ sentence: 'Alles ruhig', tone: 'calm' })
  const two = world({ alarms: [alarm(1), alarm(2, { zone_id: 'b', level: 'critical' })] })
  expect(overall(two, NOW_S, DE)).toMatchObject({
    sentence: '2 Alarme offen, Zone b zuerst',
    tone: 'act',
    mark: 'critical',
  })
  const blind = world({ zone_states: [zoneState('a'), zoneState('b')] })
  expect(overall(blind, NOW_S, EN)).toMatchObject({ sentence: '1 zone unknown', tone: 'look' })
})

test('unacknowledged before returned, worse before newer; the key means the chosen one', () => {
  const groups = groupAlarms([
    alarm(1, { state: 'returned', level: 'critical' }),
    alarm(2),
    alarm(3, { level: 'critical' }),
    alarm(4, { state: 'acknowledged' }),
  ])
  expect(groups.open.map(({ id }) => id)).toEqual([3, 2, 1])
  expect(toAcknowledge(groups, 2)?.id).toBe(2)
  expect(toAcknowledge(groups, 4)?.id).toBe(3)
  expect(toAcknowledge(groupAlarms([]), null)).toBeNull()
})
