"""Alarms as they are now or ended; what happened to them is in the record."""

from sqlalchemy import Connection, Select, delete, func, or_, select

from crowdsafe.contract.alarms import Alarm
from crowdsafe.domain.alarm.cause import Cause, Priority
from crowdsafe.hub.store.batch import AlarmEventRow
from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.rows import put_rows
from crowdsafe.hub.store.tables import ALARMS

_ENDED = "normal"


class Alarms:
    """The alarms of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open_alarms(self) -> tuple[Alarm, ...]:
        """Return all alarms that have not ended, those that are set aside among them."""
        return self._read(
            select(ALARMS.c.message).where(ALARMS.c.state != _ENDED).order_by(ALARMS.c.id)
        )

    def ended_alarms(self, *, newest: int) -> tuple[Alarm, ...]:
        """Return the alarms that ended last, newest first."""
        return self._read(
            select(ALARMS.c.message)
            .where(ALARMS.c.state == _ENDED)
            .order_by(ALARMS.c.ended_at_s.desc(), ALARMS.c.id.desc())
            .limit(newest)
        )

    def next_alarm_id(self) -> int:
        """Return a number that no alarm had."""
        with self._database.reading() as connection:
            return int(connection.execute(select(func.max(ALARMS.c.id))).scalar() or 0) + 1

    def search(
        self,
        *,
        from_s: float,
        to_s: float,
        zone_id: str | None = None,
        cause: Cause | None = None,
        priority: Priority | None = None,
        newest: int,
    ) -> tuple[Alarm, ...]:
        """Return the alarms that were there at some time of a span, the newest first."""
        query = select(ALARMS.c.message).where(
            ALARMS.c.raised_at_s <= to_s,
            or_(ALARMS.c.ended_at_s.is_(None), ALARMS.c.ended_at_s >= from_s),
        )
        for column, wanted in (
            (ALARMS.c.zone_id, zone_id),
            (ALARMS.c.cause, cause),
            (ALARMS.c.priority, priority),
        ):
            if wanted is not None:
                query = query.where(column == wanted)
        return self._read(
            query.order_by(ALARMS.c.raised_at_s.desc(), ALARMS.c.id.desc()).limit(newest)
        )

    def _read(self, query: Select[str]) -> tuple[Alarm, ...]:
        with self._database.reading() as connection:
            texts = connection.execute(query).scalars().all()
        return tuple(Alarm.model_validate_json(text) for text in texts)


def put_alarms(connection: Connection, rows: tuple[AlarmEventRow, ...]) -> None:
    """Write alarms as they are at the end of a batch."""
    latest = {row.message.id: row.message for row in rows}
    put_rows(
        connection,
        ALARMS,
        [
            (
                message.id,
                message.state,
                message.model_dump_json(),
                message.cause,
                message.priority,
                message.zone_id,
                message.first_raised_at_s,
                message.ended_at_s,
            )
            for message in latest.values()
        ],
        there="replace",
    )


def forget_alarms(connection: Connection, most: int, *, before_s: float) -> int:
    """Delete alarms that ended before a time, so many at most.

    The newest stays, so that no number comes twice.
    """
    newest = select(func.max(ALARMS.c.id)).scalar_subquery()
    old = (
        select(ALARMS.c.id)
        .where(ALARMS.c.ended_at_s < before_s, ALARMS.c.state == _ENDED, ALARMS.c.id < newest)
        .order_by(ALARMS.c.ended_at_s)
        .limit(most)
    )
    return connection.execute(delete(ALARMS).where(ALARMS.c.id.in_(old))).rowcount
