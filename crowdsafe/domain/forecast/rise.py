"""How fast a density rises, since when, and whether that is more than noise."""

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from statistics import median

import numpy as np
from numpy.typing import NDArray
from scipy.stats import siegelslopes  # type: ignore[import-untyped]

from crowdsafe.domain.forecast.course import STEP_S, Course

Array = NDArray[np.float64]

WINDOWS_MIN = (2.0, 4.0, 8.0, 16.0)
"""A rise is looked for in the last minutes of such lengths."""
CLEAR_Z = 3.0
"""A slope of so many standard deviations is taken for a rise."""

# The newest part of a window, in which the rise must go on.
_NEWEST = 4
_LEVEL_POINTS = 3
# A window with more than a quarter of its points missing tells nothing.
_LEAST_POINTS = 0.75
# Half of the variance of a reading's error stays for so long: people who stand keep their places.
_LASTING_S = 120.0
# What a median of a step leaves of the variance of the other half, which fades in seconds.
_FADED = 0.35
# People come and go: a crowd that does not change sways by so much of itself, for so long each.
# That of the simulated evenings; no recording of hours is at hand to measure it.
_SWAY, _SWAY_S = 0.04, 60.0
# Of one counted crossing: one of eleven is missed or doubled.
_CROSSING_VARIANCE = 0.09
_TINY = 1e-12
# To 1 sd for normal errors.
_MAD_SD = 1.4826
_MAX_ALIKE = 0.9


@dataclass(frozen=True)
class Rise:
    """Where a density is and where it goes.

    Attributes:
        at_s: of the newest point.
        level_ppm2: median of the last half minute: what stays if nothing changes.
        level_sd_ppm2: standard deviation of it.
        ahead_ppm2: how much more it is now, for the level is some seconds old.
        slope_ppm2_per_min: not below 0.
        slope_sd_ppm2_per_min: standard deviation of it.
        lasted_min: since when it rises so: the window in which that is clearest.
        z: slope of this window in its standard deviations.
    """

    at_s: float
    level_ppm2: float
    level_sd_ppm2: float
    ahead_ppm2: float
    slope_ppm2_per_min: float
    slope_sd_ppm2_per_min: float
    lasted_min: float
    z: float

    @property
    def is_clear(self) -> bool:
        """Whether it is more than noise, and goes on."""
        return self.z >= CLEAR_Z and self.slope_ppm2_per_min > 0


@dataclass(frozen=True)
class _Slope:
    per_min: float
    sd: float


@dataclass(frozen=True)
class _Times:
    """What the times of some points make of the errors of their densities.

    Attributes:
        spread: sum of the squares of their distances from the middle, in min².
        lasting: variance of the slope by errors of variance 1 that stay for ``_LASTING_S``.
        swaying: by swaying of variance 1 that stays for ``_SWAY_S``.
    """

    spread: float
    lasting: float
    swaying: float


def rise_of(course: Course, *, area_m2: float) -> Rise | None:
    """Return how a density rises; None for a course that is too short to tell.

    For each window the slope is that of repeated medians (Siegel 1982), which half of the points
    being wrong do not move. Where counting lines hold the zone, their net inflow ÷ area is a second
    measurement of the same slope; both are weighted by their variance. Of the windows the one with
    the clearest slope says for how long it has been rising; the newest quarter of it holds the
    slope down where the rise has come to its end.

    Args:
        course: of the zone.
        area_m2: of the zone, for the people who cross its lines.
    """
    if not course:
        return None
    t_min = np.array([point.at_s for point in course])
    t_min = (t_min - t_min[-1]) / 60
    ppm2 = np.array([point.ppm2 for point in course])
    found: tuple[float, _Slope] | None = None
    for window_min in WINDOWS_MIN:
        slope = _slope(course, t_min, ppm2, window_min, area_m2=area_m2)
        if slope is None:
            break
        if found is None or slope.per_min * found[1].sd > found[1].per_min * slope.sd:
            found = window_min, slope
    if found is None:
        return None
    lasted_min, slope = found
    per_min = slope.per_min
    if slope.per_min >= CLEAR_Z * slope.sd:
        newest = _slope(course, t_min, ppm2, lasted_min / _NEWEST, area_m2=area_m2)
        if newest is not None:
            per_min = min(per_min, newest.per_min)
    last = course[-_LEVEL_POINTS:]
    age_min = -float(t_min[-_LEVEL_POINTS:].mean()) + STEP_S / 120
    per_min = max(0.0, per_min)
    return Rise(
        at_s=course[-1].at_s,
        level_ppm2=median(point.ppm2 for point in last),
        level_sd_ppm2=course[-1].sd_ppm2,
        ahead_ppm2=per_min * age_min,
        slope_ppm2_per_min=per_min,
        slope_sd_ppm2_per_min=slope.sd,
        lasted_min=lasted_min,
        z=slope.per_min / slope.sd,
    )


def _slope(
    course: Course, t_min: Array, ppm2: Array, window_min: float, *, area_m2: float
) -> _Slope | None:
    """Return the slope of the newest points, None when too few are there."""
    points = round(window_min * 60 / STEP_S)
    first = int(np.searchsorted(t_min, -window_min + STEP_S / 120))
    t_min, ppm2 = t_min[first:], ppm2[first:]
    if len(t_min) < max(2, _LEAST_POINTS * points):
        return None
    per_min, middle = siegelslopes(ppm2, t_min)
    times = _times(tuple(t_min.tolist()))
    stated = course[-1].sd_ppm2 ** 2 * 0.5 * (times.lasting + _FADED / times.spread)
    swaying = (_SWAY * float(ppm2.mean())) ** 2 * times.swaying
    residual = _residual_variance(ppm2 - middle - per_min * t_min) / times.spread
    counted = _counted(course[first:], window_min=window_min, area_m2=area_m2)
    if counted is None:
        return _Slope(float(per_min), sqrt(max(stated + swaying, residual, _TINY)))
    of_lines, variance = counted
    weight = stated / (stated + variance) if stated + variance > 0 else 0.5
    both = weight * of_lines + (1 - weight) * float(per_min)
    kept = weight**2 * variance + (1 - weight) ** 2 * stated
    # That people come and go, the lines see as the counts do.
    swaying = max(swaying, residual - stated)
    return _Slope(both, sqrt(max(kept + swaying, _TINY)))


# All zones are read in the same steps: without gaps there is one entry for each window.
@lru_cache(maxsize=256)
def _times(t_min: tuple[float, ...]) -> _Times:
    times = np.array(t_min)
    around = times - times.mean()
    spread = float(around @ around)
    apart_s = 60 * np.abs(around[:, None] - around[None, :])
    weights = around / spread
    return _Times(
        spread=spread,
        lasting=float(weights @ np.exp(-apart_s / _LASTING_S) @ weights),
        swaying=float(weights @ np.exp(-apart_s / _SWAY_S) @ weights),
    )


def _residual_variance(residuals: Array) -> float:
    """Return the variance of residuals, raised for their being alike from point to point."""
    sd = _MAD_SD * float(np.median(np.abs(residuals)))
    before, after = residuals[:-1], residuals[1:]
    power = float(residuals @ residuals)
    alike = float(before @ after) / power if power > 0 else 0.0
    alike = min(_MAX_ALIKE, max(0.0, alike))
    return sd * sd * (1 + alike) / (1 - alike)


def _counted(course: Course, *, window_min: float, area_m2: float) -> tuple[float, float] | None:
    """Return net inflow ÷ area per minute and its variance, None where it is not all counted."""
    into = out = 0.0
    for point in course:
        if point.crossed is None:
            return None
        into += point.crossed.into
        out += point.crossed.out
    per = area_m2 * window_min
    return (into - out) / per, _CROSSING_VARIANCE * (into + out) / per**2
