"""The record: zone values, alarms, people, workers, notices and revisions, in SQL."""

from functools import partial

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, select
from sqlalchemy.exc import DBAPIError

from crowdsafe.contract.edge_messages import Observation
from crowdsafe.domain.alarm.levels import LevelState
from crowdsafe.errors import BadInput
from crowdsafe.hub.store.alarms import Alarms, forget_alarms, put_alarms
from crowdsafe.hub.store.audit import Audit, append_entries, forget_entries, lock_for_append
from crowdsafe.hub.store.batch import Batch, ZoneValue
from crowdsafe.hub.store.engine import Database, understood_url
from crowdsafe.hub.store.history import History
from crowdsafe.hub.store.keep_days import KeepDays
from crowdsafe.hub.store.outbox import Outbox, forget_outgoing, put_outgoing
from crowdsafe.hub.store.pace import in_steps
from crowdsafe.hub.store.people import People
from crowdsafe.hub.store.revisions import Revisions
from crowdsafe.hub.store.rows import put_rows
from crowdsafe.hub.store.schema import bring_up, must_be_newest
from crowdsafe.hub.store.shifts import Shifts
from crowdsafe.hub.store.slices import delete_in_slices
from crowdsafe.hub.store.steps import mark_due
from crowdsafe.hub.store.tables import READINGS, SESSIONS, ZONE_LEVELS, ZONE_VALUES
from crowdsafe.hub.store.warnings import KeptWarnings, forget_warnings, put_warnings
from crowdsafe.hub.store.workers import Workers

_LEVEL: TypeAdapter[LevelState] = TypeAdapter(LevelState)
# Some of their rows are long.
_LEAST_FORGOTTEN = 50
_MOST_FORGOTTEN = 2000


class Store:
    """One database. Its methods block: call them from a thread."""

    def __init__(self, url: str, *, as_it_is: bool = False) -> None:
        """Open a database and bring it to the newest schema.

        Args:
            url: sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE.
            as_it_is: make and change nothing; it must be there and of the newest schema.

        Raises:
            BadInput: the address is not understood, or what is there cannot be used.
        """
        self._database = Database(understood_url(url))
        try:
            if as_it_is:
                must_be_newest(self._database)
            else:
                bring_up(self._database)
        except DBAPIError as error:
            self.close()
            raise BadInput(
                f"hub.database_url: {self._database.shown} cannot be opened ({error.orig})"
            ) from None
        except BadInput:
            self.close()
            raise
        self.people = People(self._database)
        self.workers = Workers(self._database)
        self.alarms = Alarms(self._database)
        self.history = History(self._database)
        self.audit = Audit(self._database)
        self.outbox = Outbox(self._database)
        self.warnings = KeptWarnings(self._database)
        self.revisions = Revisions(self._database)
        self.shifts = Shifts(self._database)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def write(self, batch: Batch) -> None:
        """Write a batch in one transaction: all of it or nothing.

        What is there already is left as it is: a worker sends again what it is unsure of.
        """
        entries = [entry for row in batch.alarms if (entry := row.entry())] + list(batch.audit)
        with self._database.writing() as connection:
            if entries:
                # First, so that nobody waits for it who holds rows that its holder waits for.
                lock_for_append(connection)
            _put_readings(connection, batch.observations)
            _put_zone_values(connection, batch.zone_values)
            put_alarms(connection, batch.alarms)
            _put_levels(connection, batch.levels)
            if entries:
                append_entries(connection, entries)
            if batch.outgoing:
                put_outgoing(connection, batch.outgoing)
            put_warnings(connection, batch.warnings)

    def levels(self) -> tuple[tuple[str, LevelState], ...]:
        """Return the latched levels of all zones."""
        with self._database.reading() as connection:
            rows = connection.execute(select(ZONE_LEVELS.c.zone_id, ZONE_LEVELS.c.state)).all()
        return tuple((row[0], _LEVEL.validate_json(row[1])) for row in rows)

    def forget(self, now_s: float, keep: KeepDays) -> None:
        """Delete what is older than it is kept, of every kind, and sessions that are over."""
        self.history.forget(now_s, keep)
        delete_in_slices(
            self._database, READINGS, "captured_at_s", before_s=now_s - keep.readings * 86400
        )
        for step in (
            partial(forget_entries, before_s=now_s - keep.audit * 86400, now_s=now_s),
            partial(forget_alarms, before_s=now_s - keep.alarms * 86400),
            partial(forget_outgoing, before_s=now_s - keep.outbox * 86400),
        ):
            in_steps(self._database, step, least=_LEAST_FORGOTTEN, most=_MOST_FORGOTTEN)
        with self._database.writing() as connection:
            forget_warnings(connection)
            connection.execute(delete(SESSIONS).where(SESSIONS.c.expires_at_s <= now_s))


def _put_readings(connection: Connection, observations: tuple[Observation, ...]) -> None:
    put_rows(
        connection,
        READINGS,
        [
            (
                reading.zone_id,
                observation.captured_at_s,
                observation.camera_id,
                reading.count,
                reading.count_sd,
                reading.density_ppm2,
                reading.density_sd_ppm2,
                reading.seen_share,
                observation.revision,
            )
            for observation in observations
            for reading in observation.zones
        ],
        there="keep",
    )


def _put_zone_values(connection: Connection, values: tuple[ZoneValue, ...]) -> None:
    """Write fused values; of two of one zone and time the later one holds."""
    rows = {
        (value.zone_id, value.at_s): (
            value.zone_id,
            float(value.at_s),
            _number(value.density_ppm2),
            _number(value.density_sd_ppm2),
            _number(value.peak_ppm2),
            _number(value.count),
            _number(value.seen_share),
            value.revision,
        )
        for value in values
    }
    put_rows(connection, ZONE_VALUES, list(rows.values()), there="replace")
    mark_due(connection, values)


def _put_levels(connection: Connection, levels: tuple[tuple[str, LevelState], ...]) -> None:
    rows = {zone_id: (zone_id, _LEVEL.dump_json(state).decode()) for zone_id, state in levels}
    put_rows(connection, ZONE_LEVELS, list(rows.values()), there="replace")


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)
