"""How sharp the edges of a picture are, whatever its light and contrast."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from crowdsafe.edge.health.reduced import Grey

_TILE_PX = 64
_TILES = (6, 4)
_COARSER = 4
# Root mean square slope of the coarse tile, grey levels per px: below it there is no edge.
_MIN_SLOPE = 2.0
_MIN_TILES = 4


def _power(grey: Grey) -> NDArray[np.float32]:
    right = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=0.125)
    return np.asarray(right * right + down * down, dtype=np.float32)


class Sharpness:
    """Holds where the edges of the reference are and how sharp they were.

    The sharpness of a tile is the power of its slopes over that of the tile reduced four times: an
    edge s px wide has the first in proportion to 1/s, while the second hardly knows s. Light and
    contrast cancel. Tiles are whole px of the picture, as the detector gets it.
    """

    def __init__(self, pictures: Sequence[Grey]) -> None:
        """Learn from pictures of one size, one or more."""
        self._places = _places(pictures[0])
        each = np.array([self._tiles(picture) for picture in pictures])
        known = np.isfinite(each).any(axis=0)
        self._places = [place for place, yes in zip(self._places, known, strict=True) if yes]
        self._reference = np.nanmedian(each[:, known], axis=0)

    def ratio(self, picture: Grey) -> float | None:
        """Return the median over the tiles of sharpness against the reference's.

        None where too few tiles show an edge now.
        """
        if len(self._places) < _MIN_TILES:
            return None
        ratios = self._tiles(picture) / self._reference
        seen = ratios[np.isfinite(ratios)]
        return float(np.median(seen)) if len(seen) >= _MIN_TILES else None

    def _tiles(self, picture: Grey) -> NDArray[np.float64]:
        if not self._places:
            return np.empty(0)
        # One below the other: two calls for all of them.
        column = np.concatenate(
            [picture[y : y + _TILE_PX, x : x + _TILE_PX] for y, x in self._places]
        )
        small_px = _TILE_PX // _COARSER
        small = cv2.resize(
            column, (small_px, small_px * len(self._places)), interpolation=cv2.INTER_AREA
        )
        fine = _tile_power(column, _TILE_PX)
        coarse = _tile_power(np.asarray(small, dtype=np.uint8), small_px)
        result = np.full(len(self._places), np.nan)
        edged = coarse >= _MIN_SLOPE**2
        result[edged] = fine[edged] / coarse[edged]
        return result


def _tile_power(column: Grey, tile_px: int) -> NDArray[np.float64]:
    """Return the mean power of each tile, without its rim, where the next one begins."""
    tiles = _power(column).reshape(-1, tile_px, tile_px)[:, 1:-1, 1:-1]
    return np.asarray(tiles.mean(axis=(1, 2)), dtype=np.float64)


def _places(picture: Grey) -> list[tuple[int, int]]:
    """Return top and left of the tile with the strongest edges in each part of the picture."""
    height, width = picture.shape
    if height < _TILE_PX or width < _TILE_PX:
        return []
    power = cv2.boxFilter(_power(picture), -1, (_TILE_PX, _TILE_PX))
    half = _TILE_PX // 2
    inner = power[half : height - half + 1, half : width - half + 1]
    places = []
    for rows in np.array_split(np.arange(inner.shape[0]), _TILES[1]):
        for columns in np.array_split(np.arange(inner.shape[1]), _TILES[0]):
            if len(rows) and len(columns):
                part = inner[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
                row, column = np.unravel_index(int(part.argmax()), part.shape)
                places.append((int(rows[0] + row), int(columns[0] + column)))
    return places
