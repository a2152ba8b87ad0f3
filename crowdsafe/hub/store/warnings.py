"""Warnings that wait for a person, or are out."""

from sqlalchemy import Connection, delete, select

from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.rows import put_rows
from crowdsafe.hub.store.tables import ALARMS, WARNINGS


class KeptWarnings:
    """The series of warnings of one store, as JSON, by the alarm that they are about."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[str, ...]:
        """Return all series that are kept."""
        with self._database.reading() as connection:
            return tuple(connection.execute(select(WARNINGS.c.series)).scalars())


def put_warnings(connection: Connection, rows: tuple[tuple[int, str], ...]) -> None:
    """Keep what the warnings about some alarms are at the end of a batch."""
    put_rows(connection, WARNINGS, list(dict(rows).items()), there="replace")


def forget_warnings(connection: Connection) -> None:
    """Delete the warnings about alarms that are forgotten."""
    connection.execute(delete(WARNINGS).where(WARNINGS.c.alarm_id.not_in(select(ALARMS.c.id))))
