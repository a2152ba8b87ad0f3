"""The course of a zone's last ten minutes."""

import pytest

from crowdsafe.hub.state.recent_course import RecentCourse


def _course(seconds: int, *, per_s: int = 1) -> RecentCourse:
    course = RecentCourse()
    for step in range(seconds * per_s):
        course.add(1000 + step / per_s, 0.01 * step / per_s)
    return course


def test_points_are_a_second_apart_and_ten_minutes_old_at_most() -> None:
    points = _course(2000, per_s=4).points()
    times = [at_s for at_s, _ in points]
    assert times == [2399.0 + each for each in range(601)]
    assert points[-1] == (2999.0, pytest.approx(19.99))


def test_it_can_be_had_in_longer_steps() -> None:
    times = [at_s for at_s, _ in _course(100).points(step_s=10)]
    assert times == [1000.0 + 10 * each for each in range(10)]


def test_what_comes_from_before_the_newest_point_is_left_out() -> None:
    course = _course(10)
    course.add(1004.5, 9.0)
    course.add(1009.5, 9.0)
    assert course.points() == _course(10).points()


def test_the_trend_is_of_the_last_minute() -> None:
    course = _course(100)
    assert course.trend_ppm2_per_min() == pytest.approx(0.6)
    for second in range(61):
        course.add(1100.0 + second, 1.0 - 0.01 * second)
    assert course.trend_ppm2_per_min() == pytest.approx(-0.6)
    assert RecentCourse().trend_ppm2_per_min() is None
