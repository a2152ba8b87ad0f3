"""Alarms as they are now, and those that ended."""

from typing import Any

import pytest

from crowdsafe.hub.store import AlarmEventRow, Batch, KeepDays, Store
from tests.hub.store.making import ended, make_alarm, raised

DAY_S = 86400.0


def _put(store: Store, *alarms: Any) -> None:
    store.write(Batch(alarms=tuple(raised(alarm) for alarm in alarms)))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"value": 0.1 + 0.2, "detail": "Über uns: „zu eng“ \0 \N{PILE OF POO}"},
        {
            "cause": "silence",
            "subject_id": "view_001",
            "zone_id": None,
            "quantity": None,
            "value": None,
        },
        {
            "state": "shelved",
            "aside": {"since_s": 1.0, "until_s": 9.0, "by": "guest", "reason": "the parade"},
            "measures": (
                {
                    "measure_id": "slow_down",
                    "notice_id": "m-1",
                    "confirmed_at_s": 4.0,
                    "confirmed_by": "guest",
                    "delivery": "waiting",
                },
            ),
        },
    ],
    ids=["density", "odd", "silence", "shelved"],
)
def test_an_alarm_comes_back_as_it_went_in(store: Store, changes: dict[str, Any]) -> None:
    alarm = make_alarm(7, **changes)
    _put(store, alarm)
    assert store.alarms.open_alarms() == (alarm,)
    assert store.alarms.next_alarm_id() == 8


def test_the_first_alarm_has_number_one(store: Store) -> None:
    assert store.alarms.next_alarm_id() == 1


def test_of_a_batch_the_last_state_of_an_alarm_holds(store: Store) -> None:
    first, second = make_alarm(1), make_alarm(1, state="acknowledged", value=4.5)
    store.write(Batch(alarms=(raised(first), AlarmEventRow(second, None, 2.0))))
    assert store.alarms.open_alarms() == (second,)


def test_an_alarm_that_ended_is_no_longer_open_but_still_there(store: Store) -> None:
    _put(store, *(make_alarm(number) for number in range(1, 5)))
    # The alarm that ended last is the newest, whatever its number.
    _put(store, ended(3, ended_at_s=200.0), ended(2, ended_at_s=300.0))
    assert [alarm.id for alarm in store.alarms.open_alarms()] == [1, 4]
    assert [alarm.id for alarm in store.alarms.ended_alarms(newest=5)] == [2, 3]
    assert [alarm.id for alarm in store.alarms.ended_alarms(newest=1)] == [2]


def test_an_alarm_that_is_set_aside_is_still_open(store: Store) -> None:
    for number, state in enumerate(("shelved", "suppressed", "out_of_service"), start=1):
        _put(store, make_alarm(number, state=state))
    assert len(store.alarms.open_alarms()) == 3


def test_alarms_are_found_by_when_they_were_there_and_what_they_are(store: Store) -> None:
    _put(
        store,
        ended(1, raised_at_s=100.0, ended_at_s=200.0),
        ended(2, raised_at_s=150.0, ended_at_s=400.0, zone_id="gate", subject_id="gate"),
        make_alarm(3, first_raised_at_s=180.0, raised_at_s=350.0, cause="peak", priority="low"),
        make_alarm(4, first_raised_at_s=500.0),
    )

    def found(**asked: Any) -> list[int]:
        given = {"from_s": 0.0, "to_s": 1000.0, "newest": 10, **asked}
        return [alarm.id for alarm in store.alarms.search(**given)]

    assert found() == [4, 3, 2, 1]
    assert found(newest=2) == [4, 3]
    assert found(to_s=120.0) == [1]
    assert found(from_s=250.0, to_s=450.0) == [3, 2]
    assert found(from_s=200.0, to_s=200.0) == [3, 2, 1]
    assert found(zone_id="gate") == [2]
    assert found(cause="peak") == [3]
    assert found(priority="low") == [3]
    assert found(zone_id="junction", cause="density", priority="high") == [4, 1]
    assert found(from_s=900.0, to_s=100.0) == []


def test_warnings_are_kept_as_long_as_their_alarm(store: Store) -> None:
    _put(store, ended(1, ended_at_s=200.0), make_alarm(2))
    store.write(Batch(warnings=((1, "old"), (2, "draft"))))
    store.write(Batch(warnings=((2, "sent"), (2, "updated"))))
    assert sorted(store.warnings.all()) == ["old", "updated"]
    store.forget(5000 * DAY_S, KeepDays())
    assert store.warnings.all() == ("updated",)


def test_ended_alarms_are_forgotten_and_no_number_comes_twice(store: Store) -> None:
    _put(store, ended(1, ended_at_s=200.0), make_alarm(2), ended(3, ended_at_s=300.0))
    store.forget(5000 * DAY_S, KeepDays())
    assert [alarm.id for alarm in store.alarms.open_alarms()] == [2]
    assert [alarm.id for alarm in store.alarms.ended_alarms(newest=5)] == [3]
    assert store.alarms.next_alarm_id() == 4
