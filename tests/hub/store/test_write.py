"""What a batch writes: all of it or nothing, and again without harm."""

from pathlib import Path

import pytest

from crowdsafe.domain.alarm.latch import Latch
from crowdsafe.domain.alarm.levels import LevelState
from crowdsafe.errors import BadInput
from crowdsafe.hub.store import Batch, KeepDays, Outgoing, Store
from crowdsafe.hub.store.engine import Database
from tests.hub.store.making import make_alarm, make_observation, make_value, raised

T0 = 1_800_000_000.0
DAY_S = 86400.0


def _readings(database: Database) -> list[tuple[object, ...]]:
    with database.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT zone_id, captured_at_s, camera_id, count, count_sd, density_ppm2, "
            "density_sd_ppm2, seen_share FROM readings ORDER BY captured_at_s, zone_id, camera_id"
        )
        return [tuple(row) for row in rows]


def test_what_cameras_saw_is_kept_once(store: Store, database: Database) -> None:
    observation = make_observation(T0, "junction", "unseen")
    other = make_observation(T0, "junction", camera_id="view_002")
    store.write(Batch(observations=(observation, other, observation)))
    store.write(Batch(observations=(observation,)))
    assert _readings(database) == [
        ("junction", T0, "view_001", 12.0, 0.5, 0.25, 0.01, 0.5),
        ("junction", T0, "view_002", 12.0, 0.5, 0.25, 0.01, 0.5),
        ("unseen", T0, "view_001", 12.0, 0.5, None, None, 0.5),
    ]


def test_a_batch_of_which_nothing_is_known_is_written_too(store: Store, database: Database) -> None:
    store.write(Batch(observations=(make_observation(T0, "unseen"),)))
    store.write(Batch(zone_values=(make_value(T0, None),)))
    assert len(_readings(database)) == 1
    assert len(store.history.zone("a", from_s=T0, to_s=T0 + 1).points) == 1


def test_an_empty_batch_and_an_empty_observation_write_nothing(
    store: Store, database: Database
) -> None:
    store.write(Batch())
    store.write(Batch(observations=(make_observation(T0),)))
    assert _readings(database) == []


def test_a_batch_that_was_written_is_written_again_without_harm(
    store: Store, database: Database
) -> None:
    batch = Batch(
        observations=(make_observation(T0, "junction"),),
        zone_values=(make_value(T0),),
        levels=(("junction", LevelState()),),
        outgoing=(Outgoing("mast", "n-1", "{}", T0),),
    )
    store.write(batch)
    store.write(batch)
    assert len(_readings(database)) == 1
    assert len(store.outbox.waiting("mast", now_s=T0, limit=9)) == 1


def test_levels_come_back_with_their_running_delays(store: Store) -> None:
    runs = ((5.0, True), (6.5, False))
    state = LevelState(latches=(Latch(on=True), Latch(runs=runs), Latch()), since_s=3.0)
    store.write(Batch(levels=(("junction", LevelState()), ("gate", LevelState()))))
    store.write(Batch(levels=(("junction", LevelState()), ("junction", state))))
    assert dict(store.levels()) == {"junction": state, "gate": LevelState()}


def test_everything_is_there_after_the_store_was_opened_again(store: Store, store_url: str) -> None:
    store.write(
        Batch(
            zone_values=(make_value(T0),),
            alarms=(raised(make_alarm(4)),),
            levels=(("junction", LevelState()),),
            outgoing=(Outgoing("mast", "n-1", "{}", T0),),
        )
    )
    store.close()
    again = Store(store_url, as_it_is=True)
    assert again.alarms.open_alarms() == (make_alarm(4),)
    assert again.levels() == (("junction", LevelState()),)
    assert again.history.densities(from_s=0) == (("a", T0, 1.0),)
    assert [row.notice_id for row in again.outbox.waiting("mast", now_s=T0, limit=9)] == ["n-1"]
    assert again.audit.verify().entries == 1
    again.close()


def test_each_kind_of_data_is_forgotten_in_its_time(store: Store, database: Database) -> None:
    store.people.put_user(name="guest", password_hash="x", role="viewer", at_s=0)
    for name, expires_at_s in (("over", T0 - 1), ("on", T0 + 2 * DAY_S + 1)):
        store.people.put_session(token_hash=name, user="guest", expires_at_s=expires_at_s)
    old = make_observation(T0 - 1, "junction", "gate")
    store.write(
        Batch(
            observations=(old, make_observation(T0 + 1, "junction")),
            alarms=(raised(make_alarm(1)),),
            outgoing=tuple(Outgoing("mast", f"n-{n}", "{}", T0) for n in range(3)),
        )
    )
    first, second, _ = store.outbox.waiting("mast", now_s=T0, limit=9)
    store.outbox.delivered(first.seq, at_s=T0 - 30 * DAY_S)
    store.outbox.delivered(second.seq, at_s=T0)
    store.forget(T0 + 2 * DAY_S, KeepDays(readings=2.0))
    assert [row[1] for row in _readings(database)] == [T0 + 1]
    assert store.people.session(token_hash="on", now_s=T0) == ("guest", "viewer")
    with database.reading() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar_one()
        left = connection.exec_driver_sql("SELECT notice_id FROM outbox ORDER BY seq").scalars()
        assert (count, left.all()) == (1, ["n-1", "n-2"])
    # The alarm's entry is from 1970.
    assert [entry.action for entry in store.audit.entries()] == ["record.forgotten"]


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "",
        "nosuch://x",
        "mysql://root@localhost/x",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_an_address_that_cannot_be_used_is_one_sentence(url: str) -> None:
    with pytest.raises(BadInput, match=r"^hub\.database_url: .* expected sqlite:///FILE or "):
        Store(url)


def test_a_server_that_is_not_there_is_one_sentence_without_the_password() -> None:
    with pytest.raises(BadInput, match="cannot be opened") as raised_error:
        Store("postgresql://guest:very_secret@127.0.0.1:1/nowhere")
    assert "very_secret" not in str(raised_error.value)


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be opened"):
        Store(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
