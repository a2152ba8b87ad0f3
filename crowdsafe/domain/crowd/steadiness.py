"""A zone's counts of the last seconds combined to one, with what is left of their uncertainty.

A median over time: somebody who crosses a corner, or one bad picture, is outvoted, and a change
that stays wins as soon as it stands for half of the window. Time is capture time.
"""

from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import exp, isfinite, pi, sqrt

from crowdsafe.errors import BadInput

COMMON_SHARE = 0.5
"""Share of the variance of a count's error that all pictures of a window have in common.

Measured with people who walk (PETS 2009 S2.L1, ``benchmarks/steadiness.py``) it is 0.15, and 0.4
between pictures of the same people. It is set higher, for people who stand keep their places and
with them their errors, and what was measured on walkers would promise them too much.
"""
FADES_S = 0.35
"""In this time the rest of the error becomes another one, to 1/e: measured on the same clip."""

# Shorter times mean nothing: seconds since 1970 come in steps of 0.2 µs, which must not decide
# between two halves.
_INSTANT_S = 1e-3


@dataclass(frozen=True)
class Counted:
    """The people counted in the seen part of a zone in one picture.

    Attributes:
        at_s: when the picture was taken.
        count: people.
        sd: standard deviation of the count.
        seen_m2: the part of the zone that the camera saw.

    Raises:
        BadInput: a value is not finite, or one but the time is negative.
    """

    at_s: float
    count: float
    sd: float
    seen_m2: float

    def __post_init__(self) -> None:
        values = (self.count, self.sd, self.seen_m2)
        if not isfinite(self.at_s) or not all(isfinite(value) and value >= 0 for value in values):
            raise BadInput(f"steadiness: {self}, expected finite numbers and counts from 0 up")


Course = tuple[Counted, ...]
"""Counts that may be combined, oldest first, their times rising."""


@dataclass(frozen=True)
class SteadyCount:
    """People in the seen part of a zone, and the standard deviation of their number."""

    count: float
    sd: float


def step_course(course: Course, counted: Counted, *, window_s: float) -> Course:
    """Add one picture's count, and forget what must not be combined with it.

    Forgotten is what is as old as the window, and everything

    - before a gap of more than half a window: the picture after the gap stands for more time than
      all before it,
    - counted on another part of the zone: those were other people,
    - before the clock was set back: nobody knows how long ago that is.

    A picture of the same millisecond as the one before stands for no time and is ignored.

    Args:
        course: from the step before.
        counted: of the newest picture.
        window_s: 0 combines nothing.

    Returns:
        At least one count.

    Raises:
        BadInput: the window is negative or not finite.
    """
    if not (isfinite(window_s) and window_s >= 0):
        raise BadInput(f"steadiness: a window of {window_s} s, expected 0 or more")
    if not course or window_s == 0 or counted.seen_m2 != course[-1].seen_m2:
        return (counted,)
    since_s = counted.at_s - course[-1].at_s
    if 0 <= since_s < _INSTANT_S:
        return course
    if since_s < 0 or since_s > window_s / 2:
        return (counted,)
    kept = (earlier for earlier in course if counted.at_s - earlier.at_s < window_s)
    return (*kept, counted)


def steady_count(course: Course, *, window_s: float) -> SteadyCount:
    """Return the upper median of the counts over time, and its standard deviation.

    Each picture stands for the time since the one before, the oldest for the time to the next, as
    far as they lie in the window. With weights w of these times, the count is the highest that
    pictures of half the time reach: between two halves the higher one is taken, for a wrong calm
    is worse than a wrong alarm. A change shows at the first picture half a window after the last
    picture before it; what stands for less than half a window does not show.

    The errors of two pictures are alike: corr_ij = c + (1 − c)·exp(−|t_i − t_j| / f) with
    c = ``COMMON_SHARE`` and f = ``FADES_S``. Of the variance s² of one count, a mean over the
    window keeps the part V = Σ w_i·w_j·corr_ij / (Σ w)², a median c + π/2·(V − c), at most all of
    it (π/2: asymptotic variance of a median over that of a mean, normal errors). The count is
    about half a window old: the mean squared distance D² from it, over the pictures of the newest
    half, says how much may have changed since. It holds some of the error once more, which is on
    the safe side:

        sd² = s²·min(1, c + π/2·(V − c)) + D²

    Args:
        course: from :func:`step_course` with the same window; at least one count.
        window_s: as there.
    """
    if len(course) == 1:
        return SteadyCount(count=course[0].count, sd=course[0].sd)
    weights_s = _weights_s(course, window_s=window_s)
    total_s = sum(weights_s)
    chosen = _upper_median(course, weights_s)
    kept = COMMON_SHARE + (1 - COMMON_SHARE) * _alike(course, weights_s) / total_s**2
    of_median = min(1.0, COMMON_SHARE + pi / 2 * (kept - COMMON_SHARE))
    variance = chosen.sd**2 * of_median + _changed(course, weights_s, chosen.count, window_s / 2)
    return SteadyCount(count=chosen.count, sd=sqrt(variance))


def _weights_s(course: Course, *, window_s: float) -> list[float]:
    since_s = [later.at_s - earlier.at_s for earlier, later in pairwise(course)]
    in_window_s = window_s - (course[-1].at_s - course[0].at_s)
    return [min(since_s[0], in_window_s), *since_s]


def _alike(course: Course, weights_s: list[float]) -> float:
    """Return Σ w_i·w_j·exp(−|t_i − t_j| / f), in one pass over the pictures."""
    alike = earlier_s = 0.0
    at_s = course[0].at_s
    for counted, weight_s in zip(course, weights_s, strict=True):
        earlier_s *= exp((at_s - counted.at_s) / FADES_S)
        alike += weight_s * (weight_s + 2 * earlier_s)
        earlier_s += weight_s
        at_s = counted.at_s
    return alike


def _changed(course: Course, weights_s: list[float], count: float, newest_s: float) -> float:
    """Return the mean squared distance of the newest counts from the combined one."""
    from_s = course[-1].at_s - newest_s
    spread = total_s = 0.0
    for counted, weight_s in zip(course, weights_s, strict=True):
        new_s = min(weight_s, counted.at_s - from_s)
        if new_s > 0:
            spread += new_s * (counted.count - count) ** 2
            total_s += new_s
    return spread / total_s


def _upper_median(course: Course, weights_s: list[float]) -> Counted:
    by_count = sorted(
        zip(course, weights_s, strict=True),
        key=lambda pair: (pair[0].count, pair[0].sd),
        reverse=True,
    )
    half_s = sum(weights_s) / 2 - _INSTANT_S
    reached_s = accumulate(weight_s for _, weight_s in by_count)
    return next(
        counted
        for (counted, _), so_far_s in zip(by_count, reached_s, strict=True)
        if so_far_s >= half_s
    )
