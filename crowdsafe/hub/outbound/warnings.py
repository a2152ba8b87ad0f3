"""Warnings of the running hub: drafts for a person, and approved ones on their way."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import Field

from crowdsafe.contract.notices import AlarmNotice
from crowdsafe.contract.strict import Strict
from crowdsafe.contract.targets import CapSettings, CapTarget, TargetBase
from crowdsafe.hub.outbound.cap_message import CapMessage, CapScope
from crowdsafe.hub.outbound.cap_series import (
    CapSeries,
    NothingToApprove,
    approve,
    discard,
    take_notice,
)
from crowdsafe.hub.store.batch import Outgoing


class ApproveWarning(Strict):
    """Body of POST /api/warnings/ALARM_ID/approve."""

    identifier: Annotated[
        str, Field(min_length=1, max_length=200, description="of the draft that was read")
    ]
    scope: Annotated[CapScope, Field(description="who may see it")] = "Restricted"


class DiscardWarning(Strict):
    """Body of POST /api/warnings/ALARM_ID/discard."""

    identifier: Annotated[
        str, Field(min_length=1, max_length=200, description="of the draft that was read")
    ]


class Warnings:
    """The series of all alarms that made one. Whoever calls keeps the series that come back."""

    def __init__(
        self,
        settings: CapSettings,
        targets: Sequence[TargetBase],
        *,
        series: Iterable[CapSeries] = (),
    ) -> None:
        """Take up the series that were kept; without a target for CAP nothing is drafted."""
        self._settings = settings
        self._target_ids = tuple(each.id for each in targets if isinstance(each, CapTarget))
        self._series = {each.alarm_id: each for each in series}

    @property
    def drafts(self) -> tuple[CapMessage, ...]:
        """What waits for a person, the oldest first."""
        drafts = (each.draft for each in self._series.values() if each.draft is not None)
        return tuple(sorted(drafts, key=lambda draft: draft.sent_at_s))

    def draft(self, alarm_id: int) -> CapMessage:
        """Return the draft about an alarm. Raises NothingToApprove."""
        draft = self._of(alarm_id).draft
        if draft is None:
            raise NothingToApprove(f"alarm {alarm_id}: no warning waits for approval")
        return draft

    def take(self, notice: AlarmNotice) -> CapSeries | None:
        """Take up what happened to an alarm; return its series when that changed it."""
        if not self._target_ids:
            return None
        before = self._of(notice.alarm.id)
        series = take_notice(before, notice, settings=self._settings)
        return None if series is before else self._keep(series)

    def approve(
        self, alarm_id: int, asked: ApproveWarning, *, by: str, at_s: float
    ) -> tuple[CapSeries, tuple[Outgoing, ...]]:
        """Return the series and what goes out. Raises NothingToApprove."""
        series, message = approve(
            self._of(alarm_id), identifier=asked.identifier, by=by, at_s=at_s, scope=asked.scope
        )
        body = message.model_dump_json()
        outgoing = tuple(
            Outgoing(target_id=each, notice_id=message.identifier, body=body, created_at_s=at_s)
            for each in self._target_ids
        )
        return self._keep(series), outgoing

    def discard(self, alarm_id: int, asked: DiscardWarning) -> CapSeries:
        """Return the series without its draft. Raises NothingToApprove."""
        return self._keep(discard(self._of(alarm_id), identifier=asked.identifier))

    def _of(self, alarm_id: int) -> CapSeries:
        return self._series.get(alarm_id) or CapSeries(alarm_id=alarm_id)

    def _keep(self, series: CapSeries) -> CapSeries:
        self._series[series.alarm_id] = series
        return series
