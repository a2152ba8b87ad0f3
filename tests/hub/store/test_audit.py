"""The record is appended to and nothing else, by however many at once."""

import json
import threading
from typing import Any

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DBAPIError

from crowdsafe.errors import BadInput
from crowdsafe.hub.store import AlarmEventRow, AuditEntry, Batch, Store
from crowdsafe.hub.store.audit import forget_entries
from crowdsafe.hub.store.audit_check import KeptEntry
from crowdsafe.hub.store.chain import BEFORE_THE_FIRST, canonical, entry_hash
from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.tables import AUDIT, AUDIT_ANCHOR
from tests.hub.store.making import make_alarm, raised


def entry(number: int, **changes: Any) -> AuditEntry:
    return AuditEntry(
        **{
            "at_s": 100.0 + number,
            "actor": "night_shift",
            "action": "looked",
            "subject": f"thing/{number}",
            "detail": {"b": [1.5, None, "ä"], "a": number},
            **changes,
        }
    )


def test_an_entry_hashes_as_documented() -> None:
    kept = entry_hash(
        prev_hash=BEFORE_THE_FIRST,
        at_s=1.1,
        actor="Jörg",
        action="looked",
        subject="x",
        detail=canonical({"b": 0.1, "a": "ü"}),
    )
    # From outside: printf '%064d\n%s' 0 '{"action":"looked","actor":"J\u00f6rg","at_s":1.1,
    # "detail":{"a":"\u00fc","b":0.1},"subject":"x"}' | sha256sum, on one line.
    assert kept == "b09df1fe570cdfe68c99c9856bbb36a8b4d3f7d08b63f8ccfe3e5f28d54469c1"


def test_entries_come_back_in_order_and_in_pages(store: Store) -> None:
    assert store.audit.last_seq() == 0
    numbers = [store.audit.append(entry(number)) for number in range(1, 6)]
    assert store.audit.last_seq() == 5
    assert numbers == [1, 2, 3, 4, 5]
    assert [each.seq for each in store.audit.entries(after_seq=2, limit=2)] == [3, 4]
    first = store.audit.entries(limit=1)[0]
    assert (first.at_s, first.actor, first.action) == (101.0, "night_shift", "looked")
    assert json.loads(first.detail) == {"a": 1, "b": [1.5, None, "ä"]}
    assert first.prev_hash == BEFORE_THE_FIRST
    assert [each.seq for each in store.audit.between(from_s=102.0, to_s=104.0)] == [2, 3]
    assert store.audit.count() == 5


def test_what_happens_to_alarms_is_in_the_record(store: Store) -> None:
    alarm = make_alarm(7)
    known = make_alarm(7, state="acknowledged", acknowledged_at_s=9.0, acknowledged_by="guest")
    store.write(
        Batch(
            alarms=(
                raised(alarm),
                AlarmEventRow(message=make_alarm(7, value=3.8), event=None, at_s=8.0),
                AlarmEventRow(message=known, event="acknowledged", at_s=9.0, by="guest"),
            ),
            audit=(entry(1),),
        )
    )
    kept = store.audit.entries()
    assert [(each.actor, each.action, each.subject) for each in kept] == [
        ("hub", "alarm.raised", "alarm/7"),
        ("guest", "alarm.acknowledged", "alarm/7"),
        ("night_shift", "looked", "thing/1"),
    ]
    assert json.loads(kept[0].detail) == alarm.model_dump(mode="json")
    assert store.audit.verify().problem is None


def test_a_batch_that_fails_leaves_nothing_in_the_record(store: Store) -> None:
    class Broken:
        captured_at_s = 1.0
        camera_id = None
        zones = ()

    broken: Any = Broken()
    broken.zones = (broken,)
    broken.zone_id = broken.count = broken.count_sd = None
    broken.density_ppm2 = broken.density_sd_ppm2 = broken.seen_share = broken.revision = None
    with pytest.raises(DBAPIError):
        store.write(Batch(observations=(broken,), alarms=(raised(make_alarm()),)))
    assert store.audit.count() == 0
    assert store.alarms.open_alarms() == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"at_s": float("nan")},
        {"at_s": -1.0},
        {"actor": ""},
        {"actor": "a\0b"},
        {"subject": "\ud800"},
        {"detail": {"x": float("inf")}},
        pytest.param({"detail": {"x": object()}}, id="object"),
        {"detail": {1: 2, "b": 3}},
    ],
    ids=str,
)
def test_an_entry_that_cannot_be_kept_is_refused_before_it_is_written(
    changes: dict[str, Any],
) -> None:
    with pytest.raises(BadInput, match=r"^audit entry 'looked': "):
        entry(1, **changes)


@pytest.mark.parametrize(
    "change",
    [
        update(AUDIT).where(AUDIT.c.seq == 2).values(actor="somebody else"),
        delete(AUDIT).where(AUDIT.c.seq == 3),
        delete(AUDIT).where(AUDIT.c.seq == 1),
        insert(AUDIT).values(
            seq=5, at_s=1.0, actor="x", action="x", subject="x", detail="{}", prev_hash="", hash="x"
        ),
        insert(AUDIT).values(
            seq=4, at_s=1.0, actor="x", action="x", subject="x", detail="{}", prev_hash="", hash="x"
        ),
        update(AUDIT_ANCHOR).values(seq=2, hash="made up"),
        update(AUDIT_ANCHOR).values(seq=-1),
        delete(AUDIT_ANCHOR),
    ],
    ids=lambda change: str(change).split("WHERE")[0].strip(),
)
def test_the_database_itself_refuses_to_change_the_record(
    store: Store, database: Database, change: Any
) -> None:
    for number in range(1, 4):
        store.audit.append(entry(number))
    before = store.audit.entries()
    with pytest.raises(DBAPIError, match="audit: "), database.writing() as connection:
        connection.execute(change)
    assert store.audit.entries() == before


def test_what_is_forgotten_leaves_a_record_that_verifies(store: Store, database: Database) -> None:
    for number in range(1, 11):
        store.audit.append(entry(number))
    noted = store.audit.entries(after_seq=3, limit=1)[0].hash
    with database.writing() as connection:
        assert forget_entries(connection, 1000, before_s=105.0, now_s=500.0) == 4
    kept = store.audit.entries()
    assert [each.seq for each in kept] == [5, 6, 7, 8, 9, 10, 11]
    assert (kept[-1].action, json.loads(kept[-1].detail)["up_to_seq"]) == ("record.forgotten", 4)
    report = store.audit.verify()
    assert (report.first_seq, report.last_seq, report.problem) == (5, 11, None)
    # The anchor is the last that was forgotten, and counts as seen.
    assert store.audit.verify(head=noted).problem is None
    with database.writing() as connection:
        assert forget_entries(connection, 1000, before_s=105.0, now_s=501.0) == 0
    assert store.audit.count() == 7
    with pytest.raises(DBAPIError, match="audit: "), database.writing() as connection:
        connection.execute(update(AUDIT_ANCHOR).values(seq=3, hash=noted))


def test_all_may_be_forgotten_and_the_chain_goes_on(store: Store, database: Database) -> None:
    for number in range(1, 4):
        store.audit.append(entry(number))
    last = store.audit.entries()[-1]
    with database.writing() as connection:
        assert forget_entries(connection, 1000, before_s=1000.0, now_s=1000.0) == 3
    (kept,) = store.audit.entries()
    assert (kept.seq, kept.prev_hash) == (4, last.hash)
    assert store.audit.append(entry(5)) == 5
    assert store.audit.verify().problem is None


def test_writers_that_append_at_once_do_not_fork_the_chain(store: Store, store_url: str) -> None:
    others = [Store(store_url) for _ in range(3)]
    begin = threading.Barrier(4)

    def append(each: Store, name: str) -> None:
        begin.wait()
        for number in range(1, 26):
            if number % 2:
                each.audit.append(entry(number, actor=name))
            else:
                each.write(Batch(alarms=(raised(make_alarm(number)),)))

    threads = [
        threading.Thread(target=append, args=(each, f"writer {i}"))
        for i, each in enumerate([store, *others])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        other.close()
    report = store.audit.verify()
    assert (report.entries, report.problem) == (100, None)


def test_a_record_of_many_pages_verifies(store: Store) -> None:
    store.write(Batch(audit=tuple(entry(number) for number in range(2500))))
    told: list[int] = []
    report = store.audit.verify(checked=told.append)
    assert (report.entries, report.problem, sum(told)) == (2500, None, 2500)
    assert len(told) > 1


def test_the_record_is_found_in_the_table_as_it_is_documented(
    store: Store, database: Database
) -> None:
    store.audit.append(entry(1, at_s=1e9 + 0.1))
    with database.reading() as connection:
        row = connection.execute(text("SELECT at_s, detail, hash FROM audit")).one()
    assert row.hash == entry_hash(
        prev_hash=BEFORE_THE_FIRST,
        at_s=row.at_s,
        actor="night_shift",
        action="looked",
        subject="thing/1",
        detail=row.detail,
    )


def test_a_search_finds_in_both_orders_the_same_between_two_times(store: Store) -> None:
    store.write(Batch(audit=tuple(entry(number, at_s=float(number)) for number in range(1200))))
    query: dict[str, Any] = {"from_s": 100.0, "to_s": 1150.0, "most": 2000, "looks": 5000}
    forward = store.audit.search(lambda _: True, **query)
    back = store.audit.search(lambda _: True, newest_first=True, **query)
    assert forward.entries == back.entries[::-1]
    assert [each.at_s for each in forward.entries] == [float(each) for each in range(100, 1150)]
    assert not forward.more
    assert not back.more


def test_a_search_stops_when_it_has_looked_enough_and_goes_on_from_there(store: Store) -> None:
    store.write(Batch(audit=tuple(entry(number, at_s=float(number)) for number in range(1300))))
    found: list[KeptEntry] = []
    before: int | None = None
    asked = 0
    while True:
        part = store.audit.search(
            lambda each: each.at_s == 3.0,
            before_seq=before,
            newest_first=True,
            most=10,
            looks=500,
        )
        asked += 1
        found += part.entries
        if not part.more:
            break
        before = part.reached
    assert [each.at_s for each in found] == [3.0]
    assert asked > 2
    assert part.head == 1300


def test_a_search_of_an_empty_record_finds_nothing(store: Store) -> None:
    for newest_first in (False, True):
        found = store.audit.search(
            lambda _: True, newest_first=newest_first, most=10, looks=10, from_s=5.0
        )
        assert (found.entries, found.more, found.head) == ((), False, 0)
