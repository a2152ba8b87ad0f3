"""The alarms of a site: one for each cause and subject, grouped, shelved, escalated, counted."""

import pytest

from crowdsafe.domain.alarm.alarm import AlarmEvent, AlarmState, Evidence, WrongAlarmState
from crowdsafe.domain.alarm.cause import Cause
from crowdsafe.domain.alarm.escalation import EscalationStep
from crowdsafe.domain.alarm.measure_use import MeasureUse
from crowdsafe.hub.state.alarm_list import AGAIN_WITHIN_S, AlarmList, UnknownAlarm
from crowdsafe.hub.state.changes import AlarmChange

NEAR = {"gate": frozenset({"path"}), "path": frozenset({"gate"}), "far": frozenset[str]()}
LADDER = (
    EscalationStep(60.0, frozenset({"high", "medium"})),
    EscalationStep(180.0, frozenset({"high", "medium"})),
)


def _list() -> AlarmList:
    return AlarmList(neighbours=NEAR, ladder=LADDER)


def _judge(
    alarms: AlarmList,
    now_s: float,
    subject: str = "gate",
    cause: Cause = "density",
    *,
    present: bool = True,
    grade: int = 2,
    suppressed: str | None = None,
) -> tuple[AlarmChange, ...]:
    return alarms.judge(
        cause,
        subject,
        present=present,
        evidence=Evidence(grade=grade, value=float(grade)),
        held_s=3.0,
        now_s=now_s,
        suppressed=suppressed,
    )


def _events(changes: tuple[AlarmChange, ...]) -> list[AlarmEvent | None]:
    return [change.event for change in changes]


def test_neighbours_that_rise_together_name_the_one_that_came_first() -> None:
    alarms = _list()
    _judge(alarms, 0, "gate")
    _judge(alarms, 30, "path")
    _judge(alarms, 40, "path", "peak")
    _judge(alarms, 40, "far")
    firsts = {(alarm.subject_id, alarm.cause): alarm.first_out_id for _, alarm in alarms.items()}
    assert firsts == {
        ("gate", "density"): None,
        ("path", "density"): 1,
        ("path", "peak"): 1,
        ("far", "density"): None,
    }


def test_a_neighbour_that_rises_much_later_is_an_event_of_its_own() -> None:
    alarms = _list()
    _judge(alarms, 0, "gate")
    _judge(alarms, 121, "path")
    assert alarms.get(2).first_out_id is None


def test_a_silent_camera_is_no_part_of_a_crowd() -> None:
    alarms = _list()
    _judge(alarms, 0, "gate")
    _judge(alarms, 1, "gate", "silence")
    assert alarms.get(2).first_out_id is None


def test_what_ended_lately_comes_back_with_its_number_and_later_with_a_new_one() -> None:
    alarms = _list()
    _judge(alarms, 0)
    alarms.acknowledge(1, by="x", now_s=1)
    _judge(alarms, 10, present=False)
    assert alarms.items() == ()
    (change,) = _judge(alarms, 10 + AGAIN_WITHIN_S)
    assert (change.id, change.event, change.alarm.times) == (1, AlarmEvent.CAME_BACK, 2)
    alarms.acknowledge(1, by="x", now_s=400)
    _judge(alarms, 410, present=False)
    alarms.tick(now_s=411 + AGAIN_WITHIN_S)
    (change,) = _judge(alarms, 411 + AGAIN_WITHIN_S)
    assert (change.id, change.event, change.alarm.times) == (2, AlarmEvent.RAISED, 1)


def test_nobody_acknowledges_and_it_goes_up_the_ladder_step_by_step() -> None:
    alarms = _list()
    _judge(alarms, 0)
    assert alarms.escalates_at_s(alarms.get(1)) == 60.0
    assert alarms.tick(now_s=59.9) == ()
    (change,) = alarms.tick(now_s=60)
    assert (change.event, change.alarm.escalated) == (AlarmEvent.ESCALATED, 1)
    assert alarms.tick(now_s=61) == ()
    (change,) = alarms.tick(now_s=180)
    assert change.alarm.escalated == 2
    assert alarms.escalates_at_s(alarms.get(1)) is None
    assert alarms.tick(now_s=9999) == ()


def test_an_acknowledged_and_a_low_alarm_go_to_nobody() -> None:
    alarms = _list()
    _judge(alarms, 0)
    alarms.acknowledge(1, by="x", now_s=1)
    _judge(alarms, 0, "mast", "silence", grade=1)
    assert alarms.tick(now_s=9999) == ()


def test_the_end_of_shelving_brings_it_back() -> None:
    alarms = _list()
    _judge(alarms, 0)
    alarms.shelve(1, until_s=100, reason="parade", by="x", now_s=5)
    assert alarms.tick(now_s=99) == ()
    (change,) = alarms.tick(now_s=100)
    assert (change.event, change.alarm.state) == (
        AlarmEvent.UNSHELVED,
        AlarmState.UNACKNOWLEDGED,
    )
    # The ladder begins with the new call.
    assert alarms.escalates_at_s(change.alarm) == 160.0


def test_a_rule_sets_aside_and_lets_go() -> None:
    alarms = _list()
    assert _events(_judge(alarms, 0, cause="rise", suppressed="density_stands")) == [
        AlarmEvent.SUPPRESSED
    ]
    assert alarms.load(operators=1, now_s=1).last_10_min == 0
    assert _events(_judge(alarms, 5, cause="rise")) == [AlarmEvent.UNSUPPRESSED]
    assert alarms.load(operators=1, now_s=6).last_10_min == 1
    assert _events(_judge(alarms, 8, cause="rise", suppressed="density_stands")) == [
        AlarmEvent.SUPPRESSED
    ]


def test_a_shelved_one_stays_shelved_under_a_rule() -> None:
    alarms = _list()
    _judge(alarms, 0, cause="rise")
    alarms.shelve(1, until_s=100, reason="parade", by="x", now_s=5)
    _judge(alarms, 6, cause="rise", suppressed="density_stands")
    assert alarms.get(1).state is AlarmState.SHELVED


def test_out_of_service_before_and_while_it_stands() -> None:
    alarms = _list()
    change = alarms.take_out_of_service("silence", "mast", reason="new lens", by="o", now_s=0)
    assert _judge(alarms, 5, "mast", "silence")[0].event is None
    with pytest.raises(WrongAlarmState, match="already"):
        alarms.take_out_of_service("silence", "mast", reason="new lens", by="o", now_s=6)
    assert alarms.put_in_service(change.id, by="o", now_s=9).alarm.state is (
        AlarmState.UNACKNOWLEDGED
    )
    _judge(alarms, 10)
    assert alarms.take_out_of_service("density", "gate", reason="closed", by="o", now_s=11).id == 2


def test_an_unknown_number_is_refused() -> None:
    alarms = _list()
    with pytest.raises(UnknownAlarm, match="alarm 7"):
        alarms.acknowledge(7, by="x", now_s=0)


def _use(number: int = 1) -> MeasureUse:
    return MeasureUse(
        measure_id="hold_gate_1",
        notice_id=f"n{number}",
        confirmed_at_s=5,
        confirmed_by="x",
        delivery="waiting",
    )


def test_a_confirmed_measure_shows_what_became_of_it() -> None:
    alarms = _list()
    _judge(alarms, 0)
    assert alarms.confirm(1, _use(), now_s=5).by == "x"
    with pytest.raises(WrongAlarmState, match="on its way"):
        alarms.confirm(1, _use(2), now_s=6)
    (change,) = alarms.deliver("n1", delivery="received", detail="mast 1", at_s=7, now_s=7)
    alarms.deliver("n1", delivery="sent", detail="", at_s=6, now_s=8)
    assert [(use.delivery, use.detail) for use in alarms.get(1).measures] == [
        ("received", "mast 1")
    ]
    assert change.id == 1
    alarms.confirm(1, _use(3), now_s=9)
    assert alarms.deliver("unknown", delivery="sent", detail="", at_s=7, now_s=7) == ()


def test_a_receipt_that_comes_after_the_alarm_ended_is_noted() -> None:
    alarms = _list()
    _judge(alarms, 0)
    alarms.confirm(1, _use(), now_s=5)
    alarms.acknowledge(1, by="x", now_s=6)
    _judge(alarms, 7, present=False)
    (change,) = alarms.deliver("n1", delivery="sent", detail="", at_s=8, now_s=8)
    assert (change.alarm.state, change.alarm.measures[0].delivery) == (AlarmState.NORMAL, "sent")
    assert alarms.items() == ()


def test_the_load_counts_calls_and_names_a_flood() -> None:
    alarms = _list()
    for number in range(12):
        _judge(alarms, number, f"zone_{number}", grade=3 if number == 0 else 2)
    load = alarms.load(operators=1, now_s=20)
    assert (load.last_10_min, load.last_hour, load.name) == (12, 12, "flood")
    assert load.high_share == pytest.approx(1 / 12)
    assert alarms.load(operators=3, now_s=20).name == "manageable"
    assert alarms.load(operators=0, now_s=20).per_operator_10_min is None
    assert alarms.load(operators=1, now_s=605).last_10_min == 6
    assert alarms.load(operators=1, now_s=4000).name == "quiet"


def test_after_a_restart_numbers_go_on_and_what_ended_lately_is_known() -> None:
    alarms = _list()
    _judge(alarms, 0)
    alarms.acknowledge(1, by="x", now_s=1)
    (ended,) = _judge(alarms, 10, present=False)
    _judge(alarms, 11, "path")
    new = _list()
    new.restore([(1, ended.alarm), *alarms.items()], next_id=3)
    assert new.items() == alarms.items()
    assert _judge(new, 20)[0].id == 1
    assert _judge(new, 20, "far")[0].id == 3
    assert new.load(operators=1, now_s=20).last_10_min == 4
