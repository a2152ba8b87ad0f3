"""The course of a zone: what it keeps, what it forgets, what it refuses."""

import pytest

from crowdsafe.domain.forecast.course import (
    GAP_S,
    KEPT_S,
    STEP_S,
    Course,
    Crossed,
    Point,
    point_of,
    step_course,
)
from crowdsafe.errors import BadInput
from tests.domain.forecast.courses import course_of


def test_it_keeps_sixteen_minutes() -> None:
    course = course_of(lambda _: 1.0, minutes=60)
    assert course[-1].at_s - course[0].at_s == KEPT_S
    assert len(course) == KEPT_S / STEP_S + 1


def test_after_a_gap_it_begins_anew_and_a_short_one_is_bridged() -> None:
    course = course_of(lambda _: 1.0, minutes=5)
    last_s = course[-1].at_s
    bridged = step_course(course, Point(last_s + GAP_S, 1.0, 0.1))
    assert len(bridged) == len(course) + 1
    assert len(step_course(course, Point(last_s + GAP_S + 1, 1.0, 0.1))) == 1


@pytest.mark.parametrize("back_s", [0.0, 1.0, 1e6])
def test_a_point_that_is_not_newer_changes_nothing(back_s: float) -> None:
    course: Course = (Point(2e6, 1.0, 0.1),)
    assert step_course(course, Point(2e6 - back_s, 9.0, 0.1)) is course


def test_the_median_of_a_step_outvotes_an_outlier() -> None:
    readings = [(1.0, 0.1), (1.1, 0.1), (9.0, 0.3), (0.9, 0.1), (1.05, 0.1)]
    point = point_of(readings, at_s=10.0, crossed=None)
    assert (point.ppm2, point.sd_ppm2) == (1.05, 0.1)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -0.1])
def test_numbers_that_cannot_be_are_refused(bad: float) -> None:
    with pytest.raises(BadInput, match="forecast: Point"):
        Point(0.0, bad, 0.1)
    with pytest.raises(BadInput, match="forecast: Point"):
        Point(0.0, 1.0, bad)
    with pytest.raises(BadInput, match="forecast: Crossed"):
        Crossed(bad, 0.0)
    if bad != -0.1:
        with pytest.raises(BadInput, match="forecast: Point"):
            Point(bad, 1.0, 0.1)
