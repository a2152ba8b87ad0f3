"""A camera with a bent lens, as OpenCV draws it."""

from dataclasses import dataclass

import cv2
import numpy as np

from crowdsafe.domain.camera.calibration import Calibration, camera_from_pose
from crowdsafe.domain.camera.distortion import BrownConrady
from crowdsafe.domain.camera.lens import Lens
from crowdsafe.domain.camera.pose import Pose
from crowdsafe.domain.crowd.points import Points


@dataclass(frozen=True)
class LensCamera:
    """Angles as in :class:`Pose`; ``distortion`` is k1, k2, p1, p2, k3."""

    position_m: tuple[float, float, float] = (3.0, -2.0, 7.0)
    pan_deg: float = 25.0
    tilt_deg: float = 22.0
    roll_deg: float = -3.0
    focal_px: tuple[float, float] = (1100.0, 1090.0)
    centre_px: tuple[float, float] = (650.0, 350.0)
    distortion: tuple[float, float, float, float, float] = (-0.28, 0.09, 0.0012, -0.0008, -0.01)
    size_px: tuple[int, int] = (1280, 720)

    @property
    def pose(self) -> Pose:
        return Pose.from_angles(
            position_m=self.position_m,
            pan_deg=self.pan_deg,
            tilt_deg=self.tilt_deg,
            roll_deg=self.roll_deg,
        )

    @property
    def lens(self) -> Lens:
        k1, k2, p1, p2, k3 = self.distortion
        return Lens(self.focal_px, self.centre_px, BrownConrady(k1, k2, p1, p2, k3))

    def calibration(self) -> Calibration:
        return camera_from_pose(lens=self.lens, pose=self.pose, image_size_px=self.size_px)

    def picture_of(self, ground_m: Points, *, height_m: float) -> Points:
        """(n, 2) px by OpenCV of what is ``height_m`` over the ground points (n, 2)."""
        world = np.column_stack([ground_m, np.full(len(ground_m), height_m)])
        rotation = self.pose.rotation
        vector, _ = cv2.Rodrigues(rotation)
        (fx, fy), (cx, cy) = self.focal_px, self.centre_px
        inner = np.array([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]])
        shift = -rotation @ np.array(self.position_m)
        points, _ = cv2.projectPoints(world, vector, shift, inner, np.array(self.distortion))
        picture: Points = points[:, 0, :]
        return picture

    def ground(self, *, seed: int, how_many: int) -> Points:
        """Ground points that show well inside the picture."""
        generator = np.random.default_rng(seed)
        width, height = self.size_px
        picture = generator.uniform((0.05 * width, 0.35 * height), (0.95 * width, 0.95 * height),
                                    size=(how_many, 2))  # fmt: skip
        return self.calibration().camera.to_ground(picture, height_m=0.0)
