"""People who may sign in, and their sessions."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from crowdsafe.errors import BadInput
from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.tables import SESSIONS, USERS


@dataclass(frozen=True)
class UserRow:
    """One person; without a password hash they sign in by OIDC only."""

    name: str
    password_hash: str | None
    role: str
    disabled_at_s: float | None
    changed_at_s: float | None


class People:
    """The people of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put_user(self, *, name: str, password_hash: str | None, role: str, at_s: float) -> None:
        """Create a person, or give a known one a new password and role; ends their sessions.

        A disabled person stays disabled.
        """
        values = {"password_hash": password_hash, "role": role, "changed_at_s": at_s}
        with self._database.writing() as connection:
            known = connection.execute(update(USERS).where(USERS.c.name == name).values(values))
            if known.rowcount == 0:
                connection.execute(insert(USERS).values(name=name, **values))
            connection.execute(delete(SESSIONS).where(SESSIONS.c.user == name))

    def user(self, name: str) -> UserRow | None:
        """Return a person; whatever is asked for, also what no name can be."""
        # PostgreSQL refuses even to look for it.
        if "\0" in name:
            return None
        with self._database.reading() as connection:
            row = connection.execute(select(USERS).where(USERS.c.name == name)).one_or_none()
        return _user(row) if row else None

    def users(self) -> tuple[UserRow, ...]:
        """Return all people, by name."""
        with self._database.reading() as connection:
            return tuple(map(_user, connection.execute(select(USERS).order_by(USERS.c.name))))

    def disable_user(self, name: str, *, at_s: float) -> None:
        """Let a person not sign in any more; ends their sessions. Raises BadInput for nobody."""
        with self._database.writing() as connection:
            _set_disabled(connection, name, at_s=at_s)
            connection.execute(delete(SESSIONS).where(SESSIONS.c.user == name))

    def enable_user(self, name: str) -> None:
        """Let a disabled person sign in again. Raises BadInput for nobody."""
        with self._database.writing() as connection:
            _set_disabled(connection, name, at_s=None)

    def put_session(self, *, token_hash: str, user: str, expires_at_s: float) -> None:
        """Remember that a person signed in."""
        with self._database.writing() as connection:
            connection.execute(
                insert(SESSIONS).values(token_hash=token_hash, user=user, expires_at_s=expires_at_s)
            )

    def session(self, *, token_hash: str, now_s: float) -> tuple[str, str] | None:
        """Return name and role of whom a session belongs to; a disabled person has none."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(USERS.c.name, USERS.c.role)
                .join(SESSIONS, SESSIONS.c.user == USERS.c.name)
                .where(
                    SESSIONS.c.token_hash == token_hash,
                    SESSIONS.c.expires_at_s > now_s,
                    USERS.c.disabled_at_s.is_(None),
                )
            ).one_or_none()
        return (row[0], row[1]) if row else None

    def renew_session(self, *, token_hash: str, expires_at_s: float) -> None:
        """Let a session that is there go on; one that has ended meanwhile stays ended."""
        with self._database.writing() as connection:
            connection.execute(
                update(SESSIONS)
                .where(SESSIONS.c.token_hash == token_hash)
                .values(expires_at_s=expires_at_s)
            )

    def end_session(self, token_hash: str) -> None:
        """Forget that a person signed in."""
        with self._database.writing() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.token_hash == token_hash))

    def end_sessions_of(self, user: str) -> None:
        """Sign a person out everywhere."""
        with self._database.writing() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.user == user))


def _set_disabled(connection: Connection, name: str, *, at_s: float | None) -> None:
    known = connection.execute(update(USERS).where(USERS.c.name == name).values(disabled_at_s=at_s))
    if known.rowcount == 0:
        raise BadInput(f"name: there is nobody named '{name}'")


def _user(row: Row[Any]) -> UserRow:
    return UserRow(
        name=row.name,
        password_hash=row.password_hash,
        role=row.role,
        disabled_at_s=row.disabled_at_s,
        changed_at_s=row.changed_at_s,
    )
