"""Who is on duty, and what was handed over."""

from dataclasses import dataclass

from sqlalchemy import insert, select, update

from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.tables import SHIFTS


@dataclass(frozen=True)
class ShiftRow:
    """One shift; ``summary`` is the JSON that its person was given at its beginning."""

    id: int
    name: str
    since_s: float
    until_s: float | None
    summary: str


_SHIFT = select(
    SHIFTS.c.id, SHIFTS.c.name, SHIFTS.c.since_s, SHIFTS.c.until_s, SHIFTS.c.summary
).order_by(SHIFTS.c.id.desc())


class Shifts:
    """The shifts of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def hand_over(self, *, name: str, at_s: float, summary: str) -> None:
        """Let a person take over: ends the shift that is on."""
        with self._database.writing() as connection:
            connection.execute(
                update(SHIFTS).where(SHIFTS.c.until_s.is_(None)).values(until_s=at_s)
            )
            connection.execute(insert(SHIFTS).values(name=name, since_s=at_s, summary=summary))

    def current(self) -> ShiftRow | None:
        """Return the shift that is on."""
        with self._database.reading() as connection:
            row = connection.execute(_SHIFT.where(SHIFTS.c.until_s.is_(None)).limit(1)).first()
        return ShiftRow(*row) if row else None

    def list(self, *, limit: int) -> tuple[ShiftRow, ...]:
        """Return the newest shifts, newest first."""
        with self._database.reading() as connection:
            return tuple(ShiftRow(*row) for row in connection.execute(_SHIFT.limit(limit)))
