"""Fitting a picture into a model's input, and boxes back into the picture."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from crowdsafe.contract.model_file import PADDING_VALUE, STRIDE_PX
from crowdsafe.edge.detections import Picture


@dataclass(frozen=True)
class Fit:
    """How a picture lies in the input: scaled, then moved."""

    scale: float
    left_px: int
    top_px: int

    def to_picture(self, xyxy_px: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n, 4) boxes of the input as boxes of the picture."""
        offset = np.array([self.left_px, self.top_px] * 2, dtype=np.float64)
        return np.asarray((xyxy_px - offset) / self.scale, dtype=np.float64)


def into_fixed(
    picture: Picture, *, height_px: int, width_px: int, centred: bool
) -> tuple[Picture, Fit]:
    """Scale a picture into an input of fixed size, with grey bars where it does not fill it."""
    scale = min(height_px / picture.shape[0], width_px / picture.shape[1])
    scaled = _scaled(picture, scale)
    spare_y, spare_x = height_px - scaled.shape[0], width_px - scaled.shape[1]
    top, left = (spare_y // 2, spare_x // 2) if centred else (0, 0)
    return _padded(scaled, height_px, width_px, top, left), Fit(scale, left, top)


def into_long_side(picture: Picture, *, long_side_px: int) -> tuple[Picture, Fit]:
    """Scale a picture to a long side, with grey to the right and below up to a full stride."""
    return into_scale(picture, scale=long_side_px / max(picture.shape[:2]))


def into_scale(picture: Picture, *, scale: float) -> tuple[Picture, Fit]:
    """Scale a picture, with grey to the right and below up to a full stride."""
    scaled = _scaled(picture, scale)
    height_px, width_px = (-(-side // STRIDE_PX) * STRIDE_PX for side in scaled.shape[:2])
    return _padded(scaled, height_px, width_px, 0, 0), Fit(scale, 0, 0)


def _scaled(picture: Picture, scale: float) -> Picture:
    if scale == 1.0:
        return picture
    width = max(1, round(picture.shape[1] * scale))
    height = max(1, round(picture.shape[0] * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), dtype=np.uint8)


def _padded(picture: Picture, height_px: int, width_px: int, top: int, left: int) -> Picture:
    if picture.shape[:2] == (height_px, width_px):
        return picture
    canvas = np.full((height_px, width_px, 3), PADDING_VALUE, dtype=np.uint8)
    canvas[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return canvas
