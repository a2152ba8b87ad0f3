"""From picture to ground: homography, head to foot, and the ground that a camera sees.

The ground is the plane z = 0 of the site frame: metres east (x) and north (y).
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import MultiPolygon, Polygon

from crowdsafe.errors import BadInput

Points = NDArray[np.float64]
"""Shape (n, 2)."""

_MIN_POINT_PAIRS = 4
_MAX_CONDITION = 1e12
# Rows of the picture nearer to the horizon than this share of the best view are not ground.
_HORIZON_MARGIN = 1e-3


def homography_from_points(*, image_px: ArrayLike, ground_m: ArrayLike) -> Points:
    """Fit the homography that takes picture points to ground points.

    Normalised direct linear transform: Hartley and Zisserman, Multiple View Geometry,
    2nd edition, algorithm 4.2.

    Args:
        image_px: (n, 2) points in the picture, n >= 4.
        ground_m: (n, 2) the same points on the ground.

    Returns:
        (3, 3) matrix H with [x·w, y·w, w] = H @ [u, v, 1], H[2, 2] = 1.

    Raises:
        BadInput: too few points, or points not finite, (nearly) on one line or repeated.
    """
    image = np.asarray(image_px, dtype=np.float64)
    ground = np.asarray(ground_m, dtype=np.float64)
    if image.shape != ground.shape or image.ndim != 2 or image.shape[1:] != (2,):
        raise BadInput(
            f"point pairs: picture points of shape {image.shape} and ground points of shape "
            f"{ground.shape} do not pair up, expected (n, 2) each"
        )
    if len(image) < _MIN_POINT_PAIRS:
        raise BadInput(f"point pairs: {len(image)} given, expected at least {_MIN_POINT_PAIRS}")
    for name, points in (("picture", image), ("ground", ground)):
        if not np.isfinite(points).all():
            raise BadInput(f"point pairs: a {name} point is not a finite number")
        if _degenerate(points):
            raise BadInput(
                f"point pairs: the {name} points lie on one line or repeat each other, "
                "expected at least four of which no three are on a line"
            )
    to_unit_image, to_unit_ground = _normaliser(image), _normaliser(ground)
    unit_image = _apply(to_unit_image, image)[0]
    unit_ground = _apply(to_unit_ground, ground)[0]
    n = len(image)
    homogeneous = np.column_stack([unit_image, np.ones(n)])
    design = np.zeros((2 * n, 9))
    design[0::2, 0:3] = homogeneous
    design[0::2, 6:9] = -unit_ground[:, :1] * homogeneous
    design[1::2, 3:6] = homogeneous
    design[1::2, 6:9] = -unit_ground[:, 1:] * homogeneous
    _, singular_values, rows = np.linalg.svd(design)
    if singular_values[7] < 1e-9 * singular_values[0]:
        raise BadInput("point pairs: they do not fix one homography (three on a line or repeated)")
    unit = rows[-1].reshape(3, 3)
    matrix = np.linalg.inv(to_unit_ground) @ unit @ to_unit_image
    return cast(Points, matrix / matrix[2, 2])


def _degenerate(points: Points) -> bool:
    """Say whether no four of the points are in general position (no three on a line)."""
    spread = np.ptp(points, axis=0).max()
    distinct = np.unique(np.round(points / (spread or 1.0), 9), axis=0)
    if len(distinct) < _MIN_POINT_PAIRS:
        return True
    # All but at most one point on a common line is exactly the case without such a quadruple.
    for i in range(len(distinct)):
        for j in range(i + 1, len(distinct)):
            along = distinct[j] - distinct[i]
            rest = distinct - distinct[i]
            off_line = np.abs(along[0] * rest[:, 1] - along[1] * rest[:, 0])
            if np.count_nonzero(off_line > 1e-4 * np.hypot(*along)) <= 1:
                return True
    return False


def _normaliser(points: Points) -> Points:
    centre = points.mean(axis=0)
    scale = np.sqrt(2.0) / np.linalg.norm(points - centre, axis=1).mean()
    return np.array(
        [[scale, 0.0, -scale * centre[0]], [0.0, scale, -scale * centre[1]], [0.0, 0.0, 1.0]]
    )


def _apply(matrix: Points, points: Points) -> tuple[Points, NDArray[np.float64]]:
    """Return the mapped points (n, 2) and their homogeneous divisors (n,)."""
    mapped = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    w = mapped[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        return mapped[:, :2] / w[:, None], w


@dataclass(frozen=True)
class GroundCamera:
    """A calibrated camera: picture to ground, and where the camera stands.

    Attributes:
        homography: (3, 3) picture px to ground m at z = 0.
        position_m: (x, y) of the camera over the ground.
        height_m: height of the camera over the ground.
        image_size_px: (width, height) that the homography belongs to.
    """

    homography: Points
    position_m: tuple[float, float]
    height_m: float
    image_size_px: tuple[int, int]

    def __post_init__(self) -> None:
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
        width, height = self.image_size_px
        if self._divisor(np.array([[width / 2, float(height)]]))[0] == 0:
            raise BadInput("homography: the bottom of the picture lies on the horizon")

    def _divisor(self, image_px: Points) -> NDArray[np.float64]:
        return cast(
            NDArray[np.float64],
            np.column_stack([image_px, np.ones(len(image_px))]) @ self.homography[2],
        )

    def _nearness(self, image_px: Points) -> NDArray[np.float64]:
        """Return each point's homogeneous divisor over that of the bottom centre.

        1 at the bottom centre of the picture, 0 on the horizon, negative above it.
        """
        width, height = self.image_size_px
        bottom = self._divisor(np.array([[width / 2, float(height)]]))[0]
        return cast(NDArray[np.float64], self._divisor(image_px) / bottom)

    def to_ground(self, image_px: Points, *, height_m: float) -> Points:
        """Project picture points of something ``height_m`` over the ground to where it stands.

        A ray through a head at height z meets the ground at G'; with the camera at C and height h
        the person stands at C + (G' − C)·(1 − z/h).

        Args:
            image_px: (n, 2).
            height_m: 0 for feet, the height of the head for heads.

        Returns:
            (n, 2) ground points; NaN for points on or above the horizon.

        Raises:
            BadInput: the height is negative or not below the camera.
        """
        if not 0 <= height_m < self.height_m:
            raise BadInput(
                f"height over ground: {height_m} m, expected 0 or more and below the camera's "
                f"{self.height_m} m"
            )
        points = np.asarray(image_px, dtype=np.float64).reshape(-1, 2)
        ground, _ = _apply(self.homography, points)
        ground[self._nearness(points) < _HORIZON_MARGIN] = np.nan
        position = np.array(self.position_m)
        return cast(Points, position + (ground - position) * (1.0 - height_m / self.height_m))

    def px_per_m(self, image_px: Points, *, height_m: float) -> NDArray[np.float64]:
        """Return the px that a metre has, square to the line of sight and level.

        Such a metre is not foreshortened, so it measures a head without knowing the lens. With J
        the derivative of :meth:`to_ground` and t the level unit vector across the line of sight,
        it is |J⁻¹·t|.

        Args:
            image_px: (n, 2).
            height_m: as in :meth:`to_ground`.

        Returns:
            (n,); NaN for points on or above the horizon.

        Raises:
            BadInput: as in :meth:`to_ground`.
        """
        points = np.asarray(image_px, dtype=np.float64).reshape(-1, 2)
        away = self.to_ground(points, height_m=height_m) - np.array(self.position_m)
        result = np.full(len(points), np.nan)
        known = np.isfinite(away).all(axis=1)
        points, away = points[known], away[known]
        distance_m = np.hypot(away[:, 0], away[:, 1])
        # Straight below the camera every level direction is across the line of sight.
        below = distance_m < 1e-6
        distance_m[below], away[below] = 1.0, (1.0, 0.0)
        across = np.column_stack([-away[:, 1], away[:, 0]]) / distance_m[:, None]
        ground, w = _apply(self.homography, points)
        shrunk = (1.0 - height_m / self.height_m) / w
        slope = self.homography[None, :2, :2] - ground[:, :, None] * self.homography[None, 2:, :2]
        step = np.linalg.solve(slope * shrunk[:, None, None], across[:, :, None])
        result[known] = np.hypot(step[:, 0, 0], step[:, 1, 0])
        return result

    def view_polygon(self, *, height_m: float, range_m: float) -> Polygon:
        """Return the ground on which something ``height_m`` high shows in the picture.

        Args:
            height_m: as in :meth:`to_ground`.
            range_m: ground farther from the camera than this is not counted as seen.

        Returns:
            A polygon in metres; empty when the picture shows no ground.
        """
        width, height = self.image_size_px
        picture = shapely.segmentize(shapely.box(0, 0, width, height), max(width, height) / 64)
        below = self._below_horizon(picture)
        if below.is_empty:
            return Polygon()
        ground = self.to_ground(shapely.get_coordinates(below), height_m=height_m)
        if not np.isfinite(ground).all():
            return Polygon()
        disc = shapely.Point(self.position_m).buffer(range_m, quad_segs=32)
        return largest_polygon(shapely.make_valid(Polygon(ground)).intersection(disc))

    def _below_horizon(self, picture: Polygon) -> Polygon:
        """Cut away the picture at and above the horizon, a line in the picture."""
        width, height = self.image_size_px
        bottom = self._divisor(np.array([[width / 2, float(height)]]))[0]
        a, b, c = self.homography[2] / bottom
        c -= 2 * _HORIZON_MARGIN
        norm = np.hypot(a, b)
        if norm < 1e-12:
            return picture if c > 0 else Polygon()
        # A square far larger than the picture, on the ground's side of the line.
        reach = 10.0 * (width + height) + abs(c) / norm
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
