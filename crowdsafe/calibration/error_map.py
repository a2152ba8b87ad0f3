"""A picture of how far off on the ground people are, over what the camera shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from crowdsafe.calibration.error_field import ErrorField
from crowdsafe.contract.calibration import CalibrationFile
from crowdsafe.domain.camera.calibration import Calibration
from crowdsafe.domain.camera.geometry import Points
from crowdsafe.domain.crowd.zones import Zone

Picture = NDArray[np.uint8]
"""(height, width, 3), red, green, blue."""
Colour = tuple[int, int, int]

LEVELS_M: Final = (0.1, 0.2, 0.5, 1.0)
"""Errors at which a line is drawn."""
_LEAST_M, _MOST_M = 0.05, 2.0
# Viridis (van der Walt and Smith): even to the eye, and read by its lightness by every eye.
_COLOURS: Final = (
    (68, 1, 84),
    (71, 45, 123),
    (59, 82, 139),
    (44, 114, 142),
    (33, 145, 140),
    (40, 174, 128),
    (94, 201, 98),
    (173, 220, 48),
    (253, 231, 37),
)
# The page's ground and text.
_GROUND: Final[Colour] = (21, 24, 28)
_TEXT: Final[Colour] = (236, 239, 242)
_HATCH: Final[Colour] = (110, 113, 116)
_ZONE: Final[Colour] = (86, 180, 233)
_NO_PICTURE_GREY = 96
_SIDE_PX = 1600
_COLOUR_SHARE = 0.68
_UNCOUNTED_LIGHT = 0.45
_GREY_SPAN = 0.7
_ZONE_STEP_M = 0.1
_HATCH_PX = 14
_LABELLED_FONTS = 8


@dataclass(frozen=True)
class _Sheet:
    """A drawing of a calibrated picture, in px of its own."""

    image: Image.Image
    draw: ImageDraw.ImageDraw
    scale: Points
    font_px: int

    @property
    def line_px(self) -> int:
        return max(2, self.font_px // 8)

    def at(self, image_px: Points) -> Points:
        """Return px of the drawing of px of the calibrated picture."""
        scaled: Points = image_px * self.scale
        return scaled

    def line(self, path: Points, colour: Colour, *, dashed: bool = False) -> None:
        """Draw a line with a dark rim, which keeps it readable on light and dark."""
        pieces = _dashes(path, 6.0 * self.line_px) if dashed else [path]
        for width, ink in ((self.line_px + 3, _GROUND), (self.line_px, colour)):
            for piece in pieces:
                self.draw.line([(float(x), float(y)) for x, y in piece], fill=ink, width=width)

    def text(self, at: tuple[float, float], text: str, *, anchor: str = "mm") -> None:
        """Write with a dark rim."""
        font = ImageFont.load_default(self.font_px)
        self.draw.text(
            at,
            text,
            fill=_TEXT,
            font=font,
            anchor=anchor,
            stroke_width=max(2, self.font_px // 8),
            stroke_fill=_GROUND,
        )


def error_map(
    calibration: Calibration,
    file: CalibrationFile,
    field: ErrorField,
    *,
    picture: Picture | None,
    zones: Sequence[Zone],
    title: str,
) -> Picture:
    """Return a drawing of the error field, with lines at :data:`LEVELS_M`.

    Ground on which nobody is counted is dark, masks are hatched, the horizon is dashed; zones are
    drawn on the ground and point pairs as crosses. A legend stands below.

    Args:
        calibration: of the camera.
        file: it comes from.
        field: the error, over the whole picture.
        picture: of the camera in any resolution, or None.
        zones: to draw.
        title: of the legend.
    """
    width, height = calibration.camera.image_size_px
    scale = _SIDE_PX / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    log_error = _enlarged(np.log(np.where(np.isfinite(field.sd_m), field.sd_m, 1e6)), size)
    shown = _counted(field, file, size)
    shaded = _shaded(_grey(picture, size), log_error, shown)
    image = Image.fromarray(shaded)
    sheet = _Sheet(
        image, ImageDraw.Draw(image), np.array(size) / np.array((width, height)), _SIDE_PX // 64
    )
    _masks(sheet, file)
    _zones(sheet, calibration, zones)
    _levels(sheet, log_error, shown, taken=_pairs(sheet, file))
    _horizon(sheet, calibration)
    parts = [np.asarray(image, dtype=np.uint8)]
    parts.append(_legend(sheet, title, file, horizon=bool(len(calibration.camera.horizon_px()))))
    return np.concatenate(parts)


def _enlarged(values: NDArray[np.generic], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(
        cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_LINEAR),
        dtype=np.float32,
    )


def _counted(field: ErrorField, file: CalibrationFile, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return where people are counted, its edges finer than the mesh; masks are drawn later."""
    known = np.isfinite(field.distance_m)
    distance = _enlarged(np.log(np.where(known, np.maximum(field.distance_m, 1e-3), 1e9)), size)
    px_per_m = _enlarged(np.where(known, field.px_per_m, 0.0), size)
    near = distance <= np.log(file.range_m)
    return np.asarray(near & (px_per_m >= (file.min_px_per_m or 0.0)), dtype=np.bool_)


def _grey(picture: Picture | None, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return the picture without colour and with little contrast, so that colours can be read."""
    if picture is None:
        return np.full(size[::-1], _NO_PICTURE_GREY, dtype=np.float32)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    how = cv2.INTER_AREA if picture.shape[1] > size[0] else cv2.INTER_CUBIC
    resized = np.asarray(cv2.resize(grey, size, interpolation=how), dtype=np.float32)
    return np.asarray(_GREY_SPAN * resized + 255 * (1 - _GREY_SPAN) / 2, dtype=np.float32)


def _colours(log_error: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the colour of each error, even steps for even ratios."""
    low, high = np.log(_LEAST_M), np.log(_MOST_M)
    at = np.clip((log_error - low) / (high - low), 0.0, 1.0) * (len(_COLOURS) - 1)
    known = np.array(_COLOURS, dtype=np.float32)
    steps = np.arange(len(_COLOURS))
    channels = [np.interp(at, steps, known[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def _shaded(
    grey: NDArray[np.float32], log_error: NDArray[np.float32], shown: NDArray[np.bool_]
) -> Picture:
    shaded = _COLOUR_SHARE * _colours(log_error) + (1.0 - _COLOUR_SHARE) * grey[..., None]
    shaded = np.where(shown[..., None], shaded, _UNCOUNTED_LIGHT * grey[..., None])
    return np.asarray(np.clip(shaded, 0, 255), dtype=np.uint8)


def _runs(path: Points, keep: NDArray[np.bool_]) -> Iterator[Points]:
    """Yield the pieces of a path of which all points are kept."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], keep, [False]]).astype(np.int8)))
    for start, end in zip(edges[0::2], edges[1::2], strict=True):
        if end - start > 1:
            yield path[start:end]


def _dashes(path: Points, dash_px: float) -> list[Points]:
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    dashes = []
    for start in np.arange(0.0, along[-1], 2 * dash_px):
        at = np.linspace(start, min(start + dash_px, along[-1]), 5)
        dashes.append(np.column_stack([np.interp(at, along, path[:, axis]) for axis in range(2)]))
    return dashes


def _levels(
    sheet: _Sheet,
    log_error: NDArray[np.float32],
    shown: NDArray[np.bool_],
    *,
    taken: Sequence[tuple[float, float]],
) -> None:
    height, width = shown.shape
    # Not along the edge of what is shown, where the field ends and no level runs.
    inner = cv2.erode(np.pad(shown, 1).astype(np.uint8), np.ones((7, 7), np.uint8))[
        1:-1, 1:-1
    ].astype(np.bool_)
    labels = list(taken)
    for level_m in LEVELS_M:
        under = np.where(shown, log_error <= np.log(level_m), False)
        contours, _ = cv2.findContours(under.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        for contour in contours:
            path = contour[:, 0, :]
            # It begins anywhere: where it is cut first, no piece runs over its ends.
            keep = inner[path[:, 1], path[:, 0]]
            turn = int(np.argmin(keep))
            path, keep = np.roll(path, -turn, axis=0), np.roll(keep, -turn)
            for run in _runs(path.astype(np.float64) + 0.5, keep):
                if len(run) > sheet.font_px:
                    sheet.line(_smooth(run), _TEXT)
                if len(run) > _LABELLED_FONTS * sheet.font_px:
                    at = _free(run, labels, sheet.font_px, (width, height))
                    labels.append(at)
                    sheet.text(at, f"{level_m:g} m")


def _smooth(run: Points, over: int = 9) -> Points:
    """Return a path without the steps of its px."""
    ends = over // 2
    padded = np.concatenate([np.repeat(run[:1], ends, 0), run, np.repeat(run[-1:], ends, 0)])
    kernel = np.ones(over) / over
    return np.column_stack([np.convolve(padded[:, axis], kernel, "valid") for axis in range(2)])


def _free(
    run: Points, taken: list[tuple[float, float]], font_px: int, size: tuple[int, int]
) -> tuple[float, float]:
    """Return a place on a path, near its middle, that no label covers and the edge does not cut."""
    width, height = size
    middle = len(run) // 2
    order = sorted(range(0, len(run), 4), key=lambda at: abs(at - middle))
    for at in order:
        x, y = float(run[at, 0]), float(run[at, 1])
        apart = all(abs(x - a) > 4 * font_px or abs(y - b) > 1.5 * font_px for a, b in taken)
        inside = 2 * font_px < x < width - 2 * font_px and font_px < y < height - font_px
        if apart and inside:
            return x, y
    return float(run[middle, 0]), float(run[middle, 1])


def _horizon(sheet: _Sheet, calibration: Calibration) -> None:
    horizon = calibration.camera.horizon_px()
    if len(horizon) > 1:
        sheet.line(sheet.at(horizon), _TEXT, dashed=True)


def _masks(sheet: _Sheet, file: CalibrationFile) -> None:
    for mask in file.masks:
        outline = sheet.at(np.array(mask))
        sheet.draw.polygon([(float(x), float(y)) for x, y in outline], fill=_GROUND)
        _hatch(sheet, shapely.Polygon(outline))
        sheet.line(np.concatenate([outline, outline[:1]]), _TEXT)


def _hatch(sheet: _Sheet, area: shapely.Polygon) -> None:
    left, top, right, bottom = area.bounds
    tall = bottom - top
    strokes = [
        shapely.LineString([(x, bottom), (x + tall, top)])
        for x in np.arange(left - tall, right, _HATCH_PX)
    ]
    for part in shapely.get_parts(shapely.intersection(shapely.union_all(strokes), area)):
        stroke = shapely.get_coordinates(part)
        if len(stroke) > 1:
            sheet.draw.line([(float(x), float(y)) for x, y in stroke], fill=_HATCH, width=2)


def _zones(sheet: _Sheet, calibration: Calibration, zones: Sequence[Zone]) -> None:
    for zone in zones:
        rings = [zone.polygon.exterior, *zone.polygon.interiors]
        for ring in rings:
            ground = shapely.get_coordinates(shapely.segmentize(ring, _ZONE_STEP_M))
            path = calibration.camera.to_picture(ground, height_m=0.0)
            known = np.asarray(np.isfinite(path).all(axis=1), dtype=np.bool_)
            for run in _runs(sheet.at(path), known):
                sheet.line(run, _ZONE)
        middle = shapely.get_coordinates(zone.polygon.representative_point())
        ((x, y),) = sheet.at(calibration.camera.to_picture(middle, height_m=0.0))
        if 0 <= x <= sheet.image.width and 0 <= y <= sheet.image.height:
            sheet.text((float(x), float(y)), zone.id)


def _pairs(sheet: _Sheet, file: CalibrationFile) -> list[tuple[float, float]]:
    """Draw point pairs; return where they are."""
    arm = 0.5 * sheet.font_px
    places = []
    for number, pair in enumerate(file.points or (), start=1):
        ((x, y),) = sheet.at(np.array([pair.image_px])).tolist()
        for dx, dy in ((arm, 0.0), (0.0, arm)):
            sheet.line(np.array([(x - dx, y - dy), (x + dx, y + dy)]), _TEXT)
        leftward = x + 3 * arm > sheet.image.width
        side, anchor = (-arm, "rb") if leftward else (arm, "lb")
        sheet.text((x + side, y - arm), str(number), anchor=anchor)
        places.append((x, y))
    return places


def _legend(sheet: _Sheet, title: str, file: CalibrationFile, *, horizon: bool) -> Picture:
    width, font_px = sheet.image.width, sheet.font_px
    pad = font_px
    font = ImageFont.load_default(font_px)
    entries = ["dark: not counted"]
    entries += ["dashed: horizon"] if horizon else []
    entries += ["hatched: masks"] if file.masks else []
    entries += ["crosses: point pairs"] if file.points else []
    lines = [title, ", ".join(entries)]
    bar_px = round(1.2 * font_px)
    image = Image.new("RGB", (width, 3 * pad + bar_px + 4 * font_px), _GROUND)
    draw = ImageDraw.Draw(image)
    left, right = 3 * pad, width - 3 * pad
    low, high = np.log(_LEAST_M), np.log(_MOST_M)
    steps = np.repeat(np.linspace(low, high, right - left, dtype=np.float32)[None], bar_px, axis=0)
    # As over a picture of middle grey.
    bar = _shaded(np.full_like(steps, 127.5), steps, np.ones(steps.shape, dtype=np.bool_))
    image.paste(Image.fromarray(bar), (left, pad))
    for level_m in (_LEAST_M, *LEVELS_M, _MOST_M):
        x = left + (right - left) * float((np.log(level_m) - low) / (high - low))
        draw.line([(x, pad), (x, pad + bar_px)], fill=_GROUND, width=2)
        open_end = {_LEAST_M: "< ", _MOST_M: "> "}.get(level_m, "")
        draw.text(
            (x, pad + bar_px + 4), f"{open_end}{level_m:g} m", fill=_TEXT, font=font, anchor="ma"
        )
    for row, line in enumerate(lines):
        top = 2 * pad + bar_px + ceil(1.2 * font_px) + row * ceil(1.3 * font_px)
        draw.text((left, top), line, fill=_TEXT, font=font)
    return np.asarray(image, dtype=np.uint8)
