"""What the network should answer for a crop: heat map, offsets, sizes, density."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from crowdsafe.contract.model_file import DENSITY_STRIDE_PX, HEAD_STRIDE_PX

DENSITY_SIGMA_PX = 8.0
_DENSITY_MARGIN_CELLS = 4
# Points are clicked a cell or so off: were the neighbours of a head's cell punished like empty
# ground, the network would share its score among them, and no head would stand out from a post.
_HEAT_SIGMA_OF_SIZE = 0.18
_MIN_HEAT_SIGMA_CELLS = 0.75


@dataclass(frozen=True)
class Targets:
    """Targets of one square crop of S px.

    heat: (S/4, S/4), 1 at heads, falling off as a Gaussian; cells: (n, 2) int column and row of
    each head in the heat map; offsets: (n, 2) x and y in the cell, 0..1; sizes_px: (n,);
    density: (S/8, S/8) people per cell.
    """

    heat: NDArray[np.float32]
    cells: NDArray[np.int64]
    offsets: NDArray[np.float32]
    sizes_px: NDArray[np.float32]
    density: NDArray[np.float32]


def make_targets(
    *, heads_px: NDArray[np.float32], sizes_px: NDArray[np.float32], crop_px: int
) -> Targets:
    """Targets for heads in crop coordinates.

    Heads a little outside the crop may be given too: they count in the density as far as their
    Gaussian reaches in, and nowhere else.
    """
    inside = np.all((heads_px >= 0) & (heads_px < crop_px), axis=1)
    grid = heads_px[inside] / HEAD_STRIDE_PX
    cells = np.floor(grid).astype(np.int64)
    return Targets(
        heat=_heat(cells, sizes_px[inside], crop_px // HEAD_STRIDE_PX),
        cells=cells,
        offsets=(grid - cells).astype(np.float32),
        sizes_px=sizes_px[inside],
        density=density_map(heads_px=heads_px, cells=crop_px // DENSITY_STRIDE_PX),
    )


def _heat(
    cells: NDArray[np.int64], sizes_px: NDArray[np.float32], side: int
) -> NDArray[np.float32]:
    heat = np.zeros((side, side), dtype=np.float32)
    for (column, row), size in zip(cells, sizes_px, strict=True):
        sigma = max(_MIN_HEAT_SIGMA_CELLS, _HEAT_SIGMA_OF_SIZE * float(size) / HEAD_STRIDE_PX)
        reach = int(3 * sigma)
        left, right = max(column - reach, 0), min(column + reach + 1, side)
        top, bottom = max(row - reach, 0), min(row + reach + 1, side)
        fall_x = np.exp(-((np.arange(left, right) - column) ** 2) / (2 * sigma**2))
        fall_y = np.exp(-((np.arange(top, bottom) - row) ** 2) / (2 * sigma**2))
        window = heat[top:bottom, left:right]
        np.maximum(window, (fall_y[:, None] * fall_x).astype(np.float32), out=window)
    return heat


def density_map(*, heads_px: NDArray[np.float32], cells: int) -> NDArray[np.float32]:
    """(cells, cells) people per 8 px cell: a Gaussian of sigma 8 px and sum 1 for each head.

    Each point is shared linearly between its four nearest cell centres, then blurred by one cell.
    """
    margin = _DENSITY_MARGIN_CELLS
    side = cells + 2 * margin
    points = np.zeros((side, side), dtype=np.float32)
    place = heads_px / DENSITY_STRIDE_PX - 0.5 + margin
    place = place[np.all((place >= 0) & (place < side - 1), axis=1)]
    corner = np.floor(place).astype(np.int64)
    part = (place - corner).astype(np.float32)
    for step_x in (0, 1):
        for step_y in (0, 1):
            weight = (part[:, 0] if step_x else 1 - part[:, 0]) * (
                part[:, 1] if step_y else 1 - part[:, 1]
            )
            np.add.at(points, (corner[:, 1] + step_y, corner[:, 0] + step_x), weight)
    blurred = cv2.GaussianBlur(points, (0, 0), DENSITY_SIGMA_PX / DENSITY_STRIDE_PX)
    return np.asarray(blurred[margin:-margin, margin:-margin], dtype=np.float32)
