"""The life of an alarm, step by step and on a random walk."""

from itertools import pairwise

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

TIGHT = Evidence(level=Level.TIGHT, value_ppm2=2.5, threshold_ppm2=2.0)
CRITICAL = Evidence(level=Level.CRITICAL, value_ppm2=3.5, threshold_ppm2=3.0)
GONE = Evidence(level=None, value_ppm2=0.5, threshold_ppm2=2.0)


def _raised(evidence: Evidence = TIGHT) -> Alarm:
    return raise_alarm(
        cause="density", subject_id="gate", evidence=evidence, held_s=5.0, now_s=10.0
    )


def _present(alarm: Alarm, evidence: Evidence, now_s: float) -> tuple[Alarm, AlarmEvent | None]:
    return step_alarm(alarm, present=True, evidence=evidence, now_s=now_s)


def _gone(alarm: Alarm, now_s: float) -> tuple[Alarm, AlarmEvent | None]:
    return step_alarm(alarm, present=False, evidence=GONE, now_s=now_s)


def test_an_alarm_acknowledged_and_then_over_is_cleared() -> None:
    known, event = acknowledge(_raised(), by="night_shift", now_s=12.0)
    assert event is AlarmEvent.ACKNOWLEDGED
    assert (known.state, known.acknowledged_by) == (AlarmState.ACKNOWLEDGED, "night_shift")
    cleared, event = _gone(known, 20.0)
    assert event is AlarmEvent.CLEARED
    assert cleared.state is AlarmState.CLEARED
    assert (cleared.returned_at_s, cleared.cleared_at_s) == (20.0, 20.0)


def test_an_alarm_that_nobody_saw_stays_until_somebody_has() -> None:
    returned, event = _gone(_raised(), 20.0)
    assert (returned.state, event) == (AlarmState.RETURNED, AlarmEvent.RETURNED)
    assert _gone(returned, 21.0) == (returned, None)
    cleared, event = acknowledge(returned, by="night_shift", now_s=30.0)
    assert (cleared.state, event) == (AlarmState.CLEARED, AlarmEvent.CLEARED)
    assert (cleared.returned_at_s, cleared.cleared_at_s) == (20.0, 30.0)


def test_a_cause_that_comes_back_makes_no_second_alarm() -> None:
    returned, _ = _gone(_raised(), 20.0)
    assert returned.evidence == TIGHT, "why it was raised stays on it"
    back, event = _present(returned, TIGHT, 25.0)
    assert (back.state, event) == (AlarmState.UNACKNOWLEDGED, AlarmEvent.CAME_BACK)
    assert (back.times, back.returned_at_s, back.raised_at_s) == (2, None, 10.0)


def test_a_worse_level_asks_again() -> None:
    known, _ = acknowledge(_raised(), by="night_shift", now_s=12.0)
    worse, event = _present(known, CRITICAL, 15.0)
    assert (worse.state, event) == (AlarmState.UNACKNOWLEDGED, AlarmEvent.WORSENED)
    assert (worse.acknowledged_by, worse.acknowledged_at_s) == (None, None)
    assert worse.evidence == CRITICAL


def test_a_swing_back_to_a_level_that_was_acknowledged_does_not_ask_again() -> None:
    known, _ = acknowledge(_raised(CRITICAL), by="night_shift", now_s=12.0)
    for second in range(20):
        known, event = _present(known, TIGHT if second % 2 else CRITICAL, 15.0 + second)
        assert event is None
    assert known.state is AlarmState.ACKNOWLEDGED
    assert known.evidence.threshold_ppm2 == 3.0


def test_the_peak_is_the_highest_value_of_its_life() -> None:
    alarm = _raised()
    for value in (2.6, 2.9, 2.2):
        alarm, _ = _present(alarm, Evidence(level=Level.TIGHT, value_ppm2=value), 11.0)
    assert alarm.peak_ppm2 == 2.9
    assert alarm.evidence.value_ppm2 == 2.2


def test_a_silence_alarm_has_no_numbers() -> None:
    silence = Evidence(level=None, camera_id="mast")
    alarm = raise_alarm(cause="silence", subject_id="mast", evidence=silence, held_s=6.0, now_s=1.0)
    stepped, event = _present(alarm, silence, 2.0)
    assert (stepped, event) == (alarm, None)
    assert stepped.peak_ppm2 is None


def test_a_second_acknowledgement_says_who_was_first() -> None:
    known, _ = acknowledge(_raised(), by="night_shift", now_s=12.0)
    with pytest.raises(WrongAlarmState, match="night_shift has acknowledged it already"):
        acknowledge(known, by="Bob", now_s=13.0)


def test_a_cleared_alarm_takes_no_further_step() -> None:
    cleared, _ = acknowledge(_gone(_raised(), 20.0)[0], by="night_shift", now_s=30.0)
    with pytest.raises(WrongAlarmState, match="cleared"):
        _present(cleared, TIGHT, 31.0)
    with pytest.raises(WrongAlarmState, match="still open"):
        acknowledge(cleared, by="night_shift", now_s=31.0)


_ALLOWED = {
    (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED): AlarmEvent.ACKNOWLEDGED,
    (AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED): AlarmEvent.RETURNED,
    (AlarmState.RETURNED, AlarmState.UNACKNOWLEDGED): AlarmEvent.CAME_BACK,
    (AlarmState.RETURNED, AlarmState.CLEARED): AlarmEvent.CLEARED,
    (AlarmState.ACKNOWLEDGED, AlarmState.CLEARED): AlarmEvent.CLEARED,
    (AlarmState.ACKNOWLEDGED, AlarmState.UNACKNOWLEDGED): AlarmEvent.WORSENED,
}


@given(st.lists(st.sampled_from(["tight", "critical", "gone", "acknowledge"]), max_size=40))
def test_on_any_walk_each_step_is_an_allowed_one_and_says_so(steps: list[str]) -> None:
    alarm = _raised()
    course = [alarm]
    for number, step in enumerate(steps):
        before, now_s = alarm, 11.0 + number
        if before.state is AlarmState.CLEARED:
            break
        if step == "acknowledge":
            if before.state is AlarmState.ACKNOWLEDGED:
                continue
            alarm, event = acknowledge(before, by="night_shift", now_s=now_s)
        elif step == "gone":
            alarm, event = _gone(before, now_s)
        else:
            alarm, event = _present(before, TIGHT if step == "tight" else CRITICAL, now_s)
        course.append(alarm)
        if alarm.state is before.state:
            # Worse while nobody has acknowledged it changes no state, but must be heard.
            assert event in (None, AlarmEvent.WORSENED)
        else:
            assert event is _ALLOWED[before.state, alarm.state]
        if step in ("tight", "critical"):
            assert alarm.state in (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED)
        if alarm.state is AlarmState.CLEARED:
            assert alarm.acknowledged_by == "night_shift", "nothing clears without a person"
        # The same word twice in a row would be two alarms to the ear.
        if step != "acknowledge" and alarm.state is not AlarmState.CLEARED:
            again, repeated = (
                _gone(alarm, now_s)
                if step == "gone"
                else _present(alarm, TIGHT if step == "tight" else CRITICAL, now_s)
            )
            assert repeated is None
            assert again == alarm
        assert (alarm.acknowledged_at_s is None) == (alarm.acknowledged_by is None)
        assert (alarm.cleared_at_s is not None) == (alarm.state is AlarmState.CLEARED)
        assert (alarm.state is AlarmState.ACKNOWLEDGED) <= (alarm.acknowledged_by is not None)
    for before, after in pairwise(course):
        assert after.times in (before.times, before.times + 1)
        assert after.raised_at_s == before.raised_at_s
        assert (after.peak_ppm2 or 0) >= (before.peak_ppm2 or 0)
