"""A camera whose exact geometry is known: height, tilt and focal length, no distortion."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsafe.domain.geometry import GroundCamera

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Pinhole:
    """Looks north from (x, y) at ``height_m``, tilted ``tilt_deg`` below the horizon."""

    position_m: tuple[float, float] = (3.0, -2.0)
    height_m: float = 8.0
    tilt_deg: float = 30.0
    focal_px: float = 700.0
    size_px: tuple[int, int] = (960, 540)

    @property
    def matrix(self) -> Array:
        """(3, 4) projection of ground metres (x, y, z) to picture px."""
        tilt = np.radians(self.tilt_deg)
        right = np.array([1.0, 0.0, 0.0])
        forward = np.array([0.0, np.cos(tilt), -np.sin(tilt)])
        down = np.cross(forward, right)
        rotation = np.array([right, down, forward])
        centre = np.array([*self.position_m, self.height_m])
        width, height = self.size_px
        intrinsic = np.array(
            [[self.focal_px, 0, width / 2], [0, self.focal_px, height / 2], [0, 0, 1]]
        )
        return intrinsic @ np.column_stack([rotation, -rotation @ centre])

    def to_image(self, ground_m: Array, *, height_m: float) -> Array:
        """Project (n, 2) ground points, ``height_m`` over the ground, to (n, 2) picture px."""
        n = len(ground_m)
        points = np.column_stack([ground_m, np.full(n, height_m), np.ones(n)])
        mapped = points @ self.matrix.T
        return np.asarray(mapped[:, :2] / mapped[:, 2:])

    def camera(self) -> GroundCamera:
        """The same camera as a calibration describes it."""
        return GroundCamera(
            homography=np.linalg.inv(self.matrix[:, [0, 1, 3]]),
            position_m=self.position_m,
            height_m=self.height_m,
            image_size_px=self.size_px,
        )
