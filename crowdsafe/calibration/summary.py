"""What is to be said of a calibration: its errors near and far, and what looks wrong with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from crowdsafe.calibration.error_field import ErrorField, masked
from crowdsafe.contract.calibration import CalibrationFile
from crowdsafe.domain.camera.calibration import Calibration
from crowdsafe.domain.camera.geometry import GroundCamera, Points
from crowdsafe.domain.camera.homography import MIN_POINT_PAIRS
from crowdsafe.domain.camera.position_error import HEAD_HEIGHT_SD_M, position_error
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.errors import BadInput

_NEAREST = 9
"""Points of the mesh that stand for a distance."""
_ZONE_STEP_M = 0.5
_ZONE_POINTS = 20_000
_LARGE_M = 1.0
"""Chosen: a head that is so far off may be in another zone, and is said to be."""
_OTHER_HEIGHT = 0.15
"""Chosen: a given height that differs more from what the picture says is pointed out."""


@dataclass(frozen=True)
class ErrorAt:
    """Root mean square errors on the ground at one distance, and what they are made of.

    Attributes:
        where: name of the place.
        distance_m: from the camera, level.
        px_per_m: px of the calibrated picture.
        pixels_m: from the detection's px.
        height_m: from the spread of people's heights.
        calibration_m: from the calibration.
        heads_m: all three.
        feet_m: of feet, which have no spread of heights.
    """

    where: str
    distance_m: float
    px_per_m: float
    pixels_m: float
    height_m: float
    calibration_m: float
    heads_m: float
    feet_m: float


@dataclass(frozen=True)
class ZoneError:
    """Errors of heads over the part of a zone in which they are counted; None if that is empty."""

    zone_id: str
    mean_m: float | None
    worst_m: float | None


def errors_near_and_far(
    camera: GroundCamera, field: ErrorField, *, head_height_m: float, pixel_sd_px: float
) -> tuple[ErrorAt, ...]:
    """Return the errors at the nearest, middle and farthest ground on which people are counted.

    Raises:
        BadInput: there is no such ground.
    """
    if not field.counted.any():
        raise BadInput(
            "camera: its picture shows no ground on which people are counted (range_m, "
            "min_px_per_m and masks leave nothing)"
        )
    distances = field.distance_m[field.counted]
    near_m, far_m = float(distances.min()), float(distances.max())
    return tuple(
        _error_at(
            where, camera, field.points_at(at_m, how_many=_NEAREST), head_height_m, pixel_sd_px
        )
        for where, at_m in (("near", near_m), ("middle", (near_m + far_m) / 2), ("far", far_m))
    )


def _error_at(
    where: str, camera: GroundCamera, image_px: Points, head_height_m: float, pixel_sd_px: float
) -> ErrorAt:
    def error_m(
        at_px: Points, *, height_m: float, height_sd_m: float = 0.0, pixel_sd_px: float = 0.0
    ) -> float:
        error = position_error(
            camera, at_px, height_m=height_m, height_sd_m=height_sd_m, pixel_sd_px=pixel_sd_px
        )
        return float(np.median(error.sd_m))

    ground = camera.to_ground(image_px, height_m=head_height_m)
    away = ground - np.array(camera.position_m)
    feet_px = camera.to_picture(ground, height_m=0.0)
    spread_m = HEAD_HEIGHT_SD_M if head_height_m else 0.0
    z = head_height_m
    calibration_m = error_m(image_px, height_m=z)

    def without_calibration(total_m: float) -> float:
        if not np.isfinite(calibration_m):
            return float("nan")
        return float(np.sqrt(max(0.0, total_m**2 - calibration_m**2)))

    return ErrorAt(
        where=where,
        distance_m=float(np.median(np.hypot(away[:, 0], away[:, 1]))),
        px_per_m=float(np.median(camera.px_per_m(image_px, height_m=z))),
        pixels_m=without_calibration(error_m(image_px, height_m=z, pixel_sd_px=pixel_sd_px)),
        height_m=without_calibration(error_m(image_px, height_m=z, height_sd_m=spread_m)),
        calibration_m=calibration_m,
        heads_m=error_m(image_px, height_m=z, height_sd_m=spread_m, pixel_sd_px=pixel_sd_px),
        feet_m=error_m(feet_px, height_m=0.0, pixel_sd_px=pixel_sd_px),
    )


def zone_errors(
    camera: GroundCamera,
    file: CalibrationFile,
    zones: Sequence[Zone],
    *,
    head_height_m: float,
    pixel_sd_px: float,
) -> tuple[ZoneError, ...]:
    """Return the errors of heads in each zone, over a mesh of places where they are counted."""
    width, height = camera.image_size_px
    errors = []
    for zone in zones:
        ground = _mesh(zone)
        image = camera.to_picture(ground, height_m=head_height_m)
        away = ground - np.array(camera.position_m)
        with np.errstate(invalid="ignore"):
            counted = (
                ((image >= 0) & (image <= (width, height))).all(axis=1)
                & (np.hypot(away[:, 0], away[:, 1]) <= file.range_m)
                & (camera.px_per_m(image, height_m=head_height_m) >= (file.min_px_per_m or 0.0))
                & ~masked(file, image)
            )
        sd_m = position_error(
            camera, image[counted], height_m=head_height_m, pixel_sd_px=pixel_sd_px
        ).sd_m
        if len(sd_m):
            errors.append(ZoneError(zone.id, float(sd_m.mean()), float(sd_m.max())))
        else:
            errors.append(ZoneError(zone.id, None, None))
    return tuple(errors)


def _mesh(zone: Zone) -> Points:
    west, south, east, north = zone.polygon.bounds
    step_m = max(_ZONE_STEP_M, float(np.sqrt((east - west) * (north - south) / _ZONE_POINTS)))
    x, y = np.meshgrid(
        np.arange(west + step_m / 2, east, step_m), np.arange(south + step_m / 2, north, step_m)
    )
    points = np.column_stack([x.ravel(), y.ravel()])
    inside: Points = points[zone.contains(points)]
    return inside if len(inside) else shapely.get_coordinates(zone.polygon.representative_point())


def remarks(calibration: Calibration, file: CalibrationFile, field: ErrorField) -> Iterator[str]:
    """Yield a sentence for each thing about a calibration that somebody should look at."""
    yield from _remarks_on_pairs(calibration)
    if calibration.fit is None and file.known_residual_m is None:
        yield (
            "The file has no point pairs and no residual_m, so the error of the calibration itself "
            "is not known and not in these numbers."
        )
    if calibration.position_given and calibration.pose is not None:
        given_m, seen_m = calibration.camera.height_m, calibration.pose.position_m[2]
        if abs(seen_m / given_m - 1.0) > _OTHER_HEIGHT:
            yield (
                f"The camera is said to hang {given_m:.1f} m high, but the picture of the ground "
                f"looks as from {seen_m:.1f} m: one of them is wrong, or the lens distorts."
            )
    lens = calibration.camera.lens
    if lens is not None:
        unknown = float(np.isnan(lens.to_ideal(field.image_px.reshape(-1, 2))).any(axis=1).mean())
        if unknown:
            yield (
                f"The lens's distortion folds back inside the picture: {100 * unknown:.0f} % of "
                "it is not used."
            )
    far = field.counted & (field.sd_m > _LARGE_M)
    if far.any():
        from_m = float(field.distance_m[far].min())
        yield (
            f"From {from_m:.0f} m away on, heads may be more than {_LARGE_M:g} m off; "
            "a smaller range_m or a min_px_per_m leaves that ground to other cameras."
        )


def _remarks_on_pairs(calibration: Calibration) -> Iterator[str]:
    fit = calibration.fit
    if fit is None:
        return
    if not fit.checked:
        yield (
            "Four pairs fit without a residual, whatever is wrong with them, so nothing checks "
            f"them; {fit.click_sd_px:g} px of click error are taken for granted. More pairs check "
            "each other."
        )
        return
    for number, off_m in enumerate(fit.left_out.off_m, start=1):
        if not np.isfinite(off_m):
            yield f"Without pair {number} the others fix nothing, so nothing checks it."
    suspect = fit.left_out.suspect
    if suspect is None:
        return
    if len(fit.image_px) == MIN_POINT_PAIRS + 1:
        yield "The pairs contradict each other; of five, none can be told to be the wrong one."
    else:
        yield (
            f"Pair {suspect + 1} is {fit.left_out.off_m[suspect]:.1f} m off what the others fit, "
            f"where {fit.left_out.expected_m[suspect]:.1f} m are to be expected: look at it again."
        )
