import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { waitBefore } from '../src/logic/backoff'
import { gaps, lines, windowMinutes } from '../src/logic/course'
import { fitLabels, hasRoomForFlow } from '../src/logic/labels'
import { hashOfZone, zoneOfHash } from '../src/logic/route'
import { boundsOf, planShapes } from '../src/logic/shapes'

const FRAME = { width: 100, height: 10, from_s: 0, to_s: 100, top_ppm2: 1 }
const at = (at_s: number, density_ppm2: number | null) => ({ at_s, density_ppm2 })

test('a line breaks where nothing was known', () => {
  const points = [at(10, 0.1), at(11, 0.2), at(12, null), at(40, 0.3), at(41, 0.3), at(60, 0.3)]
  expect(lines(points, FRAME, 5).map((line) => line.length)).toEqual([2, 2, 1])
  expect(gaps(points, 0, 100, 5)).toEqual([[11, 40], [41, 60], [60, 100]])
})

test('where knowledge ended is a gap, however short', () => {
  const points = [at(10, 0.1), at(11, null), at(13, 0.2), at(20, 0.2), at(21, null)]
  expect(gaps(points, 0, 22, 15)).toEqual([[10, 13], [20, 22]])
  expect(gaps(points, 12, 22, 15)).toEqual([[12, 13], [20, 22]])
  expect(gaps([at(10, null)], 0, 22, 15)).toEqual([])
})

test('points on one pixel are averaged', () => {
  expect(lines([at(10.1, 0.2), at(10.3, 0.4)], FRAME, 5)).toEqual([
    [{ x: expect.closeTo(10.2), y: expect.closeTo(7) as number }],
  ])
})

test('the window is the shortest usual one that holds every point', () => {
  expect(windowMinutes([], 1000, 30)).toBe(2)
  expect(windowMinutes([at(800, 1)], 1000, 30)).toBe(5)
  expect(windowMinutes([at(0, 1)], 9000, 30)).toBe(30)
})

test('labels never cover each other; the higher rank keeps its room', () => {
  const sizes = fitLabels([
    { id: 'low', x: 100, y: 100, rank: 1, name: 60 },
    { id: 'high', x: 180, y: 100, rank: 4, name: 60 },
    { id: 'far', x: 900, y: 100, rank: 1, name: 60 },
  ], 1200)
  expect(sizes.get('far')).toBe('full')
  expect(sizes.get('high')).not.toBe('tiny')
  expect(sizes.get('low')).not.toBe('full')
})

test('a label that the map’s edge would cut is smaller', () => {
  const size = (x: number) =>
    fitLabels([{ id: 'edge', x, y: 100, rank: 1, name: 60 }], 800).get('edge')
  expect([400, 70, 30, 790].map(size)).toEqual(['full', 'named', 'tiny', 'tiny'])
  // What lies beside the map is not seen, whatever its size.
  expect(size(-200)).toBe('full')
})

test('a line’s figures stand behind it, and only where no label is', () => {
  const spot = { id: 'a', x: 200, y: 200, rank: 1, name: 60 }
  const room = (x: number, y: number, in_deg: number): boolean =>
    hasRoomForFlow({ x, y }, in_deg, [spot], new Map([['a', 'full']]))
  // Into the zone from the north: the figures are above the line; from the south the label is there.
  expect(room(200, 150, 180)).toBe(true)
  expect(room(200, 150, 0)).toBe(false)
  expect(room(320, 200, 270)).toBe(true)
  expect(room(320, 200, 90)).toBe(false)
})

test('an address names a zone and nothing else', () => {
  expect(zoneOfHash(hashOfZone('gate-2'))).toBe('gate-2')
  expect(zoneOfHash('#/zone/')).toBeNull()
  expect(zoneOfHash('#/zone/%E0%A4%A')).toBeNull()
  expect(hashOfZone(null)).toBe('#/')
})

test('the plan tells areas from lines', () => {
  const open: [number, number][] = [[0, 0], [1, 0], [1, 1]]
  const kinds = planShapes([
    { what: 'building', name: null, rings: [open] },
    { what: 'line', name: null, rings: [open] },
    { what: 'path', name: null, rings: [open] },
  ]).features.map((feature) => feature.geometry.type)
  expect(kinds).toEqual(['Polygon', 'LineString', 'LineString'])
  expect(boundsOf([open])).toEqual([0, 0, 1, 1])
  expect(boundsOf([])).toBeNull()
})

test('reconnects are never more than two seconds apart', () => {
  expect([0, 1, 2, 3, 50].map(waitBefore)).toEqual([250, 500, 1000, 2000, 2000])
})

test('text stands out from every ground by 7 to 1', () => {
  const css = readFileSync(new URL('../src/theme.css', import.meta.url), 'utf8')
  for (const theme of ['dark', 'light']) {
    const block = css.split(`[data-theme='${theme}'] {`)[1]?.split('}')[0] ?? ''
    const colour = (name: string): string => {
      const found = new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(block)?.[1]
      if (found === undefined) throw new Error(`${theme} has no --${name}`)
      return found
    }
    for (const text of ['text', 'muted']) {
      for (const ground of ['ground', 'panel', 'raised']) {
        const ratio = contrast(colour(text), colour(ground))
        expect(ratio, `${theme}: ${text} on ${ground}`).toBeGreaterThanOrEqual(7)
      }
    }
  }
})

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (high + 0.05) / (low + 0.05)
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((from) => {
    const share = parseInt(hex.slice(from, from + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
