export type LabelSize = 'full' | 'small' | 'tiny'

export interface LabelSpot {
  id: string
  x: number
  y: number
  /** Whoever has the higher rank gets the room. */
  rank: number
  /** Width of the full label in pixels. */
  width: number
}

const HEIGHT: Record<LabelSize, number> = { full: 56, small: 36, tiny: 32 }
const SMALL_WIDTH = 104
const TINY_WIDTH = 36
const GAP = 4

interface Box {
  left: number
  right: number
  top: number
  bottom: number
}

/** The largest label for each spot that covers no label of higher rank. */
export function fitLabels(spots: readonly LabelSpot[]): Map<string, LabelSize> {
  const placed: Box[] = []
  const sizes = new Map<string, LabelSize>()
  const ordered = [...spots].sort((a, b) => b.rank - a.rank)
  // Each spot keeps at least room for its letter, so that a neighbour's label never hides it.
  const letters = new Map(ordered.map((spot) => [spot.id, box(spot, TINY_WIDTH, 'tiny')]))
  for (const spot of ordered) {
    letters.delete(spot.id)
    const taken = [...placed, ...letters.values()]
    const size = (['full', 'small'] as const).find((each) => {
      const wanted = box(spot, each === 'full' ? spot.width : SMALL_WIDTH, each)
      return !taken.some((other) => overlap(wanted, other))
    })
    sizes.set(spot.id, size ?? 'tiny')
    const width = size === 'full' ? spot.width : size === 'small' ? SMALL_WIDTH : TINY_WIDTH
    placed.push(box(spot, width, size ?? 'tiny'))
  }
  return sizes
}

function box({ x, y }: LabelSpot, width: number, size: LabelSize): Box {
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
