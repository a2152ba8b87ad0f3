"""A database as the store uses it: transactions that read, and transactions that write."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from crowdsafe.errors import BadInput

_BUSY_TIMEOUT_MS = 10_000
# A batch touches a page or more of each zone: few are to be fetched or copied twice.
_WRITER_CACHE_KIB = 16 * 1024
_READER_CACHE_KIB = 2 * 1024
_CHECKPOINT_PAGES = 4000
_EXPECTED = "expected sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"


class Database:
    """One SQLite file or one PostgreSQL database. Blocks: use it from threads."""

    def __init__(self, url: URL, *, checks_foreign_keys: bool = True) -> None:
        """Open nothing yet; what cannot be opened shows at the first transaction."""
        self.url = url
        self.is_sqlite = url.drivername == "sqlite"
        if not self.is_sqlite:
            self.engine = self._writer = create_engine(url, pool_pre_ping=True)
            self._one_writer: AbstractContextManager[Any] = nullcontext()
            return
        self.engine = _sqlite(
            url, cache_kib=_READER_CACHE_KIB, checks_foreign_keys=checks_foreign_keys
        )
        # Pages that a connection holds are good until another one writes: all is written by one,
        # which is waited for here. That is quicker and fairer, too, than SQLite's trying again.
        self._one_writer = threading.Lock()
        self._writer = _sqlite(
            url,
            cache_kib=_WRITER_CACHE_KIB,
            checks_foreign_keys=checks_foreign_keys,
            pool_size=1,
            max_overflow=0,
        ).execution_options(crowdsafe_writes=True)

    @property
    def shown(self) -> str:
        """Return the address without its password."""
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for reading."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Give a connection for reading on which everything stands still."""
        with self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection for writing; all of it is kept at the end, or nothing."""
        with self._one_writer, self._writer.begin() as connection:
            yield connection

    def settle(self) -> None:
        """Move what is written from SQLite's log into its file, while others go on writing.

        SQLite does so by itself at the end of a transaction that makes the log long, for which
        whoever writes next has to wait.
        """
        if not self.is_sqlite:
            return
        connection = self.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").close()
        finally:
            connection.close()

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()
        self._writer.dispose()


def understood_url(text: str) -> URL:
    """Return the address of a database that the store can use.

    Raises:
        BadInput: it is none.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        raise BadInput(f"hub.database_url: {text!r} is not understood, {_EXPECTED}") from None
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    in_memory = url.drivername == "sqlite" and url.database in (None, "", ":memory:")
    if url.drivername not in ("sqlite", "postgresql+psycopg") or in_memory:
        shown = url.render_as_string(hide_password=True)
        raise BadInput(f"hub.database_url: {shown} cannot keep the record, {_EXPECTED}")
    return url


def exists(database: Database) -> bool:
    """Whether there is a database at all; a PostgreSQL server makes none by itself."""
    if not database.is_sqlite:
        return True
    return database.url.database is not None and Path(database.url.database).is_file()


def _sqlite(url: URL, *, cache_kib: int, checks_foreign_keys: bool, **pool: int) -> Engine:
    # Last in, first out: few connections, with what they hold.
    engine = create_engine(url, pool_use_lifo=True, **pool)

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _: Any) -> None:
        # The driver begins transactions too late for what is read first; see _begin.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        # What the hub has acknowledged must outlive a power cut, not only a killed process.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA cache_size=-{cache_kib}")
        cursor.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
        cursor.execute(f"PRAGMA foreign_keys={'ON' if checks_foreign_keys else 'OFF'}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer locks at once: what it read is still so when it writes.
        writes = connection.get_execution_options().get("crowdsafe_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
