"""A zone cut into patches of ground, and which camera speaks for each patch.

A patch is what a zone has of a cell of the site's grid, see :mod:`crowdsafe.domain.crowd.grid`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from crowdsafe.domain.camera.geometry import GroundCamera, Points, polygonal
from crowdsafe.domain.camera.visible import VisibleGround
from crowdsafe.domain.crowd.grid import CELL_M, Cells
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.errors import BadInput

Grid = NDArray[np.float64]
"""Shape (rows, columns) over a zone's bounding box, row 0 in the south."""

SEAM_M = 1.5
"""Over this width the word passes from one owner to the next.

Somebody on a hard seam, whom one camera places a little on this side and the other on that, counts
for none or for two. With a position error of σ metres and p persons per square metre the variance
is 2/√π·σ·p for each metre of seam; with a ramp of width W ≫ σ it is 2·σ²/W·p. Both are right on
average as long as no camera's places are shifted: a shift by s metres across a seam loses or
doubles s·p people for each metre of it, at any width.
"""

_MAX_CELLS = 1_000_000
# A view that is this much finer than another is better; less is a matter of calibration.
_SAME_PX_PER_M = 0.01
_FULLY = 10_000
_PX_CLASSES = 1 << 16


@dataclass(frozen=True, eq=False)
class ZonePatches:
    """The patches of one zone.

    Attributes:
        zone: which zone.
        cell_m: side of a cell.
        first: column and row of the south-western cell of the zone's bounding box.
        area_m2: (rows, columns) of each patch, 0 where the zone has nothing of a cell.
    """

    zone: Zone
    cell_m: float
    first: tuple[int, int]
    area_m2: Grid

    def centres_m(self) -> Points:
        """Return (rows · columns, 2) centres of the cells, row by row from the south."""
        rows, columns = np.indices(self.area_m2.shape)
        column0, row0 = self.first
        centres: Points = self.cell_m * np.column_stack(
            [columns.ravel() + column0 + 0.5, rows.ravel() + row0 + 0.5]
        )
        return centres

    def areas_in(self, shape: Polygon | MultiPolygon) -> Grid:
        """Return (rows, columns) square metres that a shape has of each cell."""
        return _areas(shape, first=self.first, size=self.area_m2.shape, cell_m=self.cell_m)

    def at(self, marks: NDArray[np.bool_], place_m: tuple[float, float]) -> bool:
        """Return the mark (rows, columns) of the cell at a place, or of the nearest to it."""
        height, width = marks.shape
        column = floor(place_m[0] / self.cell_m) - self.first[0]
        row = floor(place_m[1] / self.cell_m) - self.first[1]
        column, row = min(max(column, 0), width - 1), min(max(row, 0), height - 1)
        return bool(marks[row, column])

    def within(self, cells: Cells) -> tuple[NDArray[np.int64], NDArray[np.int64], Grid]:
        """Return rows and columns of the grid, and people (n,), of the cells in the zone."""
        columns, rows = cells.columns - self.first[0], cells.rows - self.first[1]
        height, width = self.area_m2.shape
        inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
        columns, rows = columns[inside], rows[inside]
        there = self.area_m2[rows, columns] > 0
        return rows[there], columns[there], cells.people[inside][there]


def zone_patches(zone: Zone, *, cell_m: float = CELL_M) -> ZonePatches:
    """Cut a zone along the site's grid.

    Raises:
        BadInput: the cells have no side, or there would be too many.
    """
    if not 0 < cell_m < np.inf:
        raise BadInput(f"cell_m: {cell_m}, expected more than 0 m")
    west, south, east, north = zone.polygon.bounds
    column0, row0 = int(np.floor(west / cell_m)), int(np.floor(south / cell_m))
    width = int(np.ceil(east / cell_m)) - column0
    height = int(np.ceil(north / cell_m)) - row0
    if width * height > _MAX_CELLS:
        raise BadInput(
            f"zone '{zone.id}': {width} × {height} cells of {cell_m:g} m, expected at most "
            f"{_MAX_CELLS:,} in all; use smaller zones or larger cells"
        )
    area_m2 = _areas(zone.polygon, first=(column0, row0), size=(height, width), cell_m=cell_m)
    return ZonePatches(zone=zone, cell_m=cell_m, first=(column0, row0), area_m2=area_m2)


def _areas(
    shape: Polygon | MultiPolygon, *, first: tuple[int, int], size: tuple[int, ...], cell_m: float
) -> Grid:
    areas = np.zeros(size)
    if shape.is_empty:
        return areas
    rows, columns = np.indices(size)
    west, south = (first[0] + columns) * cell_m, (first[1] + rows) * cell_m
    boxes = shapely.box(west, south, west + cell_m, south + cell_m)
    shapely.prepare(shape)
    within = shapely.contains(shape, boxes)
    crossed = shapely.intersects(shape, boxes) & ~within
    areas[within] = cell_m**2
    areas[crossed] = shapely.area(shapely.intersection(boxes[crossed], shape))
    return areas


@dataclass(frozen=True, eq=False)
class Sight:
    """What one camera sees of the patches of one zone.

    Attributes:
        camera_id: which camera.
        seen_m2: (rows, columns) of each patch that it sees.
        px_per_m: (rows, columns) how large a metre shows there; NaN where that is not known.
    """

    camera_id: str
    seen_m2: Grid
    px_per_m: Grid


def sight(
    patches: ZonePatches,
    *,
    camera_id: str,
    camera: GroundCamera,
    height_m: float,
    ground: VisibleGround,
) -> Sight:
    """Work out what a camera sees of a zone.

    Args:
        patches: of the zone.
        camera_id: which camera.
        camera: its calibration.
        height_m: over the ground, of what it finds: the same as for ``ground``.
        ground: on which it counts people.

    Raises:
        BadInput: as :meth:`GroundCamera.to_picture`.
    """
    seen = polygonal(shapely.intersection(patches.zone.polygon, ground.polygon))
    in_picture = camera.to_picture(patches.centres_m(), height_m=height_m)
    px_per_m = camera.px_per_m(in_picture, height_m=height_m)
    return Sight(
        camera_id=camera_id,
        seen_m2=np.minimum(patches.areas_in(seen), patches.area_m2),
        px_per_m=px_per_m.reshape(patches.area_m2.shape),
    )


@dataclass(frozen=True, eq=False)
class Holding:
    """The patches of a zone for which one camera speaks.

    Attributes:
        weights: (rows, columns) 0 to 1; over all cameras they sum to 1 where any sees the patch.
        seen_m2: what it speaks for, square metres.
        share: the same as a part of all that this camera sees of the zone, 0 to 1.
        near: (rows, columns) whether it speaks for a patch that is at most ``SEAM_M`` away.
    """

    weights: Grid
    seen_m2: float
    share: float
    near: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Ownership:
    """Who speaks for each patch of a zone, for one set of cameras.

    Attributes:
        holdings: by camera id, in the order of the ids; only cameras that speak for something.
        seen_m2: what all together see.
        seen_share: the same as a part of the zone's area, 0 to 1.
    """

    holdings: Mapping[str, Holding]
    seen_m2: float
    seen_share: float


def ownership(
    patches: ZonePatches,
    sights: Collection[Sight],
    *,
    degraded: Collection[str] = (),
    seam_m: float = SEAM_M,
) -> Ownership:
    """Give each patch to the camera that sees it best.

    Best is who sees most of the patch, then who is not degraded, then who has more px per metre,
    then the first by id. A camera that comes or goes moves no patch but its own and, within a seam,
    their neighbours. The answer depends on the set of cameras alone, so nothing flickers while the
    set stays.

    Where two owners meet, the weights are the owners' patches averaged over a square of ``seam_m``,
    among the cameras that see the patch whole.

    Args:
        patches: of the zone.
        sights: of the cameras that are to be believed, in any order, each camera once.
        degraded: ids of those among them that speak only for what no other sees as well.
        seam_m: 0 for hard seams.
    """
    ordered = sorted(sights, key=lambda each: each.camera_id)
    if not ordered:
        return Ownership(holdings={}, seen_m2=0.0, seen_share=0.0)
    seen_m2 = np.stack([each.seen_m2 for each in ordered])
    shares = seen_m2 / np.where(patches.area_m2 > 0, patches.area_m2, 1.0)
    fully = np.rint(shares * _FULLY).astype(np.int64)
    score = _score(ordered, fully, degraded)
    owner = np.where(fully.max(axis=0) > 0, score.argmax(axis=0), -1)
    owned = owner == np.arange(len(ordered))[:, None, None]
    weights = _softened(owned, whole=fully == _FULLY, cells=_odd_cells(seam_m, patches.cell_m))
    spoken_m2 = weights * seen_m2
    near = _around(weights > 0, cells=2 * ceil(SEAM_M / patches.cell_m) + 1) > 0
    holdings = {
        each.camera_id: Holding(
            weights=weights[number],
            seen_m2=float(spoken_m2[number].sum()),
            share=min(1.0, float(spoken_m2[number].sum() / each.seen_m2.sum())),
            near=near[number],
        )
        for number, each in enumerate(ordered)
        if weights[number].any()
    }
    all_m2 = float(spoken_m2.sum())
    return Ownership(
        holdings=holdings, seen_m2=all_m2, seen_share=min(1.0, all_m2 / patches.zone.area_m2)
    )


def _score(
    ordered: Sequence[Sight], fully: NDArray[np.int64], degraded: Collection[str]
) -> NDArray[np.int64]:
    """Return (cameras, rows, columns) numbers whose greatest is the best view of the patch."""
    px_per_m = np.stack([each.px_per_m for each in ordered])
    with np.errstate(invalid="ignore"):
        steps = np.floor(np.log(px_per_m) / log(1 + _SAME_PX_PER_M)) + _PX_CLASSES / 2
    fineness = np.clip(np.nan_to_num(steps, nan=0.0), 0, _PX_CLASSES - 1).astype(np.int64)
    healthy = np.array([each.camera_id not in degraded for each in ordered], dtype=np.int64)
    return (fully * 2 + healthy[:, None, None]) * _PX_CLASSES + fineness


def _odd_cells(width_m: float, cell_m: float) -> int:
    return 2 * round((width_m / cell_m - 1) / 2) + 1 if width_m > cell_m else 1


def _softened(
    owned: NDArray[np.bool_], *, whole: NDArray[np.bool_], cells: int
) -> NDArray[np.float64]:
    """Return the weights (cameras, rows, columns) of patches that are owned (the same shape)."""
    around = _around(owned, cells=cells) * whole
    # A patch that its owner does not see whole is at the edge of all views: no seam to soften.
    soft = (owned & whole).any(axis=0)
    weights: NDArray[np.float64] = np.where(
        soft, around / np.where(soft, around.sum(axis=0), 1), owned
    )
    return weights


def _around(chosen: NDArray[np.bool_], *, cells: int) -> NDArray[np.int64]:
    """Return how many patches are chosen in a square of an odd number of cells around each."""
    margin = cells // 2
    padded = np.pad(chosen.astype(np.int64), ((0, 0), (margin + 1, margin), (margin + 1, margin)))
    sums = padded.cumsum(axis=1).cumsum(axis=2)
    rows = sums[:, cells:, :] - sums[:, :-cells, :]
    counts: NDArray[np.int64] = rows[:, :, cells:] - rows[:, :, :-cells]
    return counts
