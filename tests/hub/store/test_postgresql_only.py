"""What a store on a server has to itself."""

import threading
import time

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from crowdsafe.hub.store import AuditEntry, Batch, Store
from crowdsafe.hub.store.audit import append_entries
from crowdsafe.hub.store.engine import Database
from tests.hub.store.making import make_value

T0 = 1_800_000_000.0


def test_the_driver_need_not_be_named(store_url: str) -> None:
    store = Store(store_url.replace("postgresql+psycopg:", "postgresql:"))
    assert store.audit.count() == 0
    store.close()


@pytest.mark.parametrize("table", ["audit", "audit_anchor"])
def test_the_record_is_not_emptied_at_once(store: Store, database: Database, table: str) -> None:
    store.audit.append(AuditEntry(1.0, "guest", "looked", "x"))
    with pytest.raises(DBAPIError, match="audit: "), database.writing() as connection:
        connection.exec_driver_sql(f"TRUNCATE {table}")
    assert store.audit.count() == 1


def test_who_appends_waits_for_who_is_appending(store: Store, database: Database) -> None:
    appended = threading.Event()

    def append() -> None:
        store.audit.append(AuditEntry(2.0, "second", "looked", "x"))
        appended.set()

    second = threading.Thread(target=append)
    with database.writing() as connection:
        append_entries(connection, [AuditEntry(1.0, "first", "looked", "x")])
        second.start()
        _wait_for_a_waiter(database)
        assert not appended.is_set()
    second.join()
    assert [entry.actor for entry in store.audit.entries()] == ["first", "second"]
    assert store.audit.verify().problem is None


def test_a_value_that_is_written_while_steps_are_made_is_not_missed(
    store: Store, database: Database
) -> None:
    store.write(Batch(zone_values=(make_value(T0, 1.0),)))
    writer = threading.Thread(
        target=lambda: store.write(Batch(zone_values=(make_value(T0 + 1, 3.0),)))
    )
    with database.writing() as connection:
        # As when steps are made: the mark is held and goes at the end.
        connection.exec_driver_sql("SELECT * FROM steps_due FOR UPDATE").all()
        writer.start()
        _wait_for_a_waiter(database)
        connection.exec_driver_sql("DELETE FROM steps_due")
    writer.join()
    assert store.history.downsample(T0 + 1000) == 1
    course = store.history.zone("a", from_s=T0, to_s=T0 + 10_000)
    assert (course.step_s, course.points[0].mean_ppm2) == (10, 2.0)


def test_a_connection_that_the_server_closed_is_made_anew(store: Store, store_url: str) -> None:
    store.audit.append(AuditEntry(1.0, "guest", "looked", "x"))
    other = Database(make_url(store_url))
    with other.writing() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).all()
    other.close()
    assert store.audit.append(AuditEntry(2.0, "guest", "looked", "x")) == 2


def _wait_for_a_waiter(database: Database) -> None:
    """Wait until somebody waits for a lock."""
    give_up_at_s = time.monotonic() + 20
    waiting = False
    while not waiting:
        assert time.monotonic() < give_up_at_s, "nobody waits"
        with database.reading() as connection:
            waiting = bool(
                connection.exec_driver_sql(
                    "SELECT count(*) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
                ).scalar()
            )
