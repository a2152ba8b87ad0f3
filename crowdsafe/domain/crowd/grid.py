"""People in the square cells of the site's grid, aligned for all cameras and zones.

Cell (column, row) covers x from column·``cell_m`` to (column + 1)·``cell_m`` metres east, y the
same north; what is on the line belongs to the cell farther east or north.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from crowdsafe.domain.camera.geometry import GroundCamera, Points
from crowdsafe.domain.camera.visible import ZonesInView
from crowdsafe.errors import BadInput

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

CELL_M = 0.5
"""Side of the site's cells: the ground that one person takes."""

# A footprint is sampled so many times along the side of a cell, and at most so often along its own.
_SAMPLES_PER_CELL = 4
_MAX_SAMPLES = 512


@dataclass(frozen=True, eq=False)
class Cells:
    """People in cells of the site's grid; cells without people are left out.

    Attributes:
        columns: (n,) counted east from x = 0, negative west of it.
        rows: (n,) counted north from y = 0.
        people: (n,) not negative.

    Raises:
        BadInput: the lengths differ, or a number of people is negative or not finite.
    """

    columns: Indices
    rows: Indices
    people: Array

    def __post_init__(self) -> None:
        shapes = {self.columns.shape, self.rows.shape, self.people.shape}
        if len(shapes) != 1 or self.people.ndim != 1:
            raise BadInput(
                f"cells: columns, rows and people have shapes {self.columns.shape}, "
                f"{self.rows.shape} and {self.people.shape}, expected one length"
            )
        if not (np.isfinite(self.people).all() and (self.people >= 0).all()):
            raise BadInput("cells: people in a cell, expected finite numbers from 0 up")

    def centres_m(self, cell_m: float = CELL_M) -> Points:
        """Return (n, 2) middles of the cells."""
        return np.column_stack([self.columns + 0.5, self.rows + 0.5]) * cell_m


def cells_of(ground_m: Points, people: Array, *, cell_m: float = CELL_M) -> Cells:
    """Add people up in the cells of the grid.

    Args:
        ground_m: (n, 2); a point that is not finite is in no cell.
        people: (n,) how many each point stands for.
        cell_m: side of a cell.
    """
    known = np.isfinite(ground_m).all(axis=1)
    index = _index(ground_m[known], cell_m)
    return _added(index[:, 0], index[:, 1], people[known])


def cells_of_zones(
    inside: NDArray[np.bool_], ground_m: Points, people: Array, *, cell_m: float = CELL_M
) -> tuple[Cells, ...]:
    """Add the people of each zone up in the cells of the grid.

    A cell that the line between two zones crosses is in both, with the people of each.

    Args:
        inside: (zones, n) who is in which, see :meth:`ZonesInView.contain`.
        ground_m: (n, 2).
        people: (n,) how many each point stands for.
        cell_m: side of a cell.
    """
    zone, point = np.nonzero(inside)
    index = _index(ground_m[point], cell_m)
    return _by_zone(zone, index[:, 0], index[:, 1], people[point], zones=len(inside))


def joined(parts: Sequence[Cells]) -> Cells:
    """Add people up that are in the same cell."""
    if not parts:
        return _added(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    return _added(
        np.concatenate([each.columns for each in parts]),
        np.concatenate([each.rows for each in parts]),
        np.concatenate([each.people for each in parts]),
    )


def ground_quads(
    camera: GroundCamera, centres_px: Points, *, side_px: float, height_m: float
) -> NDArray[np.float64]:
    """Return the ground that square cells of a picture cover.

    Args:
        camera: its calibration.
        centres_px: (m, 2) middles of the cells in the calibrated picture.
        side_px: of a cell there.
        height_m: as in :meth:`GroundCamera.to_ground`.

    Returns:
        (m, 4, 2) corners in order around; NaN on or above the horizon.
    """
    around = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * side_px
    corners = (centres_px[:, None] + around).reshape(-1, 2)
    return camera.to_ground(corners, height_m=height_m).reshape(-1, 4, 2)


@dataclass(frozen=True, eq=False)
class Footprints:
    """Where the people of a density map's cells are, worked out once by :func:`footprints`.

    Attributes:
        map_cells: m, how many cells the map has.
        zones: how many zones there are.
        columns, rows: (k,) of ground cells, each once for each zone that has people of it.
        zone: (k,) the number of that zone.
        place: (s,) which of these k has the part
        part: (s,) of the people
        owner: (s,) of this cell of the map.
    """

    map_cells: int
    zones: int
    columns: Indices
    rows: Indices
    zone: Indices
    place: Indices
    part: Array
    owner: Indices

    def in_zones(self, weights: Array) -> Array:
        """Return what there is in each zone (zones,) of weights (m,) of the map's cells."""
        there = self._there(weights)
        return np.bincount(self.zone, weights=there, minlength=self.zones).astype(np.float64)

    def cells(self, people: Array) -> tuple[Cells, ...]:
        """Return for each zone the ground cells with people (m,) of the map's cells."""
        there = self._there(people)
        some = there > 0
        return _by_zone(
            self.zone[some], self.columns[some], self.rows[some], there[some], zones=self.zones
        )

    def _there(self, weights: Array) -> Array:
        if weights.shape != (self.map_cells,):
            raise BadInput(
                f"footprints: weights of shape {weights.shape}, expected ({self.map_cells},), one "
                "for each cell of the map"
            )
        parts = self.part * weights[self.owner]
        return np.bincount(self.place, weights=parts, minlength=len(self.zone)).astype(np.float64)


def footprints(
    *, view: ZonesInView, centres_m: Points, quads_m: NDArray[np.float64], cell_m: float = CELL_M
) -> Footprints:
    """Spread each cell of a density map evenly over the ground that it shows.

    A picture's cells grow with distance: without this, far people would all stand on the few
    ground cells that have a middle of a map cell, and the ground between would be empty. A map cell
    counts if its middle is on seen ground; then all its people are on the seen part of its
    footprint, so that none is lost beyond the edge of what is seen. Where no part of the footprint
    is seen or it reaches above the horizon, they stand on its middle.

    The footprint is sampled at a quarter of ``cell_m`` or finer, with weights by its area there.

    Args:
        view: zones as the camera sees them.
        centres_m: (m, 2) where the middles of the map's cells are on the ground.
        quads_m: (m, 4, 2) the corners of the same, see :func:`ground_quads`.
        cell_m: side of a ground cell.

    Raises:
        BadInput: the shapes do not go together, or the cells have no side.
    """
    m = len(centres_m)
    if centres_m.shape != (m, 2) or quads_m.shape != (m, 4, 2):
        raise BadInput(
            f"footprints: middles of shape {centres_m.shape} and corners of shape {quads_m.shape}, "
            "expected (m, 2) and (m, 4, 2)"
        )
    if not 0 < cell_m < np.inf:
        raise BadInput(f"cell_m: {cell_m}, expected more than 0 m")
    counted = view.ground.contains(centres_m)
    whole = np.flatnonzero(counted & np.isfinite(quads_m).all(axis=(1, 2)))
    owner, ground_m, area = _samples(quads_m[whole], cell_m / _SAMPLES_PER_CELL)
    seen = view.ground.contains(ground_m) & (area > 0)
    owner, ground_m, area = whole[owner[seen]], ground_m[seen], area[seen]
    all_area = np.bincount(owner, weights=area, minlength=m)
    alone = np.flatnonzero(counted & (all_area == 0))
    owner = np.concatenate([owner, alone])
    ground_m = np.concatenate([ground_m, centres_m[alone]])
    all_area[alone] = 1.0
    part = np.concatenate([area, np.ones(len(alone))]) / all_area[owner]

    zone, sample = np.nonzero(view.contain(ground_m))
    places = np.column_stack([zone, _index(ground_m[sample], cell_m)])
    unique, place = np.unique(places, axis=0, return_inverse=True)
    # One part for all samples that a map cell has in a ground cell.
    code = place.ravel() * m + owner[sample]
    pairs, pair = np.unique(code, return_inverse=True)
    place, owner = np.divmod(pairs, max(m, 1))
    return Footprints(
        map_cells=m,
        zones=len(view.zones),
        columns=unique[:, 1],
        rows=unique[:, 2],
        zone=unique[:, 0],
        place=place,
        part=np.bincount(pair, weights=part[sample], minlength=len(pairs)).astype(np.float64),
        owner=owner,
    )


def _samples(quads_m: NDArray[np.float64], step_m: float) -> tuple[Indices, Points, Array]:
    """Return the owner (s,), place (s, 2) and area (s,) of samples that cover quads (m, 4, 2)."""
    sides = np.linalg.norm(np.roll(quads_m, -1, axis=1) - quads_m, axis=2)
    along = np.maximum(sides[:, 0], sides[:, 2]), np.maximum(sides[:, 1], sides[:, 3])
    across, down = (
        np.clip(np.ceil(length / step_m), 1, _MAX_SAMPLES).astype(np.int64) for length in along
    )
    number = across * down
    owner = np.repeat(np.arange(len(quads_m)), number)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(number) - number, number)
    s = ((within % across[owner] + 0.5) / across[owner])[:, None]
    t = ((within // across[owner] + 0.5) / down[owner])[:, None]
    a, b, c, d = (quads_m[owner, corner] for corner in range(4))
    ground_m = (1 - s) * (1 - t) * a + s * (1 - t) * b + s * t * c + (1 - s) * t * d
    by_s, by_t = (1 - t) * (b - a) + t * (c - d), (1 - s) * (d - a) + s * (c - b)
    area = np.abs(by_s[:, 0] * by_t[:, 1] - by_s[:, 1] * by_t[:, 0]) / number[owner]
    return owner, ground_m, area


def _index(ground_m: Points, cell_m: float) -> Indices:
    return np.floor(ground_m / cell_m).astype(np.int64)


def _added(columns: Indices, rows: Indices, people: Array) -> Cells:
    return _by_zone(np.zeros(len(columns), dtype=np.int64), columns, rows, people, zones=1)[0]


def _by_zone(
    zone: Indices, columns: Indices, rows: Indices, people: Array, *, zones: int
) -> tuple[Cells, ...]:
    """Add people up in the cells of each zone, in the order of rows and columns."""
    if not len(zone):
        nowhere = np.zeros(0, dtype=np.int64)
        return (Cells(nowhere, nowhere, np.zeros(0)),) * zones
    west, south = columns.min(), rows.min()
    wide, high = columns.max() - west + 1, rows.max() - south + 1
    code = (zone * high + rows - south) * wide + columns - west
    unique, inverse = np.unique(code, return_inverse=True)
    added = np.bincount(inverse, weights=people).astype(np.float64)
    unique, column = np.divmod(unique, wide)
    number, row = np.divmod(unique, high)
    ends = np.searchsorted(number, np.arange(zones + 1))
    return tuple(
        Cells(columns=column[a:b] + west, rows=row[a:b] + south, people=added[a:b])
        for a, b in pairwise(ends)
    )
