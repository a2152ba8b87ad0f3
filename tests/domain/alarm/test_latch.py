"""One limit: reached and left with hysteresis and delays, on recorded times."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.domain.alarm.latch import Latch, Limit, interrupt_latch, step_latch
from crowdsafe.errors import BadInput

LIMIT = Limit(begins=5.0, hysteresis=0.5, rise_s=3.0, fall_s=6.0)


def _after(values: list[float], *, step_s: float = 1.0, latch: Latch | None = None) -> list[bool]:
    latch = latch or Latch()
    states = []
    for number, value in enumerate(values):
        latch = step_latch(latch, value=value, limit=LIMIT, now_s=number * step_s)
        states.append(latch.on)
    return states


def test_it_turns_on_after_its_rise_delay() -> None:
    assert _after([5.0] * 5) == [False, False, False, True, True]


def test_it_turns_off_after_its_fall_delay_and_only_below_the_hysteresis() -> None:
    on = Latch(on=True)
    assert _after([4.6] * 20, latch=on) == [True] * 20
    assert _after([4.4] * 8, latch=on) == [True] * 6 + [False] * 2


def test_one_value_over_and_the_rest_within_the_hysteresis_turns_nothing() -> None:
    assert not any(_after([4.6, 9.0, *[4.6] * 30]))


def test_two_values_beyond_the_hysteresis_begin_anew() -> None:
    assert _after([5.1, 5.1, 5.1, 4.0, 4.0, 5.1, 5.1, 5.1, 5.1]) == [False] * 8 + [True]


def test_one_value_beyond_the_hysteresis_holds_nothing_up() -> None:
    assert _after([5.1, 4.0, 5.1, 5.1]) == [False] * 3 + [True]


def test_an_outlier_now_and_then_turns_nothing() -> None:
    assert not any(_after([9.0, 1.0, 1.0, 1.0, 9.0, 1.0, 1.0] * 20))


def _course_of(*stretches: tuple[float, int]) -> list[tuple[int, bool]]:
    """Return when it turned, and to what."""
    values = [value for value, seconds in stretches for _ in range(seconds)]
    states = [False, *_after(values)]
    return [
        (second, now) for second, (before, now) in enumerate(pairwise(states)) if before is not now
    ]


def test_what_comes_back_soon_ends_later_each_time() -> None:
    back = (5.0, 10), (4.0, 60)
    turns = _course_of(*back * 6)
    ends_s = [second - 70 * number - 10 for number, (second, now) in enumerate(turns[1::2])]
    assert ends_s == [6, 12, 24, 48, 48, 48]
    assert [second % 70 for second, now in turns[::2]] == [3] * 6, "and begins as soon as ever"


def test_what_comes_back_late_ends_as_if_it_were_the_first_time() -> None:
    turns = _course_of((5.0, 10), (4.0, 20), (5.0, 10), (4.0, 650), (5.0, 10), (4.0, 20))
    ends_s = [second for second, now in turns if not now]
    assert [ends_s[0] - 10, ends_s[1] - 40, ends_s[2] - 700] == [6, 12, 6]


def test_an_interruption_forgets_the_delay_and_not_that_it_came_back() -> None:
    latch = Latch(on=True, runs=((1.0, True),), missed=True, doublings=2)
    assert interrupt_latch(latch) == Latch(on=True, doublings=2)


def test_values_that_are_over_half_of_the_time_turn_it_on() -> None:
    assert _after([5.1, 4.9, 5.1, 5.1, 5.1])[-1]
    assert not _after([5.1, 4.9, 4.9, 4.9, 5.1])[-1]


@given(st.lists(st.floats(0, 10, allow_nan=False), max_size=80))
def test_what_is_kept_stays_short(values: list[float]) -> None:
    latch = Latch()
    for number, value in enumerate(values):
        latch = step_latch(latch, value=value, limit=LIMIT, now_s=number * 0.5)
        assert len(latch.runs) <= 8 * LIMIT.fall_s / 0.5 + 2


@pytest.mark.parametrize("hysteresis", [5.0, -0.1, float("nan")])
def test_a_limit_that_could_never_end_is_refused(hysteresis: float) -> None:
    with pytest.raises(BadInput, match="hysteresis"):
        Limit(begins=5.0, hysteresis=hysteresis, rise_s=1, fall_s=1)
