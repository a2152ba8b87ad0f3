"""How much contrast each square of the picture has against the reference."""

import cv2
import numpy as np
from numpy.typing import NDArray

from crowdsafe.edge.health.reduced import Grey

_SQUARES = (16, 12)
# Root mean square slope, grey levels per px: weaker squares are bare ground, sky or noise.
_TEXTURED = 6.0
_MIN_TEXTURED = 8
# With 0.1 of the contrast our model misses more than half of the people, with 0.15 a quarter.
_LOST_SHARE = 0.12


def _contrast(small: Grey) -> NDArray[np.float64]:
    right = cv2.Sobel(small, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(small, cv2.CV_32F, 0, 1, scale=0.125)
    squares = cv2.resize(right * right + down * down, _SQUARES, interpolation=cv2.INTER_AREA)
    return np.sqrt(np.asarray(squares, dtype=np.float64))


class Texture:
    """Holds the contrast of the reference."""

    def __init__(self, small: Grey) -> None:
        self._reference = _contrast(small)
        self._textured = self._reference >= _TEXTURED

    def veiled_share(self, small: Grey) -> float | None:
        """Return the share of the textured squares that lost their contrast, None without any.

        Contrast is taken in grey levels and not against the light, as the detector takes it.
        """
        if np.count_nonzero(self._textured) < _MIN_TEXTURED:
            return None
        lost = _contrast(small) < _LOST_SHARE * self._reference
        return float(lost[self._textured].mean())
