"""The life of an alarm: every state and every way between them, on recorded times."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.domain.alarm.alarm import (
    ASIDE,
    Alarm,
    AlarmEvent,
    AlarmState,
    Evidence,
    WrongAlarmState,
    acknowledge,
    escalate,
    out_of_service,
    put_in_service,
    raise_alarm,
    shelve,
    step_alarm,
    suppress,
    take_out_of_service,
    unshelve,
    unsuppress,
)
from crowdsafe.domain.alarm.cause import priority_of

TIGHT = Evidence(grade=2, quantity="density_ppm2", value=2.4, value_sd=0.2, limit=2.17, at_s=10.0)
CRITICAL = replace(TIGHT, grade=3, value=3.8, limit=3.57)


def _raised(evidence: Evidence = TIGHT) -> Alarm:
    alarm, event = raise_alarm(
        cause="density", subject_id="gate", evidence=evidence, held_s=3.0, now_s=10.0
    )
    assert event is AlarmEvent.RAISED
    return alarm


def _step(
    alarm: Alarm, *, present: bool = True, evidence: Evidence = TIGHT, now_s: float = 20.0
) -> tuple[Alarm, AlarmEvent | None]:
    return step_alarm(alarm, present=present, evidence=evidence, held_s=3.0, now_s=now_s)


def _acknowledged(evidence: Evidence = TIGHT) -> Alarm:
    return acknowledge(_raised(evidence), by="night_shift", now_s=12.0)[0]


def _shelved() -> Alarm:
    return shelve(_acknowledged(), until_s=100.0, reason="known", by="night_shift", now_s=15.0)[0]


def test_it_is_raised_acknowledged_and_ends_with_its_cause() -> None:
    alarm = _raised()
    assert (alarm.state, alarm.raised_at_s, alarm.held_s, alarm.worst) == (
        AlarmState.UNACKNOWLEDGED,
        10.0,
        3.0,
        2.4,
    )
    alarm, event = acknowledge(alarm, by="night_shift", now_s=12.0)
    assert (alarm.state, event) == (AlarmState.ACKNOWLEDGED, AlarmEvent.ACKNOWLEDGED)
    assert (alarm.acknowledged_by, alarm.acknowledged_at_s) == ("night_shift", 12.0)
    alarm, event = _step(alarm, present=False)
    assert (alarm.state, event, alarm.ended_at_s) == (AlarmState.NORMAL, AlarmEvent.ENDED, 20.0)


def test_it_stays_until_it_is_acknowledged_when_its_cause_has_gone() -> None:
    alarm, event = _step(_raised(), present=False)
    assert (alarm.state, event) == (AlarmState.RETURNED, AlarmEvent.RETURNED)
    assert _step(alarm, present=False, now_s=500.0) == (alarm, None)
    alarm, event = acknowledge(alarm, by="night_shift", now_s=30.0)
    assert (alarm.state, event, alarm.ended_at_s) == (AlarmState.NORMAL, AlarmEvent.ENDED, 30.0)


def test_a_cause_that_comes_back_counts_and_makes_no_second_alarm() -> None:
    alarm = _raised()
    for number in range(20):
        alarm, event = _step(alarm, present=False, now_s=20.0 + 2 * number)
        assert event is AlarmEvent.RETURNED
        alarm, event = _step(alarm, now_s=21.0 + 2 * number)
        assert event is AlarmEvent.CAME_BACK
    assert (alarm.state, alarm.times) == (AlarmState.UNACKNOWLEDGED, 21)
    assert (alarm.first_raised_at_s, alarm.raised_at_s) == (10.0, 59.0)


def test_one_that_has_ended_comes_back_as_the_same_and_calls_again() -> None:
    ended, _ = _step(_acknowledged(CRITICAL), present=False)
    alarm, event = _step(ended, now_s=25.0)
    assert (alarm.state, event, alarm.times) == (
        AlarmState.UNACKNOWLEDGED,
        AlarmEvent.CAME_BACK,
        2,
    )
    # The stretch before does not make this one worse than it is.
    assert (alarm.evidence.grade, alarm.worst) == (2, 2.4)
    assert (alarm.acknowledged_by, alarm.ended_at_s) == (None, None)


def test_what_gets_worse_asks_again() -> None:
    alarm, event = _step(_acknowledged(), evidence=CRITICAL)
    assert (alarm.state, event, alarm.priority) == (
        AlarmState.UNACKNOWLEDGED,
        AlarmEvent.WORSENED,
        "high",
    )
    assert alarm.acknowledged_by is None


def test_a_swing_back_to_the_worst_that_was_acknowledged_does_not_ask_again() -> None:
    alarm = _acknowledged(CRITICAL)
    alarm, event = _step(alarm, evidence=TIGHT)
    assert event is None
    assert (alarm.evidence.grade, alarm.evidence.value, alarm.evidence.limit) == (3, 2.4, 3.57)
    assert _step(alarm, evidence=CRITICAL)[1] is None


def test_the_worst_value_is_the_highest_and_of_a_time_the_shortest() -> None:
    alarm, _ = _step(_raised(), evidence=replace(TIGHT, value=3.0))
    alarm, _ = _step(alarm, evidence=replace(TIGHT, value=2.5))
    assert alarm.worst == 3.0
    soon = Evidence(quantity="time_to_limit_min", value=4.0)
    alarm, _ = raise_alarm(cause="forecast", subject_id="gate", evidence=soon, held_s=0, now_s=0)
    alarm, _ = _step(alarm, evidence=replace(soon, value=2.0))
    alarm, _ = _step(alarm, evidence=replace(soon, value=5.0))
    assert alarm.worst == 2.0


def test_a_shelved_alarm_is_quiet_and_comes_back_when_its_time_is_over() -> None:
    alarm = _shelved()
    assert alarm.aside is not None
    assert (alarm.state, alarm.aside.until_s, alarm.aside.reason, alarm.aside.by) == (
        AlarmState.SHELVED,
        100.0,
        "known",
        "night_shift",
    )
    alarm, event = _step(alarm, evidence=replace(TIGHT, value=2.6))
    assert (event, alarm.evidence.value) == (None, 2.6)
    alarm, event = unshelve(alarm, now_s=100.0)
    assert (alarm.state, event, alarm.aside) == (
        AlarmState.UNACKNOWLEDGED,
        AlarmEvent.UNSHELVED,
        None,
    )


def test_a_shelved_alarm_whose_cause_has_gone_ends_with_its_time() -> None:
    alarm, event = _step(_shelved(), present=False)
    assert (alarm.state, event) == (AlarmState.SHELVED, None)
    alarm, event = unshelve(alarm, now_s=100.0)
    assert (alarm.state, event, alarm.ended_at_s) == (
        AlarmState.NORMAL,
        AlarmEvent.UNSHELVED,
        100.0,
    )


def test_shelving_does_not_cover_what_is_worse() -> None:
    alarm, event = _step(_shelved(), evidence=CRITICAL)
    assert (alarm.state, event, alarm.aside) == (
        AlarmState.UNACKNOWLEDGED,
        AlarmEvent.WORSENED,
        None,
    )


def test_a_rule_suppresses_and_lets_go() -> None:
    alarm, event = suppress(_raised(), reason="density stands", now_s=11.0)
    assert (alarm.state, event) == (AlarmState.SUPPRESSED, AlarmEvent.SUPPRESSED)
    assert alarm.aside is not None
    assert alarm.aside.by is None
    assert _step(alarm, evidence=CRITICAL)[1] is None
    back, event = unsuppress(alarm, now_s=30.0)
    assert (back.state, event) == (AlarmState.UNACKNOWLEDGED, AlarmEvent.UNSUPPRESSED)
    gone, _ = _step(alarm, present=False)
    assert unsuppress(gone, now_s=30.0)[0].state is AlarmState.NORMAL


def test_one_out_of_service_never_calls_until_it_is_put_back() -> None:
    alarm, event = out_of_service(
        cause="silence", subject_id="mast_1", reason="new lens", by="organiser", now_s=5.0
    )
    assert (alarm.state, event, alarm.present) == (
        AlarmState.OUT_OF_SERVICE,
        AlarmEvent.OUT_OF_SERVICE,
        False,
    )
    alarm, event = _step(alarm, evidence=Evidence())
    assert (alarm.state, event, alarm.present) == (AlarmState.OUT_OF_SERVICE, None, True)
    alarm, event = put_in_service(alarm, now_s=50.0)
    assert (alarm.state, event) == (AlarmState.UNACKNOWLEDGED, AlarmEvent.IN_SERVICE)
    assert (
        put_in_service(
            out_of_service(cause="silence", subject_id="m", reason="x", by="o", now_s=5.0)[0],
            now_s=6.0,
        )[0].state
        is AlarmState.NORMAL
    )


def test_escalation_counts_and_begins_anew_with_each_call() -> None:
    alarm, event = escalate(_raised())
    assert (alarm.escalated, event) == (1, AlarmEvent.ESCALATED)
    alarm, _ = _step(alarm, evidence=CRITICAL)
    assert alarm.escalated == 0


_Do = Callable[[Alarm], object]
_DEEDS: dict[str, _Do] = {
    "acknowledge": lambda alarm: acknowledge(alarm, by="x", now_s=30),
    "shelve": lambda alarm: shelve(alarm, until_s=99, reason="why", by="x", now_s=30),
    "unshelve": lambda alarm: unshelve(alarm, now_s=30),
    "suppress": lambda alarm: suppress(alarm, reason="why", now_s=30),
    "unsuppress": lambda alarm: unsuppress(alarm, now_s=30),
    "take_out": lambda alarm: take_out_of_service(alarm, reason="why", by="x", now_s=30),
    "put_in": lambda alarm: put_in_service(alarm, now_s=30),
    "escalate": escalate,
}
_ALLOWED = {
    AlarmState.NORMAL: {"take_out"},
    AlarmState.UNACKNOWLEDGED: {"acknowledge", "shelve", "suppress", "take_out", "escalate"},
    AlarmState.ACKNOWLEDGED: {"shelve", "suppress", "take_out"},
    AlarmState.RETURNED: {"acknowledge", "shelve", "suppress", "take_out"},
    AlarmState.SHELVED: {"unshelve", "take_out"},
    AlarmState.SUPPRESSED: {"unsuppress", "take_out"},
    AlarmState.OUT_OF_SERVICE: {"put_in"},
}


@pytest.mark.parametrize("state", AlarmState)
@pytest.mark.parametrize("deed", _DEEDS)
def test_what_a_state_does_not_allow_is_refused(state: AlarmState, deed: str) -> None:
    alarm = replace(_raised(), state=state)
    if deed in _ALLOWED[state]:
        _DEEDS[deed](alarm)
    else:
        with pytest.raises(WrongAlarmState, match="alarm: "):
            _DEEDS[deed](alarm)


def test_the_end_of_shelving_lies_in_the_future() -> None:
    with pytest.raises(WrongAlarmState, match="future"):
        shelve(_raised(), until_s=30.0, reason="why", by="x", now_s=30.0)


_WALK = st.lists(
    st.one_of(
        st.tuples(st.just("step"), st.booleans(), st.sampled_from([2, 3])),
        st.tuples(st.sampled_from(sorted(_DEEDS)), st.just(True), st.just(2)),
    ),
    max_size=40,
)


@given(_WALK)
def test_no_walk_loses_a_cause_that_nobody_knows_of(
    walk: list[tuple[str, bool, int]],
) -> None:
    alarm = _raised()
    for what, present, grade in walk:
        if what == "step":
            alarm, _ = _step(alarm, present=present, evidence=replace(TIGHT, grade=grade))
        elif what in _ALLOWED[alarm.state]:
            stepped = _DEEDS[what](alarm)
            assert isinstance(stepped, tuple)
            alarm = stepped[0]
        assert (alarm.aside is not None) == (alarm.state in ASIDE)
        if alarm.present:
            assert alarm.state is not AlarmState.NORMAL
            assert alarm.state is not AlarmState.RETURNED
        if alarm.state is AlarmState.ACKNOWLEDGED:
            assert alarm.acknowledged_by is not None
        assert (alarm.ended_at_s is not None) == (alarm.state is AlarmState.NORMAL)


def test_priorities_follow_what_hurts_and_how_soon() -> None:
    assert [priority_of("density", grade) for grade in (2, 3)] == ["medium", "high"]
    assert [priority_of("weather", grade) for grade in (1, 2, 3, 4)] == [
        "low",
        "medium",
        "high",
        "high",
    ]
    assert priority_of("pressure", 1) == "high"
    assert priority_of("silence", 1) == "low"
