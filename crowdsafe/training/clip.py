"""A recorded clip whose every person is marked, as a test of a model on video it never saw."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from crowdsafe.contract.calibration import read_calibration
from crowdsafe.domain.camera.head_view import HeadView
from crowdsafe.edge.detections import Picture
from crowdsafe.edge.detector.base import Detector
from crowdsafe.errors import BadInput
from crowdsafe.training.metrics import Matches, nearest_pairs

TRUTH_FILE = "people.csv"
CALIBRATION_FILE = "homography.json"
HEAD_HEIGHT_M = 1.7
EVERY = 5
"""Neighbouring pictures of a clip say the same; every fifth is looked at."""
MATCH_OF_BOX_HEIGHT = 0.35
HIGHEST_FOOT_PX = 140.0
"""Whose feet are above this row of the picture is too far to be marked well, and is left out."""
_HEAD_OF_BOX_HEIGHT = 0.07
_VIDEOS = (".avi", ".mp4", ".mkv", ".mov")
_COLUMNS = ("frame", "xc", "yc", "w", "h")
_MEDIAN_OF = 60


@dataclass(frozen=True)
class Marked:
    """People in one picture: (n, 4) boxes' centre, width and height in px."""

    boxes_px: NDArray[np.float64]

    def heads_px(self) -> NDArray[np.float64]:
        """(n, 2) middles of the heads, a little under the upper edge of each box."""
        x, y, _, height = self.boxes_px.T
        return np.column_stack([x, y - height / 2 + _HEAD_OF_BOX_HEIGHT * height])

    def feet_px(self) -> NDArray[np.float64]:
        """(n,) rows of the feet."""
        return np.asarray(self.boxes_px[:, 1] + self.boxes_px[:, 3] / 2)


@dataclass(frozen=True)
class Clip:
    """A video and who is in it, by number of picture, from 0; the camera's view if it is known."""

    name: str
    video: Path
    marked: dict[int, Marked]
    view: HeadView | None

    @property
    def length(self) -> int:
        """How many pictures are looked at, as the video says."""
        capture = cv2.VideoCapture(str(self.video))
        frames = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        capture.release()
        return -(-frames // EVERY)

    def pictures(self) -> Iterator[tuple[Picture, Marked]]:
        """Every fifth picture, blue-green-red, and the people in it."""
        capture = cv2.VideoCapture(str(self.video))
        number = 0
        while capture.grab():
            if number % EVERY == 0:
                ok, picture = capture.retrieve()
                if not ok:
                    break
                yield np.asarray(picture, dtype=np.uint8), self.marked.get(number, _NOBODY)
            number += 1
        capture.release()


_NOBODY = Marked(np.zeros((0, 4)))


@dataclass(frozen=True)
class ClipResult:
    """Heads against marked people, and the mean absolute error of their number per picture.

    ms is the median time of a picture.
    """

    pictures: int
    mean_count: float
    matches: Matches
    count_mae: float
    ms: float


def read_clip(folder: Path) -> Clip:
    """Read a folder with one video and people.csv, and homography.json where it is there.

    The table has the columns frame (from 0), xc, yc, w, h: the box of a person in px.

    Raises BadInput if something is missing or is no number.
    """
    videos = sorted(path for path in folder.glob("*") if path.suffix.lower() in _VIDEOS)
    if len(videos) != 1:
        raise BadInput(f"{folder}: has {len(videos)} videos ({', '.join(_VIDEOS)}); expected one")
    table = folder / TRUTH_FILE
    if not table.is_file():
        raise BadInput(f"{table}: no such file; expected a table of {', '.join(_COLUMNS)}")
    rows: dict[int, list[list[float]]] = {}
    with table.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise BadInput(
                f"{table}: column {missing[0]} is missing; expected {', '.join(_COLUMNS)}"
            )
        for row in reader:
            frame, *box = (_number(table, reader.line_num, name, row[name]) for name in _COLUMNS)
            rows.setdefault(int(frame), []).append(box)
    marked = {number: Marked(np.array(boxes)) for number, boxes in rows.items()}
    return Clip(folder.name, videos[0], marked, _view(folder / CALIBRATION_FILE))


def _view(calibration_path: Path) -> HeadView | None:
    if not calibration_path.is_file():
        return None
    calibration, camera = read_calibration(calibration_path)
    return HeadView(camera=camera, height_m=HEAD_HEIGHT_M, range_m=calibration.range_m)


def run_clip(
    clip: Clip,
    detector: Detector,
    on_picture: Callable[[], None] = lambda: None,
    *,
    by_geometry: bool = False,
) -> ClipResult:
    """Look at every fifth picture and match heads to people, one to one.

    by_geometry: let the detector cut tiles by the camera's view instead of looking at one scale.
    """
    slope, offset = _height_by_head_row(clip)
    total, errors, people, times_ms = Matches(0, 0, 0), [], [], []
    for picture, marked in clip.pictures():
        started_s = time.perf_counter()
        found_px = detector.detect(picture, clip.view if by_geometry else None).points_px()
        times_ms.append(1e3 * (time.perf_counter() - started_s))
        near = found_px[:, 1] + slope * found_px[:, 1] + offset >= HIGHEST_FOOT_PX
        matches = match_people(found_px, near, marked)
        total = total + matches
        errors.append(abs(matches.found - matches.truth))
        people.append(matches.truth)
        on_picture()
    if not people:
        raise BadInput(f"{clip.video}: no picture can be read; expected a video")
    return ClipResult(
        pictures=len(people),
        mean_count=float(np.mean(people)),
        matches=total,
        count_mae=float(np.mean(errors)),
        ms=float(np.median(times_ms)),
    )


def match_people(found_px: NDArray[np.float64], near: NDArray[np.bool_], marked: Marked) -> Matches:
    """Match (n, 2) found heads to marked people within 0.35 heights of their boxes.

    Left out are people whose feet are too far up, the heads that match them, and the heads that
    match nobody and are not `near`: (n,), by the height that people have in their row.
    """
    counted = marked.feet_px() >= HIGHEST_FOOT_PX
    pairs = nearest_pairs(
        found_px=found_px,
        truth_px=marked.heads_px(),
        reach_px=MATCH_OF_BOX_HEIGHT * marked.boxes_px[:, 3],
    )
    hits = sum(bool(counted[other]) for _, other in pairs)
    lone = set(range(len(found_px))) - {one for one, _ in pairs}
    return Matches(hits, hits + sum(bool(near[one]) for one in lone), int(counted.sum()))


def median_picture(video: Path) -> Picture:
    """The median of pictures over the whole of a clip: the place without those who walk by.

    Raises BadInput if no picture can be read.
    """
    capture = cv2.VideoCapture(str(video))
    length = max(int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), 1)
    taken, number = [], 0
    step = max(1, length // _MEDIAN_OF)
    while capture.grab():
        if number % step == 0:
            ok, picture = capture.retrieve()
            if ok:
                taken.append(np.asarray(picture, dtype=np.uint8))
        number += 1
    capture.release()
    if not taken:
        raise BadInput(f"{video}: no picture can be read; expected a video")
    return np.asarray(np.median(np.stack(taken), axis=0), dtype=np.uint8)


def _height_by_head_row(clip: Clip) -> tuple[float, float]:
    """Slope and offset of a person's height in px over the row of the head."""
    everyone = [marked for marked in clip.marked.values() if len(marked.boxes_px)]
    if not everyone:
        return 0.0, 0.0
    rows = np.concatenate([marked.heads_px()[:, 1] for marked in everyone])
    heights = np.concatenate([marked.boxes_px[:, 3] for marked in everyone])
    slope, offset = np.polyfit(rows, heights, 1) if len(rows) > 1 else (0.0, float(heights[0]))
    return float(slope), float(offset)


def _number(table: Path, line: int, column: str, text: str | None) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise BadInput(f"{table}: line {line}, column {column} is {text!r}; expected a number")
    return value
