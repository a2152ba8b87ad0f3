import type { Feature, FeatureCollection, Geometry, Position } from 'geojson'
import type { CameraInfo, LineInfo, PlanFeature } from '../contract'
import type { CameraHealth, LonLat } from '../words'
import { trustIn } from './health'
import type { ZoneView } from './zones'

type Collection = FeatureCollection<Geometry>

function feature(geometry: Geometry, properties: Feature['properties']): Feature {
  return { type: 'Feature', geometry, properties }
}

function closed(ring: readonly LonLat[]): Position[] {
  const first = ring[0]
  const last = ring.at(-1)
  if (first === undefined || last === undefined) return []
  return first[0] === last[0] && first[1] === last[1] ? [...ring] : [...ring, first]
}

function isClosed(ring: readonly LonLat[]): boolean {
  const first = ring[0]
  const last = ring.at(-1)
  return ring.length > 3 && first?.[0] === last?.[0] && first?.[1] === last?.[1]
}

/** The site plan: what is closed is an area, what is open is a line. */
export function planShapes(plan: readonly PlanFeature[]): Collection {
  const features = plan.flatMap(({ what, rings }) => {
    const outer = rings[0]
    if (outer === undefined) return []
    const area = what !== 'line' && (what !== 'path' || isClosed(outer))
    if (area) return [feature({ type: 'Polygon', coordinates: rings.map(closed) }, { what })]
    return rings.map((ring) =>
      feature({ type: 'LineString', coordinates: [...ring] }, { what }),
    )
  })
  return { type: 'FeatureCollection', features }
}

export function zoneShapes(views: readonly ZoneView[], selected: string | null): Collection {
  const features = views.map(({ info, level }) =>
    feature(
      { type: 'Polygon', coordinates: info.rings.map(closed) },
      { id: info.id, level, selected: info.id === selected },
    ),
  )
  return { type: 'FeatureCollection', features }
}

export function viewShapes(
  cameras: readonly CameraInfo[],
  health: (cameraId: string) => CameraHealth,
): Collection {
  const features = cameras
    .filter((camera) => camera.view.length > 2)
    .map((camera) =>
      feature(
        { type: 'Polygon', coordinates: [closed(camera.view)] },
        { id: camera.id, seeing: trustIn(health(camera.id)) !== 'none' },
      ),
    )
  return { type: 'FeatureCollection', features }
}

export function lineShapes(lines: readonly LineInfo[]): Collection {
  const features = lines
    .filter((line) => line.ends.length > 1)
    .map((line) => feature({ type: 'LineString', coordinates: [...line.ends] }, { id: line.id }))
  return { type: 'FeatureCollection', features }
}

export function ringShapes(ring: readonly LonLat[] | null): Collection {
  const features =
    ring === null ? [] : [feature({ type: 'LineString', coordinates: [...ring] }, {})]
  return { type: 'FeatureCollection', features }
}

/** West, south, east, north of all rings. */
export function boundsOf(
  rings: readonly (readonly LonLat[])[],
): [number, number, number, number] | null {
  let bounds: [number, number, number, number] | null = null
  for (const [lon, lat] of rings.flat()) {
    bounds =
      bounds === null
        ? [lon, lat, lon, lat]
        : [
            Math.min(bounds[0], lon),
            Math.min(bounds[1], lat),
            Math.max(bounds[2], lon),
            Math.max(bounds[3], lat),
          ]
  }
  return bounds
}

/** Where the name of a plan shape stands: the middle of its bounds. */
export function middleOf(rings: readonly (readonly LonLat[])[]): LonLat | null {
  const bounds = boundsOf(rings)
  return bounds === null ? null : [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2]
}
