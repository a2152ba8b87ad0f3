import { expect, test } from 'vitest'
import { DICTIONARIES } from '../src/i18n/language'
import { bearingOf, directionOf } from '../src/logic/direction'
import { adviceOn, camerasOf, doubtOf, healthWords, trustIn } from '../src/logic/health'
import { becameUnknown } from '../src/logic/overall'
import type { Speech } from '../src/logic/subject'
import { viewShapes } from '../src/logic/shapes'
import { reduce, type World } from '../src/logic/world'
import type { CameraHealth, Doubt, NotBelieved } from '../src/words'
import { cameraState, motion, snapshot, zoneState } from './world'

const DE: Speech = { words: DICTIONARIES.de, language: 'de' }
const EN: Speech = { words: DICTIONARIES.en, language: 'en' }
const plain = (text: string | null): string | null => text?.replaceAll('\u00a0', ' ') ?? null

const NOT_BELIEVED: NotBelieved[] = ['frozen', 'dark', 'blinded', 'moved']
const DOUBTS: Doubt[] = [...NOT_BELIEVED, 'unsharp', 'saturated', 'overloaded']
const ALL: CameraHealth[] = ['ok', ...DOUBTS, 'silent', 'connecting', 'lost', 'ended', 'old_revision']

function world(more: Parameters<typeof snapshot>[0]): World {
  const made = reduce(null, snapshot(more))
  if (made === null) throw new Error('a snapshot makes a world')
  return made
}

test('a direction is the nearest of eight winds, north over east', () => {
  const wind = (east: number, north: number): string | undefined => {
    const found = directionOf(motion({ velocity_m_s: [east, north], speed_m_s: 1 }))
    return found === null ? undefined : DE.words.winds[found.wind]
  }
  expect([wind(0, 1), wind(1, 1), wind(1, 0), wind(1, -1)]).toEqual(['N', 'NO', 'O', 'SO'])
  expect([wind(0, -1), wind(-1, -1), wind(-1, 0), wind(-1, 1)]).toEqual(['S', 'SW', 'W', 'NW'])
  // 348.7° is nearer to north than to north-west.
  expect(wind(-0.196, 0.98)).toBe('N')
  expect(bearingOf(-1, 0)).toBeCloseTo(270)
  expect(EN.words.winds[1]).toBe('NE')
  expect(EN.words.toward[1]).toBe('to the north-east')
  expect(DE.words.toward[1]).toBe('nach Nordosten')
})

test('people who stand or go all ways have no direction', () => {
  expect(directionOf(motion({ velocity_m_s: [0.05, 0.05], speed_m_s: 0.07 }))).toBeNull()
  expect(directionOf(motion({ velocity_m_s: [0.2, 0], speed_m_s: 1.2 }))).toBeNull()
  expect(directionOf(motion({ velocity_m_s: [0.5, 0], speed_m_s: 1.2 }))).not.toBeNull()
})

test('a moved camera says how far, in pixels and on the ground', () => {
  const moved = (shift_px: number | null, shift_m: number | null) =>
    cameraState({ health: 'moved', shift_px, shift_m })
  expect(plain(healthWords(DE.words, moved(12.3, 0.41)))).toBe('verstellt, 12 px ≈ 0,4 m')
  expect(plain(healthWords(EN.words, moved(12.3, 0.041)))).toBe('moved, 12 px ≈ 0.04 m')
  expect(plain(healthWords(EN.words, moved(12.3, null)))).toBe('moved, 12 px')
  expect(healthWords(DE.words, moved(null, null))).toBe('verstellt')
  // A picture that stands well is off by a little too; that is no news.
  expect(healthWords(DE.words, cameraState({ shift_px: 0.4, shift_m: 0.01 }))).toBe('in Ordnung')
})

test('every state of a camera but the good one says what to do, in one sentence', () => {
  for (const { words } of [DE, EN]) {
    expect(adviceOn(words, 'ok')).toBeNull()
    for (const health of ALL.filter((each) => each !== 'ok')) {
      expect(adviceOn(words, health), health).toMatch(/^[^.]+\.$/)
    }
    expect(new Set(ALL.map((health) => words.health[health])).size).toBe(ALL.length)
  }
})

test('a camera in doubt still sees, one that is not believed does not', () => {
  expect(ALL.filter((health) => trustIn(health) === 'less')).toEqual([
    'unsharp',
    'saturated',
    'overloaded',
  ])
  for (const health of NOT_BELIEVED) expect(trustIn(health)).toBe('none')
  const ring: [number, number][] = [[0, 0], [1, 0], [1, 1]]
  const camera = { id: 'm', name: { de: 'M', en: 'M' }, position: ring[0]!, height_m: 8, view: ring }
  const seeing = (health: CameraHealth): unknown =>
    viewShapes([camera], () => health).features[0]?.properties?.seeing
  expect([seeing('unsharp'), seeing('moved'), seeing('silent')]).toEqual([true, false, false])
})

test('each doubt is a sentence of its own; no doubt is none', () => {
  expect(doubtOf('ok')).toBeNull()
  expect(doubtOf(null)).toBeNull()
  expect(doubtOf('unsharp')).toBe('unsharp')
  for (const { words } of [DE, EN]) {
    expect(new Set(DOUBTS.map((doubt) => words.doubt[doubt])).size).toBe(DOUBTS.length)
    expect(new Set(DOUBTS.map((doubt) => words.doubt_short[doubt])).size).toBe(DOUBTS.length)
  }
  expect(DE.words.doubt.unsharp).toBe('Unsicherer als sonst: Das Bild ist unscharf.')
})

test('a zone names all cameras that have a part in it, and how they are', () => {
  const mast = (id: string) => ({
    id,
    name: { de: id, en: id },
    position: [7, 51] as [number, number],
    height_m: 8,
    view: [],
  })
  const here = world({
    cameras: [mast('mast1'), mast('mast2')],
    camera_states: [cameraState(), cameraState({ camera_id: 'mast2', health: 'unsharp' })],
  })
  const of = (camera_ids: string[]) =>
    camerasOf(here, zoneState('a', { camera_ids })).map(({ camera, health }) => [camera.id, health])
  expect(of(['mast2', 'mast1', 'gone'])).toEqual([['mast2', 'unsharp'], ['mast1', 'ok']])
  expect(of([])).toEqual([['mast1', 'ok']])
})

test('a zone that a wrong picture makes unknown is said once, and several in one sentence', () => {
  const blind = zoneState('a', { level: 'unknown', unknown_reason: 'moved' })
  const before = world({})
  const after = world({ zone_states: [blind, zoneState('b')] })
  const said = 'Zone a ist unbekannt. Die Kamera ist verstellt und misst am falschen Ort. Die Lage vor Ort ist nicht bekannt.'
  expect(becameUnknown(before, after, DE)).toBe(said)
  expect(becameUnknown(after, after, DE)).toBeNull()
  expect(becameUnknown(null, after, DE)).toBeNull()
  const both = world({ zone_states: [blind, { ...blind, zone_id: 'b' }] })
  expect(becameUnknown(before, both, EN)).toMatch(/^2 zones are unknown\. /)
  const silent = world({ zone_states: [{ ...blind, unknown_reason: 'silent' }] })
  expect(becameUnknown(before, silent, DE)).toBeNull()
})
