"""Random tokens, of which only the hash is kept."""

import hashlib
import secrets


def new_token() -> str:
    """Return a token that nobody guesses (256 bits)."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """Return what is kept of a token. Without salt: it has nothing that could be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()
