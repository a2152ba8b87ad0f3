"""How far off on the ground a person is, over a whole picture."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from crowdsafe.contract.calibration import CalibrationFile
from crowdsafe.domain.camera.geometry import GroundCamera, Points
from crowdsafe.domain.camera.position_error import position_error

_AT_ONCE = 50_000
"""Points: the spread of a calibration takes 16 of each."""


@dataclass(frozen=True, eq=False)
class ErrorField:
    """A mesh over the picture; all arrays are (rows, columns).

    Attributes:
        image_px: (rows, columns, 2) where in the calibrated picture.
        sd_m: root mean square distance to the true place of what shows there; NaN from the horizon
            up and where the lens is not known.
        distance_m: from the camera, level.
        px_per_m: see :meth:`GroundCamera.px_per_m`.
        counted: ground that is near and fine enough and not masked.
    """

    image_px: NDArray[np.float64]
    sd_m: NDArray[np.float64]
    distance_m: NDArray[np.float64]
    px_per_m: NDArray[np.float64]
    counted: NDArray[np.bool_]

    def points_at(self, distance_m: float, *, how_many: int) -> Points:
        """Return the (n, 2) counted points of the mesh that are nearest to a distance."""
        points, distances = self.image_px[self.counted], self.distance_m[self.counted]
        order = np.argsort(np.abs(distances - distance_m), kind="stable")
        nearest: Points = points[order[:how_many]]
        return nearest


def error_field(
    camera: GroundCamera,
    file: CalibrationFile,
    *,
    height_m: float,
    pixel_sd_px: float,
    longer_side: int,
) -> ErrorField:
    """Work out the error at a mesh of points that covers the picture.

    Args:
        camera: the file's.
        file: for the range, the limit of px per metre and the masks.
        height_m: of what is seen, 0 for feet.
        pixel_sd_px: of a detection, in px of the calibrated picture.
        longer_side: how many points the mesh has along the picture's longer side.
    """
    width, height = camera.image_size_px
    step_px = max(width, height) / longer_side
    columns, rows = max(2, round(width / step_px)), max(2, round(height / step_px))
    x, y = np.meshgrid(
        (np.arange(columns) + 0.5) * width / columns, (np.arange(rows) + 0.5) * height / rows
    )
    image_px = np.stack([x, y], axis=-1)
    points = image_px.reshape(-1, 2)
    sd_m = np.concatenate(
        [
            position_error(
                camera, points[start : start + _AT_ONCE], height_m=height_m, pixel_sd_px=pixel_sd_px
            ).sd_m
            for start in range(0, len(points), _AT_ONCE)
        ]
    )
    away = camera.to_ground(points, height_m=height_m) - np.array(camera.position_m)
    distance_m = np.hypot(away[:, 0], away[:, 1])
    px_per_m = camera.px_per_m(points, height_m=height_m)
    counted = (
        (distance_m <= file.range_m)
        & (px_per_m >= (file.min_px_per_m or 0.0))
        & ~masked(file, points)
    )
    shape = x.shape
    return ErrorField(
        image_px=image_px,
        sd_m=sd_m.reshape(shape),
        distance_m=distance_m.reshape(shape),
        px_per_m=px_per_m.reshape(shape),
        counted=counted.reshape(shape),
    )


def masked(file: CalibrationFile, image_px: Points) -> NDArray[np.bool_]:
    """Say for each of (n, 2) points of the calibrated picture whether a mask covers it."""
    if not file.masks:
        return np.zeros(len(image_px), dtype=np.bool_)
    masks = shapely.union_all([Polygon(mask) for mask in file.masks])
    shapely.prepare(masks)
    inside: NDArray[np.bool_] = shapely.intersects_xy(masks, image_px[:, 0], image_px[:, 1])
    return inside
