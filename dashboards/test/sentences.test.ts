import { expect, test } from 'vitest'
import type { Alarm, ZoneState } from '../src/contract'
import { DICTIONARIES } from '../src/i18n/language'
import { bandWords, forecastWords } from '../src/logic/forecast'
import { limitsOf } from '../src/logic/limits'
import {
  alarmAsks,
  alarmDetails,
  alarmSentence as sentence,
  asideWords,
  escalationWords,
} from '../src/logic/sentences'
import { nameOf, type Speech } from '../src/logic/subject'
import { reduce, type World } from '../src/logic/world'
import type { AlarmCause } from '../src/words'
import { alarm, cameraState, motion, NOW_S, snapshot, zoneInfo, zoneState } from './world'

const DE: Speech = { words: DICTIONARIES.de, language: 'de' }
const EN: Speech = { words: DICTIONARIES.en, language: 'en' }

// Numbers keep their unit on one line by no-break spaces; the tests read them as plain ones.
const plain = (text: string): string => text.replaceAll('\u00a0', ' ')
const said = (...given: Parameters<typeof sentence>): string => plain(sentence(...given))

function world(more: Parameters<typeof snapshot>[0] = {}): World {
  const made = reduce(null, snapshot(more))
  if (made === null) throw new Error('a snapshot makes a world')
  return made
}

const withZone = (more: Partial<ZoneState>): World => world({ zone_states: [zoneState('a', more)] })

const CAUSES: AlarmCause[] = [
  'density',
  'peak',
  'rise',
  'forecast',
  'pressure',
  'counter_flow',
  'occupancy',
  'picture',
  'silence',
  'worker',
  'weather',
  'delivery',
]
const OF_ZONE = CAUSES.slice(0, 7)

/** An alarm of each cause as the hub would send it. */
function of(cause: AlarmCause, more: Partial<Alarm> = {}): Alarm {
  const numbers: Partial<Record<AlarmCause, [number, number]>> = {
    peak: [5.2, 5],
    rise: [1.2, 1],
    forecast: [4.2, 5],
    pressure: [0.031, 0.02],
    counter_flow: [0.412, 0.35],
    occupancy: [512, 500],
    delivery: [45, 30],
  }
  const [value, limit] = numbers[cause] ?? [null, null]
  const other: Partial<Record<AlarmCause, Partial<Alarm>>> = {
    picture: { subject_id: 'mast1', detail: 'frozen' },
    silence: { subject_id: 'mast1' },
    worker: { subject_id: 'edge_1', camera_id: null },
    weather: {
      subject_id: 'wind',
      camera_id: null,
      grade: 2,
      words: { de: 'Böen 19 m/s (Grenze 17,2)', en: 'gusts 19 m/s (limit 17.2)' },
    },
    delivery: { subject_id: 'mast_led', camera_id: null },
  }
  const numbered = cause === 'density' ? {} : { value, limit, worst: value, value_sd: null }
  const zone = OF_ZONE.includes(cause) ? {} : { zone_id: null }
  return alarm(1, { cause, ...zone, ...numbered, ...other[cause], ...more })
}

test('a density alarm reads like a colleague, with the zone’s value of now', () => {
  const here = withZone({ level: 'tight', density_ppm2: 0.114, trend_ppm2_per_min: 0.02 })
  expect(said(here, of('density'), NOW_S, DE)).toBe(
    'Zone a: 0,11 P/m² seit 6 s (Grenze 0,10), steigend.',
  )
  expect(said(here, of('density', { times: 3 }), NOW_S, EN)).toBe(
    'Area a: 0.11 p/m² for the 3rd time since 23:13:14 (limit 0.10), rising.',
  )
  expect(said(here, of('density', { grade: 3, limit: 0.11 }), NOW_S, DE)).toBe(
    'Zone a kritisch: 0,11 P/m² seit 6 s (Grenze 0,11), steigend.',
  )
  const falling = withZone({ level: 'tight', density_ppm2: 0.05, trend_ppm2_per_min: 0 })
  expect(said(falling, of('density', { grade: 3 }), NOW_S, DE)).toBe(
    'Zone a: Grenze 0,10 vor 6 s überschritten, jetzt 0,05 P/m², gleichbleibend.',
  )
  expect(said(falling, of('density'), NOW_S, EN)).toBe(
    'Area a: passed the limit of 0.10 6 s ago, now 0.05 p/m², steady.',
  )
})

test('each cause of a zone in both languages', () => {
  const here = withZone({ level: 'busy', density_ppm2: 1.8, peak_ppm2: 5.2, motion: null })
  const told: Partial<Record<AlarmCause, [string, string]>> = {
    peak: [
      'Zone a: 5,20 P/m² an der dichtesten Stelle seit 6 s (Grenze 5,00).',
      'Area a: 5.20 p/m² at its densest spot for 6 s (limit 5.00).',
    ],
    forecast: [
      'Zone a: eng in etwa 4 min, jetzt 1,80 P/m², gleichbleibend.',
      'Area a: tight in about 4 min, now 1.80 p/m², steady.',
    ],
    pressure: [
      'Zone a: Druck 0,031 s⁻² seit 6 s (Grenze 0,020).',
      'Area a: pressure 0.031 s⁻² for 6 s (limit 0.020).',
    ],
    counter_flow: [
      'Zone a: 41 % gegen den Strom seit 6 s (Grenze 35 %).',
      'Area a: 41 % against the stream for 6 s (limit 35 %).',
    ],
    occupancy: [
      'Zone a: 512 Personen seit 6 s (Grenze 500), gleichbleibend.',
      'Area a: 512 people for 6 s (limit 500), steady.',
    ],
  }
  for (const [cause, [german, english]] of Object.entries(told)) {
    expect(said(here, of(cause as AlarmCause), NOW_S, DE)).toBe(german)
    expect(said(here, of(cause as AlarmCause), NOW_S, EN)).toBe(english)
  }
  const rising = withZone({ level: 'busy', trend_ppm2_per_min: 1.24 })
  expect(said(rising, of('rise'), NOW_S, DE)).toBe(
    'Zone a: füllt sich schnell, +1,24 P/m² je min seit 6 s (Grenze 1,00).',
  )
  expect(said(rising, of('rise'), NOW_S, EN)).toBe(
    'Area a: filling fast, +1.24 p/m² a min for 6 s (limit 1.00).',
  )
})

test('a value is the zone’s own of now, not what the alarm said last', () => {
  const here = withZone({
    level: 'busy',
    inside: 530,
    motion: motion({ pressure_per_s2: 0.044, counter_flow_share: 0.5 }),
    forecast: { earliest_min: 1.4, likely_min: 2.6, latest_min: null },
  })
  expect(said(here, of('occupancy'), NOW_S, DE)).toContain('530 Personen')
  expect(said(here, of('pressure'), NOW_S, DE)).toContain('0,044')
  expect(said(here, of('counter_flow'), NOW_S, DE)).toContain('50 %')
  expect(said(here, of('forecast'), NOW_S, DE)).toMatch(/^Zone a: eng in etwa 3 min \(ab 1\), jetzt/)
})

test('a zone that has become unknown never reads as current', () => {
  const unknown = withZone({ level: 'unknown', unknown_reason: 'silent', captured_at_s: NOW_S - 24 })
  const stale = withZone({ level: 'tight', density_ppm2: 0.2, captured_at_s: NOW_S - 24 })
  for (const here of [unknown, stale]) {
    expect(said(here, of('density', { value_at_s: NOW_S - 24 }), NOW_S, DE)).toBe(
      'Zone a: zuletzt 0,11 P/m², vor 24 s (Grenze 0,10) – Lage jetzt unbekannt.',
    )
    expect(said(here, of('density', { value_at_s: NOW_S - 24 }), NOW_S, EN)).toBe(
      'Area a: last 0.11 p/m², 24 s ago (limit 0.10) – state unknown now.',
    )
    for (const cause of OF_ZONE) {
      const old = of(cause, { value_at_s: NOW_S - 24 })
      expect(said(here, old, NOW_S, DE), cause).toMatch(/zuletzt .*vor 24 s.*unbekannt\.$/)
      expect(said(here, old, NOW_S, EN), cause).toMatch(/last .*24 s ago.*unknown now\.$/)
      expect(alarmDetails(here, old, NOW_S, DE).join(), cause).not.toMatch(/Unsicherheit|einsehbar/)
    }
  }
  // Its own value is old too when only the motion is not known.
  const still = withZone({ level: 'busy', motion: null })
  expect(said(still, of('pressure', { value_at_s: NOW_S - 24 }), NOW_S, DE)).toMatch(/vor 24 s/)
})

test('an alarm without a value says that, and makes none up', () => {
  const here = withZone({ level: 'busy', motion: null })
  expect(said(here, of('pressure', { value: null }), NOW_S, DE)).toBe(
    'Zone a: Grenze 0,020 seit 6 s überschritten, jetzt kein Wert.',
  )
  expect(said(here, of('forecast', { value: null }), NOW_S, EN)).toBe(
    'Area a: tight soon, forecast for 6 s.',
  )
})

test('what is over says since when and how bad it was', () => {
  const over = { present: false, state: 'returned' as const, returned_at_s: NOW_S - 9 }
  const here = world()
  expect(said(here, of('density', over), NOW_S, DE)).toBe(
    'Zone a: seit 9 s wieder unter der Grenze 0,10, höchstens 0,14 P/m².',
  )
  expect(said(here, of('occupancy', over), NOW_S, EN)).toBe(
    'Area a: back below the limit of 500 for 9 s, at most 512 people.',
  )
  expect(said(here, of('forecast', over), NOW_S, DE)).toBe(
    'Zone a: seit 9 s nicht mehr bald eng zu erwarten.',
  )
  expect(said(here, of('picture', over), NOW_S, DE)).toBe(
    'Mast 1 liefert seit 9 s wieder brauchbare Bilder.',
  )
})

test('a camera says since when and what it blinds', () => {
  const states = ['a', 'b', 'c'].map((id) =>
    zoneState(id, { level: 'unknown', unknown_reason: 'silent', captured_at_s: NOW_S - 12 }),
  )
  const silent = world({
    zone_states: states,
    camera_states: [cameraState({ health: 'silent', captured_at_s: NOW_S - 12 })],
  })
  expect(said(silent, of('silence'), NOW_S, DE)).toBe(
    'Mast 1 liefert seit 12 s kein Bild – 3 Zonen unbekannt.',
  )
  const words = { de: 'zuletzt eng: Tor', en: 'tight when last seen: gate' }
  expect(said(silent, of('silence', { words }), NOW_S, DE)).toBe(
    'Mast 1 liefert seit 12 s kein Bild – 3 Zonen unbekannt. Zuletzt eng: Tor.',
  )
  const lost = world({
    zone_states: states.slice(0, 1),
    camera_states: [cameraState({ health: 'lost', captured_at_s: NOW_S - 12 })],
  })
  // Zones b and c, of which nothing was ever told, are unknown without this camera.
  expect(said(lost, of('silence', { held_s: 5 }), NOW_S, EN)).toBe(
    'Mast 1 for 8 s: connection lost – 1 zone unknown.',
  )
  const frozen = world({
    zone_states: [
      zoneState('a', { level: 'unknown', unknown_reason: 'frozen' }),
      zoneState('b', { level: 'unknown', camera_id: null, camera_ids: ['mast1'] }),
      zoneState('c'),
    ],
    camera_states: [cameraState({ health: 'frozen' })],
  })
  expect(said(frozen, of('picture', { held_s: 5 }), NOW_S, DE)).toBe(
    'Mast 1 seit 8 s: Standbild – 2 Zonen unbekannt.',
  )
  // The camera has been well again for a moment, the alarm's own word stays.
  expect(said(world(), of('picture', { detail: 'dark' }), NOW_S, EN)).toBe('Mast 1 for 6 s: too dark.')
})

test('computers, weather and targets', () => {
  const here = world()
  expect(said(here, of('worker'), NOW_S, DE)).toBe(
    'Auswerterechner edge_1 seit 6 s ohne Verbindung – seine Kameras fehlen.',
  )
  expect(said(here, of('weather'), NOW_S, DE)).toBe(
    'Wind, Warnstufe 2 von 4: Böen 19 m/s (Grenze 17,2).',
  )
  expect(said(here, of('weather'), NOW_S, EN)).toBe(
    'Wind, warning level 2 of 4: gusts 19 m/s (limit 17.2).',
  )
  const source = of('weather', {
    subject_id: 'source.dwd',
    words: { de: 'schweigt: keine Antwort.', en: 'is silent: no answer.' },
  })
  expect(said(here, source, NOW_S, DE)).toBe('Wetterquelle dwd schweigt: keine Antwort.')
  expect(said(here, of('weather', { words: null, subject_id: 'hail' }), NOW_S, EN)).toBe(
    'hail: warning level 2 of 4.',
  )
  expect(said(here, of('delivery', { detail: 'connection refused' }), NOW_S, DE)).toBe(
    'Nachrichten an mast_led kommen nicht an, die älteste wartet 45 s – connection refused.',
  )
  expect(nameOf(here, 'b', DE)).toBe('Zone b')
  expect(nameOf(here, 'source.dwd', EN)).toBe('Weather source dwd')
  expect(nameOf(here, 'constructor', EN)).toBe('constructor')
})

test('every cause in every state is a sentence of its own in both languages', () => {
  const here = world()
  const gone = { present: false, returned_at_s: NOW_S - 9 }
  const stages: Partial<Alarm>[] = [
    { state: 'unacknowledged' },
    { state: 'acknowledged' },
    { state: 'returned', ...gone },
    { state: 'normal', ...gone, ended_at_s: NOW_S - 5 },
    { state: 'shelved' },
    { state: 'shelved', ...gone },
    { state: 'suppressed' },
    { state: 'out_of_service', present: false, value: null, worst: null, limit: null },
  ]
  for (const speech of [DE, EN]) {
    for (const stage of stages) {
      const sentences = CAUSES.map((cause) => said(here, of(cause, stage), NOW_S, speech))
      for (const each of sentences) expect(each).toMatch(/^[^\n]{8,}\.$/)
      for (const each of sentences) expect(each).not.toMatch(/null|undefined|NaN/)
      // What is over, a camera or a share under its limit, is said alike whatever the cause was.
      expect(new Set(sentences).size).toBeGreaterThanOrEqual(8)
    }
    expect(new Set(CAUSES.map((cause) => alarmAsks(here, of(cause), speech.words))).size).toBe(12)
    for (const cause of CAUSES) {
      expect(alarmAsks(here, of(cause), speech.words), cause).toMatch(/^[^.]+\.$/)
    }
  }
})

test('who has to look next, and when', () => {
  const { words } = DE
  const waits = alarm(1, { escalates_at_s: NOW_S + 39.2 })
  expect(plain(escalationWords(waits, NOW_S, words) ?? '')).toBe('geht in 40 s an die nächste Stelle')
  expect(escalationWords(waits, NOW_S + 60, words)).toBe('geht jetzt an die nächste Stelle')
  expect(escalationWords(alarm(1), NOW_S, words)).toBeNull()
  expect(escalationWords({ ...waits, state: 'acknowledged' }, NOW_S, words)).toBeNull()
  expect(alarmDetails(world(), alarm(1, { escalated: 2 }), NOW_S, DE)).toContain(
    '2 Mal an die nächste Stelle gegeben',
  )
})

test('the small print names people and times', () => {
  const known = alarm(1, {
    state: 'acknowledged',
    acknowledged_at_s: NOW_S - 2,
    acknowledged_by: 'demo',
  })
  const details = alarmDetails(world(), known, NOW_S, DE).map(plain)
  expect(details).toEqual([
    'Unsicherheit ± 0,01',
    'einsehbar 86 %',
    'höchstens 0,14 P/m²',
    'ausgelöst 23:13:17',
    'quittiert 23:13:18 von demo',
  ])
})

test('what is set aside says why, by whom and until when', () => {
  const here = world()
  const of_ = (state: Alarm['state'], aside: Alarm['aside'], speech = DE): string[] => {
    const found = asideWords(here, alarm(1, { state, aside }), NOW_S, speech.words)
    return found === null ? [] : [found.reason, ...found.facts].map(plain)
  }
  const shelved = { since_s: NOW_S - 180, until_s: NOW_S + 720, by: 'demo', reason: 'Ordner ist da' }
  expect(of_('shelved', shelved)).toEqual([
    'Ordner ist da',
    'von demo',
    'seit 23:10',
    'bis 23:25 (noch 12 min)',
  ])
  const rule = { since_s: NOW_S, until_s: null, by: null, reason: 'worker_away' }
  expect(of_('suppressed', rule)[0]).toMatch(/Auswerterechner ist weg/)
  expect(of_('suppressed', rule, EN)).toHaveLength(3)
  expect(of_('suppressed', { ...rule, reason: 'toString' })[0]).toBe('toString')
  // A person's reason is never read as a rule.
  const out = { since_s: NOW_S - 86_400, until_s: null, by: 'eng', reason: 'worker_away' }
  expect(of_('out_of_service', out, EN)).toEqual([
    'worker_away',
    'by eng',
    'since 13 Nov 23:13',
    'until somebody brings it back',
  ])
  expect(of_('unacknowledged', null)).toEqual([])
})

test('a forecast comes with its band, and with none of its end where it may never come', () => {
  const forecast = { earliest_min: 2.3, likely_min: 4.4, latest_min: 8.2 }
  expect(plain(forecastWords(DE.words, forecast))).toBe('eng in etwa 4 min (2–9)')
  expect(bandWords(EN.words, { ...forecast, latest_min: null })).toBe('from 2')
})

test('the panel names the limits that there are', () => {
  const { limits } = zoneInfo('a')
  expect(limitsOf(DE.words, limits).map(plain)).toEqual([
    'dichteste Stelle ab 5,00 P/m²',
    'Zulauf ab +1,00 P/m² je min',
    'Vorhersage ab 5 min davor',
    'Druck ab 0,020 s⁻²',
    'Gegenstrom ab 35 %',
  ])
  expect(limitsOf(EN.words, { ...limits, people: 500, peak_ppm2: null }).at(-1)).toBe(
    'from 500 people',
  )
})
