"""What a store in a file has to itself."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import make_url

from crowdsafe.errors import BadInput
from crowdsafe.hub.store import AuditEntry, Store
from crowdsafe.hub.store.engine import Database


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"this is not a database at all, only some text" * 100)
    with pytest.raises(BadInput, match="cannot be opened"):
        Store(f"sqlite:///{path}")
    assert path.read_bytes().startswith(b"this is not")


def test_a_file_that_is_not_there_is_not_made_where_it_is_only_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with pytest.raises(BadInput, match="there is no such database"):
        Store(f"sqlite:///{path}", as_it_is=True)
    assert not path.exists()


def test_the_file_survives_a_power_cut_and_others_may_read(store: Store, store_url: str) -> None:
    database = Database(make_url(store_url))
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        # A reader does not hold up who writes.
        connection.exec_driver_sql("SELECT count(*) FROM audit").scalar()
        store.audit.append(AuditEntry(1.0, "guest", "looked", "x"))
    database.close()


def test_a_writer_waits_for_another_process(store: Store, store_url: str) -> None:
    other = sqlite3.connect(store_url.removeprefix("sqlite:///"), check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    begun = threading.Timer(0.2, other.rollback)
    begun.start()
    assert store.audit.append(AuditEntry(1.0, "guest", "looked", "x")) == 1
    begun.join()
    other.close()
