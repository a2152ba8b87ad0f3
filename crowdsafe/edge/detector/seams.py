"""One head, one count: what two tiles say of the people at the seam between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from crowdsafe.edge.detector.tiles import Tiles

Array = NDArray[np.float64]
REACH_HEADS = 0.75
"""The same head's middles in two looks are at most so many of its sides apart.

Measured on held-out pictures of streets and platforms, looks at scales 1.25 to 2 times apart: 95 %
of the heads found in both are within 0.57 to 0.74, and another person's head is that near to 0.5
to 1.5 %.
"""


@dataclass(frozen=True)
class Heads:
    """What one tile found, in px of the picture: (n, 4) xyxy and (n,) scores."""

    xyxy_px: Array
    score: Array

    @property
    def middle_px(self) -> Array:
        """(n, 2)."""
        return (self.xyxy_px[:, :2] + self.xyxy_px[:, 2:]) / 2

    @property
    def side_px(self) -> Array:
        """(n,)."""
        size = self.xyxy_px[:, 2:] - self.xyxy_px[:, :2]
        return np.sqrt(np.maximum(size[:, 0] * size[:, 1], 0.0))


def counted_once(tiles: Tiles, found: Sequence[Heads]) -> list[NDArray[np.bool_]]:
    """Say which heads count.

    A head counts where its middle is owned. At a seam that alone would count a head twice that
    each tile sees on its own side, and lose one that each sees on the other's. So heads of two
    tiles that lie within ``REACH_HEADS`` of the seam and of each other are first paired, nearest
    first, and of each pair one counts. A head without a partner is still its owner's business:
    were it counted wherever one of two looks finds it, seams would have more people.

    Args:
        tiles: in the order of the picture, so that only neighbours in it share a seam, and of at
            least twice ``REACH_HEADS``, so that a head is at one seam only.
        found: what each found in all that it sees, at and beyond its seams too.

    Returns:
        (n,) for each tile.
    """
    kept = [tile.owned.holds(heads.middle_px) for tile, heads in zip(tiles, found, strict=True)]
    paired = [np.zeros(len(heads.score), dtype=np.bool_) for heads in found]
    for one, other in pairwise(range(len(tiles))):
        for i, j in _pairs(tiles, found, one, other, paired):
            own = (bool(kept[one][i]), bool(kept[other][j]))
            first = own[0] if own[0] != own[1] else found[one].score[i] >= found[other].score[j]
            kept[one][i], kept[other][j] = first, not first
            paired[one][i] = paired[other][j] = True
    return kept


def _pairs(
    tiles: Tiles,
    found: Sequence[Heads],
    one: int,
    other: int,
    paired: Sequence[NDArray[np.bool_]],
) -> list[tuple[int, int]]:
    """Pair heads of two tiles that are the same person; each is in one pair at most."""
    sides = (tiles[one].owned, tiles[other].owned)
    near = []
    for index in (one, other):
        heads = found[index]
        reach_px = REACH_HEADS * heads.side_px
        # What lies outside both is beside the picture and nobody's, paired or not.
        at_seam = ~paired[index] & np.any([side.holds(heads.middle_px) for side in sides], axis=0)
        for side in sides:
            at_seam &= side.holds(heads.middle_px, margin_px=reach_px)
        near.append(np.flatnonzero(at_seam))
    first, second = near
    apart_px = np.linalg.norm(
        found[one].middle_px[first][:, None] - found[other].middle_px[second][None, :], axis=2
    )
    side_px = (found[one].side_px[first][:, None] + found[other].side_px[second][None, :]) / 2
    close = np.argwhere(apart_px <= REACH_HEADS * side_px)
    order = np.argsort(apart_px[close[:, 0], close[:, 1]], kind="stable")
    taken: tuple[set[int], set[int]] = (set(), set())
    pairs = []
    for i, j in close[order].tolist():
        if i not in taken[0] and j not in taken[1]:
            taken[0].add(i)
            taken[1].add(j)
            pairs.append((int(first[i]), int(second[j])))
    return pairs
