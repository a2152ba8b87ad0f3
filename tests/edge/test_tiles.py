"""Tiles share a picture out: nothing twice, nothing left over."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.edge.detections import DensityMap
from crowdsafe.edge.detector.tiles import ENLARGED_AT_MOST, Rect, Tile, whole


def test_a_rectangle_is_half_open() -> None:
    rect = Rect(10, 20, 30, 40)
    points = np.array([[10, 20], [29.9, 39.9], [30, 25], [15, 40], [9.9, 25], [15, 19.9]])
    assert rect.holds(points).tolist() == [True, True, False, False, False, False]


def test_a_margin_is_each_points_own() -> None:
    points = np.array([[8.0, 25.0], [8.0, 25.0], [35.0, 44.0]])
    within = Rect(10, 20, 30, 40).holds(points, margin_px=np.array([2.0, 1.9, 6.0]))
    assert within.tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("width", "height", "long_side", "scale"),
    [(1024, 768, 1024, 1.0), (1080, 1920, 960, 0.5), (768, 576, 1024, 4 / 3), (160, 120, 1024, 3)],
)
def test_the_whole_picture_is_brought_to_the_long_side(
    width: int, height: int, long_side: int, scale: float
) -> None:
    (tile,) = whole(height_px=height, width_px=width, long_side_px=long_side)
    assert tile.seen == tile.owned == Rect(0, 0, width, height)
    assert tile.scale == pytest.approx(scale)
    assert tile.scale <= ENLARGED_AT_MOST


def test_a_cell_at_a_seam_is_split_by_area() -> None:
    # Cells of 8 px from row 4 on: 4-12, 12-20, 20-28, and 28-30, cut off at the edge.
    tile = Tile(Rect(0, 4, 16, 30), Rect(0, 10, 16, 29), 1.0)
    share = tile.share_owned(rows=4, columns=2, cell_px=8.0)
    np.testing.assert_allclose(share, [[0.25] * 2, [1.0] * 2, [1.0] * 2, [0.5] * 2])


def test_cells_in_the_grey_beyond_the_picture_are_nobodys() -> None:
    tile = Tile(Rect(0, 0, 20, 20), Rect(0, 0, 20, 20), 1.0)
    share = tile.share_owned(rows=4, columns=4, cell_px=8.0)
    np.testing.assert_allclose(share, np.outer([1, 1, 1, 0], [1, 1, 1, 0]))


@given(
    width=st.integers(1, 90),
    cuts=st.lists(st.integers(1, 119), max_size=4, unique=True).map(sorted),
    context=st.integers(0, 25),
    cells_px=st.lists(st.floats(2.0, 40.0), min_size=5, max_size=5),
)
def test_an_even_crowd_is_as_many_in_tiles_as_in_one_piece(
    width: int, cuts: list[int], context: int, cells_px: list[float]
) -> None:
    """Cells of any size: a tile's own people are those on the ground that it owns."""
    edges = [0, *cuts, 120]
    people_per_px = 0.01
    total = 0.0
    for top, bottom, cell_px in zip(edges[:-1], edges[1:], cells_px, strict=False):
        seen = Rect(0, max(0, top - context), width, min(120, bottom + context))
        tile = Tile(seen, Rect(0, top, width, bottom), 1.0)
        rows, columns = (-(-side // cell_px) for side in (seen.bottom - seen.top, width))
        share = tile.share_owned(rows=int(rows), columns=int(columns), cell_px=cell_px)
        assert share.min() >= 0.0
        assert share.max() <= 1.0 + 1e-9
        down = np.minimum(cell_px, seen.bottom - seen.top - np.arange(rows) * cell_px)
        across = np.minimum(cell_px, width - np.arange(columns) * cell_px)
        people = people_per_px * np.outer(down, across)
        owned = float((people * share).sum())
        assert owned == pytest.approx(people_per_px * width * (bottom - top))
        total += owned
    assert total == pytest.approx(people_per_px * width * 120)


def test_the_cells_of_a_tile_lie_where_the_tile_lies() -> None:
    people = np.ones((2, 3), dtype=np.float32)
    centres = DensityMap(people, people, cell_px=4.0, left_px=100.0, top_px=50.0).centres_px()
    assert centres.tolist() == [
        [102, 52], [106, 52], [110, 52], [102, 56], [106, 56], [110, 56],
    ]  # fmt: skip
