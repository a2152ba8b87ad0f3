"""How fast a density changes."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

_LEAST_POINTS = 6


def median_slope_per_min(at_s: NDArray[np.float64], values: NDArray[np.float64]) -> float | None:
    """Return the median slope of values over times a minute, None under six points.

    Theil-Sen estimator: the median of the slopes of all pairs, so single outliers do not count.

    Args:
        at_s: (n,) times in seconds, in order.
        values: (n,)
    """
    if len(at_s) < _LEAST_POINTS:
        return None
    earlier, later = _pairs(len(at_s))
    spans_s = at_s[later] - at_s[earlier]
    rises = values[later] - values[earlier]
    if not spans_s.all():
        rises, spans_s = rises[spans_s > 0], spans_s[spans_s > 0]
    if not len(rises):
        return None
    slopes = np.sort(rises / spans_s)
    middle = len(slopes) // 2
    median = slopes[middle] if len(slopes) % 2 else (slopes[middle - 1] + slopes[middle]) / 2
    return 60.0 * float(median)


@cache
def _pairs(number: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    earlier, later = np.triu_indices(number, 1)
    return earlier, later
