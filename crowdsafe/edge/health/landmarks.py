"""Corners of the background, and where a later picture has them."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from crowdsafe.edge.health.reduced import Grey

Matrix = NDArray[np.float64]
"""Shape (2, 3): reduced reference to reduced picture, [x', y'] = M · [x, y, 1], a similarity."""
Floats = NDArray[np.float64]

_CELL_PX = 32
_HALF_PX = 8
_PATCH_PX = 2 * _HALF_PX + 1
# Standard deviation in grey levels: flatter patches are noise.
_MIN_CONTRAST = 4.0
_MOST = 48
# Correlation from which a patch is found, and up to which it may be like its own surroundings.
_MIN_LIKENESS = 0.6
_MAX_OTHER_LIKENESS = 0.8
# Reach of the search as a share of the picture's width: 10 px at 768, then 24.
_NEAR_SHARE = 5.0 / 384.0
_REACH_SHARE = 12.0 / 384.0
GOOD_SHARE = 0.5
"""A share of the landmarks that leaves nothing to look for."""
_MAX_OFF_PX = 1.0
_MIN_FOUND = 8
# Landmarks that agree must not all lie in one place, such as on a lorry.
_MIN_SPREAD_SHARE = 0.25
# Descriptors are less unlike chance than patches.
_MIN_FAR_FOUND = 20
_FAR_FEATURES = 500
_FAR_OFF_PX = 3.0
_MAX_GROWTH = 1.6


@dataclass(frozen=True, eq=False)
class Found:
    """Landmarks found again.

    Attributes:
        matrix: where the reference is in the picture.
        share: of the landmarks that agree with it.
        agree: (n,) which.
    """

    matrix: Matrix
    share: float
    agree: NDArray[np.bool_]


class Landmarks:
    """Patches about corners, well spread, each unlike its surroundings."""

    def __init__(self, xy: Floats, patches: NDArray[np.float32], far: "FarView | None") -> None:
        self._xy = xy
        self._patches = patches
        self._far = far

    def __len__(self) -> int:
        return len(self._xy)

    def chosen(self, which: NDArray[np.bool_]) -> "Landmarks":
        """Return some of them."""
        return Landmarks(self._xy[which], self._patches[which], None)

    def find(self, small: Grey) -> Found | None:
        """Find them near their places; None where too few agree on one similarity.

        Each patch is sought by normalised correlation, which knows no light or contrast, to parts
        of a px; RANSAC finds the similarity that most agree with.
        """
        if len(self) < _MIN_FOUND:
            return None
        picture = small.astype(np.float32)
        near = self._find(picture, reach=_reach_px(small, _NEAR_SHARE))
        if near is not None and near.share >= GOOD_SHARE:
            return near
        wide = self._find(picture, reach=_reach_px(small, _REACH_SHARE))
        return near if wide is None else wide

    def _find(self, picture: NDArray[np.float32], *, reach: int) -> Found | None:
        places = np.array(
            [
                _seek(picture, patch, x=round(x), y=round(y), reach=reach)
                for (x, y), patch in zip(self._xy, self._patches, strict=True)
            ]
        )
        there = np.isfinite(places[:, 0])
        if np.count_nonzero(there) < _MIN_FOUND:
            return None
        matrix, agree = _fit(self._xy[there], places[there], off_px=_MAX_OFF_PX)
        which = np.zeros(len(self), dtype=np.bool_)
        which[there] = agree
        if matrix is None or not _enough(self._xy[which], picture.shape, least=_MIN_FOUND):
            return None
        return Found(matrix=matrix, share=float(which.mean()), agree=which)

    def find_far(self, small: Grey) -> Matrix | None:
        """Find the view anywhere in the picture, turned or zoomed; None where it is not."""
        return None if self._far is None else self._far.find(small)


class FarView:
    """ORB features of the reference: rougher, but found at any distance."""

    def __init__(self, small: Grey) -> None:
        self._xy, self._descriptors = _features(small)

    def find(self, small: Grey) -> Matrix | None:
        """Return where the reference is in the picture; None where that is not sure."""
        xy, descriptors = _features(small)
        if min(len(xy), len(self._xy)) < _MIN_FAR_FOUND:
            return None
        matcher = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True)
        pairs = matcher.match(self._descriptors, descriptors)
        if len(pairs) < _MIN_FAR_FOUND:
            return None
        ours = self._xy[[pair.queryIdx for pair in pairs]]
        theirs = xy[[pair.trainIdx for pair in pairs]]
        matrix, agree = _fit(ours, theirs, off_px=_FAR_OFF_PX)
        if matrix is None or not _enough(ours[agree], small.shape, least=_MIN_FAR_FOUND):
            return None
        growth = float(np.hypot(matrix[0, 0], matrix[1, 0]))
        return matrix if 1 / _MAX_GROWTH <= growth <= _MAX_GROWTH else None


def landmarks_of(small: Grey, *, far: bool = True) -> Landmarks:
    """Pick the strongest corner of each part of a picture."""
    height, width = small.shape
    # A patch needs its whole surroundings in the picture to show that it is unlike them.
    reach = _reach_px(small, _REACH_SHARE)
    margin = _HALF_PX + 1
    if min(height, width) < 2 * (margin + reach) + 1:
        return Landmarks(np.empty((0, 2)), np.empty((0, 0, 0), np.float32), None)
    strength = cv2.cornerMinEigenVal(small, 7)
    picture = small.astype(np.float32)
    found = []
    for top in range(margin, height - margin, _CELL_PX):
        for left in range(margin, width - margin, _CELL_PX):
            bottom = min(top + _CELL_PX, height - margin)
            right = min(left + _CELL_PX, width - margin)
            part = strength[top:bottom, left:right]
            row, column = np.unravel_index(int(part.argmax()), part.shape)
            y, x = top + int(row), left + int(column)
            patch = _patch(picture, x, y)
            if patch.std() >= _MIN_CONTRAST and _is_alone(picture, patch, x=x, y=y, reach=reach):
                found.append((float(part[row, column]), x, y))
    found = sorted(found, reverse=True)[:_MOST]
    xy = np.array([(x, y) for _, x, y in found], dtype=np.float64).reshape(-1, 2)
    patches = [_patch(picture, x, y) for _, x, y in found]
    return Landmarks(xy, np.array(patches, dtype=np.float32), FarView(small) if far else None)


def _reach_px(small: Grey, share: float) -> int:
    width: int = small.shape[1]
    return max(3, round(share * width))


def _patch(picture: NDArray[np.float32], x: int, y: int) -> NDArray[np.float32]:
    return picture[y - _HALF_PX : y + _HALF_PX + 1, x - _HALF_PX : x + _HALF_PX + 1]


def _likeness(
    picture: NDArray[np.float32], patch: NDArray[np.float32], *, x: int, y: int, reach: int
) -> tuple[NDArray[np.float32], int, int]:
    """Return the correlation around (x, y) and the place of its first row and column."""
    height, width = picture.shape
    left, top = max(0, x - _HALF_PX - reach), max(0, y - _HALF_PX - reach)
    right = min(width, x + _HALF_PX + reach + 1)
    bottom = min(height, y + _HALF_PX + reach + 1)
    scores = cv2.matchTemplate(picture[top:bottom, left:right], patch, cv2.TM_CCOEFF_NORMED)
    return np.asarray(scores, dtype=np.float32), left + _HALF_PX, top + _HALF_PX


def _is_alone(
    picture: NDArray[np.float32], patch: NDArray[np.float32], *, x: int, y: int, reach: int
) -> bool:
    scores, left, top = _likeness(picture, patch, x=x, y=y, reach=reach)
    row, column = y - top, x - left
    scores[max(0, row - 3) : row + 4, max(0, column - 3) : column + 4] = -1.0
    return bool(scores.max() < _MAX_OTHER_LIKENESS)


def _seek(
    picture: NDArray[np.float32], patch: NDArray[np.float32], *, x: int, y: int, reach: int
) -> tuple[float, float]:
    """Return where a patch is, to parts of a px; NaN where it is not, or at the search's edge."""
    scores, left, top = _likeness(picture, patch, x=x, y=y, reach=reach)
    _, best, _, (column, row) = cv2.minMaxLoc(scores)
    inside = 0 < row < scores.shape[0] - 1 and 0 < column < scores.shape[1] - 1
    if best < _MIN_LIKENESS or not inside:
        return np.nan, np.nan
    across, along = scores[row, column - 1 : column + 2], scores[row - 1 : row + 2, column]
    return left + column + _top_of(across), top + row + _top_of(along)


def _top_of(three: NDArray[np.float32]) -> float:
    """Return the top of the parabola through three values, from the middle one."""
    before, middle, after = (float(value) for value in three)
    bend = before - 2.0 * middle + after
    return 0.0 if bend >= 0 else float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))


def _features(small: Grey) -> tuple[Floats, NDArray[np.uint8]]:
    points, descriptors = cv2.ORB.create(_FAR_FEATURES).detectAndCompute(small, None)
    if not points:
        return np.empty((0, 2)), np.empty((0, 32), np.uint8)
    xy = np.array([point.pt for point in points], dtype=np.float64)
    return xy, np.asarray(descriptors, dtype=np.uint8)


def _fit(ours: Floats, theirs: Floats, *, off_px: float) -> tuple[Matrix | None, NDArray[np.bool_]]:
    matrix, agree = cv2.estimateAffinePartial2D(
        ours, theirs, method=cv2.RANSAC, ransacReprojThreshold=off_px, maxIters=500
    )
    # None, as an array one NaN, where no two points fix one.
    similarity = np.asarray(matrix, dtype=np.float64)
    if not np.isfinite(similarity).all():
        return None, np.zeros(len(ours), dtype=np.bool_)
    return similarity, agree.ravel().astype(np.bool_)


def _enough(xy: Floats, shape: tuple[int, ...], *, least: int) -> bool:
    if len(xy) < least:
        return False
    height, width = shape
    spread = float(np.hypot(*np.ptp(xy, axis=0)))
    return spread >= _MIN_SPREAD_SHARE * float(np.hypot(width, height))
