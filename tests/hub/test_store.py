"""What is kept, and what a restart finds."""

from pathlib import Path

import pytest

from crowdsafe.domain.alarms import Alarm, AlarmState, Evidence
from crowdsafe.domain.levels import Latch, Level, LevelState
from crowdsafe.errors import BadInput
from crowdsafe.hub.alarm_view import from_message, to_message
from crowdsafe.hub.store import AlarmEventRow, Batch, Store

_ALARM = Alarm(
    cause="density",
    subject_id="junction",
    state=AlarmState.ACKNOWLEDGED,
    evidence=Evidence(
        level=Level.CRITICAL,
        value_ppm2=3.1,
        value_sd_ppm2=0.2,
        threshold_ppm2=3.0,
        seen_share=0.9,
        camera_id="view_001",
    ),
    raised_at_s=100.0,
    held_s=5.0,
    peak_ppm2=3.4,
    times=2,
    acknowledged_at_s=110.0,
    acknowledged_by="night_shift",
)


def test_an_alarm_comes_back_from_the_store_as_it_went_in(store: Store) -> None:
    store.write(Batch(alarms=(AlarmEventRow(to_message(7, _ALARM), "acknowledged", 110.0),)))
    (message,) = store.open_alarms()
    assert (message.id, from_message(message)) == (7, _ALARM)
    assert store.alarm_events(7) == (("acknowledged", 110.0),)
    assert store.next_alarm_id() == 8


def test_a_silence_alarm_comes_back_as_it_went_in(store: Store) -> None:
    alarm = Alarm(
        cause="silence",
        subject_id="view_001",
        state=AlarmState.UNACKNOWLEDGED,
        evidence=Evidence(level=None, camera_id="view_001"),
        raised_at_s=100.0,
        held_s=5.0,
        peak_ppm2=None,
    )
    store.write(Batch(alarms=(AlarmEventRow(to_message(1, alarm), "raised", 100.0),)))
    assert from_message(store.open_alarms()[0]) == alarm


def test_a_cleared_alarm_is_no_longer_open_but_still_there(store: Store) -> None:
    for number in range(1, 4):
        store.write(Batch(alarms=(AlarmEventRow(to_message(number, _ALARM), "raised", 1.0),)))
    message = to_message(2, _ALARM).model_copy(update={"state": "cleared"})
    store.write(Batch(alarms=(AlarmEventRow(message, "cleared", 2.0),)))
    assert [alarm.id for alarm in store.open_alarms()] == [1, 3]
    assert [alarm.id for alarm in store.cleared_alarms(newest=5)] == [2]


def test_levels_come_back_with_their_running_delays(store: Store) -> None:
    state = LevelState(latches=(Latch(on=True), Latch(turning_since_s=5.0), Latch()), since_s=3.0)
    store.write(Batch(levels=(("junction", LevelState()),)))
    store.write(Batch(levels=(("junction", state),)))
    assert store.levels() == (("junction", state),)


@pytest.mark.parametrize("url", ["nonsense", "nosuch://x", "sqlite:////no/such/folder/x.db"])
def test_a_database_that_cannot_be_opened_is_one_sentence(url: str) -> None:
    with pytest.raises(BadInput, match=r"^hub\.database_url: "):
        Store(url)


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"this is not a database at all, only some text" * 100)
    with pytest.raises(BadInput, match="cannot be opened"):
        Store(f"sqlite:///{path}")
    assert path.read_bytes().startswith(b"this is not")
