"""Plans of tiles for cameras of every kind, against what a plan promises."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdsafe.domain.camera.geometry import GroundCamera
from crowdsafe.domain.camera.head_view import HEAD_M, HeadView
from crowdsafe.edge.detector.plan import (
    ENOUGH_PX,
    LARGEST_PX,
    MOST_ENLARGED,
    MOST_LOOKS,
    Strip,
    plan,
    strips_of,
    tiles_for,
)
from crowdsafe.edge.detector.tiles import Rect, Tile, Tiles, whole
from tests.pinhole import Pinhole

_LONG_SIDE_PX = 1024
_CAMERAS = {
    "mast": Pinhole(height_m=6.0, tilt_deg=20.0, focal_px=1200.0, size_px=(1920, 1080)),
    "low": Pinhole(height_m=3.0, tilt_deg=8.0, focal_px=600.0, size_px=(960, 540)),
    "straight down": Pinhole(height_m=6.0, tilt_deg=90.0, focal_px=900.0, size_px=(1280, 720)),
    "portrait": Pinhole(height_m=5.0, tilt_deg=20.0, focal_px=900.0, size_px=(720, 1280)),
    "tiny": Pinhole(height_m=5.0, tilt_deg=25.0, focal_px=100.0, size_px=(160, 120)),
    "huge": Pinhole(height_m=20.0, tilt_deg=25.0, focal_px=3000.0, size_px=(4000, 3000)),
    "telephoto": Pinhole(height_m=10.0, tilt_deg=8.0, focal_px=4000.0, size_px=(1920, 1080)),
    "close": Pinhole(height_m=2.6, tilt_deg=35.0, focal_px=1000.0, size_px=(1280, 720)),
}


@dataclass(frozen=True)
class _Planned:
    view: HeadView
    size_px: tuple[int, int]
    strips: tuple[Strip, ...]
    tiles: Tiles

    def heads_px(self, y_px: float) -> tuple[float, float]:
        """The smallest and the largest head in a row."""
        x = np.linspace(0, self.size_px[0], 33)
        sizes = self.view.sizes_px(
            np.column_stack([x, np.full_like(x, y_px)]), picture_size_px=self.size_px
        )
        return float(np.fmin.reduce(sizes)), float(np.fmax.reduce(sizes))


def _planned(pinhole: Pinhole, *, range_m: float = 60.0) -> _Planned:
    view = HeadView(camera=pinhole.calibrated(), height_m=1.7, range_m=range_m)
    size_px = pinhole.size_px
    return _Planned(
        view,
        size_px,
        strips_of(view, picture_size_px=size_px),
        tiles_for(view, picture_size_px=size_px, long_side_px=_LONG_SIDE_PX),
    )


def _input_px(tile: Tile) -> int:
    seen = tile.seen
    sides = (seen.right - seen.left, seen.bottom - seen.top)
    across, down = (-(-max(1, round(side * tile.scale)) // 32) * 32 for side in sides)
    return across * down


def _everything(size_px: tuple[int, int]) -> Tile:
    (tile,) = whole(height_px=size_px[1], width_px=size_px[0], long_side_px=_LONG_SIDE_PX)
    return tile


def _tiles_keep_their_promises(planned: _Planned) -> None:
    width, height = planned.size_px
    tiles, everything = planned.tiles, _everything(planned.size_px)
    owned = [tile.owned for tile in tiles]
    assert all((rect.left, rect.right) == (0, width) for rect in owned)
    assert all(above.bottom == below.top for above, below in pairwise(owned))
    for tile in tiles:
        assert 0 <= tile.seen.top <= tile.owned.top < tile.owned.bottom
        assert tile.owned.bottom <= tile.seen.bottom <= height
        assert (tile.seen.left, tile.seen.right) == (0, width)
    for row in range(height + 1):
        if np.isfinite(planned.heads_px(row)[0]):
            assert owned[0].top <= row <= owned[-1].bottom
    assert sum(map(_input_px, tiles)) <= MOST_LOOKS * _input_px(everything)


@pytest.mark.parametrize("name", _CAMERAS)
def test_every_row_with_people_is_owned_once_and_the_budget_holds(name: str) -> None:
    _tiles_keep_their_promises(_planned(_CAMERAS[name]))


@settings(max_examples=25)
@given(
    height_m=st.floats(2.0, 40.0),
    tilt_deg=st.floats(1.0, 90.0),
    focal_px=st.floats(60.0, 4000.0),
    width_px=st.integers(33, 1300),
    height_px=st.integers(33, 900),
    range_m=st.floats(5.0, 150.0),
)
def test_promises_hold_for_any_camera(
    height_m: float,
    tilt_deg: float,
    focal_px: float,
    width_px: int,
    height_px: int,
    range_m: float,
) -> None:
    pinhole = Pinhole(
        height_m=height_m, tilt_deg=tilt_deg, focal_px=focal_px, size_px=(width_px, height_px)
    )
    _tiles_keep_their_promises(_planned(pinhole, range_m=range_m))


@pytest.mark.parametrize("name", _CAMERAS)
def test_nobody_at_a_seam_is_cut_by_either_look(name: str) -> None:
    planned = _planned(_CAMERAS[name])
    for above, below in pairwise(planned.tiles):
        seam = above.owned.bottom
        _, head_px = planned.heads_px(seam)
        assert above.seen.bottom >= min(planned.size_px[1], seam + 2.0 * head_px)
        assert below.seen.top <= max(0.0, seam - 2.0 * head_px)


@pytest.mark.parametrize("name", _CAMERAS)
def test_a_tile_is_taller_than_two_heads_so_that_nobody_is_at_two_seams(name: str) -> None:
    planned = _planned(_CAMERAS[name])
    if len(planned.tiles) == 1:
        return
    for tile in planned.tiles:
        _, head_px = planned.heads_px(tile.owned.bottom)
        assert tile.owned.bottom - tile.owned.top >= 2.0 * head_px - 1e-9


@pytest.mark.parametrize("name", _CAMERAS)
def test_nobody_is_served_worse_than_the_worst_at_one_scale(name: str) -> None:
    planned = _planned(_CAMERAS[name])
    at_one_scale = _everything(planned.size_px).scale
    worst = min(strip.served(at_one_scale) for strip in planned.strips)
    for tile in planned.tiles:
        for strip in planned.strips:
            if tile.owned.top <= strip.top and strip.bottom <= tile.owned.bottom:
                assert min(1.0, tile.scale / strip.wanted_scale) >= worst - 1e-9
                # The scale is rounded up to whole strides of the picture's width.
                rounded = 32 / planned.size_px[0] * strip.largest_px
                if len(planned.tiles) > 1:
                    assert tile.scale * strip.largest_px <= LARGEST_PX + rounded


@pytest.mark.parametrize("name", ["mast", "low", "portrait", "huge"])
def test_far_heads_are_enlarged_more_than_near_ones(name: str) -> None:
    planned = _planned(_CAMERAS[name])
    scales = [tile.scale for tile in planned.tiles]
    assert len(scales) > 1
    assert scales == sorted(scales, reverse=True)
    assert scales[0] > 1.2 * _everything(planned.size_px).scale


@pytest.mark.parametrize("name", _CAMERAS)
def test_no_input_is_filled_up_with_grey_beside_the_picture(name: str) -> None:
    planned = _planned(_CAMERAS[name])
    if len(planned.tiles) > 1:
        for tile in planned.tiles:
            across = tile.scale * planned.size_px[0]
            assert across == pytest.approx(32 * round(across / 32))


def test_the_sky_is_not_looked_at() -> None:
    planned = _planned(_CAMERAS["mast"])
    far = Pinhole.picture_of(_CAMERAS["mast"], np.array([[3.0, 58.0]]), height_m=1.7)[0, 1]
    first = planned.tiles[0].owned.top
    assert far - 12 < first <= far


def test_heads_of_one_good_size_need_one_look_at_all_of_it() -> None:
    # 40 px at the scale of 0.8 for the whole picture.
    planned = _planned(_CAMERAS["straight down"])
    assert planned.tiles == (_everything(planned.size_px),)


def test_heads_that_are_too_large_are_shrunk_and_cost_less() -> None:
    down = Pinhole(height_m=3.7, tilt_deg=90.0, focal_px=900.0, size_px=(1024, 768))
    planned = _planned(down)
    head_px = HEAD_M * 900.0 / 2.0
    (tile,) = planned.tiles
    assert tile.owned == Rect(0, 0, 1024, 768)
    assert tile.scale * head_px == pytest.approx(ENOUGH_PX, abs=32 / 1024 * head_px)


def test_tiny_heads_are_not_enlarged_without_end() -> None:
    strip = Strip(0, 100, smallest_px=1.0, largest_px=2.0)
    assert strip.wanted_scale == MOST_ENLARGED


def test_a_picture_without_ground_in_range_is_looked_at_whole() -> None:
    planned = _planned(_CAMERAS["telephoto"], range_m=8.0)
    assert planned.strips == ()
    assert planned.tiles == (_everything(planned.size_px),)


def test_a_camera_that_lies_on_its_side_has_heads_of_all_sizes_in_each_row() -> None:
    upright = Pinhole(height_m=6.0, tilt_deg=25.0, focal_px=900.0, size_px=(720, 1280))
    # The picture turned by a quarter: its left is what was above.
    turn = np.array([[0.0, -1.0, 720.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    camera = upright.calibrated()
    turned = GroundCamera(camera.homography @ turn, camera.position_m, camera.height_m, (1280, 720))
    view = HeadView(camera=turned, height_m=1.7, range_m=60.0)
    strips = strips_of(view, picture_size_px=(1280, 720))
    tiles = tiles_for(view, picture_size_px=(1280, 720), long_side_px=_LONG_SIDE_PX)
    assert min(strip.largest_px / strip.smallest_px for strip in strips) > 3.0
    assert (tiles[0].owned.top, tiles[-1].owned.bottom) == (strips[0].top, strips[-1].bottom)
    budget = MOST_LOOKS * _input_px(_everything((1280, 720)))
    assert sum(map(_input_px, tiles)) <= budget


@pytest.mark.parametrize("looks", [1.0, 1.5, 3.0])
def test_more_looks_serve_better_and_stay_within_their_budget(looks: float) -> None:
    planned = _planned(_CAMERAS["mast"])
    size_px = planned.size_px
    tiles = plan(
        planned.strips, picture_size_px=size_px, long_side_px=_LONG_SIDE_PX, most_looks=looks
    )
    assert sum(map(_input_px, tiles)) <= looks * _input_px(_everything(size_px))
    fewer = plan(
        planned.strips, picture_size_px=size_px, long_side_px=_LONG_SIDE_PX, most_looks=0.9 * looks
    )
    assert tiles[0].scale >= fewer[0].scale


def test_without_a_budget_for_tiles_there_is_one() -> None:
    planned = _planned(_CAMERAS["mast"])
    (tile,) = plan(
        planned.strips,
        picture_size_px=planned.size_px,
        long_side_px=_LONG_SIDE_PX,
        most_looks=0.1,
    )
    assert tile.scale == _everything(planned.size_px).scale
    assert tile.owned.top == planned.strips[0].top


def test_a_camera_is_planned_once() -> None:
    view = _planned(_CAMERAS["low"]).view
    first = tiles_for(view, picture_size_px=(960, 540), long_side_px=_LONG_SIDE_PX)
    assert tiles_for(view, picture_size_px=(960, 540), long_side_px=_LONG_SIDE_PX) is first
    assert tiles_for(view, picture_size_px=(480, 270), long_side_px=_LONG_SIDE_PX) != first
