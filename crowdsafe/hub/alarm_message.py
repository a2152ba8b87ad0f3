"""An alarm of the domain as the message that goes to pages and into the store, and back."""

from collections.abc import Sequence
from dataclasses import asdict

from crowdsafe.contract.alarms import Alarm as AlarmMessage
from crowdsafe.contract.alarms import Aside as AsideMessage
from crowdsafe.contract.alarms import MeasureUse as MeasureUseMessage
from crowdsafe.contract.words import Text
from crowdsafe.domain.alarm.alarm import Alarm, AlarmState, Aside, Evidence
from crowdsafe.domain.alarm.cause import CAMERA_CAUSES, ZONE_CAUSES
from crowdsafe.domain.alarm.measure_use import MeasureUse


def to_message(
    alarm_id: int,
    alarm: Alarm,
    *,
    escalates_at_s: float | None = None,
    offers: Sequence[str] = (),
) -> AlarmMessage:
    """Return an alarm as a message."""
    evidence = alarm.evidence
    is_camera = alarm.cause in CAMERA_CAUSES
    return AlarmMessage(
        id=alarm_id,
        cause=alarm.cause,
        subject_id=alarm.subject_id,
        zone_id=alarm.subject_id if alarm.cause in ZONE_CAUSES else None,
        camera_id=alarm.subject_id if is_camera else evidence.camera_id,
        state=alarm.state.value,
        priority=alarm.priority,
        grade=evidence.grade,
        present=alarm.present,
        first_raised_at_s=alarm.first_raised_at_s,
        raised_at_s=alarm.raised_at_s,
        called_at_s=alarm.called_at_s,
        times=alarm.times,
        acknowledged_at_s=alarm.acknowledged_at_s,
        acknowledged_by=alarm.acknowledged_by,
        returned_at_s=alarm.returned_at_s,
        ended_at_s=alarm.ended_at_s,
        quantity=evidence.quantity,
        value=evidence.value,
        value_sd=evidence.value_sd,
        limit=evidence.limit,
        worst=alarm.worst,
        value_at_s=evidence.at_s,
        held_s=alarm.held_s,
        seen_share=evidence.seen_share,
        detail=evidence.detail[:300],
        words=Text(de=evidence.words[0][:200], en=evidence.words[1][:200])
        if evidence.words
        else None,
        aside=AsideMessage(**asdict(alarm.aside)) if alarm.aside else None,
        first_out_id=alarm.first_out_id,
        escalated=alarm.escalated,
        escalates_at_s=escalates_at_s,
        offers=tuple(offers),
        measures=tuple(MeasureUseMessage(**asdict(use)) for use in alarm.measures),
    )


def from_message(message: AlarmMessage) -> Alarm:
    """Return a stored message as an alarm."""
    return Alarm(
        cause=message.cause,
        subject_id=message.subject_id,
        state=AlarmState(message.state),
        evidence=Evidence(
            grade=message.grade,
            quantity=message.quantity,
            value=message.value,
            value_sd=message.value_sd,
            limit=message.limit,
            at_s=message.value_at_s,
            seen_share=message.seen_share,
            camera_id=message.camera_id,
            detail=message.detail,
            words=(message.words.de, message.words.en) if message.words else None,
        ),
        present=message.present,
        first_raised_at_s=message.first_raised_at_s,
        raised_at_s=message.raised_at_s,
        called_at_s=message.called_at_s,
        held_s=message.held_s,
        worst=message.worst,
        times=message.times,
        acknowledged_at_s=message.acknowledged_at_s,
        acknowledged_by=message.acknowledged_by,
        returned_at_s=message.returned_at_s,
        ended_at_s=message.ended_at_s,
        aside=Aside(**message.aside.model_dump()) if message.aside else None,
        first_out_id=message.first_out_id,
        escalated=message.escalated,
        measures=tuple(MeasureUse(**use.model_dump()) for use in message.measures),
    )
