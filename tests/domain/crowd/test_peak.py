"""The densest disc of a zone, by trying all discs one by one."""

from math import pi, sqrt

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from crowdsafe.domain.camera.geometry import Points
from crowdsafe.domain.camera.visible import VisibleGround, ZonesInView, zones_in_view
from crowdsafe.domain.crowd.density import CountError
from crowdsafe.domain.crowd.peak import Peak, peak_search
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.errors import BadInput

EXACT = CountError(constant=0.0, sqrt=0.0, relative=0.0)
DISC_M2 = pi * 1.5**2
EVERYWHERE = shapely.box(-100, -100, 100, 100)
SQUARE = Zone("square", shapely.box(0, 0, 10, 10))
BESIDE = Zone("beside", shapely.box(10, 0, 16, 10))


def _view(*zones: Zone, ground: Polygon | MultiPolygon = EVERYWHERE) -> ZonesInView:
    return zones_in_view(zones=zones, ground=VisibleGround(ground))


def _peaks(
    view: ZonesInView,
    ground_m: Points,
    people: NDArray[np.float64] | None = None,
    count_error: CountError = EXACT,
) -> tuple[Peak | None, ...]:
    counted = view.contain(ground_m).any(axis=0)
    weights = np.ones(len(ground_m)) if people is None else people
    return peak_search(view).peaks(
        ground_m[counted],
        people=weights[counted],
        crowded=np.zeros(np.count_nonzero(counted)),
        count_error=count_error,
    )


def _peak(view: ZonesInView, ground_m: Points, people: NDArray[np.float64] | None = None) -> Peak:
    (peak,) = _peaks(view, ground_m, people)
    assert peak is not None
    return peak


def _crowd(*, per_m2: float, seed: int = 5) -> Points:
    generator = np.random.default_rng(seed)
    return generator.uniform((0, 0), (16, 10), size=(round(160 * per_m2), 2))


def test_a_knot_of_people_in_the_open_is_found_where_it_is() -> None:
    knot = np.array([6.3, 4.1]) + np.random.default_rng(1).uniform(-0.6, 0.6, size=(20, 2))
    peak = _peak(_view(SQUARE), np.concatenate([knot, [[1.0, 1.0], [9.0, 9.0]]]))
    assert peak.people == 20
    assert peak.area_m2 == pytest.approx(DISC_M2)
    assert peak.density_ppm2 == pytest.approx(20 / DISC_M2)
    assert np.hypot(peak.at_m[0] - 6.3, peak.at_m[1] - 4.1) < 1.5


@settings(max_examples=25)
@given(per_m2=st.floats(0.02, 4.0), seed=st.integers(0, 1000), masked=st.booleans())
def test_no_disc_of_the_lattice_is_denser(per_m2: float, seed: int, masked: bool) -> None:
    ground = shapely.Point(6, 4).buffer(7.5) if masked else EVERYWHERE
    view = _view(SQUARE, BESIDE, ground=ground)
    crowd = _crowd(per_m2=per_m2, seed=seed)
    weights = np.random.default_rng(seed).choice([1.0, 0.4], size=len(crowd))
    counted = view.contain(crowd).any(axis=0)
    nodes = np.arange(0, 17, 0.25)
    centres = np.array([(x, y) for x in nodes for y in nodes[nodes <= 10]])
    away = np.hypot(*(crowd[:, None] - centres).T)
    people = (away <= 1.5) @ (weights * counted)
    circles = shapely.buffer(shapely.points(centres), 1.5, quad_segs=64)
    area = np.maximum(shapely.area(shapely.intersection(circles, view.measured)), DISC_M2 / 2)
    for peak, inside in zip(_peaks(view, crowd, weights), view.contain(centres), strict=True):
        assert peak is not None
        assert peak.density_ppm2 == pytest.approx(np.max((people / area)[inside]), rel=1e-3)
        assert peak.density_ppm2 == peak.people / peak.area_m2


def test_a_crush_does_not_end_at_the_line_between_two_zones() -> None:
    crush = np.array([10.0, 5.0]) + np.random.default_rng(2).uniform(-1, 1, size=(28, 2))
    left, right = _peaks(_view(SQUARE, BESIDE), crush)
    assert left is not None
    assert right is not None
    assert left.people == right.people == 28
    assert left.density_ppm2 == pytest.approx(28 / DISC_M2)


def test_what_is_behind_a_wall_does_not_dilute_a_crush_at_it() -> None:
    # Four people per square metre in a strip of a metre and a half along the zone's edge.
    x, y = np.meshgrid(np.arange(0.25, 10, 0.5), np.arange(0.25, 1.5, 0.5))
    peak = _peak(_view(SQUARE), np.column_stack([x.ravel(), y.ravel()]))
    assert peak.at_m[1] < 0.3
    assert peak.density_ppm2 == pytest.approx(4.0, rel=0.15)


def test_nor_does_what_the_camera_does_not_see() -> None:
    x, y = np.meshgrid(np.arange(0.25, 10, 0.5), np.arange(0.25, 1.5, 0.5))
    view = _view(Zone("wide", shapely.box(0, -10, 10, 10)), ground=shapely.box(-5, 0, 15, 15))
    peak = _peak(view, np.column_stack([x.ravel(), y.ravel()]))
    assert peak.density_ppm2 == pytest.approx(4.0, rel=0.15)


@pytest.mark.parametrize(("x", "y"), [(0.05, 0.05), (9.99, 0.01), (5.0, 0.02), (5.0, 5.0)])
def test_one_person_anywhere_is_no_crush(x: float, y: float) -> None:
    peak = _peak(_view(SQUARE), np.array([[x, y]]))
    assert peak.people == 1
    assert peak.density_ppm2 <= 2 / DISC_M2 + 1e-9
    assert peak.density_sd_ppm2 >= peak.density_ppm2


def test_one_person_on_a_sliver_of_seen_ground_is_no_crush() -> None:
    view = _view(SQUARE, ground=shapely.box(4, 4, 5, 4.3))
    peak = _peak(view, np.array([[4.5, 4.2]]))
    assert peak.area_m2 == pytest.approx(DISC_M2 / 2)


def test_people_outside_all_zones_count_for_none() -> None:
    crowd = np.array([[9.9, 5.0], [10.1, 5.0], [10.2, 5.0]])
    assert _peak(_view(SQUARE), crowd).people == 1


def test_points_that_belong_nowhere_do_no_harm() -> None:
    search = peak_search(_view(SQUARE))
    crowd = np.array([[5.0, 5.0], [np.nan, 5.0], [np.nan, np.nan], [1e9, -1e9], [np.inf, 0.0]])
    (peak,) = search.peaks(crowd, people=np.ones(5), crowded=np.zeros(5), count_error=EXACT)
    assert peak is not None
    assert peak.people == 1


def test_where_nobody_is_the_peak_is_nothing_at_some_place_of_the_zone() -> None:
    peak = _peak(_view(BESIDE), np.zeros((0, 2)))
    assert peak.density_ppm2 == 0
    assert shapely.covers(BESIDE.polygon, shapely.Point(peak.at_m))


def test_of_a_zone_that_is_not_seen_there_is_no_peak() -> None:
    view = _view(SQUARE, BESIDE, ground=shapely.box(-3, -3, 8, 8))
    seen, unseen = _peaks(view, _crowd(per_m2=1.0))
    assert seen is not None
    assert unseen is None
    assert _peaks(_view(SQUARE, ground=Polygon()), _crowd(per_m2=1.0)) == (None,)
    assert _peaks(_view(), np.zeros((0, 2))) == ()


def test_zones_that_overlap_count_everybody_once_each() -> None:
    inner = Zone("inner", shapely.box(4, 4, 6, 6))
    knot = np.array([5.0, 5.0]) + np.random.default_rng(3).uniform(-0.4, 0.4, size=(9, 2))
    outer_peak, inner_peak = _peaks(_view(SQUARE, inner), knot)
    assert outer_peak is not None
    assert inner_peak is not None
    assert outer_peak.people == inner_peak.people == 9


def test_fractions_of_people_add_up() -> None:
    x, y = np.meshgrid(np.arange(0.05, 10, 0.1), np.arange(0.05, 10, 0.1))
    even = np.column_stack([x.ravel(), y.ravel()])
    peak = _peak(_view(SQUARE), even, np.full(len(even), 0.02))
    assert peak.density_ppm2 == pytest.approx(2.0, rel=0.03)


def test_the_error_of_a_peak_is_of_chance_and_of_the_count() -> None:
    search = peak_search(_view(SQUARE))
    crowd = np.tile([[5.0, 5.0]], (16, 1))
    error = CountError(constant=1.0, sqrt=0.5, relative=0.0, crowd=0.25)
    (peak,) = search.peaks(crowd, people=np.ones(16), crowded=np.full(16, 2.0), count_error=error)
    assert peak is not None
    # 16 by chance; 1² + 0.5²·16 + (0.25·16·2)² of the count.
    assert peak.people_sd == pytest.approx(sqrt(16 + 1 + 4 + 64))
    assert peak.density_sd_ppm2 == pytest.approx(sqrt(85) / DISC_M2)


def test_the_radius_and_the_lattice_can_be_chosen() -> None:
    crowd = np.array([[5.0, 5.0], [5.0, 6.9]])
    wide = peak_search(_view(SQUARE), radius_m=2.0, spacing_m=0.5)
    (peak,) = wide.peaks(crowd, people=np.ones(2), crowded=np.zeros(2), count_error=EXACT)
    assert peak is not None
    assert peak.people == 2
    assert peak.density_ppm2 == pytest.approx(2 / (4 * pi))
    assert peak.at_m[0] % 0.5 == peak.at_m[1] % 0.5 == 0


def test_on_very_large_ground_the_lattice_is_wider() -> None:
    huge = Zone("huge", shapely.box(-300, -300, 300, 300))
    view = _view(huge, ground=shapely.box(-900, -900, 900, 900))
    search = peak_search(view)
    assert 0.5 < search.spacing_m < 1.5
    assert len(search.centres_m) == pytest.approx(400_000, rel=0.01)
    crush = np.array([[222.0, -111.0]]) + np.random.default_rng(4).uniform(-0.3, 0.3, (30, 2))
    (peak,) = search.peaks(crush, people=np.ones(30), crowded=np.zeros(30), count_error=EXACT)
    assert peak is not None
    assert peak.people == 30


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ({"radius_m": 0.0}, "radius_m: 0.0"),
        ({"radius_m": float("inf")}, "radius_m: inf"),
        ({"radius_m": float("nan")}, "radius_m: nan"),
        ({"spacing_m": 0.0}, "spacing_m: 0.0"),
        ({"spacing_m": 2.0}, "spacing_m: 2.0, expected more than 0 and at most 1.5"),
        ({"min_share": 0.0}, "min_share: 0.0"),
        ({"min_share": 1.5}, "min_share: 1.5"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(numbers: dict[str, float], says: str) -> None:
    with pytest.raises(BadInput, match=says):
        peak_search(_view(SQUARE), **numbers)
