"""How much a picture differs from the one before."""

from dataclasses import dataclass

import cv2

from crowdsafe.domain.health.picture_measures import sent_anew_levels
from crowdsafe.edge.health.reduced import Grey

_SQUARES = (24, 18)


@dataclass(frozen=True)
class Difference:
    """How a picture differs from the one before; see ``PictureMeasures``."""

    difference: float
    changed_share: float
    moving_share: float


class Stillness:
    """Holds the picture before."""

    def __init__(self) -> None:
        self._before: tuple[Grey, Grey] | None = None

    def step(self, grey: Grey, small: Grey, *, brightest_level: float) -> Difference | None:
        """Compare a picture with the one before and keep it.

        Args:
            grey: (height, width) brightness.
            small: the same reduced.
            brightest_level: what differs by a small part of it is no move.

        Returns:
            None where there is no picture of this size before. ``changed_share`` is exact to the
            single px: 0 only of equal pictures.
        """
        before, self._before = self._before, (grey, small)
        if before is None or before[0].shape != grey.shape or before[1].shape != small.shape:
            return None
        changed = cv2.compare(grey, before[0], cv2.CMP_NE)
        differs = cv2.absdiff(small, before[1])
        moved = cv2.inRange(differs, sent_anew_levels(brightest_level) + 1.0, 255.0)
        height, width = small.shape
        sample = cv2.resize(changed, (width, height), interpolation=cv2.INTER_NEAREST)
        # A lone px is lost in sampling and rounding.
        least = 1 / (_SQUARES[0] * _SQUARES[1]) if cv2.countNonZero(changed) else 0.0
        return Difference(
            difference=float(cv2.minMaxLoc(differs)[1]),
            changed_share=max(least, _share(sample)),
            moving_share=_share(moved),
        )


def _share(mask: cv2.typing.MatLike) -> float:
    squares = cv2.resize(mask, _SQUARES, interpolation=cv2.INTER_AREA)
    return cv2.countNonZero(squares) / squares.size
