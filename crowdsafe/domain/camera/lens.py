"""The lens: from the picture to what an ideal pinhole camera would show there, and back.

Ideal px are px of a picture with the same focal lengths and centre in which straight things are
straight.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike
from shapely.geometry import Polygon

from crowdsafe.domain.camera.distortion import BrownConrady, TsaiRadial
from crowdsafe.domain.crowd.points import Matrices, Points
from crowdsafe.errors import BadInput

_LARGEST_ASPECT = 2.0


@dataclass(frozen=True)
class Lens:
    """Focal lengths, optical centre and distortion of a camera.

    Attributes:
        focal_px: horizontal and vertical.
        centre_px: where the optical axis meets the picture.
        distortion: None for a lens that shows straight things straight.
    """

    focal_px: tuple[float, float]
    centre_px: tuple[float, float]
    distortion: BrownConrady | TsaiRadial | None = None

    def __post_init__(self) -> None:
        fx, fy = self.focal_px
        if not (0 < fx < np.inf and 0 < fy < np.inf):
            raise BadInput(f"focal length: {fx}, {fy} px, expected two numbers above 0")
        if not 1 / _LARGEST_ASPECT <= fx / fy <= _LARGEST_ASPECT:
            raise BadInput(
                f"focal length: {fx}, {fy} px, expected two numbers that differ by less than a "
                f"factor of {_LARGEST_ASPECT:g}"
            )
        if not np.isfinite(self.centre_px).all():
            raise BadInput(f"optical centre: {self.centre_px}, expected finite numbers")

    def _normal(self, px: ArrayLike) -> Points:
        points = np.asarray(px, dtype=np.float64).reshape(-1, 2)
        normal: Points = (points - np.array(self.centre_px)) / np.array(self.focal_px)
        return normal

    def _px(self, normal: Points) -> Points:
        px: Points = normal * np.array(self.focal_px) + np.array(self.centre_px)
        return px

    def to_ideal(self, image_px: ArrayLike) -> Points:
        """Return (n, 2) ideal px of (n, 2) points in the picture.

        NaN where the distortion has no ideal point: beyond the radius at which it folds back.
        """
        if self.distortion is None:
            return np.array(image_px, dtype=np.float64).reshape(-1, 2)
        return self._px(self.distortion.undistorted(self._normal(image_px)))

    def to_picture(self, ideal_px: ArrayLike) -> Points:
        """Return (n, 2) points in the picture of (n, 2) ideal px; NaN as in :meth:`to_ideal`."""
        if self.distortion is None:
            return np.array(ideal_px, dtype=np.float64).reshape(-1, 2)
        return self._px(self.distortion.distorted(self._normal(ideal_px)))

    def to_ideal_with_slope(self, image_px: ArrayLike) -> tuple[Points, Matrices]:
        """Return :meth:`to_ideal` and its (n, 2, 2) derivative."""
        points = self._normal(image_px)
        if self.distortion is None:
            return self._px(points), np.broadcast_to(np.eye(2), (len(points), 2, 2))
        ideal = self.distortion.undistorted(points)
        fx, fy = self.focal_px
        in_px = np.array([[1.0, fx / fy], [fy / fx, 1.0]])
        return self._px(ideal), self.distortion.slope(points, ideal) * in_px

    def clipped(self, picture: Polygon) -> shapely.Geometry:
        """Return the part of an area in the picture in which the distortion is known."""
        if self.distortion is None:
            return picture
        return picture.intersection(Polygon(self._px(self.distortion.border())))
