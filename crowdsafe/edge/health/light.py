"""How much light and colour a picture has."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from crowdsafe.edge.detections import Picture
from crowdsafe.edge.health.reduced import Grey

_THUMB_PX = (96, 72)
_NEAR_LEVELS = 6
_BRIGHTEST_SHARE = 0.02
WHITE_LEVEL = 250
_NOT_WHITE_LEVEL = 200


@dataclass(frozen=True)
class Light:
    """Levels are 0 to 255, shares 0 to 1; see ``PictureMeasures``."""

    mean_level: float
    brightest_level: float
    one_colour_share: float


def measure_light(picture: Picture, small: Grey) -> Light:
    """Measure a picture and its reduced brightness."""
    thumb = cv2.resize(picture, _THUMB_PX, interpolation=cv2.INTER_NEAREST)
    commonest = np.median(thumb, axis=(0, 1))
    near = cv2.inRange(thumb, commonest - _NEAR_LEVELS, commonest + _NEAR_LEVELS)
    below = np.cumsum(cv2.calcHist([small], [0], None, [256], [0.0, 256.0])) / small.size
    return Light(
        mean_level=float(small.mean()),
        brightest_level=float(np.searchsorted(below, 1.0 - _BRIGHTEST_SHARE)),
        one_colour_share=cv2.countNonZero(near) / near.size,
    )


def white_share(small: Grey, reference: Grey | None) -> float:
    """Return the share at full white, without what was nearly white in the reference."""
    white: NDArray[np.bool_] = small >= WHITE_LEVEL
    if reference is not None:
        white = white & (reference < _NOT_WHITE_LEVEL)
    return float(white.mean())
