"""The calibration file of one camera: how its picture lies on the ground."""

from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, field_validator, model_validator
from shapely.geometry import Polygon

from crowdsafe.contract.json_file import as_shape, read_json
from crowdsafe.contract.strict import Finite, Strict
from crowdsafe.contract.words import Text
from crowdsafe.domain.camera.calibration import (
    Calibration,
    camera_from_homography,
    camera_from_pairs,
    camera_from_pose,
)
from crowdsafe.domain.camera.distortion import BrownConrady, TsaiRadial
from crowdsafe.domain.camera.geometry import GroundCamera
from crowdsafe.domain.camera.lens import Lens
from crowdsafe.domain.camera.pose import Pose
from crowdsafe.errors import BadInput

MAX_POINT_PAIRS = 200
_MAX_MASKS = 200
_MAX_MASK_POINTS = 500

_Entry = Annotated[float, Field(ge=-1e12, le=1e12)]
_Metres = Annotated[float, Field(ge=-100_000, le=100_000)]
"""In the site frame, whose origin is at the site: coordinates of a whole country are none."""
_Pair = tuple[Finite, Finite]
_Row = tuple[_Entry, _Entry, _Entry]
_Place = tuple[_Metres, _Metres, _Metres]
_Pixels = Annotated[int, Field(gt=0, le=20_000)]
_Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Outline = Annotated[tuple[_Pair, ...], Field(min_length=3, max_length=_MAX_MASK_POINTS)]


class PointPair(Strict):
    """One point in the picture and the same point on the ground of the site frame."""

    image_px: _Pair
    ground_m: tuple[_Metres, _Metres]


class BrownConradyLens(Strict):
    """Distortion as OpenCV's calibration gives it: its first five coefficients."""

    model: Literal["brown_conrady"]
    k1: Finite
    k2: Finite = 0.0
    p1: Finite = 0.0
    p2: Finite = 0.0
    k3: Finite = 0.0


class TsaiLens(Strict):
    """Radial distortion, ideal = shown · (1 + kappa1·r²), r in focal lengths."""

    model: Literal["tsai"]
    kappa1: Annotated[Finite, Field(description="Tsai's κ₁ times the square of his focal length")]


class Intrinsics(Strict):
    """What is known of the lens."""

    focal_px: Annotated[
        tuple[_Positive, _Positive] | None,
        Field(description="horizontal and vertical; without it, it is estimated where it can be"),
    ] = None
    centre_px: Annotated[
        _Pair | None, Field(description="optical centre; without it the middle of the picture")
    ] = None
    lens: Annotated[
        Annotated[BrownConradyLens | TsaiLens, Field(discriminator="model")] | None,
        Field(description="distortion; without it straight things are straight in the picture"),
    ] = None

    @model_validator(mode="after")
    def _distortion_has_a_scale(self) -> "Intrinsics":
        if self.lens is not None and self.focal_px is None:
            raise ValueError("focal_px is missing, a lens needs it")
        return self

    def of(self, image_size_px: tuple[int, int]) -> Lens | None:
        """Return the lens of a picture of this size, None without a focal length."""
        if self.focal_px is None:
            return None
        width, height = image_size_px
        match self.lens:
            case None:
                distortion: BrownConrady | TsaiRadial | None = None
            case TsaiLens():
                distortion = TsaiRadial(kappa1=self.lens.kappa1)
            case BrownConradyLens():
                distortion = BrownConrady(**self.lens.model_dump(exclude={"model"}))
        return Lens(
            focal_px=self.focal_px,
            centre_px=self.centre_px or (width / 2, height / 2),
            distortion=distortion,
        )


class PoseShape(Strict):
    """Where the camera hangs and looks: position and angles, or rotation and translation."""

    position_m: Annotated[_Place | None, Field(description="x, y, height over the ground")] = None
    pan_deg: Annotated[
        float | None, Field(ge=-360, le=360, description="where it looks, clockwise from north, +y")
    ] = None
    tilt_deg: Annotated[
        float | None, Field(ge=-90, le=90, description="downwards: 0 level, 90 straight down")
    ] = None
    roll_deg: Annotated[
        float | None,
        Field(ge=-180, le=180, description="about its line of sight, clockwise as it sees it"),
    ] = None
    rotation: Annotated[
        tuple[_Row, _Row, _Row] | None,
        Field(description="R of camera = R · site + t; camera axes right, down, ahead"),
    ] = None
    rotation_vector: Annotated[
        _Row | None, Field(description="instead of the matrix: axis · angle in radians (Rodrigues)")
    ] = None
    translation_m: Annotated[_Place | None, Field(description="t")] = None

    @model_validator(mode="after")
    def _one_of_three(self) -> "PoseShape":
        given = set(self.model_dump(exclude_none=True))
        ways = (
            {"position_m", "pan_deg", "tilt_deg"},
            {"rotation", "translation_m"},
            {"rotation_vector", "translation_m"},
        )
        if given - {"roll_deg"} not in ways or ("roll_deg" in given and "pan_deg" not in given):
            raise ValueError(
                "give position_m, pan_deg, tilt_deg (and roll_deg), or rotation and translation_m, "
                "or rotation_vector and translation_m"
            )
        return self

    def pose(self) -> Pose:
        """Return the pose.

        Raises:
            BadInput: the rotation is none.
        """
        match self.position_m, self.pan_deg, self.tilt_deg:
            case (x_m, y_m, height_m), float(pan_deg), float(tilt_deg):
                return Pose.from_angles(
                    position_m=(x_m, y_m, height_m),
                    pan_deg=pan_deg,
                    tilt_deg=tilt_deg,
                    roll_deg=self.roll_deg or 0.0,
                )
        rotation = self.rotation_vector if self.rotation is None else self.rotation
        return Pose.from_rotation(
            rotation=np.array(rotation), translation_m=np.array(self.translation_m)
        )


class CalibrationFile(Strict):
    """A camera's calibration: a homography, at least four point pairs, or lens and pose."""

    name: Annotated[Text | None, Field(description="what people call the camera")] = None
    image_size_px: Annotated[
        tuple[_Pixels, _Pixels], Field(description="width and height of the picture calibrated")
    ]
    H_image_to_ground_m: Annotated[
        tuple[_Row, _Row, _Row] | None,
        Field(
            description="[x·w, y·w, w] = H · [u, v, 1] in metres of the site frame; u, v without "
            "distortion where intrinsics name a lens"
        ),
    ] = None
    points: Annotated[
        tuple[PointPair, ...] | None,
        Field(max_length=MAX_POINT_PAIRS, description="instead of H: point pairs, as clicked"),
    ] = None
    pose: Annotated[
        PoseShape | None, Field(description="instead of H: with intrinsics, all of the camera")
    ] = None
    intrinsics: Annotated[Intrinsics | None, Field(description="focal length and lens")] = None
    camera_position_m: Annotated[
        _Place | None,
        Field(
            description="x, y, height over the ground; without it, it is estimated where it can be"
        ),
    ] = None
    range_m: Annotated[
        float, Field(gt=0, le=1000, description="ground farther away counts as not seen")
    ] = 100.0
    min_px_per_m: Annotated[
        _Positive | None,
        Field(
            description="ground is too far to count people on where a metre across the line of "
            "sight has fewer px of the calibrated picture than this, at the height of heads"
        ),
    ] = None
    masks: Annotated[
        tuple[_Outline, ...],
        Field(
            max_length=_MAX_MASKS,
            description="outlines in px of the calibrated picture of what hides people or looks "
            "like people: stalls, trees, screens",
        ),
    ] = ()
    use: Annotated[str | None, Field(description="free text: how to read the matrix")] = None
    source: Annotated[str | None, Field(description="free text: where it comes from")] = None
    residual_m: Annotated[
        dict[str, Any] | None,
        Field(description="free: error against a better model; rms or else mean is used"),
    ] = None

    @field_validator("masks")
    @classmethod
    def _simple_outlines(
        cls, masks: tuple[tuple[_Pair, ...], ...]
    ) -> tuple[tuple[_Pair, ...], ...]:
        for number, mask in enumerate(masks, start=1):
            outline = Polygon(mask)
            if not outline.is_valid or outline.area == 0:
                raise ValueError(
                    f"mask {number} crosses itself or has no area, expected a simple outline"
                )
        return masks

    @model_validator(mode="after")
    def _one_way(self) -> "CalibrationFile":
        ways = (self.H_image_to_ground_m, self.points, self.pose)
        if sum(way is not None for way in ways) != 1:
            raise ValueError("give exactly one of H_image_to_ground_m, points and pose")
        if self.pose is not None:
            if self.intrinsics is None or self.intrinsics.focal_px is None:
                raise ValueError("intrinsics.focal_px is missing, a pose needs it")
            if self.camera_position_m is not None:
                raise ValueError("give the pose or camera_position_m, not both")
        return self

    @model_validator(mode="after")
    def _masks_in_the_picture(self) -> "CalibrationFile":
        width, height = self.image_size_px
        for number, mask in enumerate(self.masks, start=1):
            if not any(-width <= u <= 2 * width and -height <= v <= 2 * height for u, v in mask):
                raise ValueError(
                    f"masks: mask {number} lies far outside the picture of {width} × {height} px"
                )
        return self

    @property
    def known_residual_m(self) -> float | None:
        """Root mean square error on the ground that the file tells, else the mean, else None."""
        for key in ("rms", "mean"):
            value = (self.residual_m or {}).get(key)
            if isinstance(value, (int, float)) and isfinite(value) and value >= 0:
                return float(value)
        return None

    def calibrated(self) -> Calibration:
        """Return the camera, and how sure its calibration is.

        Raises:
            BadInput: the calibration is degenerate or does not say enough.
        """
        lens = None if self.intrinsics is None else self.intrinsics.of(self.image_size_px)
        centre_px = None if self.intrinsics is None else self.intrinsics.centre_px
        residual_m = self.known_residual_m or 0.0
        if self.pose is not None and lens is not None:
            return camera_from_pose(
                lens=lens,
                pose=self.pose.pose(),
                image_size_px=self.image_size_px,
                residual_m=residual_m,
            )
        if self.points is not None:
            return camera_from_pairs(
                image_px=[pair.image_px for pair in self.points],
                ground_m=[pair.ground_m for pair in self.points],
                image_size_px=self.image_size_px,
                lens=lens,
                centre_px=centre_px,
                position_m=self.camera_position_m,
            )
        return camera_from_homography(
            homography=np.array(self.H_image_to_ground_m, dtype=np.float64),
            image_size_px=self.image_size_px,
            lens=lens,
            centre_px=centre_px,
            position_m=self.camera_position_m,
            residual_m=residual_m,
        )

    def camera(self) -> GroundCamera:
        """Return the calibrated camera.

        Raises:
            BadInput: as :meth:`calibrated`.
        """
        return self.calibrated().camera


def read_calibrated(path: Path) -> tuple[CalibrationFile, Calibration]:
    """Read a calibration file, the camera it describes and how sure that is.

    Raises:
        BadInput: one sentence that names the file and what is wrong.
    """
    return as_calibrated(path, read_json(path))


def as_calibrated(path: Path, content: Any) -> tuple[CalibrationFile, Calibration]:
    """Return the content of a calibration file, the camera it describes and how sure that is.

    Raises:
        BadInput: one sentence that names the file and what is wrong.
    """
    file = as_shape(path, content, CalibrationFile)
    try:
        return file, file.calibrated()
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from None


def read_calibration(path: Path) -> tuple[CalibrationFile, GroundCamera]:
    """Read a calibration file and the camera it describes.

    Raises:
        BadInput: as :func:`read_calibrated`.
    """
    file, calibration = read_calibrated(path)
    return file, calibration.camera
