"""Where a camera hangs and looks, and what can be said of that from its homography.

Axes of a camera: x to the right of the picture, y down, z along the line of sight. A homography
alone gives the pose when pixels are square and the optical centre is known: its inverse is
K·[r1 r2 t] up to a factor, with r1 and r2 two columns of a rotation (Zhang, A flexible new
technique for camera calibration, IEEE PAMI 22(11), 2000, section 2.2 to 3.1).
"""

from dataclasses import dataclass
from typing import Self, cast

import numpy as np
from numpy.typing import ArrayLike

from crowdsafe.domain.camera.lens import Lens
from crowdsafe.domain.crowd.points import Points, inverse
from crowdsafe.errors import BadInput

_NO_ROTATION = 0.01
"""A matrix whose rows are off an orthonormal frame by more than this is no rotation."""
_LEAST_LEAN_DEG = 10.0
"""Chosen: nearer to straight down a homography says too little of the focal length: a fault of it
by one percent is one of the focal length by a third."""
LARGEST_MISFIT = 0.3
"""Chosen: how large :func:`pixel_misfit` may be."""
ASK_FOR_POSITION = "give camera_position_m (x, y and height over the ground)"


@dataclass(frozen=True, eq=False)
class Pose:
    """Position and direction of a camera.

    Attributes:
        rotation: (3, 3) from site axes (east, north, up) to the camera's.
        position_m: x, y and height over the ground.
    """

    rotation: Points
    position_m: tuple[float, float, float]

    @property
    def pan_deg(self) -> float:
        """Where it looks, clockwise from north (+y), 0 to 360; of the picture's top if down."""
        east, north, up = self.rotation[2]
        if np.hypot(east, north) < 1e-9:
            east, north = np.sign(up) * self.rotation[1, :2]
        return float(np.degrees(np.arctan2(east, north)) % 360.0)

    @property
    def tilt_deg(self) -> float:
        """How far it looks down: 0 level, 90 straight down."""
        return float(np.degrees(np.arcsin(np.clip(-self.rotation[2, 2], -1.0, 1.0))))

    @property
    def roll_deg(self) -> float:
        """How far it is turned about its line of sight, clockwise as it sees it, -180 to 180."""
        pan = np.radians(self.pan_deg)
        level = np.array([np.cos(pan), -np.sin(pan), 0.0])
        right, down = self.rotation[0], self.rotation[1]
        return float(np.degrees(np.arctan2(-(level @ down), level @ right)))

    @classmethod
    def from_angles(
        cls,
        *,
        position_m: tuple[float, float, float],
        pan_deg: float,
        tilt_deg: float,
        roll_deg: float = 0.0,
    ) -> Self:
        """Return the pose of these angles; see the properties for what they mean."""
        pan, tilt, roll = np.radians([pan_deg, tilt_deg, roll_deg])
        right = np.array([np.cos(pan), -np.sin(pan), 0.0])
        ahead = np.array([np.sin(pan) * np.cos(tilt), np.cos(pan) * np.cos(tilt), -np.sin(tilt)])
        down = np.cross(ahead, right)
        rotation = np.stack(
            [
                np.cos(roll) * right + np.sin(roll) * down,
                -np.sin(roll) * right + np.cos(roll) * down,
                ahead,
            ]
        )
        return cls(rotation, position_m)

    @classmethod
    def from_rotation(cls, *, rotation: ArrayLike, translation_m: ArrayLike) -> Self:
        """Return the pose that takes a site point X to rotation @ X + translation_m.

        Args:
            rotation: (3, 3), or the rotation vector (3,) of Rodrigues: axis times angle in radians.
            translation_m: (3,).

        Raises:
            BadInput: the matrix is no rotation.
        """
        given = np.asarray(rotation, dtype=np.float64)
        matrix = given if given.shape == (3, 3) else _rodrigues(given)
        if not np.isfinite(matrix).all():
            raise BadInput("rotation: expected finite numbers")
        u, _, vt = np.linalg.svd(matrix)
        nearest = u @ vt
        if np.abs(nearest - matrix).max() > _NO_ROTATION:
            raise BadInput("rotation: its rows are not of length 1 and square to each other")
        if np.linalg.det(nearest) < 0:
            raise BadInput("rotation: it mirrors (determinant -1), expected a turn")
        x, y, z = -nearest.T @ np.asarray(translation_m, dtype=np.float64)
        return cls(nearest, (float(x), float(y), float(z)))

    def homography(self, lens: Lens) -> Points:
        """Return the (3, 3) matrix from ideal px to the ground; divisors are 1 ÷ depth in metres.

        Raises:
            BadInput: the camera hangs in the ground's plane.
        """
        if self.position_m[2] == 0:
            raise BadInput("camera height: 0 m, expected more than 0")
        translation = -self.rotation @ np.array(self.position_m)
        onto = np.column_stack([self.rotation[:, :2], translation])
        return inverse(_inner(lens.focal_px, lens.centre_px) @ onto)


def _rodrigues(vector: Points) -> Points:
    angle = float(np.linalg.norm(vector))
    x, y, z = vector / (angle or 1.0)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    matrix = np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross
    return cast(Points, matrix)


def _inner(focal_px: tuple[float, float], centre_px: tuple[float, float]) -> Points:
    (fx, fy), (cx, cy) = focal_px, centre_px
    return np.array([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]])


def focal_from_homography(
    homography: Points, *, centre_px: tuple[float, float], largest_misfit: float = LARGEST_MISFIT
) -> float:
    """Return the focal length in px of a camera with square pixels.

    With the columns (a, b, c) of the inverse, shifted so that the optical centre is 0, the first
    two must be square to each other and of one length after division of a and b by f. Both
    conditions are A + f²·B = 0, with A = a1·a2 + b1·b2 and B = c1·c2, and with
    A = (a1² + b1² − a2² − b2²)/2 and B = (c1² − c2²)/2; least squares over both do not depend on
    where north is.

    Args:
        homography: (3, 3) from ideal px to the ground.
        centre_px: the optical centre.
        largest_misfit: of :func:`pixel_misfit`.

    Raises:
        BadInput: it is not determined (a view nearly straight down), or no camera with square
            pixels and this centre has such a homography.
    """
    plane, depth, length = _conditions(homography, centre_px)
    # |A| is f²·sin²θ/2 and the length f²·(1 + cos²θ), θ being the angle to straight down.
    share = float(np.linalg.norm(plane)) / length
    lean_deg = np.degrees(np.arcsin(np.sqrt(min(1.0, 4.0 * share / (1.0 + 2.0 * share)))))
    if lean_deg < _LEAST_LEAN_DEG:
        within_deg = max(1.0, np.ceil(lean_deg))
        raise BadInput(
            f"camera: it looks within {within_deg:.0f} degrees of straight down, which does not "
            f"tell its height, {ASK_FOR_POSITION}"
        )
    per_square = -(plane @ depth) / (plane @ plane)
    if per_square <= 0 or abs(_misfit(plane, depth)) > largest_misfit:
        raise BadInput(
            "camera: no camera with square pixels and its optical centre in the middle of the "
            f"picture sees the ground like this, {ASK_FOR_POSITION}"
        )
    return float(1.0 / np.sqrt(per_square))


def pixel_misfit(homography: Points, *, centre_px: tuple[float, float]) -> float:
    """Return how far a homography is from that of any camera with square pixels.

    The sine of the angle between the vectors A and B of :func:`focal_from_homography`, which then
    point to opposite sides; 0 for such a camera.
    """
    plane, depth, _ = _conditions(homography, centre_px)
    return _misfit(plane, depth)


def _misfit(plane: Points, depth: Points) -> float:
    cross = plane[0] * depth[1] - plane[1] * depth[0]
    lengths = np.linalg.norm(plane) * np.linalg.norm(depth)
    return float(cross / lengths) if lengths > 0 else 0.0


def _conditions(homography: Points, centre_px: tuple[float, float]) -> tuple[Points, Points, float]:
    """Return A and B of :func:`focal_from_homography`, and a1² + b1² + a2² + b2²."""
    (a1, a2), (b1, b2), (c1, c2) = _shifted_inverse(homography, centre_px)[:, :2]
    plane = np.array([a1 * a2 + b1 * b2, (a1**2 + b1**2 - a2**2 - b2**2) / 2])
    depth = np.array([c1 * c2, (c1**2 - c2**2) / 2])
    return plane, depth, float(a1**2 + b1**2 + a2**2 + b2**2)


def _shifted_inverse(homography: Points, centre_px: tuple[float, float]) -> Points:
    (cx, cy) = centre_px
    shift = np.array([[1.0, 0.0, -cx], [0.0, 1.0, -cy], [0.0, 0.0, 1.0]])
    return cast(Points, shift @ inverse(homography))


def refuse_mirrored(homography: Points, *, ground_px: tuple[float, float]) -> None:
    """Raise BadInput for a camera that hangs under the ground.

    Seen from above, the ground turns in the picture as it does on a map, and y counts down in the
    one and up in the other: the derivative of the homography has a negative determinant. It is
    det(H) ÷ w³.

    Args:
        homography: (3, 3) from ideal px to the ground.
        ground_px: ideal px of a point that shows ground.
    """
    if np.linalg.det(homography) * (homography[2] @ np.array([*ground_px, 1.0])) >= 0:
        raise BadInput(
            "camera: its picture of the ground is mirrored, as seen from below; look for "
            "exchanged x and y, or a wrong sign, in the ground coordinates"
        )


def pose_from_homography(
    homography: Points,
    *,
    focal_px: tuple[float, float],
    centre_px: tuple[float, float],
    ground_px: tuple[float, float],
) -> Pose:
    """Return the pose whose homography is nearest to this one.

    Args:
        homography: (3, 3) from ideal px to the ground.
        focal_px: horizontal and vertical.
        centre_px: the optical centre.
        ground_px: ideal px of a point that shows ground, which tells before from behind.

    Raises:
        BadInput: the picture is mirrored, as if the camera hung under the ground.
    """
    refuse_mirrored(homography, ground_px=ground_px)
    onto = inverse(homography @ _inner(focal_px, centre_px))
    # The depth of the point that shows ground is 1 ÷ its divisor, and positive.
    onto = onto * np.sign(homography[2] @ np.array([*ground_px, 1.0]))
    scale = np.sqrt(2.0 / (onto[:, :2] ** 2).sum())
    first, second, translation = (onto * scale).T
    u, _, vt = np.linalg.svd(np.column_stack([first, second]), full_matrices=False)
    first, second = (u @ vt).T
    rotation = np.column_stack([first, second, np.cross(first, second)])
    x, y, z = -rotation.T @ translation
    return Pose(rotation, (float(x), float(y), float(z)))
