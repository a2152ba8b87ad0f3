"""The calibration picture: where its landmarks are, and how they look by other light."""

import cv2
import numpy as np

from crowdsafe.domain.health.picture_measures import Shift
from crowdsafe.edge.detections import Picture
from crowdsafe.edge.health.landmarks import GOOD_SHARE, Found, Landmarks, Matrix, landmarks_of
from crowdsafe.edge.health.reduced import Grey, grey_of, reduced, reduced_size_px
from crowdsafe.edge.health.texture import Texture
from crowdsafe.errors import BadInput

_MIN_LANDMARKS = 12
_LOOKS_ANEW_SHARE = 0.7
_LEARN_EVERY_S = 60.0
_PROVE_AFTER_S = 10.0
_MIN_PROVEN_SHARE = 0.4
_MOST_LOOKS = 6
# Other looks are learned only from pictures whose geometry is the reference's: 2 px at 768.
_UNMOVED_SHARE = 2.0 / 768.0


class Reference:
    """Where a camera looked when it was calibrated.

    The places of the first picture's landmarks are the anchor for good. By other light they look
    different, or others show: then landmarks of now are learned as a further look, at the places
    that they have in the first picture. That takes a picture which older looks place within 2 px
    (at 768) of the first, and is undone by the measured shift, so a camera that creeps is not
    followed. Landmarks that are gone some seconds later were people and are left out.
    """

    def __init__(self, small: Grey, *, size_px: tuple[int, int], picture: Grey | None) -> None:
        """Take the reduced picture; ``picture`` is the whole one where its sharpness counts.

        Raises:
            BadInput: it shows too little.
        """
        self.small = small
        self.size_px = size_px
        self.picture = picture
        self.texture = Texture(small)
        self.mean_level = float(small.mean())
        self._looks = [landmarks_of(small)]
        self._now = 0
        self._candidate: tuple[float, Landmarks] | None = None
        self._learned_at_s: float | None = None
        if len(self._looks[0]) < _MIN_LANDMARKS:
            raise BadInput(
                f"reference picture: {len(self._looks[0])} landmarks in it, expected "
                f"{_MIN_LANDMARKS} or more (is it dark, foggy or bare?)"
            )

    @classmethod
    def from_picture(cls, picture: Picture) -> "Reference":
        """Take the stored calibration picture of a camera.

        Raises:
            BadInput: it is no picture, or shows too little.
        """
        grey = grey_of(picture)
        size_px = (grey.shape[1], grey.shape[0])
        return cls(reduced(grey, reduced_size_px(size_px)), size_px=size_px, picture=grey)

    @property
    def small_size_px(self) -> tuple[int, int]:
        """Width and height to which pictures are reduced to compare with it."""
        return self.small.shape[1], self.small.shape[0]

    def find(self, small: Grey, *, at_s: float) -> tuple[Shift | None, float]:
        """Return the shift of a reduced picture, in its px, and the share of landmarks found.

        Args:
            small: of the reference's size.
            at_s: when it was taken.
        """
        found = self._find(small)
        if found is None:
            self._candidate = None
            far = self._looks[0].find_far(small)
            return (None, 0.0) if far is None else (_shift(far, small), 0.0)
        shift = _shift(found.matrix, small)
        self._learn(small, found, shift, at_s)
        return shift, found.share

    def place(self, small: Grey) -> Shift | None:
        """Return the shift of a picture of the same light, by the first look alone."""
        found = self._looks[0].find(small)
        return None if found is None else _shift(found.matrix, small)

    def _find(self, small: Grey) -> Found | None:
        """Look by the first look, the one that served last, then all, until one does well."""
        best: Found | None = None
        for number in dict.fromkeys((0, self._now, *range(len(self._looks)))):
            found = self._looks[number].find(small)
            if _agreeing(found) > _agreeing(best):
                best, self._now = found, number
            if found is not None and found.share >= GOOD_SHARE:
                break
        return best

    def _learn(self, small: Grey, found: Found, shift: Shift, at_s: float) -> None:
        unmoved = shift.size_px(self.small_size_px) <= _UNMOVED_SHARE * small.shape[1]
        if not unmoved:
            self._candidate = None
            return
        if self._candidate is not None:
            since_s = at_s - self._candidate[0]
            if since_s < 0:
                self._candidate = None
            elif since_s >= _PROVE_AFTER_S:
                self._prove(self._candidate[1], small, found)
                self._candidate, self._learned_at_s = None, at_s
            return
        last_s = self._learned_at_s
        due = last_s is None or not 0 <= at_s - last_s < _LEARN_EVERY_S
        if due and found.share < _LOOKS_ANEW_SHARE:
            how = cv2.INTER_LINEAR + cv2.WARP_INVERSE_MAP
            anchored = cv2.warpAffine(small, found.matrix, self.small_size_px, flags=how)
            self._candidate = at_s, landmarks_of(np.asarray(anchored, dtype=np.uint8), far=False)

    def _prove(self, candidate: Landmarks, small: Grey, found: Found) -> None:
        again = candidate.find(small)
        if again is None or again.share < _MIN_PROVEN_SHARE:
            return
        if np.count_nonzero(again.agree) <= _agreeing(found):
            return
        self._looks.append(candidate.chosen(again.agree))
        if len(self._looks) > _MOST_LOOKS:
            # The first is the anchor and stays.
            del self._looks[1]
        self._now = len(self._looks) - 1


def _agreeing(found: Found | None) -> int:
    return -1 if found is None else int(np.count_nonzero(found.agree))


def _shift(matrix: Matrix, small: Grey) -> Shift:
    """Return a similarity as a shift about the middle, in px of the reduced picture."""
    height, width = small.shape
    # Px are counted at their middles.
    middle = np.array([(width - 1) / 2.0, (height - 1) / 2.0])
    away = matrix[:, :2] @ middle + matrix[:, 2] - middle
    return Shift(
        dx_px=float(away[0]),
        dy_px=float(away[1]),
        growth=float(matrix[0, 0]) - 1.0,
        turn=float(matrix[1, 0]),
    )
