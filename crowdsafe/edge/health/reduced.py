"""The small grey picture on which most is measured."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from crowdsafe.edge.detections import Picture
from crowdsafe.errors import BadInput

Grey = NDArray[np.uint8]
"""Shape (height, width), brightness."""

_MAX_AREA_PX: Final = 240_000
_MAX_ASPECT_ERROR = 0.01


def grey_of(picture: Picture) -> Grey:
    """Return a picture's brightness.

    Raises:
        BadInput: it is empty or not (height, width, 3) of bytes.
    """
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8 or not picture.size:
        raise BadInput(
            f"picture: {picture.dtype} of shape {picture.shape}, expected (height, width, 3) bytes"
        )
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def reduced_size_px(size_px: tuple[int, int]) -> tuple[int, int]:
    """Return the size to which pictures of a size are reduced: halved until they are small."""
    width, height = size_px
    while width * height > _MAX_AREA_PX and min(width, height) > 1:
        width, height = width // 2, height // 2
    return width, height


def reduced(grey: Grey, size_px: tuple[int, int]) -> Grey:
    """Return the picture in another size, averaged where it is a smaller one."""
    # To halve is many times faster than to average over parts of px.
    while grey.shape[1] >= 2 * size_px[0] and grey.shape[0] >= 2 * size_px[1]:
        half = (grey.shape[1] // 2, grey.shape[0] // 2)
        grey = np.asarray(cv2.resize(grey, half, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    if (grey.shape[1], grey.shape[0]) == size_px:
        return grey
    smaller = grey.shape[1] >= size_px[0]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(grey, size_px, interpolation=how), dtype=np.uint8)


def same_shape(size_px: tuple[int, int], other_px: tuple[int, int]) -> bool:
    """Say whether one picture can be the other in another resolution."""
    return abs(size_px[0] * other_px[1] / (size_px[1] * other_px[0]) - 1.0) <= _MAX_ASPECT_ERROR
