"""Drawings over pictures: what was counted is seen where it was counted."""

import numpy as np
import pytest

from crowdsafe.domain.crowd.hand_over import HandOver
from crowdsafe.edge.detections import DensityMap, Detections, Picture, boxes_alone
from crowdsafe.replay.overlay import Caption, overlay

_CAPTION = Caption(people=3.0, interval_90=(1.5, 4.5), detector="tiny-heads")
_PAPER = 200
_BLUE = (233, 180, 86)


def _paper(width: int, height: int) -> Picture:
    return np.full((height, width, 3), _PAPER, dtype=np.uint8)


def _heads(*xyxy_px: tuple[float, float, float, float], crowding: float = 0.0) -> Detections:
    """Heads beside a density map whose people are all in its left half."""
    people = np.zeros((100, 200), np.float32)
    people[:, :100] = 0.05
    boxes = np.array(xyxy_px, dtype=np.float64).reshape(-1, 4)
    return Detections(
        xyxy_px=boxes,
        score=np.ones(len(boxes)),
        kind="head",
        crowding=np.full(len(boxes), crowding),
        density=(DensityMap(people, people * 64, cell_px=8.0),),
        hand_over=HandOver(0.4, 0.4, middle_people=1.0, steepness=2.0, density_share=1.0),
    )


def _differs(drawing: Picture, left: int, top: int, right: int, bottom: int) -> bool:
    return bool((drawing[top:bottom, left:right] != _PAPER).any())


def test_a_box_is_drawn_on_its_edges_and_nowhere_else() -> None:
    picture = _paper(1600, 800)
    found = boxes_alone(np.array([[400.0, 200.0, 500.0, 300.0]]), np.ones(1), "head", 0.5)
    drawing = overlay(picture, found, _CAPTION)
    for x, y in ((450, 200), (450, 300), (400, 250), (500, 250)):
        assert tuple(drawing[y, x]) == _BLUE
    assert not _differs(drawing, 410, 210, 490, 290)
    drawing[190:311, 390:511] = _PAPER
    assert not _differs(drawing, 0, 0, 1600, 800)
    assert (picture == _PAPER).all()


def test_a_head_that_density_counts_a_part_of_has_its_corners_alone() -> None:
    drawing = overlay(_paper(1600, 800), _heads((1200, 200, 1300, 300), crowding=1.0), _CAPTION)
    assert tuple(drawing[200, 1210]) == _BLUE
    assert tuple(drawing[290, 1200]) == _BLUE
    assert not _differs(drawing, 1240, 190, 1260, 310)


def test_density_is_a_wash_where_it_counts() -> None:
    drawing = overlay(_paper(1600, 800), _heads(), _CAPTION)
    assert not _differs(drawing, 830, 0, 1600, 800)
    left = drawing[:800, :770].reshape(-1, 3).astype(int)
    # Pink: less green, and evenly so.
    assert (left[:, 1] < _PAPER - 15).all()
    assert np.ptp(left, axis=0).max() <= 1
    more = _heads()
    more.density[0].people[:] *= 3
    stronger = overlay(_paper(1600, 800), more, _CAPTION)
    assert stronger[400, 300, 1] < drawing[400, 300, 1]


def test_maps_of_two_tiles_lie_where_their_tiles_do() -> None:
    people = np.full((10, 200), 0.5, np.float32)
    lower = DensityMap(people, people * 64, cell_px=8.0, top_px=720.0)
    heads = _heads()
    found = Detections(
        heads.xyxy_px, heads.score, "head", heads.crowding, (lower,), heads.hand_over
    )
    drawing = overlay(_paper(1600, 800), found, _CAPTION)
    assert not _differs(drawing, 0, 0, 1600, 720)
    assert (drawing[730:800, :, 1] < _PAPER).all()


@pytest.mark.parametrize(
    ("size_px", "drawn_px"),
    [((1, 1), (1600, 1600)), ((300, 400), (1200, 1600)), ((7000, 3500), (6000, 3000))],
)
def test_small_pictures_are_drawn_larger_and_huge_ones_smaller(
    size_px: tuple[int, int], drawn_px: tuple[int, int]
) -> None:
    drawing = overlay(_paper(*size_px), _heads(), Caption(0.0, (0.0, 0.6), "x"))
    assert drawing.shape[1] == drawn_px[0]
    assert drawn_px[1] < drawing.shape[0] < drawn_px[1] + 350


def test_boxes_follow_a_picture_that_is_drawn_larger() -> None:
    found = boxes_alone(np.array([[20.0, 10.0, 40.0, 30.0]]), np.ones(1), "head", 0.5)
    drawing = overlay(_paper(160, 80), found, _CAPTION)
    assert tuple(drawing[100, 300]) == _BLUE
    assert tuple(drawing[200, 200]) == _BLUE


def test_the_line_below_holds_all_of_its_text_however_narrow_the_picture() -> None:
    short = overlay(_paper(2, 6000), _heads(), Caption(0.0, (0.0, 0.6), "x"))
    long = overlay(_paper(2, 6000), _heads(), Caption(0.0, (0.0, 0.6), "x" * 60))
    assert long.shape[1] > short.shape[1] >= 640
    assert not _text_ends(short, at="right")
    assert not _text_ends(long, at="right")
    assert _text_ends(long, at="left")


def _text_ends(drawing: Picture, *, at: str) -> bool:
    """Say whether there is anything in the outer tenth of the line, which has a margin."""
    line = drawing[6000:]
    tenth = line.shape[1] // 10
    strip = line[:, -20:] if at == "right" else line[:, :tenth]
    return bool((strip.max(axis=2) > 100).any())
