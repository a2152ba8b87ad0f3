import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import { LEVELS, type LevelName } from '../words'

export type Shade = 'dark' | 'light'

interface Palette {
  ground: string
  area: string
  building: string
  water: string
  green: string
  edge: string
  view: string
  selected: string
  line: string
  halo: string
  heat: Record<LevelName, string>
  outline: Record<LevelName, string>
  hatch: Record<LevelName, string>
}

const OKABE_ITO = { clear: '#009e73', busy: '#f0e442', tight: '#e69f00', critical: '#d55e00' }

export const PALETTES: Record<Shade, Palette> = {
  dark: {
    ground: '#15181c',
    area: '#1c2025',
    building: '#2a3037',
    water: '#18222b',
    green: '#1a2320',
    edge: '#3c454e',
    view: '#8d98a3',
    selected: '#ffffff',
    line: '#b9c1c9',
    halo: '#15181c',
    heat: { ...OKABE_ITO, clear: '#76818c', unknown: '#76818c' },
    outline: { ...OKABE_ITO, clear: '#5c7a70', unknown: '#aab3bc' },
    hatch: { ...OKABE_ITO, unknown: '#8d98a3' },
  },
  light: {
    ground: '#e9ecef',
    area: '#f5f6f8',
    building: '#d3d9df',
    water: '#d8e2ea',
    green: '#dde7df',
    edge: '#aab3bc',
    view: '#6a747e',
    selected: '#14181c',
    line: '#3d464f',
    halo: '#ffffff',
    heat: { ...OKABE_ITO, busy: '#c9b800', clear: '#8d98a3', unknown: '#8d98a3' },
    outline: { clear: '#6f8a80', busy: '#8a8000', tight: '#a36a00', critical: '#b04a00', unknown: '#5c656e' },
    hatch: { ...OKABE_ITO, unknown: '#7d8792' },
  },
}

const LEVEL: ExpressionSpecification = ['get', 'level']

function byLevel<Value extends string | number>(
  values: Record<LevelName, Value>,
): ExpressionSpecification {
  const pairs = LEVELS.filter((level) => level !== 'clear').flatMap((level) => [level, values[level]])
  return ['match', LEVEL, ...pairs, values.clear] as unknown as ExpressionSpecification
}

const WIDTH = byLevel({ clear: 1, busy: 1.5, tight: 2.5, critical: 4, unknown: 1.5 })
const FILL = byLevel({ clear: 0.04, busy: 0.1, tight: 0.22, critical: 0.4, unknown: 0 })

// Under the heat the pattern of a level would be taken for it; the zone's edge and label keep the level.
const UNDER_HEAT = byLevel({ clear: 0, busy: 0, tight: 0, critical: 0, unknown: 1 })

/** Layers from the ground up, in the colours of one shade. */
export function layers({ shade, heat }: { shade: Shade; heat: boolean }): LayerSpecification[] {
  const palette = PALETTES[shade]
  const planColour = [
    'match',
    ['get', 'what'],
    'building',
    palette.building,
    'water',
    palette.water,
    'green',
    palette.green,
    palette.area,
  ] as unknown as ExpressionSpecification
  return [
    { id: 'ground', type: 'background', paint: { 'background-color': palette.ground } },
    {
      id: 'plan-area',
      type: 'fill',
      source: 'plan',
      filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'fill-color': planColour },
    },
    {
      id: 'plan-edge',
      type: 'line',
      source: 'plan',
      paint: {
        'line-color': palette.edge,
        'line-width': ['match', ['get', 'what'], 'boundary', 1.5, 'building', 1, 0.75],
      },
    },
    {
      id: 'view-area',
      type: 'fill',
      source: 'views',
      filter: ['get', 'seeing'],
      paint: { 'fill-color': palette.view, 'fill-opacity': 0.05 },
    },
    {
      id: 'view-edge',
      type: 'line',
      source: 'views',
      paint: { 'line-color': palette.view, 'line-width': 0.75, 'line-dasharray': [4, 4], 'line-opacity': 0.7 },
    },
    {
      id: 'zone-area',
      type: 'fill',
      source: 'zones',
      paint: { 'fill-color': byLevel(palette.hatch), 'fill-opacity': FILL },
    },
    {
      id: 'zone-hatch',
      type: 'fill',
      source: 'zones',
      paint: {
        'fill-pattern': ['concat', `${shade}-`, LEVEL],
        'fill-opacity': heat ? UNDER_HEAT : 1,
      },
    },
    {
      id: 'heat',
      type: 'fill',
      source: 'heat',
      paint: {
        'fill-color': byLevel(palette.heat),
        'fill-opacity': byLevel({ clear: 0.5, busy: 0.75, tight: 0.85, critical: 0.95, unknown: 0 }),
        'fill-antialias': false,
      },
    },
    {
      id: 'zone-edge',
      type: 'line',
      source: 'zones',
      filter: ['!=', LEVEL, 'unknown'],
      paint: { 'line-color': byLevel(palette.outline), 'line-width': WIDTH },
    },
    {
      id: 'zone-edge-unknown',
      type: 'line',
      source: 'zones',
      filter: ['==', LEVEL, 'unknown'],
      paint: { 'line-color': palette.outline.unknown, 'line-width': 1.5, 'line-dasharray': [3, 2] },
    },
    {
      id: 'zone-selected',
      type: 'line',
      source: 'zones',
      filter: ['get', 'selected'],
      paint: { 'line-color': palette.selected, 'line-width': 3, 'line-gap-width': 4 },
    },
    {
      id: 'counting-halo',
      type: 'line',
      source: 'lines',
      paint: { 'line-color': palette.halo, 'line-width': 6 },
    },
    {
      id: 'counting-line',
      type: 'line',
      source: 'lines',
      paint: { 'line-color': palette.line, 'line-width': 2.5 },
    },
    {
      id: 'ring-halo',
      type: 'line',
      source: 'ring',
      paint: { 'line-color': palette.halo, 'line-width': 5, 'line-opacity': 0.8 },
    },
    {
      id: 'ring',
      type: 'line',
      source: 'ring',
      paint: { 'line-color': palette.selected, 'line-width': 2 },
    },
  ]
}

const SCALE = 2
const TILE = 16

/**
 * The pattern of a level: nothing for clear, then ever denser lines, crossed for critical.
 * Unknown leans the other way, so that it differs from every level without colour.
 */
export function hatch(shade: Shade, level: LevelName): ImageData | null {
  const side = TILE * SCALE
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = side
  const pen = canvas.getContext('2d')
  if (pen === null) return null
  pen.scale(SCALE, SCALE)
  pen.strokeStyle = PALETTES[shade].hatch[level]
  pen.lineWidth = 1
  const rising = (step: number): void => {
    for (let at = -TILE; at < 2 * TILE; at += step) line(pen, at, TILE, at + TILE, 0)
  }
  const falling = (step: number): void => {
    for (let at = -TILE; at < 2 * TILE; at += step) line(pen, at, 0, at + TILE, TILE)
  }
  if (level === 'busy') {
    pen.globalAlpha = 0.5
    rising(16)
  } else if (level === 'tight') {
    pen.globalAlpha = 0.75
    rising(8)
  } else if (level === 'critical') {
    pen.globalAlpha = 0.95
    pen.lineWidth = 1.4
    rising(8)
    falling(8)
  } else if (level === 'unknown') {
    pen.globalAlpha = 0.8
    pen.lineWidth = 1.4
    falling(8)
  }
  return pen.getImageData(0, 0, side, side)
}

function line(pen: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  pen.beginPath()
  pen.moveTo(x1, y1)
  pen.lineTo(x2, y2)
  pen.stroke()
}

export const HATCH_RATIO = SCALE
