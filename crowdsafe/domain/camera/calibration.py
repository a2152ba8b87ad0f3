"""A camera from what is known of it: point pairs, a homography, or lens and pose."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crowdsafe.domain.camera.geometry import CalibrationSpread, GroundCamera
from crowdsafe.domain.camera.homography import mapped
from crowdsafe.domain.camera.lens import Lens
from crowdsafe.domain.camera.plane_fit import PlaneFit, fit_plane
from crowdsafe.domain.camera.pose import (
    ASK_FOR_POSITION,
    LARGEST_MISFIT,
    Pose,
    focal_from_homography,
    pixel_misfit,
    pose_from_homography,
    refuse_mirrored,
)
from crowdsafe.domain.crowd.points import Points
from crowdsafe.errors import BadInput

_LARGEST_HEIGHT_SD = 0.25
"""Chosen: a height that is estimated worse than this share of it is not used."""
_CERTAIN = 3.0
"""Chosen: standard deviations beyond which clicks are not the reason."""
_LARGEST_RESIDUAL = 0.05
"""Chosen: pairs that are off by this share of the picture's diagonal contradict each other."""
_LARGEST_HEIGHT_M = 1000.0
_LEAST_FOCAL = 0.1
"""Chosen: of the picture's longer side; a view of 157 degrees. Less is a focal length in mm."""
_HORIZON_MARGIN = 1e-3


@dataclass(frozen=True, eq=False)
class Calibration:
    """A camera and how its calibration came about.

    Attributes:
        camera: to use.
        fit: of the point pairs, if it was made from any.
        pose: given, or what the homography says of it; None if that says nothing.
        focal_px: horizontal and vertical, given or as the homography says; None as for ``pose``.
        height_sd_m: of an estimated height over the ground, from the pairs' click error.
        position_given: whether the camera's position was given or is the pose's.
    """

    camera: GroundCamera
    fit: PlaneFit | None
    pose: Pose | None
    focal_px: tuple[float, float] | None
    height_sd_m: float | None
    position_given: bool


def camera_from_pose(
    *, lens: Lens, pose: Pose, image_size_px: tuple[int, int], residual_m: float = 0.0
) -> Calibration:
    """Return the camera with this lens in this pose.

    Raises:
        BadInput: it hangs under the ground or does not look at it.
    """
    x_m, y_m, height_m = pose.position_m
    _refuse_height(height_m)
    _refuse_far_centre(lens.centre_px, image_size_px)
    _refuse_short_focal(lens, image_size_px)
    camera = GroundCamera(
        homography=pose.homography(lens),
        position_m=(x_m, y_m),
        height_m=height_m,
        image_size_px=image_size_px,
        lens=lens,
        residual_m=residual_m,
    )
    if mapped(camera.homography, np.array([_bottom_px(lens, image_size_px)]))[1][0] <= 0:
        raise BadInput(
            "pose: the bottom of the picture shows no ground, expected a camera that looks at the "
            "ground and is not upside down"
        )
    return Calibration(camera, None, pose, lens.focal_px, None, position_given=True)


def camera_from_homography(
    *,
    homography: Points,
    image_size_px: tuple[int, int],
    lens: Lens | None = None,
    centre_px: tuple[float, float] | None = None,
    position_m: tuple[float, float, float] | None = None,
    residual_m: float = 0.0,
) -> Calibration:
    """Return the camera with this homography.

    Args:
        homography: (3, 3) from ideal px to the ground.
        image_size_px: width and height.
        lens: None for one that shows straight things straight.
        centre_px: the optical centre, if there is no lens; else the middle of the picture.
        position_m: x, y and height over the ground; without it, it is estimated.
        residual_m: root mean square error that is known of it.

    Raises:
        BadInput: it is degenerate or mirrored, or its position is not given and not determined.
    """
    largest = np.abs(homography).max()
    return _camera(
        homography / largest if 0 < largest < np.inf else homography,
        image_size_px=image_size_px,
        lens=lens,
        centre_px=centre_px,
        position_m=position_m,
        residual_m=residual_m,
        fit=None,
    )


def camera_from_pairs(
    *,
    image_px: ArrayLike,
    ground_m: ArrayLike,
    image_size_px: tuple[int, int],
    lens: Lens | None = None,
    centre_px: tuple[float, float] | None = None,
    position_m: tuple[float, float, float] | None = None,
) -> Calibration:
    """Return the camera that fits point pairs best.

    Args:
        image_px: (n, 2) in px of the picture as the camera gives it, n >= 4.
        ground_m: (n, 2) the same points on the ground.
        image_size_px: width and height.
        lens: as in :func:`camera_from_homography`.
        centre_px: as there.
        position_m: as there.

    Raises:
        BadInput: as there, or the pairs are too few, degenerate, far outside the picture, above
            the horizon of the ground that they fit, or contradict each other.
    """
    image = np.asarray(image_px, dtype=np.float64)
    size = np.array(image_size_px)
    if image.ndim == 2 and image.shape[1:] == (2,):
        far = np.flatnonzero(((image < -size) | (image > 2 * size)).any(axis=1))
        if len(far):
            u, v = image[far[0]]
            raise BadInput(
                f"point pairs: pair {far[0] + 1} is at ({u:g}, {v:g}) px, far outside the picture "
                f"of {size[0]} × {size[1]} px"
            )
        if lens is not None:
            ideal = lens.to_ideal(image)
            lost = np.flatnonzero(np.isfinite(image).all(axis=1) & np.isnan(ideal).any(axis=1))
            if len(lost):
                raise BadInput(
                    f"point pairs: pair {lost[0] + 1} lies where the lens's distortion folds back, "
                    "expected a model that holds there"
                )
            image = ideal
    fit = fit_plane(image_px=image, ground_m=ground_m)
    _refuse_above_horizon(fit, lens, image_size_px)
    off_px = float(np.sqrt((fit.residuals_px**2).mean()))
    if off_px > _LARGEST_RESIDUAL * np.hypot(*size):
        worst = int(np.argmax(fit.residuals_px))
        raise BadInput(
            f"point pairs: they contradict each other, {off_px:.0f} px off on average and "
            f"{fit.residuals_px[worst]:.0f} px at pair {worst + 1}; look for exchanged or "
            "mistyped points"
        )
    return _camera(
        fit.homography,
        image_size_px=image_size_px,
        lens=lens,
        centre_px=centre_px,
        position_m=position_m,
        residual_m=0.0,
        fit=fit,
    )


def _refuse_height(height_m: float) -> None:
    if not 0 < height_m <= _LARGEST_HEIGHT_M:
        raise BadInput(
            f"camera height: {height_m:.6g} m, expected more than 0 and at most "
            f"{_LARGEST_HEIGHT_M:g} m over the ground"
        )


def _refuse_short_focal(lens: Lens, image_size_px: tuple[int, int]) -> None:
    if min(lens.focal_px) < _LEAST_FOCAL * max(image_size_px):
        fx, fy = lens.focal_px
        raise BadInput(
            f"focal length: {fx:g}, {fy:g} px, expected px and not millimetres, at least "
            f"{_LEAST_FOCAL * max(image_size_px):.0f} for a picture of {image_size_px[0]} × "
            f"{image_size_px[1]} px"
        )


def _refuse_far_centre(centre_px: tuple[float, float], image_size_px: tuple[int, int]) -> None:
    for at, side in zip(centre_px, image_size_px, strict=True):
        if not -side <= at <= 2 * side:
            raise BadInput(
                f"optical centre: {centre_px}, far outside the picture of {image_size_px[0]} × "
                f"{image_size_px[1]} px"
            )


def _refuse_above_horizon(fit: PlaneFit, lens: Lens | None, image_size_px: tuple[int, int]) -> None:
    _, of_bottom = mapped(fit.homography, np.array([_bottom_px(lens, image_size_px)]))
    _, of_pairs = mapped(fit.homography, fit.image_px)
    # With a lens that folds back before the bottom, GroundCamera has the better sentence.
    above = np.flatnonzero(of_pairs / of_bottom < _HORIZON_MARGIN)
    if len(above):
        raise BadInput(
            f"point pairs: pair {above[0] + 1} would lie above the horizon of the ground that the "
            "pairs fit; look for exchanged or mistyped points"
        )


def _camera(
    homography: Points,
    *,
    image_size_px: tuple[int, int],
    lens: Lens | None,
    centre_px: tuple[float, float] | None,
    position_m: tuple[float, float, float] | None,
    residual_m: float,
    fit: PlaneFit | None,
) -> Calibration:
    width, height = image_size_px
    centre = centre_px or (width / 2, height / 2)
    if lens is not None:
        centre = lens.centre_px
    _refuse_far_centre(centre, image_size_px)
    if lens is not None:
        _refuse_short_focal(lens, image_size_px)
    if position_m is not None:
        _refuse_height(position_m[2])
    # Nothing can be said of the pose of a degenerate homography: its refusals come first.
    plain = GroundCamera(
        homography=homography,
        position_m=(0.0, 0.0),
        height_m=1.0,
        image_size_px=image_size_px,
        lens=lens,
    )
    homographies = None if fit is None else fit.spread()
    looks = _Looks(
        lens=lens,
        centre_px=centre,
        ground_px=_bottom_px(lens, image_size_px),
        largest_misfit=_largest_misfit(homographies, centre),
    )
    refuse_mirrored(plain.homography, ground_px=looks.ground_px)
    spread, height_sd_m = None, None
    if position_m is None:
        try:
            focal_px, pose = looks.from_homography(homography)
        except BadInput as error:
            raise BadInput(f"{error}{_suspicion(fit)}") from None
        position = pose.position_m
        if homographies is not None:
            positions = looks.positions_m(homographies)
            height_sd_m = float(np.sqrt((np.diff(positions[..., 2]) ** 2).sum()) / 2.0)
            if height_sd_m > _LARGEST_HEIGHT_SD * position[2]:
                raise BadInput(
                    f"camera: the point pairs tell its height only as {position[2]:.1f} ± "
                    f"{height_sd_m:.1f} m, {ASK_FOR_POSITION} or more pairs"
                )
            spread = CalibrationSpread(homographies, positions)
        _refuse_height(position[2])
    else:
        position = position_m
        try:
            focal_px, pose = looks.from_homography(homography)
        except BadInput:
            focal_px, pose = None, None
        if homographies is not None:
            positions = np.broadcast_to(np.array(position), (*homographies.shape[:2], 3))
            spread = CalibrationSpread(homographies, positions)
    camera = GroundCamera(
        homography=homography,
        position_m=position[:2],
        height_m=position[2],
        image_size_px=image_size_px,
        lens=lens,
        residual_m=residual_m,
        spread=spread,
    )
    return Calibration(
        camera, fit, pose, focal_px, height_sd_m, position_given=position_m is not None
    )


def _largest_misfit(
    homographies: NDArray[np.float64] | None, centre_px: tuple[float, float]
) -> float:
    """Return how large a homography's :func:`pixel_misfit` may be: what clicks do is no fault."""
    if homographies is None:
        return LARGEST_MISFIT
    misfits = [
        pixel_misfit(homography, centre_px=centre_px)
        for homography in homographies.reshape(-1, 3, 3)
    ]
    half = np.diff(np.reshape(misfits, (-1, 2))) / 2.0
    return max(LARGEST_MISFIT, _CERTAIN * float(np.sqrt((half**2).sum())))


def _suspicion(fit: PlaneFit | None) -> str:
    """Return the end of a sentence that names the pair to look at first."""
    suspect = None if fit is None or not fit.checked else fit.left_out.suspect
    return "" if suspect is None else f"; look first at pair {suspect + 1}, which fits worst"


def _bottom_px(lens: Lens | None, image_size_px: tuple[int, int]) -> tuple[float, float]:
    """Return the ideal px of the bottom centre of the picture."""
    width, height = image_size_px
    if lens is None:
        return width / 2, float(height)
    x, y = lens.to_ideal([[width / 2, height]])[0]
    return float(x), float(y)


@dataclass(frozen=True)
class _Looks:
    """What is known of a camera besides its homography."""

    lens: Lens | None
    centre_px: tuple[float, float]
    ground_px: tuple[float, float]
    largest_misfit: float

    def from_homography(self, homography: Points) -> tuple[tuple[float, float], Pose]:
        """Return focal lengths and pose."""
        if self.lens is not None:
            focal_px = self.lens.focal_px
        else:
            focal = focal_from_homography(
                homography, centre_px=self.centre_px, largest_misfit=self.largest_misfit
            )
            focal_px = (focal, focal)
        pose = pose_from_homography(
            homography, focal_px=focal_px, centre_px=self.centre_px, ground_px=self.ground_px
        )
        return focal_px, pose

    def positions_m(self, homographies: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the (k, 2, 3) positions of (k, 2, 3, 3) homographies."""
        looks = replace(self, largest_misfit=np.inf)
        try:
            positions = [
                looks.from_homography(homography)[1].position_m
                for homography in homographies.reshape(-1, 3, 3)
            ]
        except BadInput:
            raise BadInput(
                "camera: the point pairs do not tell its height, a small error of a click is a "
                f"large one of it; {ASK_FOR_POSITION}"
            ) from None
        return np.array(positions).reshape(-1, 2, 3)
