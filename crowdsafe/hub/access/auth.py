"""Who asks: people with passwords and sessions, workers with tokens."""

import contextlib
import time
from dataclasses import dataclass

from argon2 import PasswordHasher

from crowdsafe.contract.people import Person
from crowdsafe.errors import CrowdsafeError
from crowdsafe.hub.access import COMMAND_LINE
from crowdsafe.hub.access.passwords import Passwords, normal
from crowdsafe.hub.access.people import People
from crowdsafe.hub.access.rights import NotAllowed, person_of
from crowdsafe.hub.access.tokens import digest, new_token
from crowdsafe.hub.access.tries import TooManyTries, Tries
from crowdsafe.hub.access.worker_keys import WorkerKey, WorkerKeys
from crowdsafe.hub.store import AuditEntry, Store

__all__ = ["SESSION_COOKIE", "Auth", "NewSession", "NotAllowed", "NotSignedIn", "TooManyTries"]

SESSION_COOKIE = "crowdsafe_session"
LONGEST_SESSION_S = 7 * 86400.0
"""A session that is in use all the time ends after so long."""


class NotSignedIn(CrowdsafeError):
    """Name, password, session or token are not right."""


@dataclass(frozen=True)
class NewSession:
    """A person who signed in, and the token for the cookie, which is no use after ``until_s``."""

    person: Person
    token: str
    until_s: float


class Auth:
    """Passwords, sessions and tokens over a store. Blocks: call it from a thread."""

    def __init__(
        self,
        store: Store,
        *,
        session_hours: float,
        failures_per_min: int,
        hasher: PasswordHasher | None = None,
    ) -> None:
        """Use a store.

        Args:
            store: where accounts, sessions and keys are.
            session_hours: a session that nobody uses ends after so long.
            failures_per_min: wrong passwords that one name is allowed from one address.
            hasher: says how costly a password is to guess.
        """
        self._store = store
        self._session_s = session_hours * 3600
        self._passwords = Passwords(hasher)
        self.tries = Tries(failures_per_min)
        self.people = People(store, self._passwords)
        self.workers = WorkerKeys(store)

    # --- people ------------------------------------------------------------------------------

    def put_user(
        self, *, name: str, password: str | None, role: str, by: str = COMMAND_LINE
    ) -> None:
        """Make a person or change a known one, as :meth:`People.put`."""
        self.people.put(name=name, password=password, role=role, by=by)

    def sign_in(self, *, name: str, password: str, now_s: float, address: str = "") -> NewSession:
        """Check a password and open a session.

        Raises:
            NotSignedIn: the name or the password is wrong, or the account is disabled.
            TooManyTries: too many wrong passwords in a minute.
        """
        name = normal(name).strip()
        self._check(name=name, password=password, address=address)
        return self._open(name, now_s=now_s, until_s=now_s + self._longest_s(), way="password")

    def change_password(
        self, person: Person, *, password: str, new_password: str, now_s: float, address: str = ""
    ) -> NewSession:
        """Change a person's own password; ends their sessions and opens a new one.

        Raises:
            NotSignedIn: the present password is wrong.
            TooManyTries: too many wrong passwords in a minute.
            BadInput: the new one is too weak.
        """
        name = person.name
        self._check(name=name, password=password, address=address)
        self.people.put_password(name=name, password=new_password)
        return self._open(name, now_s=now_s, until_s=now_s + self._longest_s(), way="password")

    def open_for_provider(self, name: str, *, now_s: float) -> NewSession:
        """Open a session for a person whom a provider vouched for.

        It is not renewed: the provider is asked again, which may have taken the role back.

        Raises:
            NotSignedIn: there is no such person, or the account is disabled.
        """
        return self._open(name, now_s=now_s, until_s=now_s + self._session_s, way="oidc")

    def person(self, token: str | None, *, now_s: float) -> Person:
        """Return whom a session belongs to. Whoever asks often enough stays signed in.

        Raises:
            NotSignedIn: no such session, or it is over.
        """
        if not token:
            raise NotSignedIn("not signed in")
        token_hash, people = digest(token), self._store.people
        found = people.session(token_hash=token_hash, now_s=now_s + self._session_s / 2)
        if found is None:
            found = people.session(token_hash=token_hash, now_s=now_s)
            if found is None:
                raise NotSignedIn("not signed in")
            expires_at_s = min(now_s + self._session_s, _until_s(token))
            if expires_at_s > now_s + self._session_s / 2:
                people.renew_session(token_hash=token_hash, expires_at_s=expires_at_s)
        return person_of(found[0], found[1])

    def sign_out(self, token: str, *, now_s: float | None = None) -> None:
        """End a session."""
        now_s = time.time() if now_s is None else now_s
        with contextlib.suppress(NotSignedIn):
            self._record("person.signed_out", self.person(token, now_s=now_s).name, at_s=now_s)
        self._store.people.end_session(digest(token))

    # --- workers -----------------------------------------------------------------------------

    def add_worker(self, name: str, *, by: str = COMMAND_LINE) -> str:
        """Make a worker or give a known one a new token, as :meth:`WorkerKeys.add`."""
        return self.workers.add(name, by=by)

    def worker_key(self, authorization: str | None) -> WorkerKey:
        """Return the key that an ``Authorization: Bearer TOKEN`` header carries.

        Raises:
            NotSignedIn: the header is missing, or its token unknown or revoked.
        """
        scheme, _, token = (authorization or "").partition(" ")
        key = self.workers.find(token) if scheme.lower() == "bearer" and token else None
        if key is None:
            raise NotSignedIn("the worker's token is missing or unknown")
        return key

    def worker(self, authorization: str | None) -> str:
        """Return the name of the worker that such a header belongs to.

        Raises:
            NotSignedIn: the header is missing, or its token unknown or revoked.
        """
        return self.worker_key(authorization).name

    def worker_is_known(self, key: WorkerKey) -> bool:
        """Say whether a key that was good still is: neither revoked nor replaced."""
        return self.workers.is_known(key)

    # -----------------------------------------------------------------------------------------

    def _longest_s(self) -> float:
        return max(self._session_s, LONGEST_SESSION_S)

    def _check(self, *, name: str, password: str, address: str) -> None:
        self.tries.refuse(name=name, address=address)
        known = self._store.people.user(name)
        if not self._passwords.fits(password, known.password_hash if known else None):
            self.tries.failed(name=name, address=address)
            raise NotSignedIn("name or password is wrong")
        if known is None or known.disabled_at_s is not None:
            raise NotSignedIn("this account is disabled")
        self.tries.succeeded(name=name, address=address)

    def _open(self, name: str, *, now_s: float, until_s: float, way: str) -> NewSession:
        known = self._store.people.user(name)
        if known is None or known.disabled_at_s is not None:
            raise NotSignedIn("this account is disabled")
        # The end stands in the token, where its hash keeps it from being changed.
        token = f"{int(until_s):x}.{new_token()}"
        self._store.people.put_session(
            token_hash=digest(token),
            user=name,
            expires_at_s=min(now_s + self._session_s, until_s),
        )
        self._record("person.signed_in", name, at_s=now_s, detail={"by": way})
        return NewSession(person=person_of(name, known.role), token=token, until_s=until_s)

    def _record(
        self, action: str, name: str, *, at_s: float, detail: dict[str, str] | None = None
    ) -> None:
        self._store.audit.append(
            AuditEntry(
                at_s=at_s,
                actor=name,
                action=action,
                subject=f"person/{name}",
                detail=detail or {},
            )
        )


def _until_s(token: str) -> float:
    try:
        return float(int(token.partition(".")[0], 16))
    except ValueError:
        return 0.0
