"""Draw over a picture what was counted in it, and by which way."""

from dataclasses import dataclass
from math import ceil
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from crowdsafe.contract.model_file import DENSITY_STRIDE_PX
from crowdsafe.domain.crowd.hand_over import CROWD_SQUARE_PX
from crowdsafe.edge.detections import DensityMap, Detections, Picture

Colour = tuple[int, int, int]
"""Blue, green, red, 0 to 255."""
_Mark = Literal["whole", "corners", "wash"]
# Okabe and Ito's hues that stand for no level: told apart by every eye, and never taken for one.
_BOX: Final[Colour] = (233, 180, 86)
_WASH: Final[Colour] = (167, 121, 204)
# The page's ground and text.
_GROUND: Final[Colour] = (28, 24, 21)
_TEXT: Final[Colour] = (242, 239, 236)
_MIN_SIDE_PX = 1600
_MAX_SIDE_PX = 6000
_MIN_WIDTH_PX = 640
# A head that counts for less than this has its corners drawn alone.
_WHOLE = 0.9
# A smaller head has no dark rim around its line.
_RIM_FROM_PX = 16
_WASH_STRONGEST = 0.75
# People in a crowd square, counted by density, at which the wash has two thirds of its strength.
_WASH_PEOPLE = 4.0
_SQUARE_CELLS = (CROWD_SQUARE_PX / DENSITY_STRIDE_PX) ** 2
_STRIP_ROWS = 512
# A smaller number is written as 0.0.
_WORTH_SAYING = 0.05


@dataclass(frozen=True)
class Caption:
    """What the line under the picture says.

    Attributes:
        people: the count.
        interval_90: its lower and upper end.
        detector: name of what counted.
    """

    people: float
    interval_90: tuple[float, float]
    detector: str


@dataclass(frozen=True)
class _Scale:
    """How large everything is drawn, in px of the drawing."""

    of_picture: float
    line: int
    font: int

    @classmethod
    def fitting(cls, picture: Picture) -> "_Scale":
        longest = max(picture.shape[:2])
        side = min(max(longest, _MIN_SIDE_PX), _MAX_SIDE_PX)
        return cls(of_picture=side / longest, line=max(1, round(side / 800)), font=side // 56)


def overlay(picture: Picture, detections: Detections, caption: Caption) -> Picture:
    """Return a drawing of the picture, its heads and its density, with a line that sums up.

    A box is drawn whole where its person is counted by the box, by its corners where the density
    map counts a part of that person. The density map's share of the count is a wash, stronger
    where more people are counted by it. A picture that is too small to read is drawn larger, a huge
    one smaller; the line stands below it and hides nothing.

    Args:
        picture: (height, width, 3).
        detections: what was found in it.
        caption: for the line.
    """
    scale = _Scale.fitting(picture)
    drawing = _resized(picture, scale.of_picture)
    _wash(drawing, detections, scale)
    _boxes(drawing, detections, scale)
    width = max(_MIN_WIDTH_PX, drawing.shape[1])
    return _below(drawing, _legend(_entries(detections, caption), width, scale.font))


def _resized(picture: Picture, scale: float) -> Picture:
    if scale == 1.0:
        return picture.copy()
    height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
    how = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), dtype=np.uint8)


def _wash(drawing: Picture, detections: Detections, scale: _Scale) -> None:
    if detections.hand_over.density_share <= 0.0:
        return
    colour = np.array(_WASH, dtype=np.float32)
    for part in detections.density:
        share = detections.hand_over.share(part.crowding.astype(np.float64))
        square = (part.people * share * _SQUARE_CELLS).astype(np.float32)
        square = np.asarray(cv2.GaussianBlur(square, (0, 0), 0.8), dtype=np.float32)
        strength = (_WASH_STRONGEST * (1.0 - np.exp(-square / _WASH_PEOPLE))).astype(np.float32)
        _blend(drawing, strength, part, scale.of_picture, colour)


def _blend(
    drawing: Picture,
    strength: NDArray[np.float32],
    part: DensityMap,
    scale: float,
    colour: NDArray[np.float32],
) -> None:
    """Mix a colour into the part of a drawing that a density map covers, strip by strip."""
    cell = part.cell_px * scale
    # From px of the drawing to cells; centres of cells and of px both lie on halves.
    left, top = part.left_px * scale, part.top_px * scale
    rows, columns = strength.shape
    x0, y0 = max(0, int(left)), max(0, int(top))
    x1 = min(drawing.shape[1], round(left + columns * cell))
    y1 = min(drawing.shape[0], round(top + rows * cell))
    across = ((np.arange(x0, x1) + 0.5 - left) / cell - 0.5).astype(np.float32)
    for start in range(y0, y1, _STRIP_ROWS):
        end = min(start + _STRIP_ROWS, y1)
        down = ((np.arange(start, end) + 0.5 - top) / cell - 0.5).astype(np.float32)
        grid_x, grid_y = np.meshgrid(across, down)
        here = cv2.remap(
            strength, grid_x, grid_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )[..., None]
        strip = drawing[start:end, x0:x1]
        strip[:] = np.rint(strip * (1.0 - here) + colour * here)


def _boxes(drawing: Picture, detections: Detections, scale: _Scale) -> None:
    weights = 1.0 - detections.hand_over.share(detections.crowding)
    corners = np.rint(detections.xyxy_px * scale.of_picture).astype(int)
    for (left, top, right, bottom), weight in zip(corners.tolist(), weights, strict=True):
        side = min(right - left, bottom - top)
        line = max(1, min(scale.line, side // 5))
        paths = _outline(left, top, right, bottom, whole=bool(weight >= _WHOLE))
        # The dark rim keeps the light line readable on light ground; it would fill a small head.
        rim = () if side < _RIM_FROM_PX else ((_GROUND, line + 2),)
        for colour, thickness in (*rim, (_BOX, line)):
            cv2.polylines(
                drawing,
                paths,
                isClosed=False,
                color=colour,
                thickness=thickness,
                lineType=cv2.LINE_AA,
            )


def _outline(
    left: int, top: int, right: int, bottom: int, *, whole: bool
) -> list[NDArray[np.int32]]:
    if whole:
        ring = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        return [np.array(ring, dtype=np.int32)]
    x, y = (right - left) // 4, (bottom - top) // 4
    corners = (
        (left, top, x, y),
        (right, top, -x, y),
        (right, bottom, -x, -y),
        (left, bottom, x, -y),
    )
    return [
        np.array([(cx + dx, cy), (cx, cy), (cx, cy + dy)], dtype=np.int32)
        for cx, cy, dx, dy in corners
    ]


def _entries(detections: Detections, caption: Caption) -> list[tuple[_Mark | None, str]]:
    """What stands in the line: the count, by which ways, and who counted."""
    low, high = caption.interval_90
    weights = 1.0 - detections.hand_over.share(detections.crowding)
    whole = float(weights[weights >= _WHOLE].sum())
    in_part = float(weights[weights < _WHOLE].sum())
    what = "heads" if detections.kind == "head" else "bodies"
    ways: tuple[tuple[_Mark, float, str], ...] = (
        ("whole", whole, f"by {what} alone"),
        ("corners", in_part, f"by {what} in part"),
        ("wash", caption.people - whole - in_part, "by density"),
    )
    return [
        (None, f"{caption.people:.1f} people, 90 %: {low:.1f} to {high:.1f}"),
        *((mark, f"{people:.1f} {how}") for mark, people, how in ways if people >= _WORTH_SAYING),
        (None, caption.detector),
    ]


def _below(drawing: Picture, legend: Picture) -> Picture:
    height = drawing.shape[0]
    sheet = np.full((height + legend.shape[0], legend.shape[1], 3), _GROUND, dtype=np.uint8)
    sheet[:height, : drawing.shape[1]] = drawing
    sheet[height:] = legend
    return sheet


def _legend(entries: list[tuple[_Mark | None, str]], width_px: int, font_px: int) -> Picture:
    """Set the entries one after the other, in as many lines as the width asks for.

    Wider than ``width_px`` where a single entry is.
    """
    font = ImageFont.load_default(font_px)
    pad, mark_px = font_px // 2, round(font_px * 0.8)
    x, y = pad, pad
    placed: list[tuple[int, int, _Mark | None, str]] = []
    widths = [ceil(font.getlength(text)) + (mark_px + pad if mark else 0) for mark, text in entries]
    width_px = max(width_px, max(widths) + 2 * pad)
    for (mark, text), wide in zip(entries, widths, strict=True):
        if x > pad and x + wide > width_px - pad:
            x, y = pad, y + font_px + pad
        placed.append((x, y, mark, text))
        x += wide + 2 * font_px
    sheet = Image.new("RGB", (width_px, y + font_px + pad), _GROUND[::-1])
    draw = ImageDraw.Draw(sheet)
    for x, y, mark, text in placed:
        top = y + (font_px - mark_px) // 2
        if mark == "wash":
            draw.rectangle((x, top, x + mark_px, top + mark_px), fill=_WASH[::-1])
        elif mark:
            for path in _outline(x, top, x + mark_px, top + mark_px, whole=mark == "whole"):
                points = [(int(px), int(py)) for px, py in path]
                draw.line(points, fill=_BOX[::-1], width=max(1, font_px // 10))
        left = x + mark_px + pad if mark else x
        draw.text((left, y + font_px // 2), text, fill=_TEXT[::-1], font=font, anchor="lm")
    return np.asarray(sheet, dtype=np.uint8)[..., ::-1]
