"""The density of a zone over the last ten minutes."""

from array import array
from bisect import bisect_left

import numpy as np

from crowdsafe.domain.crowd.trend import median_slope_per_min

STEP_S = 1.0
"""Points are at least so far apart."""
_KEPT_S = 600.0
_TREND_S = 60.0
# What is too old is cut off so many points at a time.
_CUT = 60


class RecentCourse:
    """Points of a time and a density, in order; 16 bytes each, for a thousand zones have them."""

    def __init__(self) -> None:
        self._at_s = array("d")
        self._ppm2 = array("d")
        self._first = 0
        self._trend: float | None = None
        self._trend_is_of = 0.0

    def add(self, at_s: float, density_ppm2: float) -> None:
        """Add a point, unless there is one from just before or from later."""
        times = self._at_s
        if times and at_s - times[-1] < STEP_S:
            return
        times.append(at_s)
        self._ppm2.append(density_ppm2)
        while times[self._first] < at_s - _KEPT_S:
            self._first += 1
        if self._first >= _CUT:
            del times[: self._first], self._ppm2[: self._first]
            self._first = 0

    def points(self, *, step_s: float = STEP_S) -> list[tuple[float, float]]:
        """Return time and density, at least so far apart."""
        kept: list[tuple[float, float]] = []
        for at_s, ppm2 in zip(self._at_s[self._first :], self._ppm2[self._first :], strict=True):
            if not kept or at_s - kept[-1][0] >= step_s:
                kept.append((at_s, ppm2))
        return kept

    def trend_ppm2_per_min(self) -> float | None:
        """Return the slope of the last minute, None with too few points."""
        times = self._at_s
        if not times:
            return None
        if self._trend_is_of != times[-1]:
            first = bisect_left(times, times[-1] - _TREND_S, lo=self._first)
            self._trend = median_slope_per_min(
                np.array(times[first:]), np.array(self._ppm2[first:])
            )
            self._trend_is_of = times[-1]
        return self._trend
