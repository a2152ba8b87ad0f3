import type { GridInfo } from '../contract'
import type { LonLat } from '../words'

export type Metres = [number, number]

const CORNERS = 48

/** A place on the grid, in cells east and north of its origin, which need not be whole. */
export function placeOnGrid(grid: GridInfo, columns: number, rows: number): LonLat {
  const { origin, east, north } = grid
  return [
    origin[0] + columns * east[0] + rows * north[0],
    origin[1] + columns * east[1] + rows * north[1],
  ]
}

/** Metres east and north of the grid's origin. */
export function metresOf(grid: GridInfo, [lon, lat]: LonLat): Metres {
  const { origin, east, north, cell_m } = grid
  const [x, y] = [lon - origin[0], lat - origin[1]]
  const area = east[0] * north[1] - east[1] * north[0]
  return [
    (cell_m * (x * north[1] - y * north[0])) / area,
    (cell_m * (y * east[0] - x * east[1])) / area,
  ]
}

/** A circle on the ground as a closed ring. */
export function circleAround(grid: GridInfo, at: LonLat, radius_m: number): LonLat[] {
  const [east_m, north_m] = metresOf(grid, at)
  return Array.from({ length: CORNERS + 1 }, (_, i) => {
    const angle = (2 * Math.PI * (i % CORNERS)) / CORNERS
    return placeOnGrid(
      grid,
      (east_m + radius_m * Math.sin(angle)) / grid.cell_m,
      (north_m + radius_m * Math.cos(angle)) / grid.cell_m,
    )
  })
}
