"""Crossings are added up, and a flow is told only while somebody counts."""

import pytest

from crowdsafe.contract.readings import LineReading
from crowdsafe.hub.state.line_tally import LineTally


def _counted(seconds: int, *, into: float = 1.0) -> LineTally:
    tally = LineTally("gate")
    for second in range(1, seconds + 1):
        reading = LineReading(line_id="gate", into=into, out=0.5, span_s=1.0)
        tally.add(reading, at_s=1000.0 + second)
    return tally


def test_nothing_is_known_of_a_line_that_nobody_counts() -> None:
    state = LineTally("gate").state(now_s=1000.0, unknown_after_s=5.0)
    assert (state.into, state.into_per_min, state.counted_at_s) == (0.0, None, None)


def test_the_flow_is_that_of_the_last_minute() -> None:
    tally = _counted(100)
    tally.add(LineReading(line_id="gate", into=31.0, out=0.0, span_s=1.0), at_s=1101.0)
    state = tally.state(now_s=1102.0, unknown_after_s=5.0)
    assert state.into == pytest.approx(131.0)
    assert state.into_per_min == pytest.approx(59.0 + 31.0)
    assert state.out_per_min == pytest.approx(29.5)


def test_seconds_make_no_minute() -> None:
    assert _counted(9).state(now_s=1009.0, unknown_after_s=5.0).into_per_min is None
    assert _counted(10).state(now_s=1010.0, unknown_after_s=5.0).into_per_min == pytest.approx(60.0)


def test_time_in_which_nobody_counted_is_no_time_without_people() -> None:
    """A gap shortens the span that the flow is over."""
    tally = _counted(20)
    tally.add(LineReading(line_id="gate", into=1.0, out=0.5, span_s=1.0), at_s=1050.0)
    assert tally.state(now_s=1050.0, unknown_after_s=5.0).into_per_min == pytest.approx(60.0)


def test_a_silent_line_keeps_its_sum_and_loses_its_flow() -> None:
    state = _counted(30).state(now_s=1036.0, unknown_after_s=5.0)
    assert (state.into, state.into_per_min) == (30.0, None)
