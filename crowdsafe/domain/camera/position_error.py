"""How far off on the ground a projected point is, and in which direction."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crowdsafe.domain.camera.geometry import CalibrationSpread, GroundCamera
from crowdsafe.domain.camera.homography import mapped
from crowdsafe.domain.crowd.points import Matrices, Points
from crowdsafe.errors import BadInput

PIXEL_SD_PX = 1.0
"""How far off a detection is in each of x and y, where nothing better is known."""
HEAD_HEIGHT_SD_M = 0.1
"""Spread of the height of people's heads: standing adults of both sexes, 0.09 to 0.1 m."""


@dataclass(frozen=True, eq=False)
class PositionError:
    """The error of n ground points.

    NaN for points that are nowhere on the ground; infinite where the calibration cannot tell the
    point from the horizon.

    Attributes:
        covariance_m2: (n, 2, 2) of x and y.
        along_m: (n,) standard deviation along the line of sight, level.
        across_m: (n,) standard deviation across it.
    """

    covariance_m2: Matrices
    along_m: NDArray[np.float64]
    across_m: NDArray[np.float64]

    @property
    def sd_m(self) -> NDArray[np.float64]:
        """(n,) root mean square of the distance to the true point."""
        return np.hypot(self.along_m, self.across_m)


def position_error(
    camera: GroundCamera,
    image_px: Points,
    *,
    height_m: float,
    height_sd_m: float | None = None,
    pixel_sd_px: ArrayLike = PIXEL_SD_PX,
    picture_size_px: tuple[int, int] | None = None,
    residual_m: float | None = None,
) -> PositionError:
    """Return how far off :meth:`GroundCamera.to_ground` is, to first order.

    The sources are independent, so their covariances add up. With J the derivative of the ground
    point by the picture (:meth:`GroundCamera.slope_m_px`), P the ground point, C the camera's
    position and h its height:

    - pixels: J·diag(sx², sy²)·Jᵀ;
    - height z of what is seen, with standard deviation s: P moves by −(P − C)/(h − z) for a metre
      of z, so s²·(P − C)(P − C)ᵀ/(h − z)²;
    - the calibration's own spread: for each of its directions the square of half the difference
      between the points that its two sides give (:class:`CalibrationSpread`);
    - what is else known of the calibration's error, its mean square distance r²: r²/2 in each of x
      and y.

    The first three grow with distance, the first and third with its square where the camera looks
    flat. The first order is short of the truth where the error is no longer small against the
    distance to the horizon's ground.

    Args:
        camera: its calibration, with its spread and residual.
        image_px: (n, 2) in px of the calibrated picture.
        height_m: 0 for feet, the height of the head for heads.
        height_sd_m: its spread; without it 0 for feet and :data:`HEAD_HEIGHT_SD_M` for heads.
        pixel_sd_px: one number or (n,), standard deviation in each of x and y.
        picture_size_px: the picture whose px ``pixel_sd_px`` is in, if not the calibrated one.
        residual_m: instead of the camera's own.

    Raises:
        BadInput: as :meth:`GroundCamera.to_ground`, or a standard deviation below 0.
    """
    if height_sd_m is None:
        height_sd_m = HEAD_HEIGHT_SD_M if height_m > 0 else 0.0
    if residual_m is None:
        residual_m = camera.residual_m
    pixel_sd = np.asarray(pixel_sd_px, dtype=np.float64)
    for name, value in (
        ("height_sd_m", height_sd_m),
        ("pixel_sd_px", pixel_sd),
        ("residual_m", residual_m),
    ):
        if not np.all((np.asarray(value) >= 0) & np.isfinite(value)):
            raise BadInput(f"{name}: {value}, expected 0 or more")
    size = np.array(picture_size_px or camera.image_size_px)
    points = np.asarray(image_px, dtype=np.float64).reshape(-1, 2)
    sd_px = np.broadcast_to(pixel_sd[..., None], (len(points), 2)) * (camera.image_size_px / size)

    ground, slope = camera.to_ground_with_slope(points, height_m=height_m)
    by_px = slope * sd_px[:, None, :]
    away = ground - np.array(camera.position_m)
    by_height = away * (height_sd_m / (camera.height_m - height_m))
    step = np.concatenate([np.moveaxis(by_px, 2, 0), by_height[None]])
    if camera.spread is not None:
        by_calibration = _calibration_steps(camera, camera.spread, points, height_m=height_m)
        step = np.concatenate([step, by_calibration])
    residual = residual_m**2 / 2.0
    toward = camera.away(ground)
    aside = np.column_stack([-toward[:, 1], toward[:, 0]])
    with np.errstate(invalid="ignore"):
        covariance = np.einsum("kni,knj->nij", step, step) + residual * np.eye(2)
        along, across = (
            np.sqrt((np.einsum("kni,ni->kn", step, unit) ** 2).sum(axis=0) + residual)
            for unit in (toward, aside)
        )
    known = np.isfinite(ground).all(axis=1)
    endless = known & ~np.isfinite(covariance).all(axis=(1, 2))
    covariance[endless], along[endless], across[endless] = np.inf, np.inf, np.inf
    return PositionError(covariance_m2=covariance, along_m=along, across_m=across)


def _calibration_steps(
    camera: GroundCamera, spread: CalibrationSpread, image_px: Points, *, height_m: float
) -> NDArray[np.float64]:
    """Return (k, n, 2) half the way between the two sides, for each direction of the spread."""
    ideal = image_px if camera.lens is None else camera.lens.to_ideal(image_px)
    _, divisor = mapped(camera.homography, ideal)
    homogeneous = np.stack([ideal[:, 0], ideal[:, 1], np.ones(len(ideal))])
    plane = spread.homographies @ homogeneous
    w = plane[..., 2, :]
    nearer = 1.0 - height_m / spread.positions_m[..., 2]
    at = spread.positions_m[..., :2, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        # A side on which the point is above the horizon knows no place for it.
        per_divisor = np.where(w / divisor > 0, 1.0 / w, np.inf)
        stands = at + (plane[..., :2, :] * per_divisor[..., None, :] - at) * nearer[..., None, None]
        half = (stands[:, 0] - stands[:, 1]) / 2.0
    return np.swapaxes(half, 1, 2)
