"""One warning by CAP 1.2 as it is kept: all that its XML is made from."""

from typing import Annotated, Literal

from pydantic import Field

from crowdsafe.contract.notices import AlarmNotice
from crowdsafe.contract.strict import EpochSeconds, Strict

CapMessageType = Literal["Alert", "Update", "Cancel"]
CapStatus = Literal["Draft", "Actual", "Exercise"]
CapScope = Literal["Restricted", "Public"]


class CapReference(Strict):
    """How a later message names an earlier one."""

    sender: str
    identifier: str
    sent_at_s: EpochSeconds


class CapMessage(Strict):
    """One message of a series; ``Draft`` and ``Restricted`` until a person approved it."""

    identifier: Annotated[str, Field(pattern=r"^[^\s,<&]+$")]
    sender: Annotated[str, Field(pattern=r"^[^\s,<&]+$")]
    sent_at_s: EpochSeconds
    status: CapStatus
    message_type: CapMessageType
    scope: CapScope
    references: tuple[CapReference, ...]
    approved_by: str | None
    notice: AlarmNotice

    @property
    def reference(self) -> CapReference:
        """How a later message names this one."""
        return CapReference(
            sender=self.sender, identifier=self.identifier, sent_at_s=self.sent_at_s
        )
