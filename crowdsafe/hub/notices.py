"""Notices of what happened, for the targets outside that want them."""

import uuid
from collections.abc import Sequence

from crowdsafe.contract.alarms import Alarm
from crowdsafe.contract.measures import Measure
from crowdsafe.contract.notices import AlarmNotice, MeasureNotice, NoticeSubject
from crowdsafe.contract.site import Site
from crowdsafe.contract.targets import TargetBase
from crowdsafe.contract.words import Text
from crowdsafe.domain.alarm.alarm import AlarmEvent
from crowdsafe.hub.outbound.event_stream import Entry
from crowdsafe.hub.outbound.routing import recipients
from crowdsafe.hub.store.batch import Outgoing
from crowdsafe.hub.wording import sentence, weather_name


class Notices:
    """Makes notices of one site and addresses them."""

    def __init__(self, site: Site, targets: Sequence[TargetBase], *, exercise: bool) -> None:
        self._targets = tuple(targets)
        self._exercise = exercise
        self.take_up(site)

    def take_up(self, site: Site) -> None:
        """Name things as a site names them."""
        self._site_id = site.id
        self._zones = {
            zone.zone.id: NoticeSubject(
                id=zone.zone.id, name=zone.name, rings=site.frame.rings(zone.zone.polygon)
            )
            for zone in site.zones
        }
        self._cameras = {
            camera.id: NoticeSubject(id=camera.id, name=camera.name) for camera in site.cameras
        }

    def subject(self, alarm: Alarm) -> NoticeSubject:
        """Return what an alarm is about."""
        if alarm.zone_id is not None:
            known = self._zones.get(alarm.zone_id)
        elif alarm.cause == "weather":
            known = NoticeSubject(id=alarm.subject_id, name=weather_name(alarm.subject_id))
        else:
            known = self._cameras.get(alarm.subject_id)
        if known is not None:
            return known
        name = Text(de=alarm.subject_id, en=alarm.subject_id)
        return NoticeSubject(id=alarm.subject_id, name=name)

    def of_alarm(
        self, alarm: Alarm, event: AlarmEvent, *, by: str | None, now_s: float
    ) -> AlarmNotice:
        """Return the notice of what happened to an alarm."""
        subject = self.subject(alarm)
        return AlarmNotice(
            id=str(uuid.uuid4()),
            at_s=now_s,
            site_id=self._site_id,
            exercise=self._exercise,
            event=event.value,
            by=by,
            subject=subject,
            sentence=sentence(alarm, name=subject.name, now_s=now_s),
            alarm=alarm,
        )

    def of_measure(
        self, measure: Measure, alarm: Alarm, *, notice_id: str, by: str, now_s: float
    ) -> MeasureNotice:
        """Return the notice of a measure that a person confirmed."""
        return MeasureNotice(
            id=notice_id,
            at_s=now_s,
            site_id=self._site_id,
            exercise=self._exercise,
            by=by,
            subject=self.subject(alarm),
            alarm_id=alarm.id,
            measure=measure,
        )

    def of_entry(self, entry: Entry) -> AlarmNotice | MeasureNotice | None:
        """Return the notice of an entry of the record, None when it is none for the outside."""
        kind, _, event = entry.action.partition(".")
        if entry.action == "measure.confirmed":
            return MeasureNotice.model_validate_json(entry.detail)
        if kind != "alarm":
            return None
        alarm = Alarm.model_validate_json(entry.detail)
        by = None if entry.actor == "hub" else entry.actor
        notice = self.of_alarm(alarm, AlarmEvent(event), by=by, now_s=entry.at_s)
        return notice.model_copy(update={"id": f"record-{entry.seq}"})

    def outgoing(self, notice: AlarmNotice | MeasureNotice) -> tuple[Outgoing, ...]:
        """Return a notice addressed to each target that wants it."""
        ids = recipients(self._targets, notice)
        body = notice.model_dump_json() if ids else ""
        return tuple(
            Outgoing(target_id=each, notice_id=notice.id, body=body, created_at_s=notice.at_s)
            for each in ids
        )
