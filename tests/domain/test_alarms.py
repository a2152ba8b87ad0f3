"""The life of an alarm."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.domain.alarms import (
    Alarm,
    AlarmEvent,
    AlarmState,
    Evidence,
    WrongAlarmState,
    acknowledge,
    raise_alarm,
    step_alarm,
)
from crowdsafe.domain.levels import Level

_TIGHT = Evidence(level=Level.TIGHT, value_ppm2=2.3, threshold_ppm2=2.0)
_CRITICAL = Evidence(level=Level.CRITICAL, value_ppm2=3.3, threshold_ppm2=3.0)
_GONE = Evidence(level=None, value_ppm2=0.5, threshold_ppm2=2.0)


def _raised() -> Alarm:
    return raise_alarm(cause="density", subject_id="gate", evidence=_TIGHT, held_s=3.0, now_s=10.0)


def test_acknowledged_then_gone_is_cleared() -> None:
    alarm, event = acknowledge(_raised(), by="olga", now_s=12.0)
    assert (alarm.state, alarm.acknowledged_by, event) == (
        AlarmState.ACKNOWLEDGED,
        "olga",
        AlarmEvent.ACKNOWLEDGED,
    )
    alarm, happened = step_alarm(alarm, present=False, evidence=_GONE, now_s=20.0)
    assert (alarm.state, alarm.cleared_at_s, happened) == (
        AlarmState.CLEARED,
        20.0,
        AlarmEvent.CLEARED,
    )
    with pytest.raises(WrongAlarmState):
        step_alarm(alarm, present=True, evidence=_TIGHT, now_s=21.0)


def test_gone_before_anyone_saw_it_still_asks_for_a_person() -> None:
    alarm, happened = step_alarm(_raised(), present=False, evidence=_GONE, now_s=20.0)
    assert (alarm.state, happened) == (AlarmState.RETURNED, AlarmEvent.RETURNED)
    assert alarm.evidence == _TIGHT, "why it was raised stays on it"
    alarm, event = acknowledge(alarm, by="olga", now_s=30.0)
    assert (alarm.state, event) == (AlarmState.CLEARED, AlarmEvent.CLEARED)


def test_a_cause_that_comes_back_makes_no_second_alarm() -> None:
    alarm, _ = step_alarm(_raised(), present=False, evidence=_GONE, now_s=20.0)
    alarm, happened = step_alarm(alarm, present=True, evidence=_TIGHT, now_s=25.0)
    assert (alarm.state, alarm.times, happened) == (
        AlarmState.UNACKNOWLEDGED,
        2,
        AlarmEvent.CAME_BACK,
    )


def test_a_worse_level_asks_again_and_a_swing_back_does_not() -> None:
    alarm, _ = acknowledge(_raised(), by="olga", now_s=12.0)
    alarm, happened = step_alarm(alarm, present=True, evidence=_CRITICAL, now_s=15.0)
    assert (alarm.state, happened, alarm.acknowledged_by) == (
        AlarmState.UNACKNOWLEDGED,
        AlarmEvent.WORSENED,
        None,
    )
    alarm, _ = acknowledge(alarm, by="olga", now_s=16.0)
    for now_s, evidence in ((17.0, _TIGHT), (18.0, _CRITICAL), (19.0, _TIGHT)):
        alarm, happened = step_alarm(alarm, present=True, evidence=evidence, now_s=now_s)
        assert (alarm.state, happened) == (AlarmState.ACKNOWLEDGED, None)
    assert alarm.peak_ppm2 == 3.3
    assert alarm.evidence.value_ppm2 == 2.3


def test_an_acknowledged_or_cleared_alarm_is_not_acknowledged_again() -> None:
    alarm, _ = acknowledge(_raised(), by="olga", now_s=12.0)
    with pytest.raises(WrongAlarmState, match="olga has acknowledged it already"):
        acknowledge(alarm, by="vera", now_s=13.0)
    with pytest.raises(WrongAlarmState, match="it is cleared"):
        acknowledge(replace(alarm, state=AlarmState.CLEARED), by="vera", now_s=13.0)


@given(st.lists(st.sampled_from(["tight", "critical", "gone", "acknowledge"]), max_size=40))
def test_whatever_happens_an_open_cause_is_never_off_the_list(steps: list[str]) -> None:
    alarm = _raised()
    for number, step in enumerate(steps):
        now_s = 11.0 + number
        if alarm.state is AlarmState.CLEARED:
            return
        if step == "acknowledge":
            if alarm.state is AlarmState.ACKNOWLEDGED:
                continue
            alarm, _ = acknowledge(alarm, by="olga", now_s=now_s)
            continue
        present = step != "gone"
        evidence = {"tight": _TIGHT, "critical": _CRITICAL, "gone": _GONE}[step]
        alarm, _ = step_alarm(alarm, present=present, evidence=evidence, now_s=now_s)
        if present:
            assert alarm.state in (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED)
        if alarm.state is AlarmState.CLEARED:
            assert alarm.acknowledged_by == "olga", "nothing clears without a person"
