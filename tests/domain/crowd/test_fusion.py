"""Several cameras over one zone: one speaks for each patch of it."""

from itertools import permutations
from math import inf, nan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from crowdsafe.domain.camera.geometry import Points
from crowdsafe.domain.crowd.fusion import (
    FusedReading,
    Look,
    ReportedPeak,
    ZoneFusion,
)
from crowdsafe.domain.crowd.grid import Cells, cells_of
from crowdsafe.domain.crowd.patches import Sight, ownership, zone_patches
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.errors import BadInput

UNKNOWN_AFTER_S = 5.0
BEGIN_S = 1_764_000_000.0
PATCHES = zone_patches(Zone("square", box(-4, 0, 6, 8)))
ROWS, COLUMNS = PATCHES.area_m2.shape
NOBODY = cells_of(np.zeros((0, 2)), np.zeros(0))
PEOPLE_M = np.random.default_rng(5).uniform((-4, 0), (6, 8), (60, 2))


def _sight(name: str, *, west_m: float, east_m: float, finest_at_m: float) -> Sight:
    """A camera that sees all between two meridians, finest at a third."""
    x_m = PATCHES.centres_m()[:, 0].reshape(ROWS, COLUMNS)
    seen = (x_m > west_m) & (x_m < east_m)
    return Sight(name, PATCHES.area_m2 * seen, 1000 / (10 + np.abs(x_m - finest_at_m)))


EAST = _sight("east", west_m=-3, east_m=6, finest_at_m=6)
WEST = _sight("west", west_m=-4, east_m=5, finest_at_m=-4)
WIDE = _sight("wide", west_m=-4, east_m=6, finest_at_m=40)
BOTH = (EAST, WEST)


def _fusion(*sights: Sight, seam_m: float = 1.5) -> ZoneFusion:
    return ZoneFusion(PATCHES, sights, unknown_after_s=UNKNOWN_AFTER_S, seam_m=seam_m)


def _look(
    sight: Sight,
    at_s: float,
    people_m: Points = PEOPLE_M,
    *,
    sd: float = 2.0,
    peak: ReportedPeak | None = None,
    degraded: bool = False,
) -> Look:
    """What a faultless camera tells of people."""
    columns, rows = (np.floor(people_m / PATCHES.cell_m) - PATCHES.first).astype(int).T
    seen_m = people_m[sight.seen_m2[rows, columns] > 0]
    return Look(
        camera_id=sight.camera_id,
        at_s=BEGIN_S + at_s,
        count=float(len(seen_m)),
        count_sd=sd,
        cells=cells_of(seen_m, np.ones(len(seen_m))),
        peak=peak,
        degraded=degraded,
    )


def _read(fusion: ZoneFusion, at_s: float) -> FusedReading:
    reading = fusion.reading(now_s=BEGIN_S + at_s)
    assert reading is not None
    return reading


def _owned_m2(reading: FusedReading) -> dict[str, float]:
    return {each.camera_id: each.seen_m2 for each in reading.contributions}


def test_a_camera_alone_is_told_as_it_is() -> None:
    fusion = _fusion(EAST, WEST)
    peak = ReportedPeak(3.1, 0.4, (2.0, 2.0))
    # A median of several pictures, whose sum the newest picture's cells are not.
    steady = Look("east", BEGIN_S, 17.0, 1.5, _look(EAST, 0).cells, peak)
    assert fusion.take(steady)
    reading = _read(fusion, 0.2)
    assert (reading.at_s, reading.count, reading.count_sd, reading.peak) == (
        BEGIN_S,
        17.0,
        1.5,
        peak,
    )
    assert reading.seen_share == pytest.approx(0.9)
    assert reading.density_ppm2 == pytest.approx(17 / 72)
    assert reading.density_sd_ppm2 == pytest.approx(1.5 / 72)
    (only,) = reading.contributions
    assert (only.camera_id, only.count, only.share) == ("east", 17.0, 1.0)


@pytest.mark.parametrize("seam_m", [0.0, 1.5, 4.0])
def test_two_views_of_the_same_people_are_no_sum(seam_m: float) -> None:
    fusion = _fusion(*BOTH, seam_m=seam_m)
    looks = [_look(each, 0.0) for each in BOTH]
    assert sum(look.count for look in looks) > 1.7 * len(PEOPLE_M)
    for look in looks:
        fusion.take(look)
    reading = _read(fusion, 0.3)
    assert reading.count == pytest.approx(len(PEOPLE_M))
    assert reading.density_ppm2 == pytest.approx(len(PEOPLE_M) / 80)
    assert reading.seen_share == 1.0
    assert [each.share for each in reading.contributions] == pytest.approx([0.5, 0.5])
    assert sum(each.count for each in reading.contributions) == pytest.approx(reading.count)


@st.composite
def _three_cameras(draw: st.DrawFn) -> tuple[tuple[Sight, ...], Points]:
    """Cameras that see whole strips of the zone, and people anywhere in it."""
    limits = st.floats(-5, 7)
    drawn = draw(st.lists(st.tuples(limits, limits), min_size=3, max_size=3))
    sights = tuple(
        _sight(name, west_m=min(ends), east_m=max(ends), finest_at_m=finest)
        for name, ends, finest in zip("abc", drawn, (1, -4, 6), strict=True)
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return sights, rng.uniform((-4, 0), (6, 8), (draw(st.integers(0, 80)), 2))


@given(_three_cameras(), st.sampled_from([0.0, 1.5]))
def test_who_is_seen_by_any_camera_is_counted_once_in_any_order(
    drawn: tuple[tuple[Sight, ...], Points], seam_m: float
) -> None:
    sights, people_m = drawn
    readings = []
    for order in permutations(sights):
        fusion = _fusion(*order, seam_m=seam_m)
        for sight in order:
            fusion.take(_look(sight, 0.0, people_m))
        readings.append(fusion.reading(now_s=BEGIN_S + 0.3))
    assert all(reading == readings[0] for reading in readings)
    columns, rows = (np.floor(people_m / PATCHES.cell_m) - PATCHES.first).astype(int).T
    seen = np.max([each.seen_m2[rows, columns] > 0 for each in sights], axis=0)
    if readings[0] is None:
        assert not seen.any()
    else:
        assert readings[0].count == pytest.approx(seen.sum())


# --- hand-over -----------------------------------------------------------------------------


def test_a_camera_that_falls_silent_keeps_its_word_until_it_is_stale() -> None:
    fusion = _fusion(*BOTH)
    for sight in BOTH:
        fusion.take(_look(sight, 0.0))
    for half_second in range(1, 17):
        now_s = half_second / 2
        fusion.take(_look(EAST, now_s))
        reading = _read(fusion, now_s)
        # The people stand still: whoever speaks, it is them, and them once.
        west = next((each for each in reading.contributions if each.camera_id == "west"), None)
        if now_s <= UNKNOWN_AFTER_S:
            assert reading.count == pytest.approx(len(PEOPLE_M))
            assert west is not None
            assert west.at_s == BEGIN_S
            assert reading.oldest_at_s == BEGIN_S
            assert reading.seen_share == 1.0
        else:
            assert west is None
            assert reading.count == _look(EAST, 0.0).count
            assert reading.oldest_at_s == reading.at_s
            assert reading.seen_share == pytest.approx(0.9)


def test_it_goes_stale_by_time_alone_and_takes_back_its_own_at_once() -> None:
    fusion = _fusion(*BOTH)
    fusion.take(_look(WEST, 0.0))
    fusion.take(_look(EAST, 3.0))
    both = _owned_m2(_read(fusion, 4.9))
    assert both == pytest.approx({"east": 40.0, "west": 40.0})
    assert _owned_m2(_read(fusion, 5.1)) == pytest.approx({"east": 72.0})
    assert fusion.reading(now_s=BEGIN_S + 8.1) is None
    fusion.take(_look(EAST, 9.0))
    fusion.take(_look(WEST, 9.2))
    assert _owned_m2(_read(fusion, 9.3)) == both
    assert _read(fusion, 9.3).count == pytest.approx(len(PEOPLE_M))


def test_what_it_said_before_the_gap_is_not_mixed_with_what_it_says_after() -> None:
    fusion = _fusion(*BOTH)
    fusion.take(_look(WEST, 0.0))
    for half_second in range(19):
        fusion.take(_look(EAST, half_second / 2, PEOPLE_M[:0]))
    fusion.take(_look(WEST, 9.4, PEOPLE_M[:0]))
    assert _read(fusion, 9.5).count == 0


def test_who_is_not_to_be_believed_speaks_for_nobody_until_the_next_look() -> None:
    fusion = _fusion(*BOTH)
    for sight in BOTH:
        fusion.take(_look(sight, 0.0))
    assert len(_read(fusion, 0.1).contributions) == 2
    fusion.forget("west")
    reading = _read(fusion, 0.1)
    assert _owned_m2(reading) == pytest.approx({"east": 72.0})
    assert reading.count == _look(EAST, 0.0).count
    fusion.forget("west")
    fusion.forget("somebody")
    assert _read(fusion, 0.1) is reading
    fusion.take(_look(WEST, 0.5))
    assert len(_read(fusion, 0.6).contributions) == 2


def test_a_degraded_camera_gives_way_and_comes_back() -> None:
    fusion = _fusion(WIDE, EAST)
    fusion.take(_look(WIDE, 0.0))
    fusion.take(_look(EAST, 0.0))
    assert _owned_m2(_read(fusion, 0.1)) == pytest.approx({"east": 72.0, "wide": 8.0}, abs=4)
    fusion.take(_look(EAST, 0.5, degraded=True))
    assert _owned_m2(_read(fusion, 0.6)) == pytest.approx({"wide": 80.0})
    fusion.take(_look(EAST, 1.0))
    assert "east" in _owned_m2(_read(fusion, 1.1))


def test_nobody_knows_what_no_fresh_camera_sees() -> None:
    fusion = _fusion(*BOTH)
    assert fusion.reading(now_s=BEGIN_S) is None
    assert len(fusion.cells().people) == 0
    fusion.take(_look(EAST, 0.0))
    assert fusion.reading(now_s=BEGIN_S + 6) is None
    assert len(fusion.cells().people) == 0


# --- time ----------------------------------------------------------------------------------


def test_somebody_who_walks_across_the_seam_is_there_once_at_every_moment() -> None:
    fusion = _fusion(*BOTH, seam_m=0)
    crowd = np.random.default_rng(1).uniform((-3, 0), (-1.5, 8), (30, 2))
    counts, newest = [], {each.camera_id: 0.0 for each in BOTH}
    # Pictures of the cameras a quarter of a second apart; the crowd passes x = 1 around 2.5 s.
    for quarter in range(24):
        now_s = quarter / 4
        look = _look(BOTH[quarter % 2], now_s, crowd + np.array([1.3 * now_s, 0.0]))
        fusion.take(look)
        columns = look.cells.columns * PATCHES.cell_m
        of_its_own = columns >= 1 if look.camera_id == "east" else columns < 1
        newest[look.camera_id] = look.cells.people[of_its_own].sum()
        if quarter > 1:
            counts.append((_read(fusion, now_s).count, sum(newest.values())))
    fused, of_newest = np.array(counts).T
    assert fused == pytest.approx(np.full(len(fused), 30), abs=4)
    assert np.abs(of_newest - 30).max() > 8
    assert np.abs(fused - 30).mean() < 0.5 * np.abs(of_newest - 30).mean()


def test_counts_are_interpolated_to_the_moment_that_all_cameras_have_reached() -> None:
    fusion = _fusion(*BOTH)
    east_m, west_m = np.array([[5.0, 4.0]]), np.array([[-3.5, 4.0]])
    fusion.take(_look(EAST, 0.0, np.repeat(east_m, 10, axis=0)))
    fusion.take(_look(WEST, 0.1, np.repeat(west_m, 4, axis=0)))
    fusion.take(_look(EAST, 0.5, np.repeat(east_m, 20, axis=0)))
    reading = _read(fusion, 0.6)
    assert reading.at_s == BEGIN_S + 0.1
    assert reading.count == pytest.approx(4 + 10 + 10 * 0.1 / 0.5)
    fusion.take(_look(WEST, 0.6, np.repeat(west_m, 8, axis=0)))
    reading = _read(fusion, 0.7)
    assert reading.at_s == BEGIN_S + 0.5
    assert reading.count == pytest.approx(20 + 4 + 4 * 0.4 / 0.5)
    assert {each.at_s for each in reading.contributions} == {BEGIN_S + 0.5}


def test_a_late_camera_is_not_waited_for() -> None:
    fusion = _fusion(*BOTH)
    fusion.take(_look(WEST, 0.0))
    for tenth in range(0, 31, 5):
        fusion.take(_look(EAST, tenth / 10))
    reading = _read(fusion, 3.1)
    assert reading.at_s == BEGIN_S + 3.0
    assert reading.oldest_at_s == BEGIN_S
    fusion.take(_look(WEST, 2.8))
    assert _read(fusion, 3.2).at_s == BEGIN_S + 3.0


def test_a_clock_that_is_ahead_does_not_make_the_others_late() -> None:
    fusion = _fusion(*BOTH)
    fusion.take(_look(EAST, 60.0))
    fusion.take(_look(WEST, 0.0))
    assert _read(fusion, 0.2).at_s == BEGIN_S
    fusion.take(_look(WEST, 0.5))
    reading = _read(fusion, 0.7)
    assert reading.at_s == BEGIN_S + 0.5
    assert reading.oldest_at_s == BEGIN_S + 0.5


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["east", "west", "wide"]),
            st.floats(0, 3),
            st.floats(0, 2),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_time_never_goes_back_and_nobody_is_counted_twice_whatever_comes_in(
    calls: list[tuple[str, float, float, bool]],
) -> None:
    fusion = _fusion(EAST, WEST, WIDE)
    by_id = {"east": EAST, "west": WEST, "wide": WIDE}
    now_s, before_s = 0.0, -inf
    for camera_id, captured_ago_s, pause_s, forget in calls:
        now_s += pause_s
        if forget:
            fusion.forget(camera_id)
        else:
            fusion.take(_look(by_id[camera_id], now_s - captured_ago_s))
        reading = fusion.reading(now_s=BEGIN_S + now_s)
        if reading is None:
            continue
        assert before_s <= reading.at_s <= BEGIN_S + now_s
        before_s = reading.at_s
        # People who stand: each live camera says the same of the same patches at all times.
        spoken = [by_id[each.camera_id] for each in reading.contributions]
        columns, rows = (np.floor(PEOPLE_M / PATCHES.cell_m) - PATCHES.first).astype(int).T
        seen = np.max([each.seen_m2[rows, columns] > 0 for each in spoken], axis=0)
        assert reading.count == pytest.approx(seen.sum())
        assert reading.oldest_at_s >= BEGIN_S + now_s - UNKNOWN_AFTER_S - 1e-6


def test_nothing_new_is_the_same_object_and_old_or_strange_looks_change_nothing() -> None:
    fusion = _fusion(*BOTH)
    assert fusion.take(_look(EAST, 1.0))
    reading = _read(fusion, 1.1)
    assert not fusion.take(_look(EAST, 1.0, PEOPLE_M[:3]))
    assert not fusion.take(_look(EAST, 0.5, PEOPLE_M[:3]))
    assert not fusion.take(_look(WIDE, 1.0))
    assert _read(fusion, 1.6) is reading
    assert fusion.camera_ids == ("east", "west")


def test_a_camera_that_sees_nothing_of_the_zone_is_none_of_its_cameras() -> None:
    blind = _sight("blind", west_m=50, east_m=60, finest_at_m=55)
    fusion = _fusion(EAST, blind)
    assert fusion.camera_ids == ("east",)
    assert not fusion.take(Look("blind", BEGIN_S, 9.0, 1.0, NOBODY))
    assert fusion.reading(now_s=BEGIN_S) is None


# --- how sure ------------------------------------------------------------------------------


def test_uncertainty_of_shares_adds_up_to_that_of_a_camera_alone() -> None:
    fusion = _fusion(
        _sight("east", west_m=-4, east_m=6, finest_at_m=6),
        _sight("west", west_m=-4, east_m=6, finest_at_m=-4),
        seam_m=0,
    )
    people_m = np.repeat(np.array([[5.0, 4.0], [-3.0, 4.0]]), [30, 10], axis=0)
    cells = cells_of(people_m, np.ones(40))
    for name in ("east", "west"):
        fusion.take(Look(name, BEGIN_S, 40.0, 4.0, cells))
    reading = _read(fusion, 0.1)
    # East has three of four people, west a quarter of them, but half of the area.
    assert reading.count == pytest.approx(40)
    assert reading.count_sd == pytest.approx(4 * sqrt(0.75 + 0.5))
    assert reading.density_sd_ppm2 == pytest.approx(reading.count_sd / 80)


def test_cameras_that_share_no_patch_err_independently() -> None:
    west = _sight("west", west_m=-4, east_m=1, finest_at_m=0)
    east = _sight("east", west_m=1, east_m=6, finest_at_m=0)
    fusion = _fusion(west, east)
    fusion.take(_look(west, 0.0, sd=3.0))
    fusion.take(_look(east, 0.0, sd=4.0))
    reading = _read(fusion, 0.1)
    assert reading.count == len(PEOPLE_M)
    assert reading.count_sd == pytest.approx(5.0)


def test_a_count_without_places_is_spread_over_what_the_camera_sees() -> None:
    fusion = _fusion(*BOTH)
    for sight in BOTH:
        fusion.take(Look(sight.camera_id, BEGIN_S, 36.0, 2.0, NOBODY))
    assert _read(fusion, 0.1).count == pytest.approx(36 * 40 / 72 * 2)
    outside = cells_of(np.array([[900.0, 900.0]]), np.ones(1))
    fusion.take(Look("east", BEGIN_S + 1, 36.0, 2.0, outside))
    fusion.take(Look("west", BEGIN_S + 1, 36.0, 2.0, NOBODY))
    assert _read(fusion, 1.1).count == pytest.approx(36 * 40 / 72 * 2)


def test_who_stands_on_a_sliver_at_the_edge_of_all_views_is_not_lost() -> None:
    shares = np.zeros((ROWS, COLUMNS))
    shares[:, 1:] = 1.0
    shares[:, 0] = 1e-5
    edge = Sight("edge", PATCHES.area_m2 * shares, np.full((ROWS, COLUMNS), 50.0))
    fusion = _fusion(edge)
    fusion.take(Look("edge", BEGIN_S, 2.0, 1.0, cells_of(np.array([[-3.8, 4.0]] * 2), np.ones(2))))
    assert _read(fusion, 0.1).count == 2.0


# --- the densest place ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("east_at_m", "west_at_m", "expected"),
    [
        ((4, 4), (-2, 4), 5.0),
        ((4, 4), (4, 4), 3.0),
        ((-2, 4), (-2, 4), 5.0),
        ((-2, 4), (4, 4), 5.0),
        ((0.2, 4), (1.8, 4), 5.0),
        ((1e9, 4), (-1e9, 4), 5.0),
    ],
    ids=["each its own", "east's", "west's", "neither's", "at the seam", "beyond the zone"],
)
def test_the_peak_is_told_by_who_speaks_for_its_place(
    east_at_m: tuple[float, float], west_at_m: tuple[float, float], expected: float
) -> None:
    fusion = _fusion(*BOTH)
    fusion.take(_look(EAST, 0, peak=ReportedPeak(3.0, 0.3, east_at_m)))
    fusion.take(_look(WEST, 0, peak=ReportedPeak(5.0, 0.5, west_at_m)))
    peak = _read(fusion, 0.1).peak
    assert peak is not None
    assert peak.ppm2 == expected


def test_without_a_peak_none_is_made_up() -> None:
    fusion = _fusion(*BOTH)
    fusion.take(_look(EAST, 0))
    assert _read(fusion, 0.1).peak is None
    told = ReportedPeak(2.0, 0.3, (4.0, 4.0))
    fusion.take(_look(WEST, 0.2, peak=told))
    assert _read(fusion, 0.3).peak == told


# --- the map -------------------------------------------------------------------------------


def test_the_map_shows_the_people_of_the_reading_where_their_speakers_saw_them() -> None:
    fusion = _fusion(*BOTH, seam_m=0)
    for sight in BOTH:
        fusion.take(_look(sight, 0.0))
    reading = _read(fusion, 0.1)
    cells = fusion.cells()
    truth = cells_of(PEOPLE_M, np.ones(len(PEOPLE_M)))

    def listed(each: Cells) -> list[tuple[int, int, float]]:
        return sorted(zip(each.columns, each.rows, each.people, strict=True))

    assert listed(cells) == listed(truth)
    fusion.forget("west")
    assert cells.people.sum() == pytest.approx(reading.count)
    assert fusion.cells().people.sum() == pytest.approx(reading.count)


# --- bad input -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "sd", "at_s"),
    [(nan, 1, 0), (-0.1, 1, 0), (inf, 1, 0), (3, nan, 0), (3, -1, 0), (3, 1, nan)],
)
def test_a_look_that_makes_no_sense_is_refused(count: float, sd: float, at_s: float) -> None:
    with pytest.raises(BadInput, match="camera 'east': count"):
        Look("east", at_s, count, sd, NOBODY)


@pytest.mark.parametrize(
    "numbers", [(nan, 0.1, 0, 0), (-1, 0.1, 0, 0), (1, -0.1, 0, 0), (1, 0.1, inf, 0)]
)
def test_a_peak_that_makes_no_sense_is_refused(numbers: tuple[float, ...]) -> None:
    ppm2, sd, x, y = numbers
    with pytest.raises(BadInput, match="peak: "):
        ReportedPeak(ppm2, sd, (x, y))


def test_the_readings_seen_share_is_that_of_the_owners() -> None:
    fusion = _fusion(*BOTH)
    for sight in BOTH:
        fusion.take(_look(sight, 0.0))
    owners = ownership(PATCHES, BOTH)
    reading = _read(fusion, 0.1)
    assert reading.seen_share == owners.seen_share
    assert reading.main_camera_id == "east"
