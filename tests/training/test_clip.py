"""A clip whose people are marked, against detectors that are right and wrong on purpose."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from crowdsafe.domain.camera.head_view import HeadView
from crowdsafe.domain.crowd.density import CountError
from crowdsafe.edge.detections import Detections, Kind, Picture, boxes_alone
from crowdsafe.errors import BadInput
from crowdsafe.training.clip import (
    EVERY,
    Marked,
    match_people,
    median_picture,
    read_clip,
    run_clip,
)

WIDTH_PX, HEIGHT_PX, FRAMES = 320, 240, 12
# Two people who stand still: box centre, width, height in px; their feet are at 200 and 220.
BOXES = ((80.0, 150.0, 30.0, 100.0), (200.0, 180.0, 26.0, 80.0))
HEADS = ((80.0, 107.0), (200.0, 145.6))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A grey clip of twelve pictures, in each of which two people are marked."""
    writer = cv2.VideoWriter(
        str(tmp_path / "clip.avi"),
        cv2.VideoWriter.fourcc(*"MJPG"),
        10.0,
        (WIDTH_PX, HEIGHT_PX),
    )
    for _ in range(FRAMES):
        writer.write(np.full((HEIGHT_PX, WIDTH_PX, 3), 120, dtype=np.uint8))
    writer.release()
    rows = [
        ",".join(map(str, (frame, number, *box)))
        for frame in range(FRAMES)
        for number, box in enumerate(BOXES)
    ]
    (tmp_path / "people.csv").write_text("\n".join(["frame,id,xc,yc,w,h", *rows]) + "\n")
    return tmp_path


class Scripted:
    """Finds the same heads in every picture, and remembers which view it was given."""

    name = "scripted"
    kind: Kind = "head"
    count_error = CountError(1.0, 0.0, 0.0)

    def __init__(self, heads: tuple[tuple[float, float], ...]) -> None:
        self._heads = np.array(heads, dtype=np.float64).reshape(-1, 2)
        self.views: list[HeadView | None] = []

    def detect(self, _picture: Picture, view: HeadView | None = None, /) -> Detections:
        self.views.append(view)
        boxes = np.column_stack([self._heads - 4.0, self._heads + 4.0])
        return boxes_alone(boxes, np.ones(len(boxes)), "head", 0.5)


def test_a_detector_that_is_right(folder: Path) -> None:
    clip = read_clip(folder)
    result = run_clip(clip, Scripted(HEADS))
    assert result.pictures == len(range(0, FRAMES, EVERY)) == clip.length
    assert (result.matches.precision, result.matches.recall) == (1.0, 1.0)
    assert (result.count_mae, result.mean_count) == (0.0, 2.0)


def test_one_head_twice_and_one_missed(folder: Path) -> None:
    # Within the reach of 0.35 box heights, but each person is found once only.
    result = run_clip(read_clip(folder), Scripted((HEADS[0], (84.0, 110.0))))
    assert (result.matches.precision, result.matches.recall) == (0.5, 0.5)
    assert result.count_mae == 0.0


@pytest.mark.parametrize(("off_px", "hits"), [(34.0, 1), (36.0, 0)])
def test_the_reach_is_a_share_of_the_box(off_px: float, hits: int) -> None:
    marked = Marked(np.array([BOXES[0]]))
    found = np.array([[HEADS[0][0] + off_px, HEADS[0][1]]])
    assert match_people(found, _yes(1), marked).hits == hits


def test_people_too_far_up_are_neither_right_nor_wrong() -> None:
    far = Marked(np.array([(80.0, 100.0, 20.0, 60.0)]))
    found = np.array([[80.0, 74.0], [300.0, 20.0], [300.0, 200.0]])
    matches = match_people(found, np.array([True, False, True]), far)
    assert (matches.hits, matches.found, matches.truth) == (0, 1, 0)


def test_tiles_by_geometry_are_asked_for_where_the_camera_is_known(folder: Path) -> None:
    assert read_clip(folder).view is None
    (folder / "homography.json").write_text(
        json.dumps(
            {
                "image_size_px": [WIDTH_PX, HEIGHT_PX],
                "H_image_to_ground_m": [[0.05, 0, -8], [0, -0.05, 12], [0, 0.001, 1]],
                "camera_position_m": [0.0, -10.0, 8.0],
            }
        )
    )
    clip = read_clip(folder)
    assert clip.view is not None
    detector = Scripted(HEADS)
    run_clip(clip, detector)
    assert set(detector.views) == {None}
    detector = Scripted(HEADS)
    run_clip(clip, detector, by_geometry=True)
    assert all(view is clip.view for view in detector.views)


def test_the_median_is_the_place_without_people(folder: Path) -> None:
    picture = median_picture(folder / "clip.avi")
    assert picture.shape == (HEIGHT_PX, WIDTH_PX, 3)
    assert abs(int(picture.mean()) - 120) <= 2


def test_what_is_wrong_with_a_clip_is_said(folder: Path, tmp_path: Path) -> None:
    table = folder / "people.csv"
    table.write_text("frame,xc,yc,w,h\n0,1,2,3,x\n")
    with pytest.raises(BadInput, match=r"people\.csv: line 2, column h is 'x'; expected a number"):
        read_clip(folder)
    table.write_text("frame,xc,yc,w\n")
    with pytest.raises(BadInput, match="column h is missing"):
        read_clip(folder)
    table.unlink()
    with pytest.raises(BadInput, match="no such file; expected a table of frame"):
        read_clip(folder)
    (folder / "clip.avi").unlink()
    with pytest.raises(BadInput, match="has 0 videos"):
        read_clip(folder)
    with pytest.raises(BadInput, match="no picture can be read"):
        median_picture(folder / "clip.avi")


def _yes(heads: int) -> NDArray[np.bool_]:
    return np.ones(heads, dtype=np.bool_)
