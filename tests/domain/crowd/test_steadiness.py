"""Counts over time: no spikes, no lag above two seconds, no certainty out of repetition."""

from itertools import pairwise
from math import exp, inf, nan, pi, sqrt
from statistics import median_high

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, box

from crowdsafe.domain.alarm.levels import Level, LevelRule, LevelState, step_level
from crowdsafe.domain.crowd.density import Z_90
from crowdsafe.domain.crowd.steadiness import (
    COMMON_SHARE,
    FADES_S,
    Counted,
    Course,
    SteadyCount,
    steady_count,
    step_course,
)
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.errors import BadInput
from crowdsafe.settings import EdgeSettings
from crowdsafe.simulation.crowd import walk

WINDOW_S = EdgeSettings().steady_s
BEGIN_S = 1_764_000_000.137
SD = 2.0
RATES = pytest.mark.parametrize("per_s", [1, 2, 5, 10])


def _courses(
    pictures: list[tuple[float, float]], *, window_s: float = WINDOW_S, sd: float = SD
) -> list[Course]:
    """Return the course after each picture of (seconds, count)."""
    courses: list[Course] = []
    course: Course = ()
    for at_s, count in pictures:
        course = step_course(course, Counted(BEGIN_S + at_s, count, sd, 50.0), window_s=window_s)
        courses.append(course)
    return courses


def _steady(
    pictures: list[tuple[float, float]], *, window_s: float = WINDOW_S, sd: float = SD
) -> list[SteadyCount]:
    courses = _courses(pictures, window_s=window_s, sd=sd)
    return [steady_count(course, window_s=window_s) for course in courses]


def _counts(pictures: list[tuple[float, float]]) -> list[float]:
    return [steady.count for steady in _steady(pictures)]


def _regular(counts: list[float], per_s: float) -> list[tuple[float, float]]:
    return [(number / per_s, count) for number, count in enumerate(counts)]


@st.composite
def _recordings(draw: st.DrawFn) -> list[tuple[float, float]]:
    """Pictures at irregular times, with gaps among them."""
    waits = draw(st.lists(st.floats(0.02, 1.6), min_size=1, max_size=30))
    counts = draw(st.lists(st.integers(0, 40), min_size=len(waits), max_size=len(waits)))
    times = np.cumsum(waits)
    return [(float(at_s), float(count)) for at_s, count in zip(times, counts, strict=True)]


# --- the count -----------------------------------------------------------------------------


@RATES
@pytest.mark.parametrize("phase", [0.01, 0.3, 0.5, 0.7, 0.99])
@pytest.mark.parametrize(("before", "after"), [(10.0, 60.0), (60.0, 10.0)])
def test_a_change_that_stays_shows_fully_within_two_seconds(
    per_s: int, phase: float, before: float, after: float
) -> None:
    step_s = 6 + phase / per_s
    pictures = [(n / per_s, before if n / per_s < step_s else after) for n in range(12 * per_s)]
    for (at_s, _), count in zip(pictures, _counts(pictures), strict=True):
        if at_s < step_s:
            assert count == before
        elif at_s >= step_s + 2 - 1 / per_s:
            # No picture comes before the next one: until then this value is the one that stands.
            assert count == after


@RATES
@pytest.mark.parametrize("outlier", [0.0, 90.0])
def test_one_picture_alone_changes_nothing(per_s: int, outlier: float) -> None:
    counts = [30.0] * (12 * per_s)
    counts[6 * per_s] = outlier
    assert set(_counts(_regular(counts, per_s))) == {30.0}


@RATES
def test_people_who_walk_through_within_a_second_make_no_spike(per_s: int) -> None:
    """Straight ways through a disc of 0.6 m radius are 0.9 s long at most."""
    walkers = walk(people=3, area=box(4, 4, 16, 16), seconds=300, per_s=10, seed=1)
    disc = Zone("disc", Point(10, 10).buffer(0.6))
    inside = [float(np.count_nonzero(disc.contains(places))) for places in walkers.places_m]
    pictures = [(n / 10, 4 + inside[n]) for n in range(0, len(inside), 10 // per_s)]
    visits = sum(earlier == 0 and later > 0 for earlier, later in pairwise(inside))
    assert visits >= 8
    assert max(count for _, count in pictures) == 5
    assert set(_counts(pictures)) == {4.0}


@RATES
@pytest.mark.parametrize("per_second", [3.0, -3.0])
def test_a_steady_change_lags_by_at_most_half_a_window(per_s: int, per_second: float) -> None:
    pictures = [(n / per_s, 100 + per_second * n / per_s) for n in range(20 * per_s)]
    for (_, now), count in list(zip(pictures, _counts(pictures), strict=True))[3 * per_s :]:
        assert 0 <= (now - count) / per_second <= WINDOW_S / 2 + 1e-6


def test_between_two_halves_the_higher_count_is_taken() -> None:
    assert _counts([(0.0, 3.0), (0.5, 9.0)]) == [3.0, 9.0]
    assert _counts([(0.0, 9.0), (0.5, 3.0)]) == [9.0, 9.0]


@pytest.mark.parametrize("counts", [[3.0, 3.0, 9.0, 9.0], [9.0, 9.0, 3.0, 3.0]])
@pytest.mark.parametrize("wait_s", [0.1, 0.2, 0.3])
def test_what_the_clock_cannot_tell_decides_between_no_halves(
    counts: list[float], wait_s: float
) -> None:
    """Seconds since 1970 come in steps of 0.2 µs."""
    assert _counts([(n * wait_s, count) for n, count in enumerate(counts)])[-1] == 9.0


def test_a_bad_first_picture_is_outvoted_by_the_next() -> None:
    """A stream that was opened anew may begin grey."""
    assert _counts(_regular([0.0, 30.0, 30.0, 30.0], 2)) == [0.0, 30.0, 30.0, 30.0]


def test_a_picture_stands_for_the_time_since_the_one_before() -> None:
    burst = [(0.0, 5.0), (0.6, 5.0), (1.2, 5.0), (1.8, 5.0)]
    assert (
        _counts([*burst, (1.82, 9.0), (1.84, 9.0), (1.86, 9.0), (1.88, 9.0), (1.9, 9.0)])[-1] == 5
    )
    assert _counts([*burst, (2.4, 9.0), (3.0, 9.0)])[-1] == 5
    assert _counts([*burst, (2.4, 9.0), (3.1, 9.0)])[-1] == 9


def test_the_oldest_picture_counts_as_far_as_it_lies_in_the_window() -> None:
    pictures = [(0.0, 9.0), (1.0, 9.0), (2.0, 3.0), (2.4, 3.0), (2.9, 3.0)]
    # At 2.4 s the nines stand for 0.1 s (not for the whole second before 0 s) and for 1 s.
    assert _counts(pictures) == [9.0, 9.0, 9.0, 3.0, 3.0]


@pytest.mark.parametrize("gap_s", [WINDOW_S / 2 + 0.01, WINDOW_S, 3600.0])
def test_the_first_picture_after_a_gap_counts_at_once(gap_s: float) -> None:
    before = _regular([30.0] * 10, 2)
    after = 4.5 + gap_s
    steady = _steady([*before, (after, 7.0), (after + 0.5, 7.0)])
    assert [each.count for each in steady[-2:]] == [7.0, 7.0]
    assert steady[-2].sd == SD


def test_one_picture_that_is_missing_is_no_gap() -> None:
    pictures = _regular([30.0] * 12, 2)
    del pictures[9]
    pictures[9] = (5.0, 90.0)
    assert set(_counts(pictures)) == {30.0}


def test_a_clock_that_is_set_back_begins_anew() -> None:
    steady = _steady([*_regular([30.0] * 10, 2), (1.0, 7.0), (1.5, 7.0)])
    assert [each.count for each in steady[-2:]] == [7.0, 7.0]


@pytest.mark.parametrize("later_s", [0.0, 1e-6, 9e-4])
def test_a_second_picture_of_the_same_time_is_ignored(later_s: float) -> None:
    courses = _courses([*_regular([30.0] * 10, 2), (4.5 + later_s, 90.0)])
    assert courses[-1] is courses[-2]


def test_counts_of_different_parts_of_a_zone_are_not_combined() -> None:
    course = _courses(_regular([30.0] * 10, 2))[-1]
    for at_s in (4.5, 5.0):
        narrower = Counted(BEGIN_S + at_s, 12.0, SD, 20.0)
        assert step_course(course, narrower, window_s=WINDOW_S) == (narrower,)


def test_without_a_window_each_picture_speaks_for_itself() -> None:
    pictures = [(0.0, 3.0), (0.5, 9.0), (0.5, 2.0), (0.1, 4.0), (0.6, 0.0)]
    assert _steady(pictures, window_s=0.0, sd=0.3) == [
        SteadyCount(count, 0.3) for _, count in pictures
    ]


@given(_recordings())
def test_the_count_is_the_highest_that_half_of_the_time_reaches(
    pictures: list[tuple[float, float]],
) -> None:
    course = _courses(pictures)[-1]
    count = steady_count(course, window_s=WINDOW_S).count
    counts = [counted.count for counted in course]
    assert min(counts) <= count <= max(counts)
    times = [counted.at_s for counted in course]
    assert times[-1] - times[0] < WINDOW_S
    assert all(later - earlier <= WINDOW_S / 2 for earlier, later in pairwise(times))
    if len(times) > 1:
        for_s = [later - earlier for earlier, later in pairwise(times)]
        for_s.insert(0, min(for_s[0], WINDOW_S - times[-1] + times[0]))
        half_s = sum(for_s) / 2
        reaching_s = sum(s for s, each in zip(for_s, counts, strict=True) if each >= count)
        above_s = sum(s for s, each in zip(for_s, counts, strict=True) if each > count)
        assert reaching_s >= half_s - 0.002
        assert above_s <= half_s


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30), st.sampled_from([2, 4, 10]))
def test_at_regular_times_the_count_is_the_upper_median(counts: list[int], per_s: int) -> None:
    pictures = _regular([float(count) for count in counts], per_s)
    in_window = [count for (at_s, count) in pictures if at_s > pictures[-1][0] - WINDOW_S + 1e-9]
    assert _counts(pictures)[-1] == median_high(in_window)


@given(_recordings(), st.integers(0, 40))
def test_what_does_not_change_stays(pictures: list[tuple[float, float]], count: int) -> None:
    assert set(_counts([(at_s, count) for at_s, _ in pictures])) == {count}


@given(_recordings(), st.data())
def test_one_more_person_never_lowers_the_count(
    pictures: list[tuple[float, float]], data: st.DataObject
) -> None:
    which = data.draw(st.integers(0, len(pictures) - 1))
    more = [(at_s, count + (number == which)) for number, (at_s, count) in enumerate(pictures)]
    assert all(
        higher >= lower for higher, lower in zip(_counts(more), _counts(pictures), strict=True)
    )


@given(_recordings(), _recordings())
def test_what_is_older_than_the_window_has_no_say(
    older: list[tuple[float, float]], pictures: list[tuple[float, float]]
) -> None:
    shift_s = older[-1][0] + 1.0
    shifted = [(at_s + shift_s, count) for at_s, count in pictures]
    newest_s = shifted[-1][0]
    if newest_s - shifted[0][0] > WINDOW_S + 0.001:
        recent = [picture for picture in shifted if newest_s - picture[0] < WINDOW_S]
        assert _steady([*older, *shifted])[-1] == _steady(recent)[-1]


# --- its uncertainty -----------------------------------------------------------------------


def test_one_picture_keeps_its_own_uncertainty() -> None:
    assert _steady([(0.0, 7.0)], sd=1.3) == [SteadyCount(7.0, 1.3)]


def test_the_uncertainty_is_what_a_hand_calculation_gives() -> None:
    *_, steady = _steady(_regular([7.0, 7.0, 7.0], 2))
    alike = (3 + 4 * exp(-0.5 / FADES_S) + 2 * exp(-1.0 / FADES_S)) / 9
    variance = SD**2 * (COMMON_SHARE + pi / 2 * (1 - COMMON_SHARE) * alike)
    assert steady.sd == pytest.approx(sqrt(variance))
    *_, changing = _steady(_regular([7.0, 7.0, 7.0, 7.0, 11.0], 2))
    # Of the newest 1.25 s, 0.5 s stand for four people more.
    assert changing.count == 7.0
    alike = sum(exp(-abs(i - j) * 0.5 / FADES_S) for i in range(5) for j in range(5)) / 25
    variance = SD**2 * (COMMON_SHARE + pi / 2 * (1 - COMMON_SHARE) * alike)
    assert changing.sd == pytest.approx(sqrt(variance + 0.5 / 1.25 * 4**2))


@RATES
def test_more_pictures_of_the_same_people_do_not_make_the_count_certain(per_s: int) -> None:
    sd = _steady(_regular([7.0] * 10 * per_s, per_s))[-1].sd
    assert sqrt(COMMON_SHARE) * SD < sd < SD


def test_ten_pictures_a_second_know_hardly_more_than_five() -> None:
    ten, five = (_steady(_regular([7.0] * 100, per_s))[-1].sd for per_s in (10, 5))
    assert ten == pytest.approx(five, rel=0.02)


@given(_recordings())
def test_the_uncertainty_never_falls_below_the_common_part(
    pictures: list[tuple[float, float]],
) -> None:
    for steady in _steady(pictures):
        assert steady.sd >= sqrt(COMMON_SHARE) * SD


@RATES
def test_while_a_rise_is_not_shown_the_interval_already_reaches_for_it(per_s: int) -> None:
    counts = [10.0] * (6 * per_s) + [60.0] * (6 * per_s)
    steady = _steady(_regular(counts, per_s))
    waiting = [each.sd for each in steady[6 * per_s :] if each.count == 10.0]
    assert waiting == sorted(waiting)
    assert all(sd > SD for sd in waiting)
    assert 10 + Z_90 * waiting[-1] > 60
    assert steady[-1].sd < SD


def test_nine_of_ten_intervals_hold_the_truth_when_errors_are_as_stated() -> None:
    rng = np.random.default_rng(11)
    fading = exp(-0.5 / FADES_S)
    held = 0
    for _ in range(1000):
        common, own = rng.normal(size=2)
        errors = []
        for _ in range(5):
            errors.append(sqrt(COMMON_SHARE) * common + sqrt(1 - COMMON_SHARE) * own)
            own = fading * own + sqrt(1 - fading**2) * rng.normal()
        *_, steady = _steady(_regular([100 + SD * error for error in errors], 2))
        held += abs(steady.count - 100) <= Z_90 * steady.sd
    # The errors show in the spread as well, and are counted twice there.
    assert 900 <= held <= 970


# --- what follows --------------------------------------------------------------------------


@RATES
@pytest.mark.parametrize("rise_s", [0.0, 5.0])
def test_a_real_rise_reaches_the_level_no_more_than_two_seconds_later(
    per_s: int, rise_s: float
) -> None:
    rule = LevelRule(begins_ppm2=(1, 2, 3), hysteresis_ppm2=0.2, rise_s=rise_s, fall_s=15)
    pictures = [(n / per_s, 20.0 if n / per_s < 6 else 120.0) for n in range(20 * per_s)]
    state = LevelState()
    risen_s = inf
    for (at_s, _), count in zip(pictures, _counts(pictures), strict=True):
        state = step_level(state, density_ppm2=count / 50, rule=rule, now_s=at_s)
        if state.level is Level.TIGHT:
            risen_s = min(risen_s, at_s)
    assert 6 + rise_s / 2 <= risen_s <= 6 + rise_s + 2


def test_low_pictures_do_not_start_a_rising_level_anew() -> None:
    rule = LevelRule(begins_ppm2=(1, 2, 3), hysteresis_ppm2=0.2, rise_s=5, fall_s=15)
    counts = [102.0] * 24
    counts[16:18] = [0.0, 0.0]

    def level(densities: list[float]) -> Level:
        state = LevelState()
        for number, density in enumerate(densities):
            state = step_level(state, density_ppm2=density, rule=rule, now_s=number / 2)
        return state.level

    counts = [20.0] * 8 + counts[8:]
    assert level([count / 50 for count in counts]) < Level.TIGHT
    assert level([count / 50 for count in _counts(_regular(counts, 2))]) is Level.TIGHT


# --- what is refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at_s", "count", "sd", "seen_m2"),
    [(nan, 1, 1, 1), (inf, 1, 1, 1), (0, -1, 1, 1), (0, nan, 1, 1), (0, 1, -1, 1), (0, 1, 1, inf)],
)
def test_what_is_no_count_is_refused(at_s: float, count: float, sd: float, seen_m2: float) -> None:
    with pytest.raises(BadInput, match="expected finite numbers and counts from 0 up"):
        Counted(at_s, count, sd, seen_m2)


@pytest.mark.parametrize("window_s", [-1.0, nan, inf])
def test_a_window_that_is_no_time_is_refused(window_s: float) -> None:
    with pytest.raises(BadInput, match="expected 0 or more"):
        step_course((), Counted(0.0, 1.0, 1.0, 1.0), window_s=window_s)
