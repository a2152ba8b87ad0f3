"""The recent course of a zone in steps of seconds: what a forecast is made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import median

from crowdsafe.errors import BadInput

STEP_S = 10.0
"""Readings of so many seconds become one point; their median outvotes single outliers."""
KEPT_S = 960.0
"""A course goes back so far."""
GAP_S = 60.0
"""After so long without a point nobody knows how the course went on: it begins anew."""


@dataclass(frozen=True, slots=True)
class Crossed:
    """Who crossed a zone's counting lines during a step, all of them counted."""

    into: float
    out: float

    def __post_init__(self) -> None:
        if not all(isfinite(each) and each >= 0 for each in (self.into, self.out)):
            raise BadInput(f"forecast: {self}, expected finite numbers from 0 up")


@dataclass(frozen=True, slots=True)
class Point:
    """A zone during one step.

    Attributes:
        at_s: when the step ended.
        ppm2: median of its mean densities.
        sd_ppm2: standard deviation of one of them.
        crossed: who came and went; None where not all of its edge is counted.

    Raises:
        BadInput: a number is not finite, or a density is negative.
    """

    at_s: float
    ppm2: float
    sd_ppm2: float
    crossed: Crossed | None = None

    def __post_init__(self) -> None:
        if not all(isfinite(each) for each in (self.at_s, self.ppm2, self.sd_ppm2)):
            raise BadInput(f"forecast: {self}, expected finite numbers")
        if self.ppm2 < 0 or self.sd_ppm2 < 0:
            raise BadInput(f"forecast: {self}, expected densities from 0 up")


Course = tuple[Point, ...]
"""Points, oldest first, their times rising."""


def step_course(course: Course, point: Point) -> Course:
    """Add a point, and forget what is too old or before a gap.

    A point that is not newer than the last changes nothing.
    """
    if not course:
        return (point,)
    since_s = point.at_s - course[-1].at_s
    if since_s <= 0:
        return course
    if since_s > GAP_S:
        return (point,)
    first = 0
    while course[first].at_s < point.at_s - KEPT_S:
        first += 1
    return (*course[first:], point)


def point_of(
    readings: Sequence[tuple[float, float]], *, at_s: float, crossed: Crossed | None
) -> Point:
    """Return the point of a step with at least one reading (density, standard deviation)."""
    return Point(
        at_s=at_s,
        ppm2=median(ppm2 for ppm2, _ in readings),
        sd_ppm2=median(sd_ppm2 for _, sd_ppm2 in readings),
        crossed=crossed,
    )
