"""From picture to ground and back: lens, homography, head to foot, and the ground that is seen.

The ground is the plane z = 0 of the site frame: metres east (x) and north (y).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from crowdsafe.domain.camera.homography import homography_from_points, mapped
from crowdsafe.domain.camera.lens import Lens
from crowdsafe.domain.crowd.points import Matrices, Points, inverse, solved
from crowdsafe.errors import BadInput

__all__ = [
    "CalibrationSpread",
    "GroundCamera",
    "Points",
    "homography_from_points",
    "largest_polygon",
    "polygonal",
]

_MAX_CONDITION = 1e12
# Rows of the picture nearer to the horizon than this share of the best view are not ground.
_HORIZON_MARGIN = 1e-3
_HORIZON_POINTS = 257


@dataclass(frozen=True, eq=False)
class CalibrationSpread:
    """How sure a calibration is of itself: cameras a standard deviation off, in k directions.

    The directions are independent of each other; see :meth:`PlaneFit.spread`.

    Attributes:
        homographies: (k, 2, 3, 3), to both sides in each direction.
        positions_m: (k, 2, 3), x, y and height that go with them.
    """

    homographies: NDArray[np.float64]
    positions_m: NDArray[np.float64]


@dataclass(frozen=True)
class GroundCamera:
    """A calibrated camera: picture to ground, and where the camera stands.

    Attributes:
        homography: (3, 3) ideal px to ground m at z = 0; without a lens ideal px are the picture's.
        position_m: (x, y) of the camera over the ground.
        height_m: height of the camera over the ground.
        image_size_px: (width, height) that the homography belongs to.
        lens: what the lens does to straight lines; None: nothing.
        residual_m: root mean square error of the calibration on the ground, as far as it is known
            and not in ``spread``.
        spread: how sure the calibration is of itself; None: not known.
    """

    homography: Points
    position_m: tuple[float, float]
    height_m: float
    image_size_px: tuple[int, int]
    lens: Lens | None = None
    residual_m: float = 0.0
    spread: CalibrationSpread | None = None

    def __post_init__(self) -> None:
        width, height = self.image_size_px
        if not (width > 0 and height > 0):
            raise BadInput(f"picture size: {width} × {height} px, expected more than 0")
        if self.homography.shape != (3, 3) or not np.isfinite(self.homography).all():
            raise BadInput("homography: expected 3 × 3 finite numbers")
        if np.linalg.cond(self.homography) > _MAX_CONDITION:
            raise BadInput(
                "homography: it is degenerate (a whole line of the picture is one point)"
            )
        if not 0 < self.height_m < np.inf:
            raise BadInput(f"camera height: {self.height_m} m, expected more than 0")
        if not np.isfinite(self.position_m).all():
            raise BadInput(f"camera position: {self.position_m}, expected finite numbers")
        if not 0 <= self.residual_m < np.inf:
            raise BadInput(f"residual: {self.residual_m} m, expected 0 or more")
        bottom = self._bottom_divisor
        if np.isnan(bottom):
            raise BadInput(
                "lens: its distortion folds back before the bottom of the picture, expected a "
                "model that holds there"
            )
        if bottom == 0:
            raise BadInput("homography: the bottom of the picture lies on the horizon")

    @cached_property
    def _bottom_divisor(self) -> float:
        """The homogeneous divisor of the bottom centre of the picture, which shows ground."""
        width, height = self.image_size_px
        return float(mapped(self.homography, self._ideal(np.array([[width / 2, height]])))[1][0])

    def _ideal(self, image_px: Points) -> Points:
        points = np.asarray(image_px, dtype=np.float64).reshape(-1, 2)
        return points if self.lens is None else self.lens.to_ideal(points)

    def _on_plane(self, ideal_px: Points) -> tuple[Points, NDArray[np.float64]]:
        """Return where rays meet z = 0 and their divisors, both NaN from the horizon up."""
        ground, w = mapped(self.homography, ideal_px)
        # The divisor is 1 at the bottom centre of the picture, 0 on the horizon, negative above.
        sky = w / self._bottom_divisor < _HORIZON_MARGIN
        ground[sky], w[sky] = np.nan, np.nan
        return ground, w

    def _nearer(self, height_m: float) -> float:
        """Return how much nearer something at a height stands than its ray meets the ground."""
        if not 0 <= height_m < self.height_m:
            raise BadInput(
                f"height over ground: {height_m} m, expected 0 or more and below the camera's "
                f"{self.height_m} m"
            )
        return 1.0 - height_m / self.height_m

    def _stands(self, plane_m: Points, nearer: float) -> Points:
        position = np.array(self.position_m)
        stands: Points = position + (plane_m - position) * nearer
        return stands

    def to_ground(self, image_px: Points, *, height_m: float) -> Points:
        """Project picture points of something ``height_m`` over the ground to where it stands.

        A ray through a head at height z meets the ground at G'; with the camera at C and height h
        the person stands at C + (G' − C)·(1 − z/h).

        Args:
            image_px: (n, 2).
            height_m: 0 for feet, the height of the head for heads.

        Returns:
            (n, 2) ground points; NaN for points on or above the horizon and for those at which the
            lens's distortion is not known.

        Raises:
            BadInput: the height is negative or not below the camera.
        """
        nearer = self._nearer(height_m)
        ground, _ = self._on_plane(self._ideal(image_px))
        return self._stands(ground, nearer)

    def to_picture(self, ground_m: Points, *, height_m: float) -> Points:
        """Return where the picture shows what is ``height_m`` over the ground points.

        Args:
            ground_m: (n, 2).
            height_m: as in :meth:`to_ground`.

        Returns:
            (n, 2) px, which may lie outside the picture; NaN for what is behind the camera, and
            for what the lens bends farther than its distortion is known.

        Raises:
            BadInput: as in :meth:`to_ground`.
        """
        nearer = self._nearer(height_m)
        position = np.array(self.position_m)
        ground = np.asarray(ground_m, dtype=np.float64).reshape(-1, 2)
        plane = position + (ground - position) / nearer
        ideal, per_divisor = mapped(inverse(self.homography), plane)
        with np.errstate(divide="ignore"):
            ideal[1.0 / per_divisor / self._bottom_divisor < _HORIZON_MARGIN] = np.nan
        return ideal if self.lens is None else self.lens.to_picture(ideal)

    def slope_m_px(self, image_px: Points, *, height_m: float) -> Matrices:
        """Return the derivative of :meth:`to_ground`.

        Its determinant's size is the ground in m² that a px shows. With H the homography, (X, Y) =
        H(u, v) and w the divisor it is (1 − z/h)·(H[:2, :2] − (X, Y)·H[2, :2]) ÷ w, times the
        derivative of the ideal px by the picture's.

        Args:
            image_px: (n, 2).
            height_m: as in :meth:`to_ground`.

        Returns:
            (n, 2, 2) in m/px, a row for each of x and y; NaN as in :meth:`to_ground`.

        Raises:
            BadInput: as in :meth:`to_ground`.
        """
        return self.to_ground_with_slope(image_px, height_m=height_m)[1]

    def to_ground_with_slope(self, image_px: Points, *, height_m: float) -> tuple[Points, Matrices]:
        """Return :meth:`to_ground` and :meth:`slope_m_px`, in little more than the time of one."""
        nearer = self._nearer(height_m)
        points = np.asarray(image_px, dtype=np.float64).reshape(-1, 2)
        by_lens: Matrices | None = None
        if self.lens is not None:
            points, by_lens = self.lens.to_ideal_with_slope(points)
        plane, w = self._on_plane(points)
        upper, lower = self.homography[None, :2, :2], self.homography[None, 2:, :2]
        slope: Matrices = (upper - plane[:, :, None] * lower) * (nearer / w)[:, None, None]
        if by_lens is not None:
            slope = slope @ by_lens
        return self._stands(plane, nearer), slope

    def px_per_m(self, image_px: Points, *, height_m: float) -> NDArray[np.float64]:
        """Return the px that a metre has, square to the line of sight and level.

        Such a metre is not foreshortened, so it measures a head. With J the derivative of
        :meth:`to_ground` and t the level unit vector across the line of sight, it is |J⁻¹·t|.

        Args:
            image_px: (n, 2).
            height_m: as in :meth:`to_ground`.

        Returns:
            (n,); NaN as in :meth:`to_ground`.

        Raises:
            BadInput: as in :meth:`to_ground`.
        """
        ground, slope = self.to_ground_with_slope(image_px, height_m=height_m)
        away = self.away(ground)
        step = solved(slope, np.column_stack([-away[:, 1], away[:, 0]]))
        px: NDArray[np.float64] = np.hypot(step[:, 0], step[:, 1])
        return px

    def away(self, ground_m: Points) -> Points:
        """Return the level unit vectors (n, 2) from the camera to ground points (n, 2).

        Straight below the camera every level direction is away from it, and east is taken.
        """
        away = ground_m - np.array(self.position_m)
        distance_m = np.hypot(away[:, 0], away[:, 1])
        below = distance_m < 1e-6
        distance_m[below], away[below] = 1.0, (1.0, 0.0)
        unit: Points = away / distance_m[:, None]
        return unit

    def view_polygon(self, *, height_m: float, range_m: float) -> Polygon:
        """Return the ground on which something ``height_m`` high shows in the picture.

        Args:
            height_m: as in :meth:`to_ground`.
            range_m: ground farther from the camera than this is not counted as seen.

        Returns:
            A polygon in metres; empty when the picture shows no ground.
        """
        width, height = self.image_size_px
        picture: shapely.Geometry = shapely.box(0, 0, width, height)
        if self.lens is not None:
            picture = self.lens.clipped(largest_polygon(picture))
        outline = largest_polygon(shapely.segmentize(picture, max(width, height) / 64))
        ideal = self._ideal(shapely.get_coordinates(outline))
        if not len(ideal) or not np.isfinite(ideal).all():
            return Polygon()
        below = self._below_horizon(largest_polygon(shapely.make_valid(Polygon(ideal))))
        if below.is_empty:
            return Polygon()
        ground, _ = self._on_plane(shapely.get_coordinates(below))
        if not np.isfinite(ground).all():
            return Polygon()
        ground = self._stands(ground, self._nearer(height_m))
        disc = shapely.Point(self.position_m).buffer(range_m, quad_segs=32)
        return largest_polygon(shapely.make_valid(Polygon(ground)).intersection(disc))

    def _horizon_line(self) -> tuple[float, float, float]:
        """Return a, b, c of the divisor a·u + b·v + c in ideal px, 1 at the bottom centre."""
        a, b, c = self.homography[2] / self._bottom_divisor
        return float(a), float(b), float(c)

    def horizon_px(self) -> Points:
        """Return (n, 2) points of the horizon in the picture, in order; none if it is not in it."""
        a, b, c = self._horizon_line()
        norm = np.hypot(a, b)
        if norm < 1e-12:
            return np.zeros((0, 2))
        width, height = self.image_size_px
        middle = self._ideal(np.array([[width / 2, height]]))[0]
        foot = middle - np.array([a, b]) * ((a * middle[0] + b * middle[1] + c) / norm**2)
        along = np.array([-b, a]) / norm
        # Steps grow to the sides, where a lens brings far ideal points near.
        steps = np.sinh(np.linspace(-4.0, 4.0, _HORIZON_POINTS)) * (width + height) / 8.0
        line = foot + steps[:, None] * along
        if self.lens is not None:
            line = self.lens.to_picture(line)
        inside = ((line >= 0) & (line <= (width, height))).all(axis=1)
        shown: Points = line[inside]
        return shown

    def _below_horizon(self, picture: Polygon) -> Polygon:
        """Cut away the ideal picture at and above the horizon, a line in it."""
        a, b, c = self._horizon_line()
        c -= 2 * _HORIZON_MARGIN
        norm = np.hypot(a, b)
        if norm < 1e-12:
            return picture if c > 0 else Polygon()
        # A square far larger than the picture, on the ground's side of the line.
        reach = 10.0 * float(np.abs(picture.bounds).sum()) + abs(c) / norm
        foot = np.array([-a * c, -b * c]) / norm**2
        inward, along = np.array([a, b]) / norm, np.array([-b, a]) / norm
        side = Polygon(
            [
                foot - along * reach,
                foot + along * reach,
                foot + along * reach + inward * 2 * reach,
                foot - along * reach + inward * 2 * reach,
            ]
        )
        return largest_polygon(picture.intersection(side))


def largest_polygon(shape: shapely.Geometry) -> Polygon:
    """Return the largest polygon of a shape, or an empty one."""
    if isinstance(shape, Polygon):
        return shape
    parts = getattr(shape, "geoms", ())
    polygons = [largest_polygon(part) for part in parts]
    return max(polygons, key=lambda part: part.area, default=Polygon())


def polygonal(shape: shapely.Geometry) -> Polygon | MultiPolygon:
    """Return only the areas of a shape, without its stray points and lines."""
    if isinstance(shape, (Polygon, MultiPolygon)):
        return shape
    parts = [polygonal(part) for part in getattr(shape, "geoms", ())]
    union = shapely.union_all([part for part in parts if not part.is_empty])
    return union if isinstance(union, (Polygon, MultiPolygon)) else Polygon()
