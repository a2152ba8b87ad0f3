"""Kept messages, read again before they are sent."""

import json
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from crowdsafe.contract.notices import AlarmNotice, MeasureNotice, Notice
from crowdsafe.contract.strict import EpochSeconds, Identifier, first_problem
from crowdsafe.hub.outbound.cap_message import CapMessage
from crowdsafe.hub.outbound.delivery import Unreadable
from crowdsafe.hub.outbound.envelope import enveloped


class _KeptSubject(BaseModel):
    id: Identifier


class _KeptAlarm(BaseModel):
    type: Literal["alarm"]
    at_s: EpochSeconds
    event: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    subject: _KeptSubject

    @property
    def what(self) -> str:
        """Its type in the envelope."""
        return f"alarm.{self.event}"


class _KeptMeasure(BaseModel):
    type: Literal["measure"]
    at_s: EpochSeconds
    subject: _KeptSubject

    @property
    def what(self) -> str:
        """Its type in the envelope."""
        return "measure.confirmed"


_KEPT: TypeAdapter[_KeptAlarm | _KeptMeasure] = TypeAdapter(
    Annotated[_KeptAlarm | _KeptMeasure, Field(discriminator="type")]
)
_NOTICE: TypeAdapter[AlarmNotice | MeasureNotice] = TypeAdapter(Notice)


@dataclass(frozen=True)
class Enveloped:
    """A notice as it goes out, and what it is about."""

    text: str
    kind: Literal["alarm", "measure"]
    subject_id: str


def read_enveloped(body: str) -> Enveloped:
    """Read a notice for a machine; one that an older hub kept goes out as that one made it.

    Raises:
        Unreadable: not even what it is about can be read.
    """
    try:
        kept = _KEPT.validate_json(body)
    except ValidationError as error:
        raise Unreadable(f"is no notice: {first_problem(error)}") from None
    text = enveloped(json.loads(body), what=kept.what, at_s=kept.at_s)
    return Enveloped(text, kept.type, kept.subject.id)


def read_notice(body: str) -> AlarmNotice | MeasureNotice:
    """Read a notice. Raises Unreadable, perhaps after an update of the hub."""
    try:
        return _NOTICE.validate_json(body)
    except ValidationError as error:
        raise Unreadable(f"is no notice: {first_problem(error)}") from None


def read_cap_message(body: str) -> CapMessage:
    """Read a warning. Raises Unreadable."""
    try:
        return CapMessage.model_validate_json(body)
    except ValidationError as error:
        raise Unreadable(f"is no warning: {first_problem(error)}") from None
