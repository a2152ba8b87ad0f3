"""A pinhole camera over flat ground, whose every number is known."""

from dataclasses import dataclass
from math import cos, radians, sin

import numpy as np

from crowdsafe.domain.camera.geometry import GroundCamera, Points


@dataclass(frozen=True)
class Pinhole:
    """Stands at ``position_m``, looks north (+y) and ``tilt_deg`` down; no lens distortion."""

    height_m: float = 6.0
    tilt_deg: float = 30.0
    focal_px: float = 800.0
    size_px: tuple[int, int] = (1280, 720)
    position_m: tuple[float, float] = (3.0, -2.0)

    @property
    def projection(self) -> Points:
        """(3, 4): homogeneous world metres to homogeneous picture px."""
        tilt = radians(self.tilt_deg)
        rotation = np.array(
            [[1, 0, 0], [0, -sin(tilt), -cos(tilt)], [0, cos(tilt), -sin(tilt)]], dtype=np.float64
        )
        centre = np.array([*self.position_m, self.height_m])
        width, height = self.size_px
        inner = np.array([[self.focal_px, 0, width / 2], [0, self.focal_px, height / 2], [0, 0, 1]])
        matrix: Points = inner @ np.column_stack([rotation, -rotation @ centre])
        return matrix

    def picture_of(self, ground_m: Points, *, height_m: float) -> Points:
        """(n, 2) px of what is ``height_m`` over the ground points (n, 2)."""
        n = len(ground_m)
        world = np.column_stack([ground_m, np.full(n, height_m), np.ones(n)])
        mapped = world @ self.projection.T
        points: Points = mapped[:, :2] / mapped[:, 2:]
        return points

    def calibrated(self) -> GroundCamera:
        """The same camera as its exact calibration."""
        return GroundCamera(
            homography=np.linalg.inv(self.projection[:, [0, 1, 3]]),
            position_m=self.position_m,
            height_m=self.height_m,
            image_size_px=self.size_px,
        )
