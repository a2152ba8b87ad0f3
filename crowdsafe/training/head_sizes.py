"""Head sizes guessed from head points alone: the data has points, no boxes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MIN_SIZE_PX = 5.0
MAX_SIZE_PX = 90.0
_PRIOR_CONSTANT_PX = 4.0
_PRIOR_SLOPE = 0.055
_PRIOR_LONG_SIDE_PX = 1024.0
_PRIOR_WEIGHT_HEADS = 8.0
_CAP_OF_PRIOR = 1.4
_ROWS_AT_ONCE = 512


def head_sizes_px(
    *, heads_px: NDArray[np.float32], width_px: int, height_px: int
) -> NDArray[np.float32]:
    """Guess each head's side length in px; (n, 2) points give (n,) sizes of 5 to 90 px.

    In a crowd half the distance to the nearest neighbour is about a head. It is blended evenly (as
    logarithms) with a size that grows linearly down the picture: 4 px + 0.055 y at 1024 px picture
    width, times a factor exp(a + b y) fitted to this picture's neighbour distances and shrunk
    towards 1 where there are few heads. Somebody standing alone has a far neighbour, which says
    nothing, so half-distances count up to 1.4 times the prior only.
    """
    count = len(heads_px)
    if count == 0:
        return np.zeros(0, dtype=np.float32)
    scale = max(width_px, height_px) / _PRIOR_LONG_SIDE_PX
    y_px = heads_px[:, 1].astype(np.float64)
    prior_px = _PRIOR_CONSTANT_PX * scale + _PRIOR_SLOPE * y_px
    if count == 1:
        return np.clip(prior_px, MIN_SIZE_PX, MAX_SIZE_PX).astype(np.float32)
    distances_px = _nearest_px(heads_px.astype(np.float64))
    nearest_px = np.clip(0.5 * distances_px, 2.0, _CAP_OF_PRIOR * prior_px)
    log_ratio = np.log(nearest_px / prior_px)
    design = np.stack((np.ones(count), y_px / height_px - 0.5), axis=1)
    normal = design.T @ design + _PRIOR_WEIGHT_HEADS * np.eye(2)
    fitted = design @ np.linalg.solve(normal, design.T @ log_ratio)
    sizes_px = prior_px * np.exp(0.5 * log_ratio + 0.5 * fitted)
    return np.clip(sizes_px, MIN_SIZE_PX, MAX_SIZE_PX).astype(np.float32)


def _nearest_px(points_px: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of each of two or more points to its nearest other one, in px."""
    nearest = np.empty(len(points_px))
    for start in range(0, len(points_px), _ROWS_AT_ONCE):
        rows = points_px[start : start + _ROWS_AT_ONCE]
        squared = ((rows[:, None, :] - points_px[None, :, :]) ** 2).sum(axis=2)
        squared[np.arange(len(rows)), start + np.arange(len(rows))] = np.inf
        nearest[start : start + len(rows)] = np.sqrt(squared.min(axis=1))
    return nearest
