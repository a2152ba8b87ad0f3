"""The ground on which people can be counted, against a pinhole camera whose numbers are known."""

from math import pi

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import Polygon

from crowdsafe.domain.camera.geometry import Points
from crowdsafe.domain.camera.visible import (
    VisibleGround,
    visible_ground,
    visible_zone,
    zones_in_view,
)
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.errors import BadInput
from tests.pinhole import Pinhole

PINHOLE = Pinhole(tilt_deg=20.0)
HEAD_M = 1.7
RANGE_M = 60.0
STEP_M = 0.2
CAMERAS = [
    PINHOLE,
    Pinhole(height_m=2.5, tilt_deg=8.0),
    Pinhole(height_m=12.0, tilt_deg=45.0, focal_px=2400.0, size_px=(3840, 2160)),
]
ZONE = Zone("a", shapely.box(0, 0, 10, 10))


def _lattice(step_m: float) -> Points:
    x, y = np.meshgrid(np.arange(-60, 66, step_m), np.arange(-12, 62, step_m))
    return np.column_stack([x.ravel(), y.ravel()]) + step_m / 2


def _shown(pinhole: Pinhole, ground_m: Points) -> tuple[Points, NDArray[np.bool_]]:
    """Return where heads show in the picture, and which do, within the range."""
    picture = pinhole.picture_of(ground_m, height_m=HEAD_M)
    n = len(ground_m)
    world = np.column_stack([ground_m, np.full(n, HEAD_M), np.ones(n)])
    in_front = (world @ pinhole.projection.T)[:, 2] > 0
    near = np.hypot(*(ground_m - pinhole.position_m).T) <= RANGE_M
    return picture, in_front & near & ((picture >= 0) & (picture <= pinhole.size_px)).all(axis=1)


def _measured_px_per_m(pinhole: Pinhole, ground_m: Points) -> NDArray[np.float64]:
    """Return what a stick of 2 mm measures at each head, across the line of sight."""
    away = ground_m - np.array(pinhole.position_m)
    half_m = 1e-3 * np.column_stack([-away[:, 1], away[:, 0]]) / np.hypot(*away.T)[:, None]
    ends = [pinhole.picture_of(ground_m + side * half_m, height_m=HEAD_M) for side in (-1, 1)]
    measured: NDArray[np.float64] = np.hypot(*(ends[1] - ends[0]).T) / 2e-3
    return measured


@pytest.mark.parametrize("pinhole", CAMERAS)
@pytest.mark.parametrize("min_px_per_m", [20.0, 50.0, 110.0])
def test_ground_that_is_too_far_to_be_counted_is_not_seen(
    pinhole: Pinhole, min_px_per_m: float
) -> None:
    ground = visible_ground(
        camera=pinhole.calibrated(), height_m=HEAD_M, range_m=RANGE_M, min_px_per_m=min_px_per_m
    )
    lattice = _lattice(STEP_M)
    _, shown = _shown(pinhole, lattice)
    fine = shown & (_measured_px_per_m(pinhole, lattice) >= min_px_per_m)
    wrong_m2 = np.count_nonzero(ground.contains(lattice) != fine) * STEP_M**2
    assert wrong_m2 < 0.003 * ground.area_m2 + 0.05
    assert ground.area_m2 == pytest.approx(np.count_nonzero(fine) * STEP_M**2, rel=0.01, abs=0.5)


def test_the_limit_in_the_middle_column_is_the_focal_length_over_the_depth() -> None:
    ground = visible_ground(
        camera=PINHOLE.calibrated(), height_m=HEAD_M, range_m=RANGE_M, min_px_per_m=40.0
    )
    # Depth = y·cos(tilt) + (h − z)·sin(tilt), and px per metre = focal length ÷ depth.
    tilt = np.radians(20.0)
    far_m = (800.0 / 40.0 - (6.0 - HEAD_M) * np.sin(tilt)) / np.cos(tilt)
    column = shapely.LineString([(3.0, -2.0), (3.0, 58.0)]).intersection(ground.polygon)
    assert column.bounds[3] + 2.0 == pytest.approx(far_m, abs=0.01)


@pytest.mark.parametrize(("min_px_per_m", "area_m2"), [(99.0, 50.0), (101.0, 0.0)])
def test_seen_straight_from_above_all_ground_is_fine_enough_or_none(
    min_px_per_m: float, area_m2: float
) -> None:
    pinhole = Pinhole(height_m=11.7, tilt_deg=90.0, focal_px=1000.0, size_px=(1000, 500))
    ground = visible_ground(
        camera=pinhole.calibrated(), height_m=HEAD_M, range_m=80.0, min_px_per_m=min_px_per_m
    )
    assert ground.area_m2 == pytest.approx(area_m2, rel=1e-6)
    assert visible_zone(zone=ZONE, ground=ground).seen_share == pytest.approx(area_m2 * 0.08 / 100)


@pytest.mark.parametrize(
    "mask",
    [
        # A stall in the middle, a tree through the horizon, one that leaves the picture.
        [(500, 350), (700, 340), (720, 500), (480, 520)],
        [(200, -50), (420, -50), (430, 500), (210, 520)],
        [(900, 300), (1500, 250), (1600, 900), (1000, 800)],
    ],
)
def test_who_would_show_inside_a_mask_is_not_seen_and_everybody_else_is(mask: ArrayLike) -> None:
    ground = visible_ground(
        camera=PINHOLE.calibrated(), height_m=HEAD_M, range_m=RANGE_M, masks_px=[mask]
    )
    lattice = _lattice(STEP_M)
    picture, shown = _shown(PINHOLE, lattice)
    outline = Polygon(np.asarray(mask))
    hidden = shown & shapely.contains_xy(outline, picture)
    wrong_m2 = np.count_nonzero(ground.contains(lattice) != (shown & ~hidden)) * STEP_M**2
    assert np.count_nonzero(hidden) * STEP_M**2 > 5.0
    # Where the range ends, a step of the lattice is much of the picture.
    assert wrong_m2 < 0.003 * np.count_nonzero(shown) * STEP_M**2


def test_a_mask_hides_ground_by_the_height_of_heads_not_of_feet() -> None:
    head = np.array([[3.0, 10.0]])
    at = PINHOLE.picture_of(head, height_m=HEAD_M)[0]
    mask = at + np.array([(-20, -20), (20, -20), (20, 20), (-20, 20)])
    camera = PINHOLE.calibrated()
    for_heads = visible_ground(camera=camera, height_m=HEAD_M, range_m=50.0, masks_px=[mask])
    for_feet = visible_ground(camera=camera, height_m=0.0, range_m=50.0, masks_px=[mask])
    assert not for_heads.contains(head)[0]
    assert for_feet.contains(head)[0]


def test_masks_that_overlap_hide_once_and_one_over_the_sky_hides_nothing() -> None:
    camera = PINHOLE.calibrated()
    whole, sky, once, twice = (
        visible_ground(camera=camera, height_m=HEAD_M, range_m=50.0, masks_px=masks).area_m2
        for masks in (
            [],
            [[(0, 0), (1280, 0), (1280, 40)]],
            [[(400, 300), (700, 300), (700, 500), (400, 500)]],
            [
                [(400, 300), (600, 300), (600, 500), (400, 500)],
                [(500, 300), (700, 300), (700, 500), (500, 500)],
            ],
        )
    )
    assert sky == pytest.approx(whole, rel=1e-6)
    assert once == pytest.approx(twice, rel=1e-6)
    assert once < whole - 10


def test_a_mask_over_the_whole_picture_leaves_nothing() -> None:
    ground = visible_ground(
        camera=PINHOLE.calibrated(),
        height_m=HEAD_M,
        range_m=50.0,
        masks_px=[[(-10, -10), (1300, -10), (1300, 800), (-10, 800)]],
    )
    assert ground.area_m2 == 0
    assert not ground.contains(np.array([[3.0, 10.0], [np.nan, np.nan]])).any()


@settings(max_examples=25)
@given(
    height_m=st.floats(2.2, 30.0),
    tilt_deg=st.floats(3.0, 89.0),
    range_m=st.floats(5.0, 900.0),
    min_px_per_m=st.floats(0.01, 300.0),
    left=st.floats(-200, 1200),
    top=st.floats(-200, 600),
)
def test_limit_and_masks_only_take_ground_away_whatever_the_camera(
    height_m: float, tilt_deg: float, range_m: float, min_px_per_m: float, left: float, top: float
) -> None:
    camera = Pinhole(height_m=height_m, tilt_deg=tilt_deg).calibrated()
    view = visible_ground(camera=camera, height_m=HEAD_M, range_m=range_m)
    mask = [(left, top), (left + 250, top), (left + 250, top + 200), (left, top + 200)]
    less = visible_ground(
        camera=camera,
        height_m=HEAD_M,
        range_m=range_m,
        min_px_per_m=min_px_per_m,
        masks_px=[mask],
    )
    assert less.polygon.is_valid
    assert less.area_m2 <= view.area_m2 * (1 + 1e-9)
    assert less.polygon.difference(view.polygon).area <= 1e-6 * view.area_m2


@pytest.mark.parametrize(
    ("mask", "says"),
    [
        ([(0, 0), (9, 9)], r"mask 2: shape \(2, 2\)"),
        ([(0, 0, 1), (9, 9, 1), (9, 0, 1)], r"mask 2: shape \(3, 3\)"),
        ([(0, 0), (9, 9), (9, 0), (0, 9)], "mask 2: its outline crosses itself"),
        ([(0, 0), (5, 5), (9, 9)], "mask 2: its outline crosses itself or has no area"),
        ([(0, 0), (np.nan, 9), (9, 0)], "mask 2: a coordinate is not a finite number"),
    ],
)
def test_a_mask_that_is_no_outline_is_refused(mask: ArrayLike, says: str) -> None:
    good = [(0, 0), (9, 0), (9, 9)]
    with pytest.raises(BadInput, match=says):
        visible_ground(
            camera=PINHOLE.calibrated(), height_m=HEAD_M, range_m=50.0, masks_px=[good, mask]
        )


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ({"range_m": 0.0}, "range: 0.0 m"),
        ({"range_m": float("nan")}, "range: nan m"),
        ({"min_px_per_m": -1.0}, "min_px_per_m: -1.0"),
        ({"min_px_per_m": float("nan")}, "min_px_per_m: nan"),
        ({"height_m": 7.0}, "below the camera's"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(numbers: dict[str, float], says: str) -> None:
    given_numbers = {"height_m": HEAD_M, "range_m": 50.0, "min_px_per_m": 10.0} | numbers
    with pytest.raises(BadInput, match=says):
        visible_ground(camera=PINHOLE.calibrated(), **given_numbers)


def test_the_seen_part_of_a_zone() -> None:
    ground = VisibleGround(shapely.box(-5, -5, 4, 20))
    visible = visible_zone(zone=ZONE, ground=ground)
    assert visible.seen_m2 == pytest.approx(40.0)
    assert visible.seen_share == pytest.approx(0.4)
    assert visible.seen.bounds == (0, 0, 4, 10)
    assert ground.area_m2 == pytest.approx(225.0)


def test_a_view_around_the_middle_of_a_zone_counts_once() -> None:
    ring = shapely.box(0, 0, 10, 10) - shapely.box(2, 2, 8, 8)
    assert visible_zone(zone=ZONE, ground=VisibleGround(ring)).seen_m2 == pytest.approx(64.0)


@pytest.mark.parametrize(
    "view",
    [
        shapely.box(20, 20, 30, 30),
        Polygon(),
        # Two neighbours that touch share no ground, and a sliver of a rounding is none.
        shapely.box(10, 0, 20, 10),
        shapely.box(9.99, 0, 20, 10),
    ],
)
def test_of_a_zone_out_of_view_nothing_is_seen_and_nobody_is_in_it(view: Polygon) -> None:
    seen = zones_in_view(zones=[ZONE], ground=VisibleGround(view))
    assert seen.zones[0].seen_m2 == 0
    assert seen.zones[0].seen_share == 0
    assert seen.measured.is_empty
    assert not seen.contain(np.array([[5.0, 5.0], [9.995, 5.0], [25.0, 25.0]])).any()


def test_a_zone_behind_the_camera_is_not_seen() -> None:
    ground = visible_ground(camera=PINHOLE.calibrated(), height_m=HEAD_M, range_m=50.0)
    behind = Zone("behind", shapely.box(-5, -30, 10, -10))
    assert visible_zone(zone=behind, ground=ground).seen_share == 0


def test_everybody_seen_in_neighbouring_zones_is_in_exactly_one() -> None:
    zones = [
        Zone(f"{column} {row}", shapely.box(5 * column, 4 * row, 5 * column + 5, 4 * row + 4))
        for column in range(3)
        for row in range(3)
    ]
    ground = VisibleGround(shapely.Point(7, 6).buffer(5.5))
    steps = np.arange(0, 15, 0.05)
    # More points than are told apart at once, many of them on the lines between zones.
    points = np.array([(x, y) for x in steps for y in steps[steps < 12]])
    assert len(points) > 2 << 15
    inside = zones_in_view(zones=zones, ground=ground).contain(points)
    assert inside.shape == (9, len(points))
    np.testing.assert_array_equal(inside.sum(axis=0), ground.contains(points).astype(int))
    away_m = np.hypot(*(points - (7, 6)).T)
    assert ground.contains(points)[away_m < 5.4].all()
    assert not ground.contains(points)[away_m > 5.6].any()


def test_who_stands_on_the_edge_of_the_picture_is_seen() -> None:
    camera = Pinhole(height_m=10.0, tilt_deg=90.0, size_px=(1000, 500)).calibrated()
    ground = visible_ground(camera=camera, height_m=0.0, range_m=50.0)
    x, y = np.linspace(1.0, 999.0, 50), np.linspace(1.0, 499.0, 50)
    left, top = np.zeros(50), np.zeros(50)
    for edge in ((x, top), (x, top + 500), (left, y), (left + 1000, y)):
        feet = camera.to_ground(np.column_stack(edge), height_m=0.0)
        assert ground.contains(feet).all()


def test_the_measured_ground_of_zones_that_touch_is_one_piece() -> None:
    left, right = Zone("left", shapely.box(0, 0, 5, 10)), Zone("right", shapely.box(5, 0, 9, 10))
    view = zones_in_view(zones=[left, right], ground=VisibleGround(shapely.Point(5, 5).buffer(3)))
    assert view.measured.geom_type == "Polygon"
    assert view.measured.area == pytest.approx(pi * 9, rel=0.01)
