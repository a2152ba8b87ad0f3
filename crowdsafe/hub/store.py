"""The record: zone values, alarms and their events, levels, people and workers, in SQL."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    Column,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    delete,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from crowdsafe.contract.messages import Alarm as AlarmMessage
from crowdsafe.contract.messages import Observation, Role, TrendPoint
from crowdsafe.domain.levels import LevelState
from crowdsafe.errors import BadInput

_LEVEL: TypeAdapter[LevelState] = TypeAdapter(LevelState)
_BUSY_TIMEOUT_MS = 5000

METADATA = MetaData()
USERS = Table(
    "users",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("password_hash", String(200), nullable=False),
    Column("role", String(20), nullable=False),
)
SESSIONS = Table(
    "sessions",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("user", String(100), ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    Column("expires_at_s", Float, nullable=False),
)
WORKERS = Table(
    "workers",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
)
READINGS = Table(
    "readings",
    METADATA,
    Column("zone_id", String(64), primary_key=True),
    Column("captured_at_s", Float, primary_key=True),
    Column("camera_id", String(64), primary_key=True),
    Column("count", Float, nullable=False),
    Column("count_sd", Float, nullable=False),
    Column("density_ppm2", Float),
    Column("density_sd_ppm2", Float),
    Column("seen_share", Float, nullable=False),
    Index("readings_by_time", "captured_at_s"),
)
ALARMS = Table(
    "alarms",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("state", String(20), nullable=False, index=True),
    Column("message", Text, nullable=False),
)
ALARM_EVENTS = Table(
    "alarm_events",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("alarm_id", Integer, ForeignKey("alarms.id"), nullable=False, index=True),
    Column("event", String(20), nullable=False),
    Column("at_s", Float, nullable=False),
    Column("message", Text, nullable=False),
)
ZONE_LEVELS = Table(
    "zone_levels",
    METADATA,
    Column("zone_id", String(64), primary_key=True),
    Column("state", Text, nullable=False),
)


@dataclass(frozen=True)
class AlarmEventRow:
    """What happened to an alarm; ``event`` is None when only its numbers changed."""

    message: AlarmMessage
    event: str | None
    at_s: float


@dataclass(frozen=True)
class Batch:
    """What is written in one transaction."""

    observations: tuple[Observation, ...] = ()
    alarms: tuple[AlarmEventRow, ...] = ()
    levels: tuple[tuple[str, LevelState], ...] = ()


class Store:
    """One database. Its methods block: call them from a thread."""

    def __init__(self, url: str) -> None:
        """Open the database and create what is missing in it.

        Raises:
            BadInput: the address is not understood or cannot be opened.
        """
        try:
            self._engine = _engine(url)
            METADATA.create_all(self._engine)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise BadInput(f"hub.database_url: {url!r} is not understood ({error})") from None
        except DBAPIError as error:
            shown = make_url(url).render_as_string(hide_password=True)
            raise BadInput(f"hub.database_url: {shown} cannot be opened ({error.orig})") from None

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # --- people and workers ------------------------------------------------------------------

    def put_user(self, *, name: str, password_hash: str, role: Role) -> None:
        """Create a person, or give a known one a new password and role."""
        with self._engine.begin() as connection:
            values = {"password_hash": password_hash, "role": role}
            known = connection.execute(update(USERS).where(USERS.c.name == name).values(values))
            if known.rowcount == 0:
                connection.execute(insert(USERS).values(name=name, **values))
            connection.execute(delete(SESSIONS).where(SESSIONS.c.user == name))

    def user(self, name: str) -> tuple[str, str] | None:
        """Return a person's password hash and role."""
        with self._engine.connect() as connection:
            row = connection.execute(
                select(USERS.c.password_hash, USERS.c.role).where(USERS.c.name == name)
            ).one_or_none()
        return (row[0], row[1]) if row else None

    def put_session(self, *, token_hash: str, user: str, expires_at_s: float) -> None:
        """Remember that a person signed in."""
        with self._engine.begin() as connection:
            connection.execute(
                insert(SESSIONS).values(token_hash=token_hash, user=user, expires_at_s=expires_at_s)
            )

    def session(self, *, token_hash: str, now_s: float) -> tuple[str, str] | None:
        """Return name and role of whom a session belongs to."""
        with self._engine.connect() as connection:
            row = connection.execute(
                select(USERS.c.name, USERS.c.role)
                .join(SESSIONS, SESSIONS.c.user == USERS.c.name)
                .where(SESSIONS.c.token_hash == token_hash, SESSIONS.c.expires_at_s > now_s)
            ).one_or_none()
        return (row[0], row[1]) if row else None

    def end_session(self, token_hash: str) -> None:
        """Forget that a person signed in."""
        with self._engine.begin() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.token_hash == token_hash))

    def put_worker(self, *, name: str, token_hash: str) -> None:
        """Create a worker, or give a known one a new token."""
        with self._engine.begin() as connection:
            known = connection.execute(
                update(WORKERS).where(WORKERS.c.name == name).values(token_hash=token_hash)
            )
            if known.rowcount == 0:
                connection.execute(insert(WORKERS).values(name=name, token_hash=token_hash))

    def worker(self, token_hash: str) -> str | None:
        """Return the name of the worker with this token."""
        with self._engine.connect() as connection:
            return connection.execute(
                select(WORKERS.c.name).where(WORKERS.c.token_hash == token_hash)
            ).scalar_one_or_none()

    # --- the record --------------------------------------------------------------------------

    def write(self, batch: Batch) -> None:
        """Write a batch in one transaction: all of it or nothing."""
        with self._engine.begin() as connection:
            rows = list(_reading_rows(batch.observations))
            if rows:
                _insert_new(connection, READINGS, rows)
            for row in batch.alarms:
                values = {"state": row.message.state, "message": row.message.model_dump_json()}
                known = connection.execute(
                    update(ALARMS).where(ALARMS.c.id == row.message.id).values(values)
                )
                if known.rowcount == 0:
                    connection.execute(insert(ALARMS).values(id=row.message.id, **values))
                if row.event is not None:
                    connection.execute(
                        insert(ALARM_EVENTS).values(
                            alarm_id=row.message.id,
                            event=row.event,
                            at_s=row.at_s,
                            message=values["message"],
                        )
                    )
            for zone_id, state in batch.levels:
                text = _LEVEL.dump_json(state).decode()
                known = connection.execute(
                    update(ZONE_LEVELS).where(ZONE_LEVELS.c.zone_id == zone_id).values(state=text)
                )
                if known.rowcount == 0:
                    connection.execute(insert(ZONE_LEVELS).values(zone_id=zone_id, state=text))

    def open_alarms(self) -> tuple[AlarmMessage, ...]:
        """Return all alarms that are not cleared."""
        query = select(ALARMS.c.message).where(ALARMS.c.state != "cleared").order_by(ALARMS.c.id)
        with self._engine.connect() as connection:
            texts = connection.execute(query).scalars().all()
        return tuple(AlarmMessage.model_validate_json(text) for text in texts)

    def cleared_alarms(self, *, newest: int) -> tuple[AlarmMessage, ...]:
        """Return the newest cleared alarms, newest first."""
        query = (
            select(ALARMS.c.message)
            .where(ALARMS.c.state == "cleared")
            .order_by(ALARMS.c.id.desc())
            .limit(newest)
        )
        with self._engine.connect() as connection:
            texts = connection.execute(query).scalars().all()
        return tuple(AlarmMessage.model_validate_json(text) for text in texts)

    def next_alarm_id(self) -> int:
        """Return a number that no alarm had."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(func.max(ALARMS.c.id))).scalar() or 0) + 1

    def alarm_events(self, alarm_id: int) -> tuple[tuple[str, float], ...]:
        """Return what happened to an alarm and when, in order."""
        query = (
            select(ALARM_EVENTS.c.event, ALARM_EVENTS.c.at_s)
            .where(ALARM_EVENTS.c.alarm_id == alarm_id)
            .order_by(ALARM_EVENTS.c.id)
        )
        with self._engine.connect() as connection:
            return tuple((row[0], row[1]) for row in connection.execute(query))

    def levels(self) -> tuple[tuple[str, LevelState], ...]:
        """Return the latched levels of all zones."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(ZONE_LEVELS.c.zone_id, ZONE_LEVELS.c.state)).all()
        return tuple((row[0], _LEVEL.validate_json(row[1])) for row in rows)

    def densities(self, *, from_s: float) -> tuple[tuple[str, float, float], ...]:
        """Return zone, time and density of all readings since, in order of time."""
        query = (
            select(READINGS.c.zone_id, READINGS.c.captured_at_s, READINGS.c.density_ppm2)
            .where(READINGS.c.captured_at_s >= from_s, READINGS.c.density_ppm2.is_not(None))
            .order_by(READINGS.c.captured_at_s)
        )
        with self._engine.connect() as connection:
            return tuple((row[0], row[1], row[2]) for row in connection.execute(query))

    def zone_history(
        self, zone_id: str, *, from_s: float, to_s: float, newest: int
    ) -> tuple[TrendPoint, ...]:
        """Return the newest points of one zone within a span, in order of time."""
        query = (
            select(READINGS.c.captured_at_s, READINGS.c.density_ppm2)
            .where(
                READINGS.c.zone_id == zone_id,
                READINGS.c.captured_at_s >= from_s,
                READINGS.c.captured_at_s <= to_s,
            )
            .order_by(READINGS.c.captured_at_s.desc())
            .limit(newest)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return tuple(TrendPoint(at_s=row[0], density_ppm2=row[1]) for row in reversed(rows))

    def forget(self, *, before_s: float, now_s: float) -> None:
        """Delete zone values from before a time, and sessions that are over."""
        with self._engine.begin() as connection:
            connection.execute(delete(READINGS).where(READINGS.c.captured_at_s < before_s))
            connection.execute(delete(SESSIONS).where(SESSIONS.c.expires_at_s <= now_s))


def _reading_rows(observations: Iterable[Observation]) -> Iterable[dict[str, Any]]:
    for observation in observations:
        for reading in observation.zones:
            yield {
                "zone_id": reading.zone_id,
                "captured_at_s": observation.captured_at_s,
                "camera_id": observation.camera_id,
                "count": reading.count,
                "count_sd": reading.count_sd,
                "density_ppm2": reading.density_ppm2,
                "density_sd_ppm2": reading.density_sd_ppm2,
                "seen_share": reading.seen_share,
            }


def _insert_new(connection: Any, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, leaving out those that are there: a worker sends again what it is unsure of."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert

        connection.execute(postgresql_insert(table).on_conflict_do_nothing(), rows)
    else:
        connection.execute(insert(table).prefix_with("OR IGNORE"), rows)


def _engine(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _durable(connection: Any, _: Any) -> None:
            cursor = connection.cursor()
            cursor.execute("PRAGMA journal_mode=WAL")
            # What the hub has acknowledged must outlive a power cut, not only a killed process.
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
            cursor.close()

    return engine
