"""The densest place of a zone: most people per square metre in a disc."""

from dataclasses import dataclass
from math import ceil, inf, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from crowdsafe.domain.camera.geometry import Points
from crowdsafe.domain.camera.visible import VisibleGround, VisibleZone, ZonesInView
from crowdsafe.domain.crowd.density import CountError
from crowdsafe.domain.crowd.disc import disc_areas
from crowdsafe.errors import BadInput

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

RADIUS_M = 1.5
"""One person is 0.14 persons per square metre of such a disc, and it holds 28 in a crush of 4."""
SPACING_M = 0.25
"""Between the centres that are tried.

In random crowds of 0.1 to 4 persons per square metre the densest of these discs holds 96 % of the
people of the densest disc anywhere, at worst 89 %; with centres on the people themselves it is 86 %
to 90 %.
"""
MIN_SHARE = 0.5
"""A disc of which less is ground counts as so much of a disc."""

# On a ground so large that there would be more, the spacing is wider.
_MAX_CENTRES = 400_000
_MAX_NODES = 4_000_000
# Who stands on the rim is in the disc, whatever the rounding.
_RIM = 1.0 + 1e-12


@dataclass(frozen=True)
class Peak:
    """The densest disc whose centre is in the seen part of a zone.

    Attributes:
        at_m: its centre; some place of the zone where nobody is.
        people: in it.
        area_m2: of it that they are divided by.
        people_sd: standard deviation of the people.
    """

    at_m: tuple[float, float]
    people: float
    area_m2: float
    people_sd: float

    @property
    def density_ppm2(self) -> float:
        """People per square metre."""
        return self.people / self.area_m2

    @property
    def density_sd_ppm2(self) -> float:
        """Standard deviation of the density."""
        return self.people_sd / self.area_m2


@dataclass(frozen=True, eq=False)
class PeakSearch:
    """The discs of one camera's zones, worked out once by :func:`peak_search`.

    Centres lie on a lattice whose node (column, row) is at (column, row)·``spacing_m``; they are
    numbered row by row.

    Attributes:
        radius_m: of the discs.
        spacing_m: of the lattice.
        box_m: (4,) west, south, east and north end of the ground on which people are.
        first: (2,) column and row of the south-western node of a box around all discs.
        columns: of that box.
        before: (rows · columns + 1,) how many centres there are before each of its nodes.
        centres_m: (n, 2).
        areas_m2: (n,) that people in the disc are divided by.
        of_zones: for each zone, the numbers of the centres in its seen part.
    """

    radius_m: float
    spacing_m: float
    box_m: Array
    first: Indices
    columns: int
    before: NDArray[np.int32]
    centres_m: Points
    areas_m2: Array
    of_zones: tuple[Indices, ...]

    def peaks(
        self, ground_m: Points, *, people: Array, crowded: Array, count_error: CountError
    ) -> tuple[Peak | None, ...]:
        """Return the densest disc of each zone.

        Its people have the variance n + s², with s² of the count error: n people who came here by
        chance would be n ± √n the next time, so that one person who stands alone is 0.14 ± 0.14
        persons per square metre at least.

        Args:
            ground_m: (n, 2) where people stand in the seen part of any zone, see
                :meth:`ZonesInView.contain`; each point once, though it be in two zones.
            people: (n,) how many each point stands for, not negative.
            crowded: (n,) people times the root of the crowding there, see :class:`CountError`.
            count_error: of the detector.

        Returns:
            One for each zone; None where nothing is seen or it is narrower than the lattice.
        """
        density = self._people_around(ground_m, people) / self.areas_m2
        best = {
            zone: int(own[np.argmax(density[own])])
            for zone, own in enumerate(self.of_zones)
            if len(own)
        }
        x, y = self.centres_m[list(best.values())].T[:, :, None]
        away = (ground_m[:, 0] - x) ** 2 + (ground_m[:, 1] - y) ** 2
        # Once more without the roundings of a running sum.
        inside = (away <= _RIM * self.radius_m**2).astype(np.float64)
        found = {
            zone: self._peak(number, float(count), count_error.sd(float(count), float(roots)))
            for (zone, number), count, roots in zip(
                best.items(), inside @ people, inside @ crowded, strict=True
            )
        }
        return tuple(found.get(zone) for zone in range(len(self.of_zones)))

    def _peak(self, number: int, people: float, count_sd: float) -> Peak:
        x, y = self.centres_m[number]
        return Peak(
            at_m=(float(x), float(y)),
            people=people,
            area_m2=float(self.areas_m2[number]),
            people_sd=sqrt(people + count_sd**2),
        )

    def _people_around(self, ground_m: Points, people: Array) -> Array:
        """Return the people in each disc (n,).

        A person is in the discs of all centres in a circle: for each row of nodes, from one centre
        up to another.
        """
        within = ((ground_m >= self.box_m[:2]) & (ground_m <= self.box_m[2:])).all(axis=1)
        x, y = (ground_m[within] / self.spacing_m - self.first).T
        reach = ceil(self.radius_m / self.spacing_m)
        row = np.floor(y)[:, None] + np.arange(-reach, reach + 1)
        half = (self.radius_m / self.spacing_m) ** 2 * _RIM - (row - y[:, None]) ** 2
        hit = half >= 0
        person, half = np.nonzero(hit)[0], np.sqrt(half[hit])
        start = row[hit] * self.columns
        begins = (start + np.ceil(x[person] - half)).astype(np.int64)
        ends = (start + np.floor(x[person] + half)).astype(np.int64) + 1
        weights, size = people[within][person], len(self.centres_m) + 1
        enter = np.bincount(self.before[begins], weights=weights, minlength=size)
        leave = np.bincount(self.before[ends], weights=weights, minlength=size)
        around: Array = np.cumsum(enter - leave)[:-1]
        return around


def peak_search(
    view: ZonesInView,
    *,
    radius_m: float = RADIUS_M,
    spacing_m: float = SPACING_M,
    min_share: float = MIN_SHARE,
) -> PeakSearch:
    """Prepare to find the densest place of each zone.

    People in a disc are divided by the part of the disc that is seen and of any zone. So a crush
    does not end at the line between two zones, what is behind a wall or out of the picture does not
    dilute it, and who stands outside all zones is in neither number. On a sliver of ground one
    person would be a crush: less than ``min_share`` of a disc counts as that share.

    Args:
        view: zones as the camera sees them.
        radius_m: of the discs.
        spacing_m: between centres; wider where the ground is so large that there would be too many.
        min_share: above 0 and up to 1, of the area of a whole disc. In a zone smaller than that,
            the peak is below the mean.

    Raises:
        BadInput: a number that makes no sense.
    """
    if not 0 < radius_m < inf:
        raise BadInput(f"radius_m: {radius_m}, expected more than 0")
    if not 0 < spacing_m <= radius_m:
        raise BadInput(f"spacing_m: {spacing_m}, expected more than 0 and at most {radius_m:g}")
    if not 0 < min_share <= 1:
        raise BadInput(f"min_share: {min_share}, expected more than 0 and at most 1")
    measured = view.measured
    west, south, east, north = (0.0,) * 4 if measured.is_empty else measured.bounds
    spacing_m = max(
        spacing_m,
        sqrt(measured.area / _MAX_CENTRES),
        sqrt((east - west) * (north - south) / _MAX_NODES),
    )
    # A node more to each side, for whoever stands on the edge.
    box_m = np.array([west, south, east, north]) + spacing_m * np.array([-1, -1, 1, 1])
    margin = ceil(radius_m / spacing_m) + 1
    first = np.floor(box_m[:2] / spacing_m).astype(np.int64) - margin
    columns, rows = np.ceil(box_m[2:] / spacing_m).astype(np.int64) + margin + 1 - first
    nodes = [_nodes(each, view.ground, spacing_m) - first for each in view.zones]
    codes = [each[:, 1] * columns + each[:, 0] for each in nodes]
    centres = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *codes]))
    before = np.zeros(rows * columns + 1, dtype=np.int32)
    before[centres + 1] = 1
    centre_nodes = np.column_stack([centres % columns, centres // columns]) + first
    centres_m = spacing_m * centre_nodes.astype(np.float64)
    areas_m2 = disc_areas(centres_m, radius_m=radius_m, ground=measured)
    return PeakSearch(
        radius_m=radius_m,
        spacing_m=spacing_m,
        box_m=box_m,
        first=first,
        columns=int(columns),
        before=np.cumsum(before, dtype=np.int32),
        centres_m=centres_m,
        areas_m2=np.maximum(areas_m2, min_share * pi * radius_m**2),
        of_zones=tuple(np.searchsorted(centres, each) for each in codes),
    )


def _nodes(zone: VisibleZone, ground: VisibleGround, spacing_m: float) -> Indices:
    """Return column and row (n, 2) of the nodes in the seen part of a zone."""
    if not zone.seen_m2:
        return np.zeros((0, 2), dtype=np.int64)
    bounds = np.array(zone.seen.bounds) / spacing_m
    first, last = np.floor(bounds[:2]).astype(np.int64), np.ceil(bounds[2:]).astype(np.int64)
    box = np.stack(
        np.meshgrid(np.arange(first[0], last[0] + 1), np.arange(first[1], last[1] + 1)), axis=-1
    ).reshape(-1, 2)
    there = box * spacing_m
    inside = zone.zone.contains(there) & ground.contains(there)
    nodes: Indices = box[inside]
    return nodes
