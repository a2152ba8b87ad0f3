"""Optical flow between two pictures a moment apart: of the whole picture, or of heads alone.

Where heads were found, :func:`points_flow` at the heads is the better one: it keeps each person's
own velocity. :func:`picture_flow` is for people whom only a density map finds. It mixes neighbours:
in a simulated crowd of 4 p/m² the mean speed came out right to 3 %, but the people's standard
deviation of 0.20 m/s about the common velocity as 0.08 m/s across the line of sight (points_flow:
0.18), and where few people stand, the ground between them slows it down.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from crowdsafe.domain.crowd.points import Points
from crowdsafe.errors import BadInput

Grey = NDArray[np.uint8]

WIDTH_PX: Final = 640
"""Whole pictures are made this wide at most: twice as wide takes four times as long."""
# px by which forward and backward flow may disagree, as a standard deviation.
_AGREES_PX: Final = 0.5
# Smaller eigenvalue of the mean products of gradients, grey levels² per px²: noise is below.
_TEXTURE: Final = 4.0
_BLOCK_PX: Final = 7
_MIN_SIDE_PX: Final = 32
# Halved picture sizes down to which a displacement is searched, and the window around a head.
_FINEST_HALVING: Final = 1
_WINDOW_PX: Final = (11, 11)
_HALVINGS: Final = 3


@dataclass(frozen=True, eq=False)
class PictureFlow:
    """How the px of a picture move to the next one.

    Attributes:
        flow_px: (rows, columns, 2) x and y, in px of the picture given.
        confidence: (rows, columns) 0 to 1: whether there is texture and the way back leads back.
        px_per_cell: (x, y) px of the picture given in each column and row.
    """

    flow_px: NDArray[np.float32]
    confidence: NDArray[np.float32]
    px_per_cell: tuple[float, float]

    def at(self, points_px: Points) -> tuple[Points, NDArray[np.float64]]:
        """Return (n, 2) flow and (n,) confidence at points of the picture.

        Points outside the picture have no confidence.
        """
        rows, columns = self.confidence.shape
        cells = np.asarray(points_px, dtype=np.float64) / self.px_per_cell
        inside = np.asarray(((cells >= 0) & (cells <= (columns, rows))).all(axis=1))
        nearest = np.where(inside[:, None], cells, 0.0).astype(np.int64)
        column = np.minimum(nearest[:, 0], columns - 1)
        row = np.minimum(nearest[:, 1], rows - 1)
        flow = self.flow_px[row, column].astype(np.float64)
        return flow, np.where(inside, self.confidence[row, column], 0.0)


def picture_flow(earlier: NDArray[np.uint8], later: NDArray[np.uint8]) -> PictureFlow:
    """Return the flow from one picture to a later one, some 0.1 to 0.2 s apart.

    Dense inverse search: Kroeger, Timofte, Dai and Van Gool, ECCV 2016. Confidence is
    exp(−e²/2s²) with e the px by which the flow back from where a px went misses it, and nothing
    where there is no texture to follow or the way leads out of the picture. Two equal pictures are
    one picture, of a camera that is stuck: nothing is known then, rather than that all stand.

    Args:
        earlier: (height, width) grey or (height, width, 3) blue-green-red.
        later: of the same shape.

    Raises:
        BadInput: the pictures are of different shapes, or no pictures.
    """
    _refuse_other_shapes(earlier, later)
    height, width = earlier.shape[:2]
    scale = min(1.0, WIDTH_PX / width)
    small = (max(_MIN_SIDE_PX, round(width * scale)), max(_MIN_SIDE_PX, round(height * scale)))
    one, other = (
        np.asarray(cv2.resize(_grey(each), small, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        for each in (earlier, later)
    )
    per_cell = (width / small[0], height / small[1])
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    search.setFinestScale(_FINEST_HALVING)
    nowhere = np.zeros((*one.shape, 2), dtype=np.float32)
    there = np.asarray(search.calc(one, other, nowhere.copy()), dtype=np.float32)
    back = np.asarray(search.calc(other, one, nowhere), dtype=np.float32)
    confidence = _confidence(one, there, back)
    if np.array_equal(earlier, later):
        confidence[:] = 0.0
    return PictureFlow(
        flow_px=there * np.array(per_cell, dtype=np.float32),
        confidence=confidence,
        px_per_cell=per_cell,
    )


def points_flow(
    earlier: NDArray[np.uint8], later: NDArray[np.uint8], points_px: Points
) -> tuple[Points, NDArray[np.float64]]:
    """Return how points, heads among them, move from one picture to a later one.

    Pyramidal Lucas-Kanade: Bouguet 2001, in a window of 11 px at each of 4 sizes, there and back.

    Args:
        earlier: as in :func:`picture_flow`.
        later: likewise.
        points_px: (n, 2) in the earlier picture.

    Returns:
        (n, 2) flow in px and (n,) confidence as in :class:`PictureFlow`.

    Raises:
        BadInput: as in :func:`picture_flow`.
    """
    _refuse_other_shapes(earlier, later)
    points = np.asarray(points_px, dtype=np.float64)
    height, width = earlier.shape[:2]
    inside = np.asarray(((points >= 0) & (points <= (width - 1, height - 1))).all(axis=1))
    flow, confidence = np.zeros(points.shape), np.zeros(len(points))
    if not inside.any() or np.array_equal(earlier, later):
        return flow, confidence
    one, other = _grey(earlier), _grey(later)
    start = points[inside].astype(np.float32)
    end, found, _ = _follow(one, other, start)
    back, found_back, _ = _follow(other, one, end)
    missed2 = ((back - start) ** 2).sum(axis=1)
    flow[inside] = end - start
    confidence[inside] = np.exp(-missed2 / (2 * _AGREES_PX**2)) * (found & found_back)[:, 0]
    return flow, confidence


def _follow(
    one: Grey, other: Grey, points_px: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.uint8], object]:
    return cv2.calcOpticalFlowPyrLK(  # type: ignore[no-any-return,call-overload]
        one, other, points_px, None, winSize=_WINDOW_PX, maxLevel=_HALVINGS
    )


def _refuse_other_shapes(earlier: NDArray[np.uint8], later: NDArray[np.uint8]) -> None:
    if earlier.shape != later.shape or earlier.ndim not in (2, 3) or 0 in earlier.shape:
        raise BadInput(
            f"optical flow: pictures of shape {earlier.shape} and {later.shape}, expected the "
            "same (height, width) or (height, width, 3)"
        )


def _grey(picture: NDArray[np.uint8]) -> Grey:
    if picture.ndim == 2:
        return picture
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def _confidence(
    grey: Grey, there: NDArray[np.float32], back: NDArray[np.float32]
) -> NDArray[np.float32]:
    rows, columns = grey.shape
    x, y = np.meshgrid(
        np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32), copy=False
    )
    to_x, to_y = x + there[..., 0], y + there[..., 1]
    returned = cv2.remap(back, to_x, to_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    missed2 = ((there + returned) ** 2).sum(axis=2)
    confidence = np.exp(-missed2 / (2 * _AGREES_PX**2))
    # Scaled to the mean over the block of products of gradients per px.
    texture = cv2.cornerMinEigenVal(grey, _BLOCK_PX, ksize=3) * (255.0 / 2) ** 2
    inside = (to_x >= 0) & (to_x <= columns - 1) & (to_y >= 0) & (to_y <= rows - 1)
    confidence[(texture < _TEXTURE) | ~inside] = 0.0
    return np.asarray(confidence, dtype=np.float32)
