"""Speed and direction of a zone's people, against each other, and by fits and starts."""

from math import pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from crowdsafe.domain.crowd.points import Points
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.domain.motion.zone_motion import (
    Standing,
    ZoneMotion,
    better_motion,
    step_standing,
    stop_and_go_share,
    zone_motion,
)
from crowdsafe.errors import BadInput

ZONE = Zone("a", box(0, 0, 10, 10))
BEGIN_S = 1_764_000_000.137


def _motion(*velocities: tuple[float, float], sd: float = 0.0) -> ZoneMotion:
    """Of people in the zone with these velocities."""
    motion = zone_motion(
        ZONE,
        by="tracks",
        places_m=np.full((len(velocities), 2), 5.0),
        velocity_m_s=np.array(velocities, dtype=np.float64),
        velocity_sd_m_s=sd,
    )
    assert motion is not None
    return motion


def _towards(*headings_deg: float, speed: float = 1.0) -> list[tuple[float, float]]:
    """Velocities, clockwise from north."""
    angles = np.radians(headings_deg)
    return [(speed * float(np.sin(each)), speed * float(np.cos(each))) for each in angles]


# --- speed and direction -------------------------------------------------------------------


def test_the_mean_is_of_those_in_the_zone() -> None:
    motion = zone_motion(
        ZONE,
        by="tracks",
        places_m=np.array([[1.0, 1.0], [9.0, 9.0], [11.0, 5.0], [np.nan, 5.0], [5.0, 5.0]]),
        velocity_m_s=np.array([[1.0, 0.0], [0.0, 2.0], [9.0, 9.0], [9.0, 9.0], [np.nan, 0.0]]),
        velocity_sd_m_s=0.0,
    )
    assert motion is not None
    assert motion.people == 2
    assert motion.speed_m_s == 1.5
    assert motion.velocity_m_s == (0.5, 1.0)


def test_two_streams_have_a_speed_and_no_heading() -> None:
    motion = _motion(*[(1.2, 0.0)] * 10, *[(-1.2, 0.0)] * 10)
    assert motion.speed_m_s == pytest.approx(1.2)
    assert motion.velocity_m_s == pytest.approx((0, 0))
    assert motion.heading_deg is None
    assert motion.heading_sd_deg is None


@pytest.mark.parametrize("heading_deg", [0.0, 37.0, 90.0, 181.0, 359.0])
def test_the_heading_is_clockwise_from_north(heading_deg: float) -> None:
    motion = _motion(*_towards(*[heading_deg] * 5), sd=0.1)
    assert motion.heading_deg == pytest.approx(heading_deg, abs=1e-6)
    assert motion.heading_sd_deg == pytest.approx(np.degrees(0.1 / sqrt(5)), rel=0.01)


def test_the_standard_error_shrinks_with_people_and_never_below_what_was_measured() -> None:
    assert _motion((1.0, 0.0), sd=0.3).speed_sd_m_s == pytest.approx(0.3)
    assert _motion(*[(1.0, 0.0)] * 9, sd=0.3).speed_sd_m_s == pytest.approx(0.1)
    unlike = _motion((1.0, 0.0), (2.0, 0.0), (1.0, 0.0), (2.0, 0.0))
    assert unlike.speed_sd_m_s == pytest.approx(0.25)


def test_places_that_stand_for_several_weigh_so_and_no_cell_is_a_witness_more() -> None:
    places = np.full((4, 2), 5.0)
    velocity = np.array([[1.0, 0.0], [2.0, 0.0], [1.0, 0.0], [9.0, 0.0]])
    motion = zone_motion(
        ZONE,
        by="flow",
        places_m=places,
        velocity_m_s=velocity,
        velocity_sd_m_s=0.2,
        people=[0.25, 0.5, 0.25, 0.0],
    )
    assert motion is not None
    assert motion.people == 1.0
    assert motion.speed_m_s == 1.5
    assert motion.speed_sd_m_s == pytest.approx(sqrt(0.25 + 0.04))


@pytest.mark.parametrize(
    ("places", "people"),
    [
        (np.empty((0, 2)), 1.0),
        (np.full((2, 2), 20.0), 1.0),
        (np.full((2, 2), np.nan), 1.0),
        (np.full((2, 2), 5.0), 0.0),
    ],
)
def test_of_nobody_there_is_no_motion(places: Points, people: float) -> None:
    velocity = np.ones(places.shape)
    assert (
        zone_motion(
            ZONE,
            by="flow",
            places_m=places,
            velocity_m_s=velocity,
            velocity_sd_m_s=0.1,
            people=people,
        )
        is None
    )


def test_people_who_are_less_than_nobody_are_refused() -> None:
    with pytest.raises(BadInput, match=r"people of -1.0"):
        zone_motion(
            ZONE,
            by="flow",
            places_m=np.full((2, 2), 5.0),
            velocity_m_s=np.ones((2, 2)),
            velocity_sd_m_s=0.1,
            people=[1.0, -1.0],
        )


# --- against each other --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        ([90.0] * 10, 0.0),
        ([80.0, 100.0, 120.0, 60.0], 0.0),
        ([90.0] * 7 + [270.0] * 3, 0.3),
        ([90.0] * 3 + [270.0] * 7, 0.3),
        ([90.0] * 5 + [270.0] * 5, 0.5),
        ([350.0] * 4 + [175.0] * 4, 0.5),
        # Streams that cross at right angles are not against each other.
        ([0.0] * 6 + [90.0] * 4, 0.0),
    ],
)
def test_counter_flow_is_the_part_that_moves_against_the_main_direction(
    headings: list[float], expected: float
) -> None:
    assert _motion(*_towards(*headings)).counter_flow_share == pytest.approx(expected)


def test_who_stands_is_in_nobodys_way() -> None:
    motion = _motion(*_towards(*[90.0] * 4), *_towards(*[270.0] * 4, speed=0.1))
    assert motion.counter_flow_share == 0
    assert motion.standing_share == 0.5


def test_a_crowd_that_mills_about_has_a_third() -> None:
    rng = np.random.default_rng(0)
    motion = _motion(*_towards(*rng.uniform(0, 360, 3000)))
    assert motion.counter_flow_share == pytest.approx(1 / 3, abs=0.03)


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=1, max_size=12))
def test_shares_stay_in_their_bounds(velocities: list[tuple[float, float]]) -> None:
    motion = _motion(*velocities, sd=0.1)
    assert 0 <= motion.counter_flow_share <= 0.5
    assert 0 <= motion.standing_share <= 1
    assert np.hypot(*motion.velocity_m_s) <= motion.speed_m_s + 1e-12


# --- standing ------------------------------------------------------------------------------


def test_who_is_slower_than_a_shuffle_stands() -> None:
    assert _motion((0.19, 0.0), (0.21, 0.0)).standing_share == 0.5


def test_people_who_stand_do_so_in_spite_of_the_error_of_their_velocity() -> None:
    rng = np.random.default_rng(0)
    sd = 0.2
    still = _motion(*rng.normal(0, sd, (2000, 2)).tolist(), sd=sd)
    assert still.standing_share > 0.75
    walking = _motion(*rng.normal((1.2, 0), sd, (2000, 2)).tolist(), sd=sd)
    assert walking.standing_share < 0.01
    # As the docstring says of the mean.
    assert still.speed_m_s == pytest.approx(sqrt(pi / 2) * sd, rel=0.05)


def _course(shares: list[float], *, per_s: float = 2, people: float = 20) -> tuple[Standing, ...]:
    course: tuple[Standing, ...] = ()
    for number, share in enumerate(shares):
        course = step_standing(course, Standing(BEGIN_S + number / per_s, share, people))
    return course


@pytest.mark.parametrize("per_s", [2, 5, 10])
@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        # Walks, stands, queues up, sets off.
        ([(10, 0.0)], 0.0),
        ([(10, 1.0)], 0.0),
        ([(10, 0.4)], 0.0),
        ([(5, 0.0), (5, 1.0)], 0.0),
        ([(5, 1.0), (5, 0.0)], 0.0),
        # Stops and goes.
        ([(3, 1.0), (4, 0.0), (3, 1.0)], 1.0),
        ([(3, 0.0), (4, 1.0), (3, 0.0)], 1.0),
        ([(2, 0.2), (2, 0.6), (2, 0.2), (2, 0.6), (2, 0.2)], 0.4),
        # Stops for good after a moment.
        ([(4, 0.0), (2, 0.5), (2, 0.3), (2, 0.9)], 0.2),
    ],
)
def test_stop_and_go_is_the_deepest_there_and_back(
    per_s: int, seconds: list[tuple[int, float]], expected: float
) -> None:
    shares = [share for length, share in seconds for _ in range(length * per_s)]
    assert stop_and_go_share(_course(shares, per_s=per_s)) == pytest.approx(expected, abs=0.01)


def test_one_odd_picture_is_no_stop() -> None:
    shares = [0.1] * 100
    shares[50] = 1.0
    share = stop_and_go_share(_course(shares, per_s=10))
    assert share is not None
    assert share < 0.1


def test_what_is_too_short_or_of_too_few_is_not_told() -> None:
    swing = [1.0] * 6 + [0.0] * 6 + [1.0] * 6
    assert stop_and_go_share(()) is None
    assert stop_and_go_share(_course(swing[:10])) is None
    assert stop_and_go_share(_course(swing, people=4)) is None
    assert stop_and_go_share(_course(swing, people=5)) == pytest.approx(1.0)


def test_the_course_forgets_what_is_old_and_all_when_the_clock_is_set_back() -> None:
    course = _course([1.0] * 60)
    assert course[-1].at_s - course[0].at_s < 10
    again = step_standing(course, Standing(course[-1].at_s, 0.0, 20))
    assert again == course
    back = step_standing(course, Standing(BEGIN_S - 60, 0.0, 20))
    assert len(back) == 1


@pytest.mark.parametrize(
    ("at_s", "share", "people"), [(np.nan, 0.5, 5), (0.0, 1.1, 5), (0.0, 0.5, -1), (0.0, np.nan, 5)]
)
def test_a_share_that_makes_no_sense_is_refused(at_s: float, share: float, people: float) -> None:
    with pytest.raises(BadInput, match="expected a share of 0 to 1"):
        Standing(at_s, share, people)


# --- which one -----------------------------------------------------------------------------


def test_tracks_are_told_where_people_are_separable_and_never_where_they_are_not() -> None:
    tracks, flow = _motion((1.0, 0.0)), _motion((2.0, 0.0))
    assert better_motion(tracks=tracks, flow=flow, separable=True) is tracks
    assert better_motion(tracks=None, flow=flow, separable=True) is flow
    assert better_motion(tracks=tracks, flow=flow, separable=False) is flow
    assert better_motion(tracks=tracks, flow=None, separable=False) is None
