"""Accounts of people and keys of workers, as an administrator sees and changes them."""

from typing import Annotated, Literal

from pydantic import Field

from crowdsafe.contract.people import Role
from crowdsafe.contract.strict import EpochSeconds, Identifier, Strict

Password = Annotated[str, Field(min_length=1, max_length=200)]


class SignInWays(Strict):
    """Answer of GET /api/sign-in: how people may sign in here."""

    password: bool
    oidc: Annotated[bool, Field(description="also by GET /api/oidc/begin, of another provider")]


class Account(Strict):
    """One person's account."""

    name: str
    role: Role
    by: Annotated[
        Literal["password", "oidc"], Field(description="how the person says who they are")
    ]
    disabled_at_s: EpochSeconds | None


class PutAccount(Strict):
    """Body of PUT /api/people/{name}."""

    role: Role
    password: Annotated[
        Password | None, Field(description="null: as it is; a new person needs one")
    ] = None


class NewPassword(Strict):
    """Body of PUT /api/session/password."""

    password: Password
    new_password: Password


class WorkerName(Strict):
    """Body of POST /api/workers."""

    name: Identifier


class WorkerToken(Strict):
    """Answer of POST /api/workers: the token, which is never shown again."""

    name: Identifier
    token: str


class WorkerAccount(Strict):
    """One worker's key."""

    name: Identifier
    created_at_s: Annotated[EpochSeconds | None, Field(description="null: not known any more")]
    revoked_at_s: EpochSeconds | None
    last_seen_at_s: EpochSeconds | None
