"""The calibration file of one camera: how its picture lies on the ground."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field, model_validator

from crowdsafe.contract.json_file import read_shape
from crowdsafe.contract.messages import Text
from crowdsafe.contract.strict import Finite, Strict
from crowdsafe.domain.geometry import GroundCamera, homography_from_points
from crowdsafe.errors import BadInput

_Row = tuple[Finite, Finite, Finite]
_Pixels = Annotated[int, Field(gt=0, le=20_000)]


class PointPair(Strict):
    """One point in the picture and the same point on the ground of the site frame."""

    image_px: tuple[Finite, Finite]
    ground_m: tuple[Finite, Finite]


class CalibrationFile(Strict):
    """A camera's calibration: a homography, or at least four point pairs to fit one to."""

    name: Annotated[Text | None, Field(description="what people call the camera")] = None
    image_size_px: Annotated[
        tuple[_Pixels, _Pixels], Field(description="width and height of the picture calibrated")
    ]
    H_image_to_ground_m: Annotated[
        tuple[_Row, _Row, _Row] | None,
        Field(description="[x·w, y·w, w] = H · [u, v, 1] in metres of the site frame"),
    ] = None
    points: Annotated[
        tuple[PointPair, ...] | None, Field(description="instead of H: point pairs")
    ] = None
    camera_position_m: Annotated[
        tuple[Finite, Finite, Finite], Field(description="x, y, height over the ground")
    ]
    range_m: Annotated[
        float, Field(gt=0, le=1000, description="ground farther away counts as not seen")
    ] = 100.0
    use: Annotated[str | None, Field(description="free text: how to read the matrix")] = None
    source: Annotated[str | None, Field(description="free text: where it comes from")] = None
    residual_m: Annotated[
        dict[str, Any] | None, Field(description="free: error against a better model")
    ] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "CalibrationFile":
        if (self.H_image_to_ground_m is None) == (self.points is None):
            raise ValueError("give either H_image_to_ground_m or points")
        return self

    def camera(self) -> GroundCamera:
        """Return the calibrated camera.

        Raises:
            BadInput: the calibration is degenerate.
        """
        if self.points is not None:
            homography = homography_from_points(
                image_px=[pair.image_px for pair in self.points],
                ground_m=[pair.ground_m for pair in self.points],
            )
        else:
            homography = np.array(self.H_image_to_ground_m, dtype=np.float64)
        x_m, y_m, height_m = self.camera_position_m
        return GroundCamera(
            homography=homography,
            position_m=(x_m, y_m),
            height_m=height_m,
            image_size_px=self.image_size_px,
        )


def read_calibration(path: Path) -> tuple[CalibrationFile, GroundCamera]:
    """Read a calibration file and the camera it describes.

    Raises:
        BadInput: one sentence that names the file and what is wrong.
    """
    file = read_shape(path, CalibrationFile)
    try:
        return file, file.camera()
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from None
