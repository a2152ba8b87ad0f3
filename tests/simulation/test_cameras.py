"""Synthetic cameras, and what two of them over 200 walkers say together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from shapely.geometry import box

from crowdsafe.domain.camera.geometry import Points
from crowdsafe.domain.camera.visible import VisibleGround
from crowdsafe.domain.clock_offset import ClockOffset, Stamp, step_clock
from crowdsafe.domain.crowd.density import Z_90, CountError
from crowdsafe.domain.crowd.fusion import LATE_AFTER_S, FusedReading, Look, ZoneFusion
from crowdsafe.domain.crowd.grid import cells_of
from crowdsafe.domain.crowd.patches import sight, zone_patches
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.simulation.cameras import (
    HEAD_HEIGHT_M,
    Faults,
    Mast,
    Sighting,
    Timing,
    film,
    places_at,
    received,
)
from crowdsafe.simulation.crowd import Walkers, scatter, walk

PEOPLE = 200
SECONDS = 120.0
UNKNOWN_AFTER_S = 5.0
ZONE = Zone("square", box(0, 0, 40, 20))
AROUND = box(-2, -2, 42, 22)
MASTS = {
    "east": Mast(position_m=(47, 10), height_m=9, heading_deg=270, tilt_deg=28),
    "west": Mast(position_m=(-7, 10), height_m=9, heading_deg=90, tilt_deg=28),
}
SHORT_SIGHTED = {name: replace(mast, range_m=35.0) for name, mast in MASTS.items()}
REALISTIC = Faults(missed_share=0.04, doubled_share=0.04, error_px=2.0, height_sd_m=0.08)
# By the realistic faults, a person of the middle of the zone is there 0, 1 or 2 times.
COUNT_ERROR = CountError(constant=0.0, sqrt=0.3, relative=0.0)
ON_AND_OFF = ((30.0, 50.0), (70.0, 90.0))
STEADY = {
    "east": Timing(phase_s=0.1, delay_mean_s=0.03),
    "west": Timing(phase_s=0.35, delay_mean_s=0.03),
}
OWN_CLOCKS = {
    "east": replace(STEADY["east"], clock_ahead_s=1.3),
    "west": replace(STEADY["west"], clock_ahead_s=-0.8, clock_drift=5e-5),
}


def _switched(timings: Mapping[str, Timing]) -> dict[str, Timing]:
    return {**timings, "west": replace(timings["west"], off_s=ON_AND_OFF)}


@dataclass(frozen=True)
class Moment:
    """One fused reading, the truth in what its cameras see, and what adding views would give."""

    reading: FusedReading
    truth: int
    sum_of_views: float


def _course(
    walkers: Walkers,
    *,
    masts: Mapping[str, Mast] = MASTS,
    timings: Mapping[str, Timing],
    faults: Faults = Faults(),
    seed: int = 1,
    late_after_s: float = LATE_AFTER_S,
    align_clocks: bool = True,
) -> list[Moment]:
    """Let cameras watch walkers, and fuse every picture as it comes in."""
    patches = zone_patches(ZONE)
    views = {name: mast.view() for name, mast in masts.items()}
    sights = [
        sight(
            patches,
            camera_id=name,
            camera=mast.calibrated(),
            height_m=HEAD_HEIGHT_M,
            ground=VisibleGround(views[name]),
        )
        for name, mast in masts.items()
    ]
    fusion = ZoneFusion(patches, sights, unknown_after_s=UNKNOWN_AFTER_S, late_after_s=late_after_s)
    films = [
        film(name, mast, walkers, timing=timings[name], faults=faults, seed=10 * seed + number)
        for number, (name, mast) in enumerate(masts.items())
    ]
    clocks = {name: ClockOffset() for name in masts}
    newest: dict[str, float] = {}
    course = []
    for each in received(films):
        clock = step_clock(clocks[each.camera_id], Stamp(each.sent_at_s, each.received_at_s))
        clocks[each.camera_id] = clock
        look = _look(each, (clock.offset_s or 0.0) if align_clocks else 0.0)
        fusion.take(look)
        newest[each.camera_id] = look.count
        reading = fusion.reading(now_s=each.received_at_s)
        assert reading is not None
        union = shapely.union_all([views[part.camera_id] for part in reading.contributions])
        places_m = places_at(walkers, reading.at_s)
        places_m = places_m[ZONE.contains(places_m)]
        truth = int(shapely.contains_xy(union, *places_m.T).sum())
        course.append(Moment(reading, truth, sum(newest.values())))
    return course


def _look(sighting: Sighting, offset_s: float) -> Look:
    inside = ZONE.contains(sighting.ground_m)
    count = float(sighting.people[inside].sum())
    return Look(
        camera_id=sighting.camera_id,
        at_s=sighting.captured_at_s + offset_s,
        count=count,
        count_sd=COUNT_ERROR.sd(count),
        cells=cells_of(sighting.ground_m[inside], sighting.people[inside]),
    )


def _walkers(seed: int) -> Walkers:
    return walk(people=PEOPLE, area=AROUND, seconds=SECONDS, per_s=5, seed=seed)


def _numbers(course: list[Moment]) -> tuple[NDArray[np.float64], ...]:
    rows = [(each.reading.count, each.truth, each.sum_of_views) for each in course]
    return tuple(np.array(rows, dtype=np.float64).T)


# --- the number of the issue ---------------------------------------------------------------


@pytest.mark.parametrize("masts", [MASTS, SHORT_SIGHTED], ids=["all seen by both", "35 m"])
@pytest.mark.parametrize("faults", [Faults(), REALISTIC], ids=["exact", "realistic"])
@pytest.mark.parametrize("timings", [STEADY, OWN_CLOCKS], ids=["one clock", "own clocks"])
def test_two_cameras_count_200_walkers_within_2_per_cent_while_one_goes_off_and_on(
    masts: Mapping[str, Mast], faults: Faults, timings: Mapping[str, Timing]
) -> None:
    course = _course(_walkers(1), masts=masts, timings=_switched(timings), faults=faults)
    fused, truth, sum_of_views = _numbers(course)
    alone = [len(each.reading.contributions) == 1 for each in course]
    # Both are there for most of the time, and the one is away for some of it.
    assert 0.15 < np.mean(alone) < 0.4
    assert fused.mean() == pytest.approx(truth.mean(), rel=0.02)
    assert np.sqrt(np.mean((fused - truth) ** 2)) < 0.04 * truth.mean()
    # Nothing is away or double for a moment: half of the people are on either side of the seam.
    assert np.abs(fused / truth - 1).max() < 0.2
    assert sum_of_views.mean() > 1.3 * truth.mean()


@pytest.mark.parametrize("seed", [2, 3])
def test_each_part_of_the_time_is_right_by_itself(seed: int) -> None:
    course = _course(_walkers(seed), timings=_switched(OWN_CLOCKS), faults=REALISTIC, seed=seed)
    fused, truth, _ = _numbers(course)
    off = np.array([len(each.reading.contributions) == 1 for each in course])
    late = np.array(
        [each.reading.at_s - each.reading.oldest_at_s > LATE_AFTER_S for each in course]
    )
    assert late.sum() > 10
    for part, allowed in ((off, 0.02), (late, 0.06), (~off & ~late, 0.02)):
        assert fused[part].mean() == pytest.approx(truth[part].mean(), rel=allowed)


def test_what_one_camera_says_of_what_it_alone_sees_stays_when_the_other_goes() -> None:
    course = _course(_walkers(4), masts=SHORT_SIGHTED, timings=_switched(STEADY))
    shares = {len(each.reading.contributions): each.reading.seen_share for each in course[4:]}
    assert shares[2] == pytest.approx(1.0)
    assert shares[1] == pytest.approx(
        SHORT_SIGHTED["east"].view().intersection(ZONE.polygon).area / ZONE.area_m2, abs=1e-4
    )
    assert 0.5 < shares[1] < 0.8


def test_nine_of_ten_intervals_hold_the_truth_with_two_cameras_as_with_one() -> None:
    course = _course(_walkers(5), timings=OWN_CLOCKS, faults=REALISTIC)
    held = [abs(each.reading.count - each.truth) <= Z_90 * each.reading.count_sd for each in course]
    assert 0.82 < np.mean(held) < 0.98


def test_a_group_that_marches_over_the_seam_is_there_once_by_aligned_clocks_only() -> None:
    rng = np.random.default_rng(6)
    begin_m = rng.uniform((-60, 2), (-54, 18), (120, 2))
    t_s = np.arange(0.0, 70.0, 0.5)
    places_m = np.repeat(begin_m[None], len(t_s), axis=0)
    places_m[:, :, 0] += 1.3 * t_s[:, None]
    walkers = Walkers(t_s=t_s, places_m=places_m)

    def worst(*, align_clocks: bool) -> float:
        course = _course(walkers, timings=OWN_CLOCKS, late_after_s=3.0, align_clocks=align_clocks)
        # From when the last has entered the zone until the first leaves it.
        inside = [each for each in course if 47 < each.reading.at_s < 69]
        fused, truth, _ = _numbers(inside)
        assert (truth == 120).all()
        return float(np.abs(fused - 120).max())

    assert worst(align_clocks=True) < 12
    assert worst(align_clocks=False) > 24


# --- the cameras ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading_deg", "ahead"), [(0, (0, 1)), (90, (1, 0)), (180, (0, -1)), (270, (-1, 0))]
)
def test_a_mast_looks_where_it_is_headed(heading_deg: float, ahead: tuple[int, int]) -> None:
    mast = Mast(position_m=(5, -3), height_m=8, heading_deg=heading_deg, tilt_deg=30)
    place_m = np.array([mast.position_m]) + 12 * np.array([ahead])
    right_m = place_m + np.array([[ahead[1], -ahead[0]]])
    heads_px = mast.picture_of(np.vstack([place_m, right_m]), np.full(2, HEAD_HEIGHT_M))
    assert heads_px[0, 0] == pytest.approx(mast.size_px[0] / 2)
    assert heads_px[1, 0] - heads_px[0, 0] == pytest.approx(mast.px_per_m(place_m)[0])
    behind_m = np.array([mast.position_m]) - 12 * np.array([ahead])
    assert np.isnan(mast.picture_of(behind_m, np.full(1, HEAD_HEIGHT_M))).all()
    assert np.isnan(mast.px_per_m(behind_m)).all()


def test_its_calibration_takes_every_head_back_to_its_place() -> None:
    mast = Mast(position_m=(5, -3), height_m=8, heading_deg=33, tilt_deg=30)
    places_m = scatter(people=300, area=box(-20, -20, 40, 40), seed=1)
    heads_px = mast.picture_of(places_m, np.full(300, HEAD_HEIGHT_M))
    shown = np.isfinite(heads_px[:, 0])
    assert 20 < shown.sum() < 250
    ground_m = mast.calibrated().to_ground(heads_px[shown], height_m=HEAD_HEIGHT_M)
    assert ground_m == pytest.approx(places_m[shown])
    in_view = shapely.contains_xy(mast.view(), *places_m.T)
    assert (in_view == shown).all()


@dataclass(frozen=True)
class Errors:
    """How far detections are from the people who stand at one distance."""

    found: float
    sd_m: float
    mean_m: Points


def _errors(mast: Mast, distance_m: float, faults: Faults) -> Errors:
    """Watch one place straight ahead of a mast that looks north, with many people on it."""
    place_m = np.array([mast.position_m[0], mast.position_m[1] + distance_m])
    standing = Walkers(np.array([0.0, 1.1]), np.tile(place_m, (2, 2000, 1)))
    (only,) = film("mast", mast, standing, timing=Timing(per_s=0.8), faults=faults, seed=3)
    away = only.ground_m - place_m
    return Errors(len(away) / 2000, float(away.std(axis=0).max()), away.mean(axis=0))


NORTH = Mast(position_m=(0, 0), height_m=9, heading_deg=0, tilt_deg=25)


@pytest.mark.parametrize(
    "faults", [Faults(error_px=2.0), Faults(height_sd_m=0.08)], ids=["px", "heights"]
)
def test_places_are_the_more_wrong_the_farther_away(faults: Faults) -> None:
    exact, near, far = (
        _errors(NORTH, *each) for each in ((30, Faults()), (10, faults), (30, faults))
    )
    assert exact.sd_m == pytest.approx(0, abs=1e-9)
    assert far.sd_m > 2 * near.sd_m > 0.04
    # Heads and px err to both sides alike, but for the bend of the perspective.
    assert np.abs(far.mean_m).max() < 0.2 * far.sd_m


def test_a_turned_calibration_shifts_places_around_the_mast() -> None:
    turned = _errors(NORTH, 20, Faults(turned_deg=1.0))
    assert turned.mean_m == pytest.approx([20 * np.radians(1), 0], abs=0.01)


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        (Faults(missed_share=0.1), lambda harder: 1 - 0.1 * harder),
        (Faults(doubled_share=0.1), lambda harder: 1 + 0.1 * harder),
        (Faults(missed_share=0.1, doubled_share=0.1), lambda harder: 1.0),
    ],
    ids=["missed", "doubled", "both"],
)
def test_small_people_are_missed_and_doubled_more_often(
    faults: Faults, expected: Callable[[float], float]
) -> None:
    for distance_m in (10, 30):
        harder = 50 / NORTH.px_per_m(np.array([[0.0, distance_m]]))[0]
        found = _errors(NORTH, distance_m, faults).found
        assert found == pytest.approx(expected(harder), abs=0.03)


def test_who_is_out_of_range_is_not_found() -> None:
    places_m = np.array([[0.0, 29.8], [0.0, 30.0], [3.0, 29.8]])
    standing = Walkers(np.array([0.0, 1.1]), np.tile(places_m, (2, 1, 1)))
    mast = replace(NORTH, range_m=29.9)
    (only,) = film("mast", mast, standing, timing=Timing(per_s=0.8), faults=Faults(), seed=3)
    assert only.ground_m == pytest.approx(places_m[:1])


def test_pictures_come_at_the_cameras_own_times_and_by_its_own_clock() -> None:
    timing = Timing(
        per_s=4.0,
        phase_s=0.1,
        clock_ahead_s=-7.0,
        clock_drift=1e-3,
        analysis_s=0.3,
        delay_s=0.01,
        delay_mean_s=0.05,
        off_s=((1.0, 2.0), (5.0, 6.0)),
    )
    walkers = walk(people=5, area=AROUND, seconds=10, per_s=5, seed=1)
    pictures = film("east", MASTS["east"], walkers, timing=timing, faults=Faults(), seed=1)
    taken_s = np.array([each.taken_at_s for each in pictures])
    assert taken_s[:4] == pytest.approx([0.1, 0.35, 0.6, 0.85])
    assert not ((taken_s >= 1) & (taken_s < 2)).any()
    assert not ((taken_s >= 5) & (taken_s < 6)).any()
    assert (np.diff(taken_s) > 0.2).all()
    for each in pictures:
        assert each.captured_at_s == pytest.approx(each.taken_at_s * 1.001 - 7)
        assert each.sent_at_s == pytest.approx((each.taken_at_s + 0.3) * 1.001 - 7)
        assert each.received_at_s >= each.taken_at_s + 0.31
        assert len(each.ground_m) == len(each.people) == 5
        assert np.hypot(*(each.ground_m - places_at(walkers, each.taken_at_s)).T).max() < 1e-6
    assert np.std([each.received_at_s - each.taken_at_s for each in pictures]) > 0.01


def test_walkers_are_on_the_straight_line_between_two_moments() -> None:
    walkers = Walkers(np.array([0.0, 2.0, 4.0]), np.array([[[0.0, 0]], [[2.0, 4]], [[2.0, 0]]]))
    for at_s, expected in ((-1, (0, 0)), (0, (0, 0)), (0.5, (0.5, 1)), (3, (2, 2)), (9, (2, 0))):
        assert places_at(walkers, at_s)[0] == pytest.approx(expected)


def test_the_same_seed_films_the_same() -> None:
    walkers = walk(people=20, area=AROUND, seconds=5, per_s=5, seed=1)
    first, again, other = (
        film("e", MASTS["east"], walkers, timing=STEADY["east"], faults=REALISTIC, seed=seed)
        for seed in (1, 1, 2)
    )
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.ground_m, two.ground_m)
        assert one.received_at_s == two.received_at_s
    assert any(
        one.received_at_s != two.received_at_s for one, two in zip(first, other, strict=True)
    )
