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

/** The largest label for each spot that covers no label of higher rank. */
export function fitLabels(spots: readonly LabelSpot[]): Map<string, LabelSize> {
  const placed = new Map<string, Box>()
  const sizes = new Map<string, LabelSize>()
  const ordered = [...spots].sort((a, b) => b.rank - a.rank)
  // Each spot keeps at least room for its letter, so that a neighbour's label never hides it.
  const letters = new Map(ordered.map((spot) => [spot.id, box(spot, 'tiny')]))
  for (const spot of ordered) {
    letters.delete(spot.id)
    const taken = [...placed.values(), ...letters.values()]
    const size = FALLING.find((each) => !taken.some((other) => overlap(box(spot, each), other)))
    sizes.set(spot.id, size ?? 'tiny')
    placed.set(spot.id, box(spot, size ?? 'tiny'))
  }
  // Every name comes before any detail.
  for (const spot of ordered) {
    const wanted = box(spot, 'full')
    if ([...placed].some(([id, other]) => id !== spot.id && overlap(wanted, other))) continue
    sizes.set(spot.id, 'full')
    placed.set(spot.id, wanted)
  }
  return sizes
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

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
