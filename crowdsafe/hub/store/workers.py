"""Edge workers and their tokens."""

from dataclasses import dataclass

from sqlalchemy import insert, select, update

from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.tables import WORKERS


@dataclass(frozen=True)
class WorkerRow:
    """One worker; of those from before this was kept nobody knows when they were created."""

    name: str
    created_at_s: float | None
    revoked_at_s: float | None
    last_seen_at_s: float | None


class Workers:
    """The workers of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put_worker(self, *, name: str, token_hash: str, at_s: float) -> None:
        """Create a worker, or give a known or revoked one a new token."""
        values = {"token_hash": token_hash, "created_at_s": at_s, "revoked_at_s": None}
        with self._database.writing() as connection:
            known = connection.execute(update(WORKERS).where(WORKERS.c.name == name).values(values))
            if known.rowcount == 0:
                connection.execute(insert(WORKERS).values(name=name, **values))

    def worker(self, token_hash: str) -> str | None:
        """Return the name of the worker with this token, unless it was revoked."""
        with self._database.reading() as connection:
            return connection.execute(
                select(WORKERS.c.name).where(
                    WORKERS.c.token_hash == token_hash, WORKERS.c.revoked_at_s.is_(None)
                )
            ).scalar_one_or_none()

    def workers(self) -> tuple[WorkerRow, ...]:
        """Return all workers, by name."""
        query = select(
            WORKERS.c.name,
            WORKERS.c.created_at_s,
            WORKERS.c.revoked_at_s,
            WORKERS.c.last_seen_at_s,
        ).order_by(WORKERS.c.name)
        with self._database.reading() as connection:
            return tuple(WorkerRow(*row) for row in connection.execute(query))

    def revoke(self, name: str, *, at_s: float) -> bool:
        """Let a worker's token not count any more; False: no such worker, or it is revoked."""
        with self._database.writing() as connection:
            changed = connection.execute(
                update(WORKERS)
                .where(WORKERS.c.name == name, WORKERS.c.revoked_at_s.is_(None))
                .values(revoked_at_s=at_s)
            )
        return changed.rowcount == 1

    def saw(self, name: str, *, at_s: float) -> None:
        """Note that a worker was there."""
        with self._database.writing() as connection:
            connection.execute(
                update(WORKERS).where(WORKERS.c.name == name).values(last_seen_at_s=at_s)
            )
