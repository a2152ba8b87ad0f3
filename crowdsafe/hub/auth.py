"""Who may do what: people with passwords and sessions, workers with tokens."""

import hashlib
import secrets
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from crowdsafe.contract.messages import Person, Role
from crowdsafe.errors import BadInput, CrowdsafeError
from crowdsafe.hub.store import Store

SESSION_COOKIE = "crowdsafe_session"
MAY_ACKNOWLEDGE: frozenset[Role] = frozenset({"operator", "administrator"})
_MIN_PASSWORD = 10
_ROLES: tuple[Role, ...] = ("viewer", "operator", "administrator")


class NotSignedIn(CrowdsafeError):
    """Name, password, session or token are not right."""


class NotAllowed(CrowdsafeError):
    """The role does not allow it."""


class TooManyTries(CrowdsafeError):
    """Too many wrong passwords."""


@dataclass(frozen=True)
class NewSession:
    """A person who signed in, and the token for the cookie."""

    person: Person
    token: str


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


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
        """Use a store; ``hasher`` says how costly a password is to guess."""
        self._store = store
        self._hasher = hasher or PasswordHasher()
        # Verified when a name is unknown, so that the answer takes as long as for a known one.
        self._nobody_hash = self._hasher.hash(secrets.token_hex(16))
        self._session_s = session_hours * 3600
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limit = RateLimitItemPerMinute(failures_per_min)

    def put_user(self, *, name: str, password: str, role: str) -> None:
        """Create a person or change a known one's password and role; ends their sessions.

        Raises:
            BadInput: the password is too short or the role unknown.
        """
        if len(password) < _MIN_PASSWORD:
            raise BadInput(
                f"password: {len(password)} characters, expected {_MIN_PASSWORD} or more"
            )
        if not 1 <= len(name.strip()) <= 100:
            raise BadInput("name: expected 1 to 100 characters")
        for known in _ROLES:
            if role == known:
                hashed = self._hasher.hash(password)
                self._store.put_user(name=name.strip(), password_hash=hashed, role=known)
                return
        raise BadInput(f"role: '{role}', expected one of {', '.join(_ROLES)}")

    def sign_in(self, *, name: str, password: str, now_s: float) -> NewSession:
        """Check a password and open a session.

        Raises:
            NotSignedIn: the name or the password is wrong.
            TooManyTries: too many wrong passwords for this name in a minute.
        """
        if not self._limiter.test(self._limit, name):
            raise TooManyTries("too many wrong passwords for this name, try again in a minute")
        known = self._store.user(name)
        try:
            self._hasher.verify(known[0] if known else self._nobody_hash, password)
        except (VerificationError, InvalidHashError):
            self._limiter.hit(self._limit, name)
            raise NotSignedIn("name or password is wrong") from None
        if known is None:
            raise NotSignedIn("name or password is wrong")
        token = secrets.token_urlsafe(32)
        self._store.put_session(
            token_hash=_digest(token), user=name, expires_at_s=now_s + self._session_s
        )
        return NewSession(
            person=Person.model_validate({"name": name, "role": known[1]}), token=token
        )

    def person(self, token: str | None, *, now_s: float) -> Person:
        """Return whom a session belongs to.

        Raises:
            NotSignedIn: no such session, or it is over.
        """
        found = self._store.session(token_hash=_digest(token), now_s=now_s) if token else None
        if found is None:
            raise NotSignedIn("not signed in")
        return Person.model_validate({"name": found[0], "role": found[1]})

    def sign_out(self, token: str) -> None:
        """End a session."""
        self._store.end_session(_digest(token))

    def add_worker(self, name: str) -> str:
        """Create a worker, or give a known one a new token, and return the token once."""
        token = secrets.token_urlsafe(32)
        self._store.put_worker(name=name, token_hash=_digest(token))
        return token

    def worker(self, authorization: str | None) -> str:
        """Return the worker that an ``Authorization: Bearer TOKEN`` header names.

        Raises:
            NotSignedIn: the header is missing or its token unknown.
        """
        scheme, _, token = (authorization or "").partition(" ")
        name = self._store.worker(_digest(token)) if scheme.lower() == "bearer" and token else None
        if name is None:
            raise NotSignedIn("the worker's token is missing or unknown")
        return name
