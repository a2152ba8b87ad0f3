"""What is written in one transaction."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crowdsafe.contract.alarms import Alarm
from crowdsafe.contract.edge_messages import Observation
from crowdsafe.domain.alarm.levels import LevelState
from crowdsafe.errors import BadInput
from crowdsafe.hub.store.chain import canonical


@dataclass(frozen=True, slots=True)
class ZoneValue:
    """The fused value of a zone, as the page shows it; density None: it was not known then.

    About one a second and zone is enough: whoever writes leaves out the rest. ``revision`` is the
    one of the site that the hub ran: what the zone was then.
    """

    zone_id: str
    at_s: float
    density_ppm2: float | None
    density_sd_ppm2: float | None = None
    peak_ppm2: float | None = None
    count: float | None = None
    seen_share: float | None = None
    revision: int | None = None

    def __post_init__(self) -> None:
        for name in ("at_s", "density_ppm2", "density_sd_ppm2", "peak_ppm2", "count", "seen_share"):
            value = getattr(self, name)
            if value is None and name != "at_s":
                continue
            if value is None or not 0 <= value < math.inf:
                raise BadInput(
                    f"zone value of '{self.zone_id}': {name} {value}, expected a number from 0"
                )


@dataclass(frozen=True)
class AlarmEventRow:
    """What an alarm is now, and what happened to it; event None: only its numbers changed."""

    message: Alarm
    event: str | None
    at_s: float
    by: str | None = None

    def entry(self) -> "AuditEntry | None":
        """Return what the record keeps of it."""
        if self.event is None:
            return None
        return AuditEntry(
            at_s=self.at_s,
            actor=self.by or "hub",
            action=f"alarm.{self.event}",
            subject=f"alarm/{self.message.id}",
            detail=self.message.model_dump(mode="json"),
        )


@dataclass(frozen=True)
class AuditEntry:
    """One entry of the record: who did what to what, and when.

    Raises:
        BadInput: it cannot be kept as it is.
    """

    at_s: float
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    detail_text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.at_s < math.inf:
            raise BadInput(f"audit entry '{self.action}': at_s {self.at_s}, expected a time")
        for name in ("actor", "action", "subject"):
            text = getattr(self, name)
            if not text or not _can_be_kept(text):
                raise BadInput(f"audit entry '{self.action}': {name} {text!r} cannot be kept")
        try:
            text = canonical(self.detail)
        except (ValueError, TypeError) as error:
            raise BadInput(f"audit entry '{self.action}': detail is not JSON ({error})") from None
        object.__setattr__(self, "detail_text", text)


@dataclass(frozen=True)
class Outgoing:
    """One notice on its way to one target; ``body`` is its JSON."""

    target_id: str
    notice_id: str
    body: str
    created_at_s: float


@dataclass(frozen=True)
class Batch:
    """What is written in one transaction."""

    observations: tuple[Observation, ...] = ()
    zone_values: tuple[ZoneValue, ...] = ()
    alarms: tuple[AlarmEventRow, ...] = ()
    levels: tuple[tuple[str, LevelState], ...] = ()
    audit: tuple[AuditEntry, ...] = ()
    outgoing: tuple[Outgoing, ...] = ()
    warnings: tuple[tuple[int, str], ...] = ()


def _can_be_kept(text: str) -> bool:
    """Whether both databases take a text: no NUL, and nothing that UTF-8 has no bytes for."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)
