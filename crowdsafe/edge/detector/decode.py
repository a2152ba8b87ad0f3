"""A model's output to boxes in px of its input."""

import cv2
import numpy as np
from numpy.typing import NDArray

from crowdsafe.edge.detector.layout import Layout

Array = NDArray[np.float64]
_NMS_IOU = 0.6
_STRIDES_PX = (8, 16, 32)


def decode(
    output: NDArray[np.float32],
    *,
    layout: Layout,
    class_index: int,
    score_threshold: float,
    input_hw_px: tuple[int, int],
) -> tuple[Array, Array]:
    """Return the boxes of one class.

    Args:
        output: the output for one picture, without the batch axis.
        layout: any but HEADS_DENSITY.
        class_index: which class.
        score_threshold: boxes below are left out.
        input_hw_px: height and width of the input.

    Returns:
        (n, 4) xyxy in px of the input and (n,) scores, overlapping boxes removed.
    """
    table = output.astype(np.float64)
    if layout is Layout.END_TO_END:
        keep = (table[:, 5].round() == class_index) & (table[:, 4] >= score_threshold)
        return table[keep, :4], table[keep, 4]
    if layout is Layout.YOLOV8:
        xywh, score = table[:4].T, table[4 + class_index]
    else:
        if layout is Layout.YOLOX:
            table = _yolox_in_px(table, input_hw_px)
        xywh, score = table[:, :4], table[:, 4] * table[:, 5 + class_index]
    keep = score >= score_threshold
    xywh, score = xywh[keep], score[keep]
    half = xywh[:, 2:] / 2
    xyxy = np.column_stack([xywh[:, :2] - half, xywh[:, :2] + half])
    return _without_overlaps(xyxy, score, score_threshold)


def decode_heads(heads: NDArray[np.float32], *, score_threshold: float) -> tuple[Array, Array]:
    """Return the boxes of our own head map (5, rows, columns), whose non-peaks are 0 already."""
    rows, columns = np.nonzero(heads[0] >= max(score_threshold, 1e-6))
    found = heads[:, rows, columns].astype(np.float64)
    return found[1:5].T, found[0]


def yolox_is_raw(output: NDArray[np.float32], input_hw_px: tuple[int, int]) -> bool:
    """Say whether a YOLOX output still wants its grid: centres are then offsets in cells.

    A decoded output has the middle cell's centre near the middle of the input.
    """
    centres = output[:, :2]
    return bool(np.median(np.abs(centres)) < min(input_hw_px) / 8)


def _yolox_in_px(table: Array, input_hw_px: tuple[int, int]) -> Array:
    if not yolox_is_raw(table.astype(np.float32), input_hw_px):
        return table
    height, width = input_hw_px
    grids, strides = [], []
    for stride in _STRIDES_PX:
        y, x = np.mgrid[0 : height // stride, 0 : width // stride]
        grids.append(np.column_stack([x.ravel(), y.ravel()]))
        strides.append(np.full(x.size, stride))
    grid, stride_px = np.concatenate(grids), np.concatenate(strides)[:, None]
    decoded = table.copy()
    decoded[:, :2] = (table[:, :2] + grid) * stride_px
    decoded[:, 2:4] = np.exp(np.minimum(table[:, 2:4], 20.0)) * stride_px
    return decoded


def _without_overlaps(xyxy: Array, score: Array, score_threshold: float) -> tuple[Array, Array]:
    if not len(score):
        return xyxy, score
    xywh = np.column_stack([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]])
    kept = cv2.dnn.NMSBoxes(xywh.tolist(), score.tolist(), score_threshold, _NMS_IOU)
    index = np.asarray(kept, dtype=np.intp).ravel()
    return xyxy[index], score[index]
