"""Courses with a known slope and known errors."""

from collections.abc import Callable

import numpy as np

from crowdsafe.domain.forecast.course import STEP_S, Course, Crossed, Point, step_course

SD_PPM2 = 0.08


def course_of(
    density: Callable[[float], float],
    *,
    minutes: float,
    noise: float = 0.0,
    seed: int = 1,
    crossed: Callable[[float], Crossed] | None = None,
    sd_ppm2: float = SD_PPM2,
) -> Course:
    """Return points of a density that depends on minutes from the start."""
    rng = np.random.default_rng(seed)
    course: Course = ()
    for step in range(1, round(minutes * 60 / STEP_S) + 1):
        at_s = step * STEP_S
        ppm2 = density(at_s / 60) + noise * float(rng.standard_normal())
        point = Point(at_s, max(0.0, ppm2), sd_ppm2, crossed(at_s / 60) if crossed else None)
        course = step_course(course, point)
    return course
