"""Zones on the ground, and who stands in which."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.validation import explain_validity

from crowdsafe.domain.geometry import Points
from crowdsafe.errors import BadInput


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

    def contains(self, ground_m: Points) -> NDArray[np.bool_]:
        """Say for each ground point whether it is in the zone.

        Zones that share an edge share no person: a point exactly on the common edge belongs to
        one of them. The rule is half-open crossing counting (a point is inside when a ray to +x
        crosses the outline an odd number of times; an edge spans [y_low, y_high)), with every
        edge computed from its lower to its upper end, so that two neighbours compute the same
        number for the edge they share.

        Args:
            ground_m: (n, 2); NaN is in no zone.

        Returns:
            (n,) of bool.
        """
        x, y = ground_m[:, 0], ground_m[:, 1]
        inside = np.zeros(len(ground_m), dtype=np.bool_)
        for ring in (self.polygon.exterior, *self.polygon.interiors):
            coordinates = shapely.get_coordinates(ring)
            start, end = coordinates[:-1], coordinates[1:]
            swap = (start[:, 1] > end[:, 1])[:, None]
            low, high = np.where(swap, end, start), np.where(swap, start, end)
            spans = (low[:, 1] <= y[:, None]) & (y[:, None] < high[:, 1])
            rise = high[:, 1] - low[:, 1]
            slope = np.divide(high[:, 0] - low[:, 0], rise, out=np.zeros_like(rise), where=rise > 0)
            edge_x = low[:, 0] + (y[:, None] - low[:, 1]) * slope
            inside ^= (np.count_nonzero(spans & (x[:, None] < edge_x), axis=1) % 2).astype(np.bool_)
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
