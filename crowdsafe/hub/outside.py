"""The way out of the hub: notices, confirmed measures, warnings and zones to their targets."""

import time
from collections.abc import Callable, Sequence

from crowdsafe.contract.alarms import Alarm
from crowdsafe.contract.measures import Measure
from crowdsafe.contract.page_messages import ZoneInfo, ZoneState
from crowdsafe.contract.site import Site
from crowdsafe.domain.alarm.alarm import AlarmEvent, Evidence
from crowdsafe.hub.ledger import Ledger
from crowdsafe.hub.notices import Notices
from crowdsafe.hub.outbound.cap_message import CapMessage
from crowdsafe.hub.outbound.cap_series import CapSeries
from crowdsafe.hub.outbound.delivery import OnDelivery
from crowdsafe.hub.outbound.event_stream import EventStream
from crowdsafe.hub.outbound.runner import OutboxRunner
from crowdsafe.hub.outbound.senders.make import make_senders
from crowdsafe.hub.outbound.warnings import ApproveWarning, DiscardWarning, Warnings
from crowdsafe.hub.outbound.zone_messages import ZoneMessages
from crowdsafe.hub.store.batch import AuditEntry, Batch
from crowdsafe.hub.store.store import Store
from crowdsafe.settings import HubSettings


class Outside:
    """Everything that leaves, each by the outbox; nothing in here is waited for by an alarm."""

    def __init__(
        self, site: Site, settings: HubSettings, store: Store, *, on_delivery: OnDelivery
    ) -> None:
        """Take up what was on its way.

        Raises:
            BadInput: a target cannot be sent to.
        """
        self.notices = Notices(site, settings.targets, exercise=settings.exercise)
        self.warnings = Warnings(
            settings.cap,
            settings.targets,
            series=[CapSeries.model_validate_json(text) for text in store.warnings.all()],
        )
        self.runner = OutboxRunner(
            store.outbox,
            settings.targets,
            make_senders(settings.targets, cap=settings.cap, timezone=site.timezone, now=time.time),
            on_delivery=on_delivery,
        )
        self.stream = EventStream(store.audit, self.notices.of_entry)
        self._zones = ZoneMessages(settings.targets)

    def wake(self, batch: Batch) -> None:
        """Say what is written: messages may leave, listeners may read the record."""
        self.runner.wake({each.target_id for each in batch.outgoing})
        if batch.alarms or batch.audit:
            self.stream.ring()

    def tell(
        self, alarm: Alarm, event: AlarmEvent, *, by: str | None, now_s: float, ledger: Ledger
    ) -> None:
        """Put what happened to an alarm into the ledger, for all that want it."""
        notice = self.notices.of_alarm(alarm, event, by=by, now_s=now_s)
        ledger.send(self.notices.outgoing(notice))
        series = self.warnings.take(notice)
        if series is not None:
            ledger.warn(series.alarm_id, series.model_dump_json())

    def confirm(
        self,
        measure: Measure,
        alarm: Alarm,
        *,
        notice_id: str,
        by: str,
        now_s: float,
        ledger: Ledger,
    ) -> None:
        """Put a confirmed measure into the ledger, and its exact words into the record."""
        notice = self.notices.of_measure(measure, alarm, notice_id=notice_id, by=by, now_s=now_s)
        ledger.send(self.notices.outgoing(notice))
        ledger.audit(
            AuditEntry(
                at_s=now_s,
                actor=by,
                action="measure.confirmed",
                subject=f"alarm/{alarm.id}",
                detail=notice.model_dump(mode="json"),
            )
        )

    def approve(
        self, alarm_id: int, asked: ApproveWarning, *, by: str, now_s: float, ledger: Ledger
    ) -> CapMessage:
        """Put a warning that a person approved into the ledger. Raises NothingToApprove."""
        series, outgoing = self.warnings.approve(alarm_id, asked, by=by, at_s=now_s)
        message = CapMessage.model_validate_json(outgoing[0].body)
        ledger.warn(alarm_id, series.model_dump_json())
        ledger.send(outgoing)
        ledger.audit(
            AuditEntry(
                at_s=now_s,
                actor=by,
                action="warning.approved",
                subject=f"alarm/{alarm_id}",
                detail=message.model_dump(mode="json"),
            )
        )
        return message

    def discard(
        self, alarm_id: int, asked: DiscardWarning, *, by: str, now_s: float, ledger: Ledger
    ) -> None:
        """Throw a draft away. Raises NothingToApprove."""
        series = self.warnings.discard(alarm_id, asked)
        ledger.warn(alarm_id, series.model_dump_json())
        ledger.audit(
            AuditEntry(
                at_s=now_s,
                actor=by,
                action="warning.discarded",
                subject=f"alarm/{alarm_id}",
                detail={"identifier": asked.identifier},
            )
        )

    def tell_zones(
        self,
        zones: Callable[[], Sequence[ZoneInfo]],
        states: Callable[[], Sequence[ZoneState]],
        *,
        site_id: str,
        now_s: float,
        ledger: Ledger,
    ) -> None:
        """Put the zones into the ledger where a context broker is due."""
        if self._zones.due(now_s):
            by_id = {state.zone_id: state for state in states()}
            ledger.send(self._zones.outgoing(zones(), by_id, site_id=site_id, now_s=now_s))

    def stuck(self, now_s: float) -> dict[str, Evidence]:
        """Return why a delivery alarm is due, by target."""
        return {
            each.target_id: Evidence(
                quantity="waiting_s", value=each.waits_s, at_s=now_s, detail=each.error[:300]
            )
            for each in self.runner.stuck(now_s)
        }
