export type LabelSize = 'full' | 'named' | 'small' | 'tiny'

export interface LabelSpot {
  id: string
  x: number
  y: number
  /** Whoever has the higher rank gets the room. */
  rank: number
  /** Width of the name in pixels. */
  name: number
}

const HEIGHT: Record<LabelSize, number> = { full: 56, named: 56, small: 36, tiny: 32 }
const FALLING: readonly LabelSize[] = ['named', 'small']
const GAP = 3

interface Box {
  left: number
  right: number
  top: number
  bottom: number
}

/** The largest label for each spot that covers no label of higher rank and stays on the map. */
export function fitLabels(spots: readonly LabelSpot[], map_px: number): Map<string, LabelSize> {
  const placed = new Map<string, Box>()
  const sizes = new Map<string, LabelSize>()
  const ordered = [...spots].sort((a, b) => b.rank - a.rank)
  // Each spot keeps at least room for its letter, so that a neighbour's label never hides it.
  const letters = new Map(ordered.map((spot) => [spot.id, box(spot, 'tiny')]))
  for (const spot of ordered) {
    letters.delete(spot.id)
    const taken = [...placed.values(), ...letters.values()]
    const fits = (wanted: Box): boolean =>
      !isCut(wanted, spot.x, map_px) && !taken.some((other) => overlap(wanted, other))
    const size = FALLING.find((each) => fits(box(spot, each)))
    sizes.set(spot.id, size ?? 'tiny')
    placed.set(spot.id, box(spot, size ?? 'tiny'))
  }
  // Every name comes before any detail.
  for (const spot of ordered) {
    const wanted = box(spot, 'full')
    if (isCut(wanted, spot.x, map_px)) continue
    if ([...placed].some(([id, other]) => id !== spot.id && overlap(wanted, other))) continue
    sizes.set(spot.id, 'full')
    placed.set(spot.id, wanted)
  }
  return sizes
}

const FLOW = { width: 140, height: 20, away: 15 }

/** Whether the figures of a counting line have room beside it: behind the line, off all labels. */
export function hasRoomForFlow(
  at: { x: number; y: number },
  in_deg: number,
  spots: readonly LabelSpot[],
  sizes: ReadonlyMap<string, LabelSize>,
): boolean {
  const in_rad = (in_deg * Math.PI) / 180
  const x = at.x - Math.sin(in_rad) * (FLOW.away + FLOW.width / 2)
  const y = at.y + Math.cos(in_rad) * (FLOW.away + FLOW.height / 2)
  const figures = {
    left: x - FLOW.width / 2,
    right: x + FLOW.width / 2,
    top: y - FLOW.height / 2,
    bottom: y + FLOW.height / 2,
  }
  return !spots.some((spot) => overlap(box(spot, sizes.get(spot.id) ?? 'tiny'), figures))
}

/** Where a zone's label stands: on its middle, or on an edge to let a mark be seen. */
export type Stand = 'middle' | 'above' | 'below'

const MARK_HALF = 12

/**
 * Where a label covers no mark, and its y there.
 *
 * The mark wanders; so a label stays where it stood for as long as the mark can be seen.
 */
export function standOf({
  at,
  top,
  bottom,
  mark,
  kept,
}: {
  at: { x: number; y: number }
  top: number
  bottom: number
  mark: { x: number; y: number } | null
  kept: Stand
}): { stand: Stand; y: number } {
  const free = HEIGHT.full / 2 + MARK_HALF
  const ys: Record<Stand, number> = {
    middle: at.y,
    above: Math.min(top, at.y - free),
    below: Math.max(bottom, at.y + free),
  }
  if (mark === null || Math.abs(mark.x - at.x) > widthOf(0, 'full') / 2 + MARK_HALF) {
    const stand = mark === null ? 'middle' : kept
    return { stand, y: ys[stand] }
  }
  const stands: readonly Stand[] = [kept, 'middle', 'above', 'below']
  const stand = stands.find((each) => Math.abs(mark.y - ys[each]) >= free) ?? 'above'
  return { stand, y: ys[stand] }
}

function widthOf(name: number, size: LabelSize): number {
  if (size === 'full') return Math.max(200, name + 20)
  if (size === 'named') return Math.max(110, name + 20)
  return size === 'small' ? 100 : 36
}

function box({ x, y, name }: LabelSpot, size: LabelSize): Box {
  const width = widthOf(name, size)
  const height = HEIGHT[size]
  return {
    left: x - width / 2 - GAP,
    right: x + width / 2 + GAP,
    top: y - height / 2 - GAP,
    bottom: y + height / 2 + GAP,
  }
}

/** Whether an edge of the map cuts the label of a spot that is on it. */
function isCut({ left, right }: Box, x: number, map_px: number): boolean {
  return x >= 0 && x <= map_px && (left < 0 || right > map_px)
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
