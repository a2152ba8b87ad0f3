"""One limit: reached and left with hysteresis and delays, on recorded times."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.domain.alarm.latch import Latch, Limit, step_latch
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


def test_a_value_beyond_the_hysteresis_begins_anew() -> None:
    assert _after([5.1, 5.1, 5.1, 4.0, 5.1, 5.1, 5.1, 5.1]) == [False] * 7 + [True]


def test_values_that_are_over_half_of_the_time_turn_it_on() -> None:
    assert _after([5.1, 4.9, 5.1, 5.1, 5.1])[-1]
    assert not _after([5.1, 4.9, 4.9, 4.9, 5.1])[-1]


@given(st.lists(st.floats(0, 10, allow_nan=False), max_size=80))
def test_what_is_kept_stays_short(values: list[float]) -> None:
    latch = Latch()
    for number, value in enumerate(values):
        latch = step_latch(latch, value=value, limit=LIMIT, now_s=number * 0.5)
        assert len(latch.runs) <= LIMIT.fall_s / 0.5 + 2


@pytest.mark.parametrize("hysteresis", [5.0, -0.1, float("nan")])
def test_a_limit_that_could_never_end_is_refused(hysteresis: float) -> None:
    with pytest.raises(BadInput, match="hysteresis"):
        Limit(begins=5.0, hysteresis=hysteresis, rise_s=1, fall_s=1)
