"""People in the cells of the grid: nobody is lost or doubled, and far people are even."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from crowdsafe.domain.camera.geometry import GroundCamera, Points
from crowdsafe.domain.camera.visible import (
    VisibleGround,
    ZonesInView,
    visible_ground,
    zones_in_view,
)
from crowdsafe.domain.crowd.grid import (
    Cells,
    Footprints,
    cells_of,
    cells_of_zones,
    footprints,
    ground_quads,
    joined,
)
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.errors import BadInput
from tests.pinhole import Pinhole

HEAD_M = 1.7
CAMERA = Pinhole(
    height_m=7.0, tilt_deg=12.0, focal_px=800.0, size_px=(768, 576), position_m=(0.0, 0.0)
).calibrated()
LEFT = Zone("left", shapely.box(-9, 8, 0.2, 40))
RIGHT = Zone("right", shapely.box(0.2, 8, 9, 40))
SIDE_PX = 8.0


def _in_view(*zones: Zone) -> ZonesInView:
    ground = visible_ground(camera=CAMERA, height_m=HEAD_M, range_m=35.0)
    return zones_in_view(zones=zones, ground=ground)


def _map_cells() -> Points:
    x, y = np.meshgrid(np.arange(96), np.arange(72))
    return (np.column_stack([x.ravel(), y.ravel()]) + 0.5) * SIDE_PX


def _spread(view: ZonesInView, camera: GroundCamera = CAMERA) -> tuple[Footprints, Points]:
    picture = _map_cells()
    middles = camera.to_ground(picture, height_m=HEAD_M)
    quads = ground_quads(camera, picture, side_px=SIDE_PX, height_m=HEAD_M)
    return footprints(view=view, centres_m=middles, quads_m=quads), middles


def _as_dict(cells: Cells) -> dict[tuple[int, int], float]:
    rows = zip(cells.columns.tolist(), cells.rows.tolist(), cells.people.tolist(), strict=True)
    return {(column, row): people for column, row, people in rows}


def test_people_add_up_in_cells_that_own_their_south_western_lines() -> None:
    ground = np.array([[0.1, 0.1], [0.4, 0.4], [0.5, 0.0], [-0.1, -0.1], [np.nan, 1.0], [7.0, 3.3]])
    cells = cells_of(ground, np.array([1.0, 0.25, 1.0, 1.0, 1.0, 2.0]))
    assert _as_dict(cells) == {(0, 0): 1.25, (1, 0): 1.0, (-1, -1): 1.0, (14, 6): 2.0}
    np.testing.assert_allclose(cells.centres_m()[0], [-0.25, -0.25])


def test_cells_of_another_side_are_aligned_to_the_same_origin() -> None:
    cells = cells_of(np.array([[3.9, -0.1]]), np.ones(1), cell_m=2.0)
    assert _as_dict(cells) == {(1, -1): 1.0}
    np.testing.assert_allclose(cells.centres_m(2.0), [[3.0, -1.0]])


def test_no_people_are_in_no_cells() -> None:
    assert _as_dict(cells_of(np.zeros((0, 2)), np.zeros(0))) == {}
    assert _as_dict(joined([])) == {}
    inside = np.zeros((3, 0), dtype=np.bool_)
    assert [_as_dict(cells) for cells in cells_of_zones(inside, np.zeros((0, 2)), np.zeros(0))] == [
        {},
        {},
        {},
    ]


@given(
    n=st.integers(0, 60),
    seed=st.integers(0, 999),
    zones=st.integers(1, 4),
    cell_m=st.floats(0.2, 3),
)
def test_each_zone_has_its_people_in_the_cells_where_they_stand(
    n: int, seed: int, zones: int, cell_m: float
) -> None:
    generator = np.random.default_rng(seed)
    ground, people = generator.uniform(-9, 9, (n, 2)), generator.uniform(0, 1, n)
    inside = generator.random((zones, n)) < 0.4
    by_zone = cells_of_zones(inside, ground, people, cell_m=cell_m)
    assert len(by_zone) == zones
    for cells, chosen in zip(by_zone, inside, strict=True):
        alone = _as_dict(cells_of(ground[chosen], people[chosen], cell_m=cell_m))
        assert _as_dict(cells) == pytest.approx(alone)


def test_joined_cells_hold_the_people_of_all() -> None:
    first = cells_of(np.array([[0.1, 0.1], [3.1, 0.1]]), np.array([1.0, 2.0]))
    second = cells_of(np.array([[3.2, 0.2]]), np.array([0.5]))
    assert _as_dict(joined([first, second])) == {(0, 0): 1.0, (6, 0): 2.5}


@pytest.mark.parametrize(
    ("people", "says"),
    [([1.0], "expected one length"), ([1.0, -0.1], "from 0 up"), ([1.0, np.nan], "from 0 up")],
)
def test_cells_that_cannot_be_are_refused(people: list[float], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        Cells(np.array([0, 1]), np.array([0, 1]), np.array(people))


def test_all_people_of_a_map_that_are_on_seen_ground_are_in_cells() -> None:
    everywhere = Zone("everywhere", shapely.box(-99, -99, 99, 99))
    view = _in_view(everywhere)
    spread, middles = _spread(view)
    people = np.random.default_rng(1).uniform(0, 0.2, len(middles))
    counted = people[view.ground.contains(middles)].sum()
    (cells,) = spread.cells(people)
    assert cells.people.sum() == pytest.approx(counted, rel=1e-12)
    assert spread.in_zones(people) == pytest.approx([counted], rel=1e-12)
    assert view.ground.polygon.buffer(0.5).covers(shapely.multipoints(cells.centres_m()))


def test_map_cells_on_the_line_between_two_zones_are_parted_and_nobody_is_doubled() -> None:
    both = Zone("both", shapely.box(-9, 8, 9, 40))
    view = _in_view(LEFT, RIGHT, both)
    spread, middles = _spread(view)
    people = np.random.default_rng(2).uniform(0, 0.2, len(middles))
    left, right, together = spread.in_zones(people)
    assert left + right == pytest.approx(together, rel=1e-12)
    assert [cells.people.sum() for cells in spread.cells(people)] == pytest.approx(
        [left, right, together]
    )
    west, east, all_cells = spread.cells(people)
    assert _as_dict(joined([west, east])) == pytest.approx(_as_dict(all_cells))


def test_an_even_crowd_is_even_on_the_ground_far_away_too() -> None:
    # A person per square metre everywhere: each map cell holds the area of its footprint.
    view = _in_view(LEFT, RIGHT)
    spread, _ = _spread(view)
    quads = ground_quads(CAMERA, _map_cells(), side_px=SIDE_PX, height_m=HEAD_M)
    finite = np.isfinite(quads).all(axis=(1, 2))
    people = np.where(finite, shapely.area(shapely.polygons(np.nan_to_num(quads))), 0.0)
    cells = joined(spread.cells(people))
    centres = cells.centres_m()
    # Away from the borders, where a cell is only partly seen or of a zone.
    inner = shapely.contains(view.measured.buffer(-1.5), shapely.points(centres))
    far = inner & (centres[:, 1] > 25)
    assert np.count_nonzero(far) > 100
    densities = cells.people / 0.25
    assert densities[inner].mean() == pytest.approx(1.0, rel=0.01)
    assert densities[far].std() < 0.15
    # By the middles of the map's cells alone, far people stand in stripes.
    middles = CAMERA.to_ground(_map_cells(), height_m=HEAD_M)
    striped = cells_of(middles[finite], people[finite])
    chosen = shapely.contains_xy(shapely.box(-4, 25, 4, 32), striped.centres_m())
    assert np.count_nonzero(chosen) < 0.7 * (8 * 7) / 0.25


def test_the_crowding_of_a_map_adds_up_by_the_same_parts() -> None:
    spread, middles = _spread(_in_view(LEFT, RIGHT))
    people = np.random.default_rng(3).uniform(0, 0.2, len(middles))
    assert spread.in_zones(people * 3.0) == pytest.approx(3.0 * spread.in_zones(people))


@settings(max_examples=40)
@given(
    corners=st.lists(st.floats(-6, 6), min_size=8, max_size=8),
    middle=st.tuples(st.floats(-4, 4), st.floats(-4, 4)),
    cell_m=st.floats(0.2, 2.0),
)
def test_whatever_its_footprint_a_map_cell_that_counts_is_counted_once(
    corners: list[float], middle: tuple[float, float], cell_m: float
) -> None:
    ground = VisibleGround(shapely.Point(0, 0).buffer(3))
    view = zones_in_view(zones=[Zone("all", shapely.box(-9, -9, 9, 9))], ground=ground)
    spread = footprints(
        view=view,
        centres_m=np.array([middle]),
        quads_m=np.array(corners).reshape(1, 4, 2),
        cell_m=cell_m,
    )
    counted = 2.5 if ground.contains(np.array([middle]))[0] else 0.0
    assert spread.cells(np.array([2.5]))[0].people.sum() == pytest.approx(counted)


def test_a_map_cell_that_reaches_above_the_horizon_stands_on_its_middle() -> None:
    view = zones_in_view(
        zones=[Zone("all", shapely.box(0, 0, 9, 9))], ground=VisibleGround(shapely.box(0, 0, 9, 9))
    )
    quads: NDArray[np.float64] = np.array([[[1, 1], [2, 1], [np.nan, np.nan], [np.nan, np.nan]]])
    spread = footprints(view=view, centres_m=np.array([[1.6, 4.1]]), quads_m=quads)
    assert _as_dict(spread.cells(np.ones(1))[0]) == {(3, 8): 1.0}
    nowhere = footprints(view=view, centres_m=np.full((1, 2), np.nan), quads_m=quads)
    assert _as_dict(nowhere.cells(np.ones(1))[0]) == {}


def test_a_map_without_cells_and_a_view_without_ground_have_nobody() -> None:
    empty = footprints(view=_in_view(LEFT), centres_m=np.zeros((0, 2)), quads_m=np.zeros((0, 4, 2)))
    assert empty.in_zones(np.zeros(0)).tolist() == [0.0]
    blind = zones_in_view(zones=[LEFT, RIGHT], ground=VisibleGround(shapely.Polygon()))
    spread, middles = _spread(blind)
    assert spread.in_zones(np.ones(len(middles))).tolist() == [0.0, 0.0]


def test_shapes_that_do_not_go_together_are_refused() -> None:
    view = _in_view(LEFT)
    with pytest.raises(BadInput, match=r"middles of shape \(2, 2\) and corners of shape \(1, 4,"):
        footprints(view=view, centres_m=np.zeros((2, 2)), quads_m=np.zeros((1, 4, 2)))
    with pytest.raises(BadInput, match=r"cell_m: 0.0, expected more than 0 m"):
        footprints(view=view, centres_m=np.zeros((1, 2)), quads_m=np.zeros((1, 4, 2)), cell_m=0.0)
    spread, middles = _spread(view)
    with pytest.raises(BadInput, match=rf"shape \(3,\), expected \({len(middles)},\)"):
        spread.cells(np.ones(3))
