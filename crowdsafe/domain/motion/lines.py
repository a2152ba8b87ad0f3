"""Directed counting lines on the ground, and who crosses them which way."""

from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsafe.domain.crowd.points import Points
from crowdsafe.errors import BadInput

Array = NDArray[np.float64]

# Coordinates become multiples of this (0.24 mm), so that products of their differences have no
# rounding error within 8 km, and the tests of one side against the other never contradict.
_GRID_M = 2.0**-12
_GROUND_M = 4096.0


@dataclass(frozen=True, eq=False)
class Crossings:
    """How often each of n movements crossed a line; at a line with corners it may be twice.

    Attributes:
        into: (n,) from the left of the line's direction to its right.
        out: (n,) from the right to the left.
    """

    into: NDArray[np.int64]
    out: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class CountingLine:
    """A line from its first point to its last, straight or with corners.

    "In" is from left to right, for somebody who looks along the line from its beginning: a line
    drawn to the north counts who walks east as in. The other way round is "out".

    Attributes:
        id: of the line.
        points_m: (k, 2) ground metres, k >= 2.

    Raises:
        BadInput: fewer than two points, one not finite or too far from the site frame's origin, two
            at one place in a row, or a line that crosses or touches itself.
    """

    id: str
    points_m: Points

    def __post_init__(self) -> None:
        points = self.points_m
        if points.ndim != 2 or points.shape[1] != 2 or len(points) < 2:
            raise BadInput(
                f"counting line '{self.id}': points of shape {points.shape}, expected at least "
                "two of two coordinates"
            )
        if not (np.abs(points) <= _GROUND_M).all():
            raise BadInput(
                f"counting line '{self.id}': a coordinate is not within {_GROUND_M:.0f} m of the "
                "site frame's origin"
            )
        if (_on_grid(points[1:]) == _on_grid(points[:-1])).all(axis=1).any():
            raise BadInput(f"counting line '{self.id}': a point repeats the one before it")
        if not shapely.LineString(points).is_simple:
            raise BadInput(f"counting line '{self.id}': it crosses or touches itself")

    @property
    def length_m(self) -> float:
        """Length in metres."""
        return float(np.hypot(*np.diff(self.points_m, axis=0).T).sum())

    def crossings(self, way_m: Array) -> Crossings:
        """Count straight movements across the line.

        Nobody is counted twice or lost at a point where two movements or two segments of the line
        meet: where a point lies exactly on a line, all movements are taken as shifted by an
        infinitely small step, mostly east and a little north of it (simulation of simplicity:
        Edelsbrunner and Mücke 1990), and coordinates are rounded to a grid on which the arithmetic
        is exact. So the movements of a person add up: in less out is the change of side.

        Args:
            way_m: (n, 2, 2) from and to, ground metres, as
                :attr:`crowdsafe.domain.motion.tracks.Tracks.way_m`; NaN crosses nothing.

        Returns:
            One count for each movement.
        """
        into = np.zeros(len(way_m), dtype=np.int64)
        out = np.zeros(len(way_m), dtype=np.int64)
        near = (np.abs(way_m) <= _GROUND_M).all(axis=(1, 2))
        ways = _on_grid(way_m[near])
        start, end = ways[:, 0], ways[:, 1]
        along = end - start
        moved = along.any(axis=1)
        for one, other in pairwise(_on_grid(self.points_m)):
            segment = np.broadcast_to(other - one, start.shape)
            was_left = _is_left(segment, start - one, shift=1.0)
            is_left = _is_left(segment, end - one, shift=1.0)
            # Shifting the movement is shifting the line's ends the other way.
            splits = _is_left(along, one - start, shift=-1.0) != _is_left(
                along, other - start, shift=-1.0
            )
            crossed = moved & splits & (was_left != is_left)
            into[near] += crossed & was_left
            out[near] += crossed & is_left
        return Crossings(into=into, out=out)


def _on_grid(metres: Array) -> Array:
    return np.asarray(np.round(metres / _GRID_M), dtype=np.float64)


def _is_left(direction: Points, offset: Points, *, shift: float) -> NDArray[np.bool_]:
    """Say whether ``offset`` plus shift·(ε, ε²) is to the left of ``direction``."""
    cross = direction[:, 0] * offset[:, 1] - direction[:, 1] * offset[:, 0]
    tie = np.where(direction[:, 1] != 0, -direction[:, 1], direction[:, 0]) * shift
    return np.where(cross != 0, cross, tie) > 0


@dataclass(frozen=True)
class LineFlow:
    """People over a line in a time; standard deviations are those of counting (Poisson)."""

    into_per_min: float
    into_sd_per_min: float
    out_per_min: float
    out_sd_per_min: float
    into_per_min_m: float
    out_per_min_m: float


def line_flow(line: CountingLine, *, into: float, out: float, span_s: float) -> LineFlow:
    """Return the flow of people who crossed a line in a time, per minute and per metre of it.

    The standard deviation of n people is √max(n, 1): of nobody it is not nothing.

    Raises:
        BadInput: the time is not above 0, or a number of people is negative.
    """
    if not 0 < span_s < np.inf:
        raise BadInput(f"counting line '{line.id}': a time of {span_s} s, expected more than 0")
    if not (0 <= into < np.inf and 0 <= out < np.inf):
        raise BadInput(
            f"counting line '{line.id}': {into} in and {out} out, expected 0 or more of each"
        )
    per_min = 60.0 / span_s
    return LineFlow(
        into_per_min=into * per_min,
        into_sd_per_min=sqrt(max(into, 1.0)) * per_min,
        out_per_min=out * per_min,
        out_sd_per_min=sqrt(max(out, 1.0)) * per_min,
        into_per_min_m=into * per_min / line.length_m,
        out_per_min_m=out * per_min / line.length_m,
    )
