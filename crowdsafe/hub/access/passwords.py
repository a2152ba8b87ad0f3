"""Which passwords are taken, and how they are kept: argon2."""

import secrets
import unicodedata
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crowdsafe.errors import BadInput

_ARGON2 = "$argon2"
MIN_LENGTH = 10
MAX_LENGTH = 200
_MIN_DIFFERENT = 4
_WORST = frozenset(
    (
        *("0123456789", "1234567890", "12345678910", "123456789a", "9876543210", "1q2w3e4r5t"),
        *("qwertzuiop", "qwertyuiop", "asdfghjkl1", "1qaz2wsx3edc", "password12", "password123"),
        *("passwort12", "passwort123", "passwort1!", "password1!", "administrator", "changeme123"),
        *("willkommen", "willkommen1", "letmein123", "iloveyou123", "hallo12345", "sicherheit"),
        *("crowdsafe1", "crowdsafe123", "leitstelle", "leitstelle1", "controlroom"),
    )
)


def normal(text: str) -> str:
    """Return a text as every keyboard's ü is the same bytes of it."""
    return unicodedata.normalize("NFKC", text)


def refuse_weak(password: str, *, name: str) -> None:
    """Refuse a password that is guessed at once.

    Raises:
        BadInput: what is wrong with it; the password itself is not repeated.
    """
    password, folded = normal(password), normal(password).casefold()
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise BadInput(
            f"password: {len(password)} characters, expected {MIN_LENGTH} to {MAX_LENGTH}"
        )
    if not folded.replace(normal(name).casefold(), "").strip("0123456789.!?_- "):
        raise BadInput("password: is the name, expected one that the name does not give away")
    if folded in _WORST or len(set(folded)) < _MIN_DIFFERENT:
        raise BadInput("password: is one of the first that are tried, expected another")


class Passwords:
    """Hashes and checks passwords. Slow on purpose: call it from a thread."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """``hasher`` says how costly a password is to guess."""
        self._hasher = hasher or PasswordHasher()

    @cached_property
    def _nobodys(self) -> str:
        """Checked where there is no password, so that the answer takes as long as where one is."""
        return self._hasher.hash(secrets.token_hex(16))

    def hash(self, password: str) -> str:
        """Return what is kept of a password."""
        return self._hasher.hash(normal(password))

    def fits(self, password: str, kept: str | None) -> bool:
        """Say whether a password is the one that was kept; takes the same time where none was."""
        is_hash = kept is not None and kept.startswith(_ARGON2)
        try:
            self._hasher.verify(kept if kept and is_hash else self._nobodys, normal(password))
        except (VerificationError, InvalidHashError):
            return False
        return is_hash
