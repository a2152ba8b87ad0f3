"""Zones on the ground, and who stands in which."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon
from shapely.validation import explain_validity

from crowdsafe.domain.camera.geometry import Points
from crowdsafe.errors import BadInput

# Points are told apart in parts, so that many of them with many areas do not fill the memory.
_AT_ONCE = 1 << 15


class Outlines:
    """Areas on the ground, prepared to say who stands in which of them.

    Areas that share an edge share no person: a point exactly on the common edge belongs to one of
    them. The rule is half-open crossing counting (a point is inside when a ray to +x crosses the
    outline an odd number of times; an edge spans [y_low, y_high)), with every edge computed from
    its lower to its upper end, so that two neighbours compute the same number for the edge they
    share.
    """

    def __init__(self, areas: Sequence[Polygon | MultiPolygon]) -> None:
        """Take all edges apart once; an empty area has nobody in it."""
        low, high, owner = [np.zeros((0, 2))], [np.zeros((0, 2))], [np.zeros(0, dtype=np.intp)]
        for number, area in enumerate(areas):
            for ring in shapely.get_rings(shapely.get_parts(area)):
                coordinates = shapely.get_coordinates(ring)
                start, end = coordinates[:-1], coordinates[1:]
                # No half-open span holds a point of a level edge.
                rises = start[:, 1] != end[:, 1]
                start, end = start[rises], end[rises]
                swap = (start[:, 1] > end[:, 1])[:, None]
                low.append(np.where(swap, end, start))
                high.append(np.where(swap, start, end))
                owner.append(np.full(len(start), number))
        self._count = len(areas)
        self._owner = np.concatenate(owner)
        self._low_x, self._low_y = np.concatenate(low).T
        high_x, self._high_y = np.concatenate(high).T
        self._slope = (high_x - self._low_x) / (self._high_y - self._low_y)

    def contain(self, ground_m: Points) -> NDArray[np.bool_]:
        """Say for each area and each ground point whether the point is in the area.

        Args:
            ground_m: (n, 2); NaN is in no area.

        Returns:
            (areas, n) of bool.
        """
        if len(ground_m) > _AT_ONCE:
            parts = np.array_split(ground_m, -(-len(ground_m) // _AT_ONCE))
            return np.concatenate([self.contain(part) for part in parts], axis=1)
        n = len(ground_m)
        x, y = ground_m[:, 0], ground_m[:, 1]
        # Of the points by rising y, with NaN last, each edge spans some in a row.
        order = np.argsort(y)
        ordered = y[order]
        first = np.searchsorted(ordered, self._low_y)
        spanned = np.searchsorted(ordered, self._high_y) - first
        edge = np.repeat(np.arange(len(spanned)), spanned)
        begins = np.cumsum(spanned) - spanned
        point = order[np.arange(len(edge)) + (first - begins)[edge]]
        edge_x = self._low_x[edge] + (y[point] - self._low_y[edge]) * self._slope[edge]
        crossed = x[point] < edge_x
        code = self._owner[edge[crossed]] * n + point[crossed]
        crossings = np.bincount(code, minlength=self._count * n)
        odd: NDArray[np.bool_] = (crossings % 2 == 1).reshape(self._count, n)
        return odd


@dataclass(frozen=True)
class Zone:
    """One zone: an id and its polygon in ground metres."""

    id: str
    polygon: Polygon

    def __post_init__(self) -> None:
        if not np.isfinite(shapely.get_coordinates(self.polygon)).all():
            raise BadInput(f"zone '{self.id}': a coordinate is not a finite number")
        # A bow tie's two halves cancel out: only its hull tells it from a line.
        if self.polygon.is_empty or self.polygon.convex_hull.area == 0:
            raise BadInput(f"zone '{self.id}': its polygon has no area")
        if not self.polygon.is_valid:
            raise BadInput(
                f"zone '{self.id}': its polygon is not simple ({explain_validity(self.polygon)}), "
                "expected an outline that does not cross itself"
            )

    @property
    def area_m2(self) -> float:
        """Area in square metres."""
        return float(self.polygon.area)

    @cached_property
    def _outline(self) -> Outlines:
        return Outlines([self.polygon])

    def contains(self, ground_m: Points) -> NDArray[np.bool_]:
        """Say for each ground point whether it is in the zone, by the rule of :class:`Outlines`.

        Args:
            ground_m: (n, 2); NaN is in no zone.

        Returns:
            (n,) of bool.
        """
        inside: NDArray[np.bool_] = self._outline.contain(ground_m)[0]
        return inside


def refuse_repeated_ids(zones: Sequence[Zone]) -> None:
    """Raise BadInput when two zones have the same id."""
    seen: set[str] = set()
    for zone in zones:
        if zone.id in seen:
            raise BadInput(f"zone '{zone.id}': the id is used twice, expected each id once")
        seen.add(zone.id)


def refuse_outside(zones: Sequence[Zone], boundary: Polygon) -> None:
    """Raise BadInput when a zone reaches more than a decimetre out of the site's boundary."""
    generous = boundary.buffer(0.1)
    for zone in zones:
        if not generous.covers(zone.polygon):
            outside_m2 = zone.polygon.difference(boundary).area
            raise BadInput(
                f"zone '{zone.id}': {outside_m2:.1f} of its {zone.area_m2:.1f} m² lie outside the "
                "site's boundary, expected all of it inside"
            )
