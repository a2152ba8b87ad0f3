"""The warnings about one alarm: what is drafted, what was approved, what a new one refers to.

A draft waits for a person; nothing of a series leaves before. What happened since is put into the
draft, so a series has one draft at most, and an alarm that is over before anybody approved it
leaves none.
"""

from typing import Annotated

from pydantic import Field

from crowdsafe.contract.alarms import AlarmEventName
from crowdsafe.contract.notices import AlarmNotice
from crowdsafe.contract.strict import Strict
from crowdsafe.contract.targets import CapSettings
from crowdsafe.errors import CrowdsafeError
from crowdsafe.hub.outbound.cap_message import (
    CapMessage,
    CapMessageType,
    CapReference,
    CapScope,
)
from crowdsafe.hub.outbound.routing import at_least

_WARNS: frozenset[AlarmEventName] = frozenset({"raised", "worsened", "came_back"})
_ENDS: frozenset[AlarmEventName] = frozenset({"returned", "ended"})


class NothingToApprove(CrowdsafeError):
    """There is no draft of this number."""


class CapSeries(Strict):
    """All warnings about one alarm.

    Attributes:
        made: how many drafts were made so far, which numbers them.
        out: approved messages since the last Cancel; empty: no warning is out.
        draft: what waits for a person.
    """

    alarm_id: Annotated[int, Field(ge=1)]
    made: Annotated[int, Field(ge=0)] = 0
    out: tuple[CapReference, ...] = ()
    draft: CapMessage | None = None


def take_notice(series: CapSeries, notice: AlarmNotice, *, settings: CapSettings) -> CapSeries:
    """Return the series after an event of its alarm; the same object when nothing changed."""
    if notice.event in _WARNS:
        if notice.alarm.cause not in settings.causes:
            return series
        # Once a warning is out it is kept up to date, whatever the priority has become.
        if not series.out and not at_least(notice.alarm.priority, settings.min_priority):
            return series
        return _drafted(series, "Update" if series.out else "Alert", notice, settings)
    if notice.event in _ENDS:
        if series.out:
            already = series.draft is not None and series.draft.message_type == "Cancel"
            return series if already else _drafted(series, "Cancel", notice, settings)
        if series.draft is not None:
            return series.model_copy(update={"draft": None})
    return series


def approve(
    series: CapSeries,
    *,
    identifier: str,
    by: str,
    at_s: float,
    scope: CapScope = "Restricted",
) -> tuple[CapSeries, CapMessage]:
    """Return the series and the message that now goes out, as approved at ``at_s``.

    Args:
        series: the series with its draft.
        identifier: of the draft that the person saw.
        by: who approved it.
        at_s: when; it becomes the time of sending.
        scope: who may see it.

    Raises:
        NothingToApprove: there is no draft, or it has changed since the person saw it.
    """
    draft = _the_draft(series, identifier)
    message = draft.model_copy(
        update={
            # CAP names a message by sender, identifier and time: no two may be alike, nor may one
            # be older than what it refers to.
            "sent_at_s": max([at_s, *(each.sent_at_s for each in series.out)]),
            "status": "Exercise" if draft.notice.exercise else "Actual",
            "scope": scope,
            "references": series.out,
            "approved_by": by,
        }
    )
    out = () if message.message_type == "Cancel" else (*series.out, message.reference)
    return series.model_copy(update={"draft": None, "out": out}), message


def discard(series: CapSeries, *, identifier: str) -> CapSeries:
    """Return the series without its draft, which a person did not want.

    Raises:
        NothingToApprove: there is no draft, or it has changed since the person saw it.
    """
    _the_draft(series, identifier)
    return series.model_copy(update={"draft": None})


def _the_draft(series: CapSeries, identifier: str) -> CapMessage:
    if series.draft is None:
        raise NothingToApprove(f"alarm {series.alarm_id}: no warning waits for approval")
    if series.draft.identifier != identifier:
        raise NothingToApprove(
            f"alarm {series.alarm_id}: warning '{identifier[:100]}' has been replaced by "
            f"'{series.draft.identifier}', read that one"
        )
    return series.draft


def _drafted(
    series: CapSeries, kind: CapMessageType, notice: AlarmNotice, settings: CapSettings
) -> CapSeries:
    number = series.made + 1
    draft = CapMessage(
        identifier=f"{notice.site_id}.{series.alarm_id}.{number}.{int(notice.at_s)}",
        sender=settings.sender,
        sent_at_s=notice.at_s,
        status="Draft",
        message_type=kind,
        scope="Restricted",
        references=series.out,
        approved_by=None,
        notice=notice,
    )
    return series.model_copy(update={"made": number, "draft": draft})
