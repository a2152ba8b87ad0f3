"""Slopes with known answers, and how often noise is taken for a rise."""

from collections.abc import Callable

import numpy as np
import pytest

from crowdsafe.domain.forecast.course import Course, Crossed, Point, step_course
from crowdsafe.domain.forecast.rise import rise_of
from tests.domain.forecast.courses import SD_PPM2, course_of


@pytest.mark.parametrize("slope", [0.05, 0.1, 0.3])
def test_an_even_rise_has_its_slope_and_is_clear(slope: float) -> None:
    rise = rise_of(course_of(lambda m: 0.5 + slope * m, minutes=20, noise=0.01), area_m2=100)
    assert rise is not None
    assert rise.slope_ppm2_per_min == pytest.approx(slope, rel=0.1)
    assert rise.lasted_min == 16
    assert rise.is_clear
    now = rise.level_ppm2 + rise.ahead_ppm2
    assert now == pytest.approx(0.5 + slope * 20, abs=0.05)


def _rising_for(last_min: float) -> Callable[[float], float]:
    return lambda minutes: 0.8 + 0.15 * max(0.0, minutes + last_min - 20)


def test_the_window_says_for_how_long_it_has_been_rising() -> None:
    lasted = {}
    for minutes in (2, 4, 8, 16):
        rise = rise_of(course_of(_rising_for(minutes), minutes=20), area_m2=100)
        assert rise is not None
        lasted[minutes] = rise.lasted_min
    assert list(lasted.values()) == sorted(lasted.values())
    assert lasted[2] <= 4
    assert lasted[16] == 16


def test_what_has_stopped_rises_no_more() -> None:
    course = course_of(lambda m: min(1.8, 0.8 + 0.1 * m), minutes=14)
    rise = rise_of(course, area_m2=100)
    assert rise is not None
    assert rise.slope_ppm2_per_min == 0
    assert not rise.is_clear


def test_a_fall_is_no_rise() -> None:
    rise = rise_of(course_of(lambda m: 3.0 - 0.1 * m, minutes=20), area_m2=100)
    assert rise is not None
    assert rise.slope_ppm2_per_min == 0
    assert not rise.is_clear


def test_outliers_do_not_turn_a_slope() -> None:
    course = course_of(lambda m: 0.5 + 0.1 * m, minutes=16)
    spoilt = tuple(
        Point(p.at_s, 6.0, p.sd_ppm2) if number % 5 == 2 else p for number, p in enumerate(course)
    )
    clean, rise = rise_of(course, area_m2=100), rise_of(spoilt, area_m2=100)
    assert clean is not None
    assert rise is not None
    assert rise.slope_ppm2_per_min == pytest.approx(clean.slope_ppm2_per_min, rel=0.15)


def test_noise_is_seldom_taken_for_a_rise() -> None:
    clear = 0
    for seed in range(200):
        course = course_of(lambda _: 1.4, minutes=16, noise=SD_PPM2 * 0.7, seed=seed)
        rise = rise_of(course, area_m2=100)
        assert rise is not None
        clear += rise.is_clear
    assert clear <= 2


def test_two_minutes_are_needed() -> None:
    assert rise_of((), area_m2=100) is None
    assert rise_of(course_of(lambda m: m, minutes=1), area_m2=100) is None
    assert rise_of(course_of(lambda m: m, minutes=2), area_m2=100) is not None


def test_a_window_full_of_holes_tells_nothing() -> None:
    course = course_of(lambda m: 0.5 + 0.1 * m, minutes=2)[::3]
    assert rise_of(course, area_m2=100) is None


def test_lines_make_the_slope_surer() -> None:
    """120 people more in a minute on 100 m² are 0.12 p/m²/min here: 12 people net."""
    rng = np.random.default_rng(3)

    def crossed(_: float) -> Crossed:
        through = float(rng.poisson(1.0))
        return Crossed(through + 2.0, through)

    def density(minutes: float) -> float:
        return 0.5 + 0.12 * minutes

    plain = rise_of(course_of(density, minutes=5, noise=0.06), area_m2=100)
    with_lines = rise_of(course_of(density, minutes=5, noise=0.06, crossed=crossed), area_m2=100)
    assert plain is not None
    assert with_lines is not None
    assert with_lines.slope_sd_ppm2_per_min < plain.slope_sd_ppm2_per_min
    off = abs(with_lines.slope_ppm2_per_min - 0.12)
    assert off < 0.02
    assert off <= abs(plain.slope_ppm2_per_min - 0.12)


def test_lines_that_were_not_all_counted_are_left_out() -> None:
    course = course_of(lambda m: 0.5 + 0.1 * m, minutes=10)
    plain = rise_of(course, area_m2=100)
    last = course[-1]
    some = (*course[:-1], Point(last.at_s, last.ppm2, last.sd_ppm2, Crossed(90.0, 0.0)))
    assert rise_of(some, area_m2=100) == plain


def test_a_course_without_any_error_is_no_division_by_zero() -> None:
    rise = rise_of(course_of(lambda _: 0.0, minutes=5, sd_ppm2=0.0), area_m2=100)
    assert rise is not None
    assert not rise.is_clear
    assert np.isfinite(rise.z)


def test_seconds_since_1970_are_as_good_as_any() -> None:
    course = course_of(lambda m: 0.5 + 0.1 * m, minutes=8, noise=0.02)
    later: Course = ()
    for p in course:
        later = step_course(later, Point(p.at_s + 1.7e9, p.ppm2, p.sd_ppm2))
    first, second = rise_of(course, area_m2=100), rise_of(later, area_m2=100)
    assert first is not None
    assert second is not None
    assert second.slope_ppm2_per_min == pytest.approx(first.slope_ppm2_per_min, rel=1e-6)
