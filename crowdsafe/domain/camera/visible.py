"""The ground on which a camera can count people, and what it holds of each zone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, inf

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import MultiPolygon, Polygon

from crowdsafe.domain.camera.geometry import GroundCamera, Points, polygonal
from crowdsafe.domain.crowd.zones import Outlines, Zone
from crowdsafe.errors import BadInput

Area = Polygon | MultiPolygon

# The longer side of the picture is looked at in so many steps.
_STEPS = 64
# Halvings of a step until the place where the picture becomes too coarse is found.
_HALVINGS = 24
# What is masked is followed on the ground to this many times the range.
_BEYOND = 2.0
# Who stands on the edge of the picture is seen, whatever the rounding.
_ROUNDING_M = 1e-3
# Less than this is a sliver of a rounding, no view of a zone.
_MIN_SEEN_M2 = 0.25


@dataclass(frozen=True)
class VisibleGround:
    """The ground on which one camera can count: in view, near enough, and not masked."""

    polygon: Area

    @property
    def area_m2(self) -> float:
        """Area in square metres."""
        return float(self.polygon.area)

    @cached_property
    def _outline(self) -> Outlines:
        return Outlines([polygonal(self.polygon.buffer(_ROUNDING_M, join_style="mitre"))])

    def contains(self, ground_m: Points) -> NDArray[np.bool_]:
        """Say for each ground point (n, 2) whether it is seen; NaN is not."""
        inside: NDArray[np.bool_] = self._outline.contain(ground_m)[0]
        return inside


@dataclass(frozen=True)
class VisibleZone:
    """A zone and the part of it that one camera sees, empty where that is nothing."""

    zone: Zone
    seen: Area

    @cached_property
    def seen_m2(self) -> float:
        """Area of the seen part in square metres."""
        return float(self.seen.area)

    @property
    def seen_share(self) -> float:
        """Seen part of the zone's area, 0 to 1."""
        return min(1.0, self.seen_m2 / self.zone.area_m2)


@dataclass(frozen=True)
class ZonesInView:
    """All zones as one camera sees them.

    Attributes:
        ground: on which the camera can count.
        zones: the seen part of each, in the order given.
    """

    ground: VisibleGround
    zones: tuple[VisibleZone, ...]

    @cached_property
    def _outlines(self) -> Outlines:
        # A zone of which nothing is seen has nobody in it.
        return Outlines([each.zone.polygon if each.seen_m2 else Polygon() for each in self.zones])

    @property
    def measured(self) -> Area:
        """All ground that is seen and of a zone."""
        zones = [each.zone.polygon for each in self.zones if each.seen_m2]
        return polygonal(shapely.intersection(self.ground.polygon, shapely.union_all(zones)))

    def contain(self, ground_m: Points) -> NDArray[np.bool_]:
        """Say for each zone and each ground point whether it is in the zone's seen part.

        A point on the edge that two zones share is in one of them, as in :meth:`Zone.contains`.

        Args:
            ground_m: (n, 2); NaN is nowhere.

        Returns:
            (zones, n) of bool.
        """
        inside: NDArray[np.bool_] = self._outlines.contain(ground_m)
        return inside & self.ground.contains(ground_m)


def visible_ground(
    *,
    camera: GroundCamera,
    height_m: float,
    range_m: float,
    min_px_per_m: float = 0.0,
    masks_px: Sequence[ArrayLike] = (),
) -> VisibleGround:
    """Return the ground on which people can be counted whose heads are ``height_m`` high.

    It is the camera's view polygon, without the ground whose heads would show inside a mask, and
    without the ground whose heads would show smaller than ``min_px_per_m``. The border of the
    latter is found in the picture: the corners of a mesh of triangles are told apart, and each edge
    between one that is fine enough and one that is not is halved until their border is found.

    Args:
        camera: its calibration.
        height_m: height over the ground of what is counted, see :meth:`GroundCamera.to_ground`.
        range_m: ground farther from the camera is not counted as seen.
        min_px_per_m: the ground sample distance limit, see :meth:`GroundCamera.px_per_m`, in px of
            the calibrated picture.
        masks_px: outlines (k, 2) in px of the calibrated picture, k >= 3, of what hides people;
            what of them is outside the picture or above the horizon hides nothing.

    Raises:
        BadInput: the height is not below the camera, the range or limit is no sensible number, or a
            mask is not an outline that does not cross itself.
    """
    if not 0 < range_m < inf:
        raise BadInput(f"range: {range_m} m, expected more than 0")
    if not 0 <= min_px_per_m < inf:
        raise BadInput(f"min_px_per_m: {min_px_per_m}, expected 0 or more")
    masks = [_mask(number, outline) for number, outline in enumerate(masks_px, start=1)]
    view = polygonal(camera.view_polygon(height_m=height_m, range_m=range_m))
    if view.is_empty or not (masks or min_px_per_m):
        return VisibleGround(view)

    def margin(image_px: Points) -> NDArray[np.float64]:
        """Return (n,) numbers that are 0 or more where a point is near and fine enough."""
        away = camera.to_ground(image_px, height_m=height_m) - np.array(camera.position_m)
        near = _BEYOND * range_m - np.hypot(away[:, 0], away[:, 1])
        fine = camera.px_per_m(image_px, height_m=height_m) - min_px_per_m
        both: NDArray[np.float64] = np.nan_to_num(np.minimum(near, fine), nan=-1.0)
        return both

    open_px = shapely.difference(
        _where_not_negative(margin, camera.image_size_px), shapely.union_all(masks)
    )
    step_px = max(camera.image_size_px) / _STEPS
    ground = [
        _on_ground(part, camera, height_m)
        for part in shapely.get_parts(shapely.segmentize(open_px, step_px))
        if isinstance(part, Polygon)
    ]
    return VisibleGround(polygonal(shapely.intersection(view, shapely.union_all(ground))))


def visible_zone(*, zone: Zone, ground: VisibleGround) -> VisibleZone:
    """Intersect a zone with the ground that a camera sees."""
    seen = polygonal(shapely.intersection(zone.polygon, ground.polygon))
    return VisibleZone(zone=zone, seen=seen if seen.area >= _MIN_SEEN_M2 else Polygon())


def zones_in_view(*, zones: Sequence[Zone], ground: VisibleGround) -> ZonesInView:
    """Intersect all zones with the ground that a camera sees."""
    return ZonesInView(
        ground=ground, zones=tuple(visible_zone(zone=zone, ground=ground) for zone in zones)
    )


def _mask(number: int, outline_px: ArrayLike) -> Polygon:
    points = np.asarray(outline_px, dtype=np.float64)
    if points.ndim != 2 or points.shape[1:] != (2,) or len(points) < 3:
        raise BadInput(f"mask {number}: shape {points.shape}, expected (k, 2) with k >= 3")
    if not np.isfinite(points).all():
        raise BadInput(f"mask {number}: a coordinate is not a finite number")
    mask = Polygon(points)
    if not mask.is_valid or mask.area == 0:
        raise BadInput(
            f"mask {number}: its outline crosses itself or has no area, expected a simple outline"
        )
    return mask


def _on_ground(part: Polygon, camera: GroundCamera, height_m: float) -> Area:
    rings = []
    for ring in (part.exterior, *part.interiors):
        ground = camera.to_ground(shapely.get_coordinates(ring), height_m=height_m)
        # A corner so near to the horizon is far beyond the range.
        rings.append(ground[np.isfinite(ground).all(axis=1)])
    return polygonal(shapely.make_valid(Polygon(rings[0], rings[1:])))


def _where_not_negative(
    value: Callable[[Points], NDArray[np.float64]], size_px: tuple[int, int]
) -> Area:
    """Return the part of a picture where a continuous function of (n, 2) points is 0 or more."""
    width, height = size_px
    step_px = max(size_px) / _STEPS
    columns = np.linspace(0.0, width, ceil(width / step_px) + 1)
    rows = np.linspace(0.0, height, ceil(height / step_px) + 1)
    corners = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    inside = value(corners) >= 0
    index = np.arange(len(corners)).reshape(len(rows), len(columns))
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    triangles = np.concatenate(
        [np.stack([a, b, c], axis=-1).reshape(-1, 3), np.stack([a, c, d], axis=-1).reshape(-1, 3)]
    )
    number = np.count_nonzero(inside[triangles], axis=1)
    parts = [shapely.polygons(corners[triangles[number == 3]])]
    for wanted in (1, 2):
        cut = triangles[number == wanted]
        # First the corner that is alone on its side of the border.
        alone = np.argmax(inside[cut] == (wanted == 1), axis=1)
        first, second, third = (
            corners[cut[np.arange(len(cut)), (alone + turn) % 3]] for turn in range(3)
        )
        if wanted == 1:
            to_second = _border(value, first, second)
            to_third = _border(value, first, third)
            parts.append(shapely.polygons(np.stack([first, to_second, to_third], axis=1)))
        else:
            to_second = _border(value, second, first)
            to_third = _border(value, third, first)
            parts.append(shapely.polygons(np.stack([to_second, second, third, to_third], axis=1)))
    pieces = np.concatenate(parts)
    return polygonal(shapely.coverage_union_all(pieces[shapely.area(pieces) > 0]))


def _border(
    value: Callable[[Points], NDArray[np.float64]], inside_px: Points, outside_px: Points
) -> Points:
    """Return the last points (n, 2) on the ways from inside to outside where it is 0 or more."""
    near, far = inside_px, outside_px
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        fine = (value(middle) >= 0)[:, None]
        near, far = np.where(fine, middle, near), np.where(fine, far, middle)
    return near
