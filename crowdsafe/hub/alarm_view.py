"""An alarm of the domain as the message that goes to pages and into the store, and back."""

from crowdsafe.contract.messages import Alarm as AlarmMessage
from crowdsafe.contract.messages import LevelName
from crowdsafe.domain.alarms import Alarm, AlarmState, Evidence
from crowdsafe.domain.levels import Level

_LEVEL_NAMES: tuple[LevelName, ...] = ("clear", "busy", "tight", "critical")


def to_message(alarm_id: int, alarm: Alarm) -> AlarmMessage:
    """Return an alarm as a message."""
    evidence = alarm.evidence
    is_density = alarm.cause == "density"
    return AlarmMessage(
        id=alarm_id,
        cause=alarm.cause,
        zone_id=alarm.subject_id if is_density else None,
        camera_id=evidence.camera_id if is_density else alarm.subject_id,
        state=alarm.state.value,
        level="unknown" if evidence.level is None else _LEVEL_NAMES[evidence.level],
        raised_at_s=alarm.raised_at_s,
        acknowledged_at_s=alarm.acknowledged_at_s,
        acknowledged_by=alarm.acknowledged_by,
        returned_at_s=alarm.returned_at_s,
        cleared_at_s=alarm.cleared_at_s,
        value_ppm2=evidence.value_ppm2,
        value_sd_ppm2=evidence.value_sd_ppm2,
        peak_ppm2=alarm.peak_ppm2,
        threshold_ppm2=evidence.threshold_ppm2,
        held_s=alarm.held_s,
        seen_share=evidence.seen_share,
        times=alarm.times,
    )


def from_message(message: AlarmMessage) -> Alarm:
    """Return a stored message as an alarm."""
    is_density = message.cause == "density"
    subject_id = message.zone_id if is_density else message.camera_id
    return Alarm(
        cause=message.cause,
        subject_id=subject_id or "",
        state=AlarmState(message.state),
        evidence=Evidence(
            level=None if message.level == "unknown" else Level(_LEVEL_NAMES.index(message.level)),
            value_ppm2=message.value_ppm2,
            value_sd_ppm2=message.value_sd_ppm2,
            threshold_ppm2=message.threshold_ppm2,
            seen_share=message.seen_share,
            camera_id=message.camera_id,
        ),
        raised_at_s=message.raised_at_s,
        held_s=message.held_s or 0.0,
        peak_ppm2=message.peak_ppm2,
        times=message.times,
        acknowledged_at_s=message.acknowledged_at_s,
        acknowledged_by=message.acknowledged_by,
        returned_at_s=message.returned_at_s,
        cleared_at_s=message.cleared_at_s,
    )
