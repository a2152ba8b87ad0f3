"""Where to look, and how large, so that heads have the size at which the network finds them."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import ceil, floor, sqrt

import numpy as np
from numpy.typing import NDArray

from crowdsafe.contract.model_file import STRIDE_PX
from crowdsafe.domain.camera.head_view import HeadView
from crowdsafe.edge.detector.tiles import Rect, Tile, Tiles, whole

Sizes = NDArray[np.float64]

# Measured on the held-out pictures of streets and platforms, their head sizes by row taken for a
# calibration; the clip with a calibration is there to measure with and chose nothing. Errors are
# those of the far, middle and near third of the people, counted as the product counts.

BEST_PX = 5.5
"""A head of s px in the picture is best BEST_PX·√s px large in the input, at most ENOUGH_PX.

At one scale heads of 12, 17, 24 and 34 px were found best at 18, 21, 30 and 42 px, and counted
best at 18, 17, 18 to 24 and 25 px. 5 or 6 in its place is as good; one size for all heads takes
from the near ones, whose error rose from 0.067 to 0.110.
"""
ENOUGH_PX = 28.0
"""Heads need not be larger in the input: of 17 to 36 px, 0.94 to 1.02 were counted."""
LARGEST_PX = 45.0
"""Heads should not be larger in the input: of 36 to 48 px, 0.87 were counted, of 48 to 64, 0.76."""
MOST_ENLARGED = 2.0
"""No head is small enough to be enlarged more.

Of the platforms' blurred pictures, no head was found or counted better at more than 1.6 to 2
times. In sharp pictures shrunk to a half, 3 times finds more (F1 0.72 for 0.67) and counts as well,
for half as much time again.
"""
MOST_LOOKS = 1.5
"""Px of the network's input in all tiles together, in looks at the whole picture at one scale.

At a long side of 640 px one scale was wrong by 0.144; tiles by 0.139, 0.097 and 0.103 with 1, 1.5
and 2 looks, and one scale of 1.44 looks by 0.117. At 1024 px: 0.111; 0.089, 0.086 and 0.103. That
was on streets, 40 pictures, in which 0.01 is chance, and with strips of 16 px; with strips of two
heads 1.5 looks are wrong by 0.103 and 0.088.
"""
_CONTEXT_HEADS = 3.0
"""Chosen: how far a tile sees beyond its seams; what is nearer than a head must be whole."""
_TILE_PX = 16_000
"""Chosen: a tile costs so many px more than its own, so that no band is cut for next to nothing."""
_STRIPS = 48
"""Chosen: a picture is cut into so many at most; a plan then takes a tenth of a second."""
_STRIP_HEADS = 2.0
"""A strip is so many heads tall, so that nobody is at two seams; see ``seams.REACH_HEADS``."""
_HALVINGS = 10
"""The share of what heads want is found to a thousandth."""
_COLUMNS = 17
"""Chosen: places across a row at which heads are measured."""
_GOOD_ENOUGH = 0.8
"""Chosen: one scale that serves all heads so well is kept: seams are no gain in themselves."""
_WORTH_IT = 1.1
"""Chosen: tiles must serve the worst-served head so much better than one scale."""


@dataclass(frozen=True)
class Strip:
    """Rows of a picture, from ``top`` to before ``bottom``, and the sizes of heads in them."""

    top: int
    bottom: int
    smallest_px: float
    largest_px: float

    @property
    def wanted_scale(self) -> float:
        """The scale at which its smallest head is found best and its largest still well."""
        best_px = min(BEST_PX * sqrt(self.smallest_px), ENOUGH_PX)
        return min(best_px / self.smallest_px, LARGEST_PX / self.largest_px, MOST_ENLARGED)

    def served(self, scale: float) -> float:
        """Return how near a scale comes to the wanted one, 1 for reached; too large counts too."""
        return min(1.0, scale / self.wanted_scale, LARGEST_PX / (scale * self.largest_px))


def strips_of(view: HeadView, *, picture_size_px: tuple[int, int]) -> tuple[Strip, ...]:
    """Return the rows of a picture where people are counted, cut fine.

    A strip is two of its largest heads tall or more, unless all rows together are not.
    Empty where the picture shows no ground.
    """
    width, height = picture_size_px
    x, y = np.meshgrid(np.linspace(0.0, width, _COLUMNS), np.arange(height + 1))
    sizes = view.sizes_px(np.column_stack([x.ravel(), y.ravel()]), picture_size_px=picture_size_px)
    sizes = sizes.reshape(x.shape)
    counted = np.flatnonzero(np.isfinite(sizes).any(axis=1))
    if not len(counted):
        return ()
    smallest, largest = (
        np.interp(np.arange(height + 1), counted, extreme.reduce(sizes[counted], axis=1))
        for extreme in (np.fmin, np.fmax)
    )
    # The edge of what is counted runs through the row before the first and the one after the last.
    top, end = max(int(counted[0]) - 1, 0), min(int(counted[-1]) + 1, height)
    cuts = [top]
    while cuts[-1] < end:
        cuts.append(_bottom_of_strip(cuts[-1], end, largest))
    return tuple(
        Strip(
            top,
            bottom,
            float(smallest[top : bottom + 1].min()),
            float(largest[top : bottom + 1].max()),
        )
        for top, bottom in pairwise(cuts)
    )


def _bottom_of_strip(top: int, end: int, largest_px: Sizes) -> int:
    """Return where a strip from ``top`` may end, so that it and the rest are tall enough."""
    at_least = ceil((len(largest_px) - 1) / _STRIPS)
    bottom = min(top + at_least, end)
    while bottom < end and bottom - top < _STRIP_HEADS * largest_px[top : bottom + 1].max():
        bottom += 1
    rest = end - bottom
    return bottom if rest >= _STRIP_HEADS * largest_px[bottom : end + 1].max() else end


@lru_cache(maxsize=64)
def tiles_for(view: HeadView, *, picture_size_px: tuple[int, int], long_side_px: int) -> Tiles:
    """Plan a camera's tiles; see :func:`plan`."""
    strips = strips_of(view, picture_size_px=picture_size_px)
    return plan(strips, picture_size_px=picture_size_px, long_side_px=long_side_px)


def plan(
    strips: tuple[Strip, ...],
    *,
    picture_size_px: tuple[int, int],
    long_side_px: int,
    most_looks: float = MOST_LOOKS,
) -> Tiles:
    """Cut a picture into bands at scales that serve all its heads alike.

    Each strip wants a scale (:attr:`Strip.wanted_scale`). The bands have at least the share λ of
    what each of their strips wants and no head above ``LARGEST_PX``, and fewer px together than
    any other such bands; λ is as near to 1 as ``most_looks`` allows. Sizes change down a picture
    and hardly across it, so bands are as wide as the picture.

    Args:
        strips: where people are counted, without gaps; the rest of the picture is not looked at.
        picture_size_px: width and height.
        long_side_px: of the network's input when it looks at the whole picture at one scale.
        most_looks: px of the network's input in all tiles together, in such looks.

    Returns:
        From top to bottom. One tile where one scale serves all heads nearly as well; all of the
        picture where nobody is counted anywhere, for then nothing is known.
    """
    width, height = picture_size_px
    (everything,) = whole(height_px=height, width_px=width, long_side_px=long_side_px)
    if not strips:
        return (everything,)
    cut = _Cut(strips, picture_size_px)
    one = cut.tile(0, len(strips), everything.scale)
    served = min(strip.served(everything.scale) for strip in strips)
    if served >= _GOOD_ENOUGH:
        return (one,)
    budget_px = most_looks * _input_px(everything)
    best: Tiles = (one,)
    low, high = served * _WORTH_IT, 1.0
    share = high
    for _ in range(_HALVINGS):
        tiles = cut.cheapest(share)
        if sum(_input_px(tile) for tile in tiles) > budget_px:
            high = share
        else:
            best, low = tiles, share
        if low >= high:
            break
        share = (low + high) / 2
    return best


@dataclass(frozen=True)
class _Cut:
    """Ways to put strips together to bands."""

    strips: tuple[Strip, ...]
    picture_size_px: tuple[int, int]

    def cheapest(self, share: float) -> Tiles:
        """Return the bands with the fewest px that give each strip its share of what it wants."""
        n = len(self.strips)
        cost_px, begun_at = [0.0] + [np.inf] * n, [0] * (n + 1)
        for begin in range(n):
            wanted, largest_px = 0.0, 0.0
            for end in range(begin + 1, n + 1):
                wanted = max(wanted, self.strips[end - 1].wanted_scale)
                largest_px = max(largest_px, self.strips[end - 1].largest_px)
                scale = self._filling(share * wanted)
                if end > begin + 1 and scale * largest_px > LARGEST_PX:
                    break
                together = cost_px[begin] + _input_px(self.tile(begin, end, scale)) + _TILE_PX
                if together < cost_px[end]:
                    cost_px[end], begun_at[end] = together, begin
        tiles: list[Tile] = []
        end = n
        while end:
            begin = begun_at[end]
            wanted = max(strip.wanted_scale for strip in self.strips[begin:end])
            tiles.append(self.tile(begin, end, self._filling(share * wanted)))
            end = begin
        return tuple(reversed(tiles))

    def tile(self, begin: int, end: int, scale: float) -> Tile:
        """Return the tile of the strips from ``begin`` to before ``end``."""
        width, height = self.picture_size_px
        band = self.strips[begin:end]
        top, bottom = band[0].top, band[-1].bottom
        first = max(0, floor(top - _CONTEXT_HEADS * band[0].largest_px))
        last = min(height, ceil(bottom + _CONTEXT_HEADS * band[-1].largest_px))
        # What the input is filled up with had better be picture than grey.
        stride_px = STRIDE_PX / scale
        last = min(height, max(last, floor(first + stride_px * ceil((last - first) / stride_px))))
        return Tile(Rect(0, first, width, last), Rect(0, top, width, bottom), scale)

    def _filling(self, scale: float) -> float:
        """Return the next larger scale at which the picture's width is whole strides."""
        width, _ = self.picture_size_px
        return ceil(scale * width / STRIDE_PX - 1e-9) * STRIDE_PX / width


def _input_px(tile: Tile) -> float:
    seen, scale = tile.seen, tile.scale
    sides = (seen.right - seen.left, seen.bottom - seen.top)
    width, height = (ceil(max(1, round(side * scale)) / STRIDE_PX) * STRIDE_PX for side in sides)
    return float(width * height)
