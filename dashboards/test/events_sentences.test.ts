import { expect, test } from 'vitest'
import type { Alarm, RecordEvent } from '../src/contract'
import { DICTIONARIES } from '../src/i18n/language'
import { Absence, sinceLast } from '../src/logic/events_absence'
import { ALARM_EVENTS, type AlarmEventName } from '../src/logic/events_alarm'
import { eventFacts, eventSentence } from '../src/logic/events_sentences'
import { countEvents, sinceParts } from '../src/logic/events_since'
import type { Speech } from '../src/logic/subject'
import { reduce, type World } from '../src/logic/world'
import type { AlarmCause } from '../src/words'
import { alarm, measure, NOW_S, snapshot } from './world'

const DE: Speech = { words: DICTIONARIES.de, language: 'de' }
const EN: Speech = { words: DICTIONARIES.en, language: 'en' }
const plain = (text: string): string => text.replaceAll('\u00a0', ' ')

function world(more: Parameters<typeof snapshot>[0] = {}): World {
  const made = reduce(null, snapshot({ measures: [measure('steward')], ...more }))
  if (made === null) throw new Error('a snapshot makes a world')
  return made
}

function event(action: string, more: Partial<RecordEvent> = {}): RecordEvent {
  return { seq: 1, at_s: NOW_S, actor: 'hub', action, subject: 'x/7', detail: {}, hash: 'ab', ...more }
}

function ofAlarm(name: AlarmEventName, more: Partial<Alarm> = {}, by = 'hub', at_s = NOW_S): RecordEvent {
  return event(`alarm.${name}`, { actor: by, at_s, detail: { ...alarm(1, more) } })
}

const said = (told: RecordEvent, speech: Speech = DE): string => plain(eventSentence(world(), told, speech))

test('what happened to an alarm, as a colleague would say it', () => {
  expect(said(ofAlarm('raised'))).toBe('Alarm Zone a, Dichte 0,11 P/m² (Grenze 0,10).')
  expect(said(ofAlarm('raised'), EN)).toBe('Alarm Area a, density 0.11 p/m² (limit 0.10).')
  expect(said(ofAlarm('acknowledged', {}, 'nacht'))).toBe('Quittiert von nacht: Zone a, Dichte.')
  expect(said(ofAlarm('ended'), EN)).toBe('Closed: Area a, density, at most 0.14 p/m².')
  const aside = { since_s: NOW_S, until_s: NOW_S + 900, by: 'nacht', reason: 'Wartung' }
  expect(said(ofAlarm('shelved', { aside }, 'nacht'))).toBe(
    'Zurückgestellt bis 23:28 von nacht: Zone a, Dichte – Wartung.',
  )
  expect(said(ofAlarm('unshelved'))).toBe('Nicht mehr zurückgestellt: Zone a, Dichte.')
  const rule = { ...aside, by: null, until_s: null, reason: 'density_stands' }
  expect(said(ofAlarm('suppressed', { cause: 'rise', aside: rule }))).toContain('meldet schon')
  expect(said(ofAlarm('came_back', { times: 3 }))).toContain('zum 3. Mal')
  expect(said(ofAlarm('raised', { cause: 'picture', zone_id: null, detail: 'dark' }))).toBe(
    'Alarm Mast 1, Kamerabild: zu dunkel.',
  )
})

test('each event of each cause has a sentence in both languages, with no hole in it', () => {
  const causes: AlarmCause[] = ['density', 'peak', 'rise', 'forecast', 'pressure', 'counter_flow']
  causes.push('occupancy', 'picture', 'silence', 'worker', 'weather', 'delivery')
  for (const speech of [DE, EN]) {
    for (const name of ALARM_EVENTS) {
      for (const cause of causes) {
        for (const value of [0.2, null]) {
          const text = said(ofAlarm(name, { cause, value, limit: value, worst: value }), speech)
          expect(text, `${name} ${cause}`).toMatch(/^[A-ZÄÖÜ].*[.]$/)
          expect(text, `${name} ${cause}`).not.toMatch(/undefined|null|NaN|\[object|\.\.|: \.| ,/)
        }
      }
    }
  }
})

test('what people do is said with their names', () => {
  expect(said(event('person.signed_in', { actor: 'nacht', subject: 'person/nacht' }))).toBe(
    'nacht meldet sich an.',
  )
  expect(said(event('shift.taken_over', { actor: 'nacht', detail: { note: 'Tor 2 klemmt' } }), EN)).toBe(
    'nacht took over the shift: “Tor 2 klemmt”',
  )
  expect(said(event('revision.published', { actor: 'chef', subject: 'revision/7', detail: { reason: 'neu' } }))).toBe(
    'chef gibt Stand 7 frei: neu',
  )
  const put = { actor: 'command line', subject: 'person/a/b', detail: { role: 'operator' } }
  expect(said(event('person.put', put))).toBe('Die Kommandozeile legt a/b an (Leitstelle).')
  expect(said(event('future.thing', { subject: 'thing/1' }))).toBe('Der Hub: future.thing, thing/1.')
})

test('a measure is called what it was called then, and what became of it is said', () => {
  const detail = {
    alarm_id: 1,
    subject: { id: 'a', name: { de: 'Zone a', en: 'Area a' } },
    measure: measure('gone'),
  }
  const confirmed = event('measure.confirmed', { actor: 'nacht', detail })
  expect(said(confirmed)).toBe('nacht bestätigt „Durchsage gone“ für Zone a.')
  expect(eventFacts(world(), confirmed, DE)).toContainEqual(['Lautsprecher', 'Bitte weitergehen.'])
  const failed = event('measure.failed', { detail: { measure_id: 'steward', detail: 'no answer' } })
  expect(said(failed)).toBe('„Durchsage steward“ ist nicht angekommen.')
  expect(eventFacts(world(), failed, EN)).toContainEqual(['Answer', 'no answer'])
  expect(said(event('measure.sent'), EN)).toBe('A measure was sent.')
})

test('the evidence has the numbers of that moment', () => {
  const facts = eventFacts(world(), ofAlarm('raised'), DE).map(([name, value]) => [name, plain(value)])
  expect(facts).toContainEqual(['Wert', '0,11 P/m² ± 0,02'])
  expect(facts).toContainEqual(['einsehbar', '86 %'])
  expect(facts.some(([name]) => name === 'quittiert')).toBe(false)
})

test('what changed meanwhile: what came, what is open, what was dark', () => {
  const dark = { id: 2, cause: 'picture', subject_id: 'mast1', zone_id: null, detail: 'dark' } as const
  const events = [
    ofAlarm('raised', { raised_at_s: NOW_S - 540 }),
    ofAlarm('raised', { ...dark, raised_at_s: NOW_S - 500 }),
    ofAlarm('returned', { ...dark, raised_at_s: NOW_S - 500, returned_at_s: NOW_S - 440 }),
    ofAlarm('ended', { ...dark, ended_at_s: NOW_S - 430 }),
    ofAlarm('returned', { returned_at_s: NOW_S - 300 }),
    event('measure.confirmed', { actor: 'nacht' }),
    event('measure.failed'),
    event('revision.published', { actor: 'chef', subject: 'revision/7' }),
    event('shift.taken_over', { actor: 'frueh' }),
    event('person.signed_in', { actor: 'nacht' }),
  ]
  const now = world({ alarms: [alarm(1, { state: 'returned', present: false })] })
  expect(sinceParts(now, events, 'ich', NOW_S, DE).map(plain)).toEqual([
    '1 Alarm kam (Zone a Dichte 23:04–23:08)',
    '1 noch offen',
    'Mast 1: zu dunkel 23:05–23:06',
    '1 Maßnahme bestätigt',
    '1 Maßnahme nicht angekommen',
    'Stand 7 freigegeben',
    'frueh hat die Schicht übernommen',
  ])
  expect(sinceParts(now, [event('person.signed_in')], 'ich', NOW_S, DE)).toEqual([])
  // One's own doing is no news.
  const mine = [event('measure.confirmed', { actor: 'ich' }), event('shift.taken_over', { actor: 'ich' })]
  expect(sinceParts(now, mine, 'ich', NOW_S, EN)).toEqual([])
})

test('of many alarms the most urgent are named', () => {
  const events = [1, 2, 3, 4, 5].map((id) =>
    ofAlarm('raised', { id, zone_id: 'b', priority: id === 5 ? 'high' : 'low', subject_id: 'b' }),
  )
  const [first = ''] = sinceParts(world(), events, 'ich', NOW_S, EN)
  expect(first).toMatch(/^5 alarms came \(.*and 2 more\)$/)
})

test('the shift in numbers', () => {
  const counts = countEvents([
    ofAlarm('acknowledged'),
    ofAlarm('acknowledged'),
    ofAlarm('shelved'),
    ofAlarm('raised', { cause: 'silence', zone_id: null }),
    ofAlarm('raised'),
    event('revision.rolled_back'),
  ])
  expect(counts).toMatchObject({ acknowledged: 2, shelved: 1, escalated: 0, cameras: 1, revisions: 1 })
})

test('who does not touch anything for three minutes was away', () => {
  const absence = new Absence(0)
  expect(absence.touched(179)).toBeNull()
  expect(absence.touched(400)).toBe(179)
  expect(absence.touched(401)).toBeNull()
})

test('a page that was hidden was left, but not for a glance elsewhere', () => {
  const absence = new Absence(0)
  absence.hidden(10)
  expect(absence.shown(25)).toBeNull()
  absence.hidden(30)
  absence.hidden(35)
  expect(absence.shown(60)).toBe(30)
  // Told once: the pointer that follows does not tell it again.
  expect(absence.touched(61)).toBeNull()
  // Who had gone long before the page was hidden is told from then on.
  absence.hidden(500)
  expect(absence.shown(600)).toBe(61)
})

test('what was missed while the hub was gone', () => {
  const absence = new Absence(0)
  expect(absence.found()).toBeNull()
  absence.lost(10)
  absence.lost(11)
  expect(absence.found()).toBe(10)
  expect(absence.found()).toBeNull()
})

test('who signs in anew is told of what they missed, of a day at most', () => {
  expect(sinceLast(null, NOW_S)).toBeNull()
  expect(sinceLast(NOW_S - 30, NOW_S)).toBeNull()
  expect(sinceLast(NOW_S - 600, NOW_S)).toBe(NOW_S - 600)
  expect(sinceLast(0, NOW_S)).toBe(NOW_S - 86_400)
})
