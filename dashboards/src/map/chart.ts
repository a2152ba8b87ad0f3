import {
  type GeoJSONSource,
  type LngLatBoundsLike,
  Map as Chart,
  Marker,
  type PaddingOptions,
  setWorkerUrl,
} from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import 'maplibre-gl/dist/maplibre-gl.css'
import type { FeatureCollection, Geometry } from 'geojson'
import { LEVELS, type LonLat } from '../words'
import { HATCH_RATIO, hatch, layers, type Shade } from './paint'

setWorkerUrl(workerUrl)

const SOURCES = ['plan', 'views', 'zones', 'heat', 'lines', 'ring'] as const
export type Source = (typeof SOURCES)[number]
type Shapes = FeatureCollection<Geometry>

export interface ChartOptions {
  container: HTMLElement
  shade: Shade
  heat: boolean
  shapes: Record<Source, Shapes>
  bounds: [number, number, number, number]
  onZone: (zoneId: string) => void
  /** After every movement, so that labels can find new room. */
  onMoved: () => void
  /** Once everything that was given has been drawn. */
  onDrawn: () => void
}

const SHADES: readonly Shade[] = ['dark', 'light']
// At this zoom a metre is about twenty-five pixels: nearer shows nothing new.
const NEAREST = 22
// The buttons and the legend along the lower edge cover no zone.
const TOOLS_PX = 64

/** The site map on the canvas: offline, without tiles and without glyphs. */
export class SiteChart {
  #map: Chart
  #options: ChartOptions
  /** True while the map shows all zones by itself; a person's pan or zoom ends it. */
  #fitting = true
  #loaded = false
  #pending = new Map<Source, Shapes>()
  #look: { shade: Shade; heat: boolean }

  constructor(options: ChartOptions) {
    this.#options = options
    this.#look = { shade: options.shade, heat: options.heat }
    const source = (data: Shapes): { type: 'geojson'; data: Shapes; tolerance: number; maxzoom: number } => ({
      type: 'geojson',
      data,
      tolerance: 0,
      maxzoom: 20,
    })
    this.#map = new Chart({
      container: options.container,
      style: {
        version: 8,
        sources: Object.fromEntries(SOURCES.map((name) => [name, source(options.shapes[name])])),
        layers: layers(this.#look),
      },
      bounds: options.bounds,
      fitBoundsOptions: { padding: this.#padding(), maxZoom: NEAREST },
      maxZoom: NEAREST + 1,
      attributionControl: false,
      dragRotate: false,
      touchPitch: false,
      pitchWithRotate: false,
      rollEnabled: false,
      keyboard: false,
      fadeDuration: 0,
      canvasContextAttributes: { antialias: true },
    })
    this.#map.touchZoomRotate.disableRotation()
    this.#map.getCanvas().tabIndex = -1
    this.#map.setMissingStyleImageResolver((id) => this.#addHatch(id))
    this.#map.on('load', () => {
      this.#loaded = true
      for (const [name, shapes] of this.#pending) this.show(name, shapes)
      this.#pending.clear()
      this.#map.once('idle', () => options.onDrawn())
      this.#map.triggerRepaint()
    })
    this.#map.on('click', 'zone-area', (event) => {
      const id: unknown = event.features?.[0]?.properties.id
      if (typeof id === 'string') options.onZone(id)
    })
    this.#map.on('mouseenter', 'zone-area', () => (this.#map.getCanvas().style.cursor = 'pointer'))
    this.#map.on('mouseleave', 'zone-area', () => (this.#map.getCanvas().style.cursor = ''))
    this.#map.on('move', options.onMoved)
    this.#map.on('resize', () => {
      if (this.#fitting) this.fit()
      else options.onMoved()
    })
    for (const moved of ['dragstart', 'zoomstart'] as const) {
      this.#map.on(moved, (event) => {
        if (event.originalEvent !== undefined) this.#fitting = false
      })
    }
  }

  show(name: Source, shapes: Shapes): void {
    if (!this.#loaded) {
      this.#pending.set(name, shapes)
      return
    }
    this.#map.getSource<GeoJSONSource>(name)?.setData(shapes)
  }

  paint(look: { shade: Shade; heat: boolean }): void {
    if (look.shade === this.#look.shade && look.heat === this.#look.heat) return
    this.#look = look
    for (const layer of layers(look)) {
      for (const [property, value] of Object.entries(layer.paint ?? {})) {
        this.#map.setPaintProperty(layer.id, property as never, value as never)
      }
    }
  }

  pin(element: HTMLElement, at: LonLat): () => void {
    const marker = new Marker({ element }).setLngLat(at).addTo(this.#map)
    return () => marker.remove()
  }

  pixelOf(at: LonLat): { x: number; y: number } {
    return this.#map.project(at)
  }

  fit(): void {
    this.#fitting = true
    this.#map.fitBounds(this.#options.bounds as LngLatBoundsLike, {
      padding: this.#padding(),
      maxZoom: NEAREST,
      duration: 0,
    })
    this.#options.onMoved()
  }

  zoom(steps: number): void {
    this.#fitting = false
    this.#map.zoomTo(this.#map.getZoom() + steps, { duration: 0 })
  }

  remove(): void {
    this.#map.remove()
  }

  #padding(): PaddingOptions {
    const { clientWidth, clientHeight } = this.#options.container
    const side = Math.max(16, Math.min(72, 0.09 * Math.min(clientWidth, clientHeight)))
    return { top: side, left: side, right: side, bottom: Math.max(side, TOOLS_PX) }
  }

  #addHatch(id: string): void {
    for (const shade of SHADES) {
      for (const level of LEVELS) {
        if (id !== `${shade}-${level}` || this.#map.hasImage(id)) continue
        const image = hatch(shade, level)
        if (image !== null) this.#map.addImage(id, image, { pixelRatio: HATCH_RATIO })
      }
    }
  }
}
