"""Who signs in, and with what role."""

from typing import Annotated, Literal

from pydantic import Field

from crowdsafe.contract.strict import EpochSeconds, Strict

Role = Literal["viewer", "operator", "organiser", "engineer", "administrator"]
Right = Literal[
    "look",
    "acknowledge",
    "shelve",
    "confirm_measure",
    "hand_over",
    "take_out_of_service",
    "approve_warning",
    "read_record",
    "export_record",
    "edit_draft",
    "publish",
    "manage_people",
    "manage_workers",
]
"""What a role may do; `hub/access/rights.py` has the table."""


class SignIn(Strict):
    """Body of POST /api/session."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    password: Annotated[str, Field(min_length=1, max_length=200)]


class Person(Strict):
    """Who is signed in: answer of GET and POST /api/session."""

    name: str
    role: Role
    rights: tuple[Right, ...]


class Duty(Strict):
    """Who is on duty, and since when."""

    name: str
    since_s: EpochSeconds
