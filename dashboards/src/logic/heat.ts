import type { Feature, FeatureCollection, Polygon } from 'geojson'
import type { Cells, GridInfo, ZoneInfo } from '../contract'
import type { LonLat } from '../words'
import { metresOf, placeOnGrid } from './ground'
import { ALONE, levelAt } from './peak'
import type { ZoneView } from './zones'

// 16,384 cells each way from the origin are 8 km; small whole numbers are the fastest keys.
const HALF = 2 ** 14
/** Keys are numbers, so that a step on the grid is an addition. */
const stepOf = (columns: number, rows: number): number => columns * 2 * HALF + rows
const keyOf = (column: number, row: number): number => stepOf(column + HALF, row + HALF)
const columnOf = (key: number): number => Math.floor(key / (2 * HALF)) - HALF
const rowOf = (key: number): number => (key % (2 * HALF)) - HALF
// Zones are looked for among those that reach into the same block of so many cells each way.
const BLOCK = 32
const blockOf = (column: number, row: number): number =>
  keyOf(Math.floor(column / BLOCK), Math.floor(row / BLOCK))

/**
 * The density around each cell, as squares for the map.
 *
 * A cell alone says nothing: one person on a quarter of a square metre would be 4 persons per m².
 * So each cell shows the people within the peak's radius of its middle, over the part of that
 * disc that lies in known zones: what the peak is, for every place. A zone is known here when its
 * state is, and its people were told. A square's area grows with the density, up to the whole cell
 * at the zone's critical limit; so it reads without colour too. Below half of the zone's first
 * limit, and for a person alone, nothing is drawn.
 */
export class Heat {
  #grid: GridInfo
  #zones: readonly ZoneInfo[]
  /** The steps from a cell to those of the disc around it. */
  #disc: number[] = []
  #zonesOfBlock = new Map<number, number[]>()
  #zoneOf = new Map<number, number>()
  #known = ''
  #openCells = new Map<number, number>()

  constructor(grid: GridInfo, zones: readonly ZoneInfo[]) {
    this.#grid = grid
    this.#zones = zones
    const reach = Math.floor(grid.peak_radius_m / grid.cell_m)
    for (let column = -reach; column <= reach; column += 1) {
      for (let row = -reach; row <= reach; row += 1) {
        const away_m = grid.cell_m * Math.hypot(column, row)
        if (away_m <= grid.peak_radius_m) this.#disc.push(stepOf(column, row))
      }
    }
    for (const [i, zone] of zones.entries()) this.#putInBlocks(zone, i)
  }

  #putInBlocks(zone: ZoneInfo, i: number): void {
    const block_m = BLOCK * this.#grid.cell_m
    const corners = (zone.rings[0] ?? []).map((corner) => metresOf(this.#grid, corner))
    const columns = corners.map(([east_m]) => Math.floor(east_m / block_m))
    const rows = corners.map(([, north_m]) => Math.floor(north_m / block_m))
    for (let column = Math.min(...columns); column <= Math.max(...columns); column += 1) {
      for (let row = Math.min(...rows); row <= Math.max(...rows); row += 1) {
        const key = keyOf(column, row)
        const others = this.#zonesOfBlock.get(key)
        if (others === undefined) this.#zonesOfBlock.set(key, [i])
        else others.push(i)
      }
    }
  }

  squares(
    views: readonly ZoneView[],
    cells: ReadonlyMap<string, Cells>,
  ): FeatureCollection<Polygon> {
    const known = new Map<string, Cells>()
    for (const { info, level } of views) {
      const told = cells.get(info.id)
      if (level !== 'unknown' && told !== undefined) known.set(info.id, told)
    }
    const people = this.#people(known.values())
    this.#forget(known)
    const near = new Map<number, number>()
    for (const [key, count] of people) {
      for (const step of this.#disc) near.set(key + step, (near.get(key + step) ?? 0) + count)
    }
    const features: Feature<Polygon>[] = []
    for (const [key, count] of near) {
      if (count < ALONE) continue
      const zone = this.#zones[this.#zoneAt(key)]
      if (zone === undefined || !known.has(zone.id)) continue
      const ppm2 = count / (this.#openAround(key, known) * this.#grid.cell_m ** 2)
      const limits = zone.thresholds
      if (ppm2 < limits.busy_ppm2 / 2) continue
      const side = Math.sqrt(Math.min(1, ppm2 / limits.critical_ppm2))
      features.push({
        type: 'Feature',
        geometry: { type: 'Polygon', coordinates: [this.#square(key, side)] },
        properties: { level: levelAt(ppm2, limits), ppm2 },
      })
    }
    return { type: 'FeatureCollection', features }
  }

  /** A cell that a border runs through holds people of the zones on either side. */
  #people(known: Iterable<Cells>): Map<number, number> {
    const people = new Map<number, number>()
    for (const { columns, rows, people: counts } of known) {
      columns.forEach((column, i) => {
        const key = keyOf(column, rows[i] ?? 0)
        people.set(key, (people.get(key) ?? 0) + (counts[i] ?? 0))
      })
    }
    return people
  }

  #forget(known: ReadonlyMap<string, Cells>): void {
    const names = [...known.keys()].join()
    if (names === this.#known) return
    this.#known = names
    this.#openCells.clear()
  }

  /** How many cells of the disc around this one lie in known zones. */
  #openAround(key: number, known: ReadonlyMap<string, Cells>): number {
    const counted = this.#openCells.get(key)
    if (counted !== undefined) return counted
    let open = 0
    for (const step of this.#disc) {
      const zone = this.#zones[this.#zoneAt(key + step)]
      if (zone !== undefined && known.has(zone.id)) open += 1
    }
    this.#openCells.set(key, open)
    return open
  }

  /** The index of the zone that a cell's middle lies in, or -1. */
  #zoneAt(key: number): number {
    const found = this.#zoneOf.get(key)
    if (found !== undefined) return found
    const [column, row] = [columnOf(key), rowOf(key)]
    const middle = placeOnGrid(this.#grid, column + 0.5, row + 0.5)
    const near = this.#zonesOfBlock.get(blockOf(column, row)) ?? []
    const zone = near.find((each) => isInside(middle, this.#zones[each]?.rings ?? [])) ?? -1
    this.#zoneOf.set(key, zone)
    return zone
  }

  #square(key: number, side: number): LonLat[] {
    const [column, row] = [columnOf(key), rowOf(key)]
    const [low, high] = [0.5 - side / 2, 0.5 + side / 2]
    return [
      [low, low],
      [high, low],
      [high, high],
      [low, high],
      [low, low],
    ].map(([x = 0, y = 0]) => placeOnGrid(this.#grid, column + x, row + y))
  }
}

/** Inside the outer ring and in none of the holes, by the even-odd rule. */
function isInside([x, y]: LonLat, rings: readonly (readonly LonLat[])[]): boolean {
  let inside = false
  for (const ring of rings) {
    let before = ring.at(-1)
    for (const corner of ring) {
      if (before !== undefined && corner[1] > y !== before[1] > y) {
        const crossing = corner[0] + ((before[0] - corner[0]) * (y - corner[1])) / (before[1] - corner[1])
        if (x < crossing) inside = !inside
      }
      before = corner
    }
  }
  return inside
}
