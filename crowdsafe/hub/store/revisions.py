"""Revisions of what is configured. A revision never changes; publishing one is kept, too."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, insert, select

from crowdsafe.errors import BadInput
from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.tables import PUBLICATIONS, REVISIONS


@dataclass(frozen=True)
class RevisionHead:
    """One revision without its content."""

    number: int
    content_hash: str
    author: str
    at_s: float
    reason: str
    parent: int | None


@dataclass(frozen=True)
class Revision(RevisionHead):
    """One revision; ``content`` is JSON."""

    content: str


@dataclass(frozen=True)
class Publication:
    """Which revision was published, by whom and when."""

    number: int
    by: str
    at_s: float


_HEAD = (
    REVISIONS.c.number,
    REVISIONS.c.content_hash,
    REVISIONS.c.author,
    REVISIONS.c.at_s,
    REVISIONS.c.reason,
    REVISIONS.c.parent,
)
_WHOLE: Select[*tuple[Any, ...]] = select(*_HEAD, REVISIONS.c.content)


class Revisions:
    """The revisions of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        *,
        content: str,
        author: str,
        at_s: float,
        reason: str,
        parent: int | None,
        content_hash: str,
    ) -> int:
        """Keep a revision and return its number.

        Raises:
            BadInput: there is no such parent.
        """
        with self._database.writing() as connection:
            if parent is not None:
                known = select(REVISIONS.c.number).where(REVISIONS.c.number == parent)
                if connection.execute(known).first() is None:
                    raise BadInput(f"parent: there is no revision {parent}")
            return int(
                connection.execute(
                    insert(REVISIONS)
                    .values(
                        content=content,
                        content_hash=content_hash,
                        author=author,
                        at_s=at_s,
                        reason=reason,
                        parent=parent,
                    )
                    .returning(REVISIONS.c.number)
                ).scalar_one()
            )

    def get(self, number: int) -> Revision | None:
        """Return a revision."""
        return self._one(_WHOLE.where(REVISIONS.c.number == number))

    def newest(self) -> Revision | None:
        """Return the revision that was added last."""
        return self._one(_WHOLE.order_by(REVISIONS.c.number.desc()).limit(1))

    def list(self, *, limit: int) -> tuple[RevisionHead, ...]:
        """Return the newest revisions, newest first."""
        query = select(*_HEAD).order_by(REVISIONS.c.number.desc()).limit(limit)
        with self._database.reading() as connection:
            return tuple(RevisionHead(*row) for row in connection.execute(query))

    def publish(self, number: int, *, by: str, at_s: float) -> None:
        """Make a revision the one that holds, be it an older one.

        Raises:
            BadInput: there is no such revision.
        """
        with self._database.writing() as connection:
            known = select(REVISIONS.c.number).where(REVISIONS.c.number == number)
            if connection.execute(known).first() is None:
                raise BadInput(f"revision: there is no revision {number}")
            connection.execute(insert(PUBLICATIONS).values(number=number, by=by, at_s=at_s))

    def published(self) -> tuple[int, str] | None:
        """Return number and content of the revision that holds."""
        query = (
            select(REVISIONS.c.number, REVISIONS.c.content)
            .join(PUBLICATIONS, PUBLICATIONS.c.number == REVISIONS.c.number)
            .order_by(PUBLICATIONS.c.id.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return (int(row[0]), str(row[1])) if row else None

    def publications(self, *, limit: int) -> tuple[Publication, ...]:
        """Return what was published, newest first."""
        query = (
            select(PUBLICATIONS.c.number, PUBLICATIONS.c.by, PUBLICATIONS.c.at_s)
            .order_by(PUBLICATIONS.c.id.desc())
            .limit(limit)
        )
        with self._database.reading() as connection:
            return tuple(Publication(*row) for row in connection.execute(query))

    def _one(self, query: Select[*tuple[Any, ...]]) -> Revision | None:
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return Revision(**row._asdict()) if row else None
