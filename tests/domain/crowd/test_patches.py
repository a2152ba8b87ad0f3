"""Patches and their owners: one word for each piece of ground, whoever is there to give it."""

from collections.abc import Sequence
from itertools import pairwise, permutations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry import Point, Polygon, box

from crowdsafe.domain.camera.geometry import largest_polygon
from crowdsafe.domain.camera.visible import VisibleGround, visible_zone
from crowdsafe.domain.crowd.grid import cells_of
from crowdsafe.domain.crowd.patches import (
    SEAM_M,
    Ownership,
    Sight,
    ZonePatches,
    ownership,
    sight,
    zone_patches,
)
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.errors import BadInput
from tests.pinhole import Pinhole

SQUARE = zone_patches(Zone("square", box(-2, 3, 4, 8)))
ROWS, COLUMNS = SQUARE.area_m2.shape
NAMES = ("east", "mast", "roof", "west")
MASTS = {
    "left": Pinhole(height_m=8.0, position_m=(-6.0, -4.0)),
    "right": Pinhole(height_m=8.0, position_m=(8.0, -4.0), tilt_deg=25.0),
    "back": Pinhole(height_m=12.0, position_m=(1.0, -25.0), tilt_deg=20.0),
}


def _sight(name: str, seen_share: NDArray[np.float64], px_per_m: NDArray[np.float64]) -> Sight:
    return Sight(name, seen_share * SQUARE.area_m2, px_per_m)


@st.composite
def _sights(draw: st.DrawFn) -> tuple[Sight, ...]:
    """Up to four cameras that see any shape of the square, in part, at any px per metre."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sights = []
    for name in NAMES[: draw(st.integers(0, len(NAMES)))]:
        seen = draw(st.sampled_from([0.0, 0.3, 0.8, 1.0]))
        partly = draw(st.sampled_from([0.0, 0.2]))
        shares = (rng.random((ROWS, COLUMNS)) < seen).astype(np.float64)
        shares[rng.random((ROWS, COLUMNS)) < partly] *= rng.random()
        px_per_m = rng.uniform(20, 24, (ROWS, COLUMNS))
        px_per_m[rng.random((ROWS, COLUMNS)) < 0.1] = np.nan
        sights.append(_sight(name, shares, px_per_m))
    return tuple(sights)


def _owner_ids(owners: Ownership) -> NDArray[np.str_]:
    """Return who speaks for each patch; with hard seams only."""
    ids = np.full((ROWS, COLUMNS), "", dtype="<U8")
    for camera_id, holding in owners.holdings.items():
        assert set(np.unique(holding.weights)) <= {0.0, 1.0}
        assert not (ids[holding.weights > 0] != "").any()
        ids[holding.weights > 0] = camera_id
    return ids


def _seen(sights: Sequence[Sight]) -> NDArray[np.bool_]:
    """Return which patches any camera sees by more than a sliver."""
    shares = [each.seen_m2 / np.maximum(SQUARE.area_m2, 1e-9) for each in sights]
    return np.asarray(np.max([np.zeros((ROWS, COLUMNS)), *shares], axis=0) > 1e-4)


# --- patches -------------------------------------------------------------------------------


@pytest.mark.parametrize("cell_m", [0.3, 0.5, 1.0, 7.0])
@pytest.mark.parametrize(
    "polygon",
    [
        box(-2, 3, 4, 8),
        affinity.rotate(box(-7.3, -2.1, 4.4, 5.2), 33),
        Polygon([(-5, -5), (9, -4), (2, 8)], [[(0, -3), (3, -3), (1, 2)]]),
        Polygon([(0.1, 0.1), (0.2, 0.1), (0.2, 0.3)]),
    ],
)
def test_patches_are_the_whole_zone_once(polygon: Polygon, cell_m: float) -> None:
    patches = zone_patches(Zone("z", polygon), cell_m=cell_m)
    assert patches.area_m2.sum() == pytest.approx(polygon.area)
    assert (patches.area_m2 >= 0).all()
    assert (patches.area_m2 <= cell_m**2 * (1 + 1e-9)).all()
    disc = Point(1, 1).buffer(3)
    assert patches.areas_in(disc).sum() == pytest.approx(
        disc.intersection(box(*_bounds(patches))).area
    )


def _bounds(patches: ZonePatches) -> tuple[float, float, float, float]:
    column, row = patches.first
    rows, columns = patches.area_m2.shape
    west, south = column * patches.cell_m, row * patches.cell_m
    return west, south, west + columns * patches.cell_m, south + rows * patches.cell_m


def test_people_of_the_grid_are_found_in_the_patch_where_they_stand() -> None:
    zone = Zone("z", affinity.rotate(box(-7.3, -2.1, 4.4, 5.2), 33))
    patches = zone_patches(zone)
    people_m = np.random.default_rng(3).uniform(-9, 9, (400, 2))
    inside = zone.contains(people_m)
    assert 50 < inside.sum() < 350
    cells = cells_of(people_m[inside], np.ones(inside.sum()))
    rows, columns, people = patches.within(cells)
    assert people.sum() == inside.sum()
    centres = patches.centres_m().reshape(*patches.area_m2.shape, 2)[rows, columns]
    nearest = np.abs(people_m[inside][:, None] - centres).max(axis=2).min(axis=0)
    assert (nearest <= patches.cell_m / 2).all()
    elsewhere = cells_of(np.array([[1e6, 0.0], [0.0, -1e6], [-7.2, -2.0]]), np.ones(3))
    assert patches.within(elsewhere)[2].sum() == 0


@pytest.mark.parametrize(
    ("cell_m", "side_m", "message"),
    [
        (0.0, 5, "cell_m: 0.0, expected more than 0 m"),
        (-0.5, 5, "cell_m: -0.5"),
        (np.nan, 5, "cell_m: nan"),
        (np.inf, 5, "cell_m: inf"),
        (0.5, 5e4, "zone 'z': 100000 × 100000 cells of 0.5 m, expected at most 1,000,000"),
    ],
)
def test_a_grid_that_cannot_be_is_refused(cell_m: float, side_m: float, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        zone_patches(Zone("z", box(0, 0, side_m, side_m)), cell_m=cell_m)


# --- sight ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MASTS)
def test_a_sight_is_what_the_camera_sees_at_its_true_resolution(name: str) -> None:
    pinhole = MASTS[name]
    ground = VisibleGround(pinhole.calibrated().view_polygon(height_m=1.7, range_m=40))
    patches = zone_patches(Zone("z", box(-10, -8, 14, 20)))
    seen = sight(patches, camera_id=name, camera=pinhole.calibrated(), height_m=1.7, ground=ground)
    visible = visible_zone(zone=patches.zone, ground=ground)
    assert 0.2 < visible.seen_share < 0.95
    assert seen.seen_m2.sum() == pytest.approx(visible.seen_m2)
    there = seen.seen_m2 > 0.2
    centres_m = patches.centres_m()[there.ravel()]
    away = centres_m - pinhole.position_m
    across = np.column_stack([-away[:, 1], away[:, 0]]) / np.hypot(*away.T)[:, None]
    ends_px = [
        pinhole.picture_of(centres_m + way * across, height_m=1.7) for way in (-0.005, 0.005)
    ]
    px_per_m = 100 * np.hypot(*(ends_px[1] - ends_px[0]).T)
    assert seen.px_per_m[there] == pytest.approx(px_per_m, rel=1e-4)


def test_behind_the_camera_nothing_is_seen_and_nothing_breaks() -> None:
    pinhole = MASTS["left"]
    behind = zone_patches(Zone("behind", box(-10, -30, 0, -20)))
    seen = sight(
        behind,
        camera_id="left",
        camera=pinhole.calibrated(),
        height_m=1.7,
        ground=VisibleGround(pinhole.calibrated().view_polygon(height_m=1.7, range_m=60)),
    )
    assert seen.seen_m2.sum() == 0
    assert np.isnan(seen.px_per_m).all()
    owners = ownership(behind, [seen])
    assert (owners.holdings, owners.seen_share) == ({}, 0.0)


# --- who speaks ----------------------------------------------------------------------------


@given(_sights(), st.sampled_from([0.0, 0.5, SEAM_M, 4.0]))
def test_the_words_for_a_patch_sum_to_one_where_any_camera_sees_it(
    sights: tuple[Sight, ...], seam_m: float
) -> None:
    owners = ownership(SQUARE, sights, seam_m=seam_m)
    by_id = {each.camera_id: each for each in sights}
    total = np.zeros((ROWS, COLUMNS))
    for camera_id, holding in owners.holdings.items():
        assert (holding.weights >= 0).all()
        assert (by_id[camera_id].seen_m2[holding.weights > 0] > 0).all()
        total += holding.weights
    np.testing.assert_allclose(total, _seen(sights), atol=1e-12)


@given(_sights())
def test_with_hard_seams_each_seen_patch_has_exactly_one_owner(sights: tuple[Sight, ...]) -> None:
    ids = _owner_ids(ownership(SQUARE, sights, seam_m=0))
    assert ((ids != "") == _seen(sights)).all()


@given(_sights(), st.sampled_from([0.0, SEAM_M]))
def test_the_order_of_cameras_does_not_matter(sights: tuple[Sight, ...], seam_m: float) -> None:
    first, *others = (
        ownership(SQUARE, order, degraded={"mast"}, seam_m=seam_m) for order in permutations(sights)
    )
    for other in others:
        assert list(other.holdings) == list(first.holdings)
        assert other.seen_m2 == first.seen_m2
        for camera_id, holding in first.holdings.items():
            np.testing.assert_array_equal(other.holdings[camera_id].weights, holding.weights)


@given(_sights())
def test_a_blind_camera_changes_nothing(sights: tuple[Sight, ...]) -> None:
    blind = _sight("a-first-name", np.zeros((ROWS, COLUMNS)), np.full((ROWS, COLUMNS), 999.0))
    without, with_it = ownership(SQUARE, sights), ownership(SQUARE, [blind, *sights])
    assert list(without.holdings) == list(with_it.holdings)
    assert without.seen_m2 == pytest.approx(with_it.seen_m2)
    for camera_id, holding in without.holdings.items():
        np.testing.assert_array_equal(with_it.holdings[camera_id].weights, holding.weights)


@given(_sights(), st.sampled_from([0.0, SEAM_M]))
def test_one_more_camera_never_shows_less(sights: tuple[Sight, ...], seam_m: float) -> None:
    shares = [
        ownership(SQUARE, sights[:number], seam_m=seam_m).seen_share
        for number in range(len(sights) + 1)
    ]
    # A patch that two cameras see alike but for a hundredth of a per cent may go to either.
    assert all(later >= earlier - 1e-4 for earlier, later in pairwise(shares))
    assert all(0 <= share <= 1 for share in shares)


@given(_sights())
def test_who_goes_takes_along_no_patch_but_its_own(sights: tuple[Sight, ...]) -> None:
    before = _owner_ids(ownership(SQUARE, sights, seam_m=0))
    for gone in sights:
        after = _owner_ids(
            ownership(SQUARE, [each for each in sights if each is not gone], seam_m=0)
        )
        kept = before != gone.camera_id
        assert (after[kept] == before[kept]).all()


def test_the_finest_view_owns_and_equal_ones_are_decided_by_name() -> None:
    whole = np.ones((ROWS, COLUMNS))
    px_per_m = np.linspace(20, 60, COLUMNS) * whole
    east, west = _sight("east", whole, px_per_m), _sight("west", whole, px_per_m[:, ::-1])
    same = _sight("aaa", whole, px_per_m * 1.0000001)
    ids = _owner_ids(ownership(SQUARE, [west, east], seam_m=0))
    assert (ids[:, : COLUMNS // 2] == "west").all()
    assert (ids[:, COLUMNS // 2 :] == "east").all()
    ids = _owner_ids(ownership(SQUARE, [west, east, same], seam_m=0))
    assert set(np.unique(ids)) == {"aaa", "west"}


def test_who_sees_more_of_a_patch_owns_it_though_another_sees_it_finer() -> None:
    whole = np.ones((ROWS, COLUMNS))
    near = _sight("near", whole * 0.6, whole * 200)
    far = _sight("far", whole, whole * 20)
    owners = ownership(SQUARE, [near, far])
    assert list(owners.holdings) == ["far"]
    assert owners.seen_share == 1


def test_a_degraded_camera_speaks_only_where_no_other_sees_as_well() -> None:
    whole, half = np.ones((ROWS, COLUMNS)), np.ones((ROWS, COLUMNS))
    half[:, : COLUMNS // 2] = 0
    dirty, clean = _sight("dirty", whole, whole * 200), _sight("clean", half, whole * 20)
    assert list(ownership(SQUARE, [dirty, clean], seam_m=0).holdings) == ["dirty"]
    ids = _owner_ids(ownership(SQUARE, [dirty, clean], degraded={"dirty"}, seam_m=0))
    assert (ids[:, : COLUMNS // 2] == "dirty").all()
    assert (ids[:, COLUMNS // 2 :] == "clean").all()
    assert ownership(SQUARE, [dirty], degraded={"dirty"}).seen_share == 1


def test_a_seam_is_soft_over_its_width_and_nowhere_else() -> None:
    whole = np.ones((ROWS, COLUMNS))
    px_per_m = np.linspace(20, 60, COLUMNS) * whole
    sights = [_sight("east", whole, px_per_m), _sight("west", whole, px_per_m[:, ::-1])]
    owners = ownership(SQUARE, sights, seam_m=1.5)
    middle = COLUMNS // 2
    expected = np.array([0, 0, 1 / 3, 2 / 3, 1, 1])
    east = owners.holdings["east"].weights[ROWS // 2, middle - 3 : middle + 3]
    np.testing.assert_allclose(east, expected)
    assert owners.seen_share == 1
    assert owners.holdings["east"].share == pytest.approx(0.5)


def test_near_is_as_far_as_a_seam_and_no_farther() -> None:
    whole, west = np.ones((ROWS, COLUMNS)), np.ones((ROWS, COLUMNS))
    west[:, 4:] = 0
    sights = [_sight("fine", west, whole * 90), _sight("coarse", whole, whole * 30)]
    near = ownership(SQUARE, sights, seam_m=0).holdings["fine"].near
    assert near[:, :7].all()
    assert not near[:, 7:].any()


@pytest.mark.parametrize("name", MASTS)
def test_a_camera_alone_speaks_for_all_that_it_sees(name: str) -> None:
    pinhole = MASTS[name]
    camera = pinhole.calibrated()
    ground = VisibleGround(camera.view_polygon(height_m=1.7, range_m=40))
    zone = Zone("z", largest_polygon(affinity.rotate(box(-10, -8, 14, 20), 20)))
    patches = zone_patches(zone)
    seen = sight(patches, camera_id=name, camera=camera, height_m=1.7, ground=ground)
    owners = ownership(patches, [seen])
    assert owners.holdings[name].share == pytest.approx(1, abs=1e-5)
    assert owners.seen_share == pytest.approx(
        visible_zone(zone=zone, ground=ground).seen_share, abs=1e-5
    )


def test_together_cameras_see_the_union_but_for_the_cells_at_its_edge() -> None:
    zone = Zone("z", box(-10, -8, 14, 20))
    patches = zone_patches(zone)
    grounds = {
        name: VisibleGround(each.calibrated().view_polygon(height_m=1.7, range_m=40))
        for name, each in MASTS.items()
    }
    sights = [
        sight(patches, camera_id=name, camera=each.calibrated(), height_m=1.7, ground=grounds[name])
        for name, each in MASTS.items()
    ]
    owners = ownership(patches, sights)
    union = shapely.union_all([each.polygon for each in grounds.values()])
    exact = union.intersection(zone.polygon).area / zone.area_m2
    assert len(owners.holdings) == 3
    assert exact - 0.005 <= owners.seen_share <= exact + 1e-9
