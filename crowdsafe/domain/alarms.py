"""The life of one alarm: raised, acknowledged, returned, cleared.

After EN 62682 / ISA-18.2: an alarm whose cause has gone stays on the list until a person has
acknowledged it, and a cause that comes back meanwhile makes no second alarm.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from crowdsafe.domain.levels import Level
from crowdsafe.errors import CrowdsafeError

Cause = Literal["density", "silence"]


class AlarmState(StrEnum):
    """Where an alarm is in its life."""

    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned"
    CLEARED = "cleared"


class AlarmEvent(StrEnum):
    """What happened to an alarm in one step."""

    RAISED = "raised"
    WORSENED = "worsened"
    CAME_BACK = "came_back"
    RETURNED = "returned"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"


class WrongAlarmState(CrowdsafeError):
    """The alarm is not in a state that allows what was asked."""


@dataclass(frozen=True)
class Evidence:
    """Why an alarm stands: the numbers at one moment. Densities are None for silence."""

    level: Level | None
    value_ppm2: float | None = None
    value_sd_ppm2: float | None = None
    threshold_ppm2: float | None = None
    seen_share: float | None = None
    camera_id: str | None = None


@dataclass(frozen=True)
class Alarm:
    """One alarm of one zone or camera and one cause."""

    cause: Cause
    subject_id: str
    state: AlarmState
    evidence: Evidence
    raised_at_s: float
    held_s: float
    peak_ppm2: float | None
    times: int = 1
    acknowledged_at_s: float | None = None
    acknowledged_by: str | None = None
    returned_at_s: float | None = None
    cleared_at_s: float | None = None


def raise_alarm(
    *, cause: Cause, subject_id: str, evidence: Evidence, held_s: float, now_s: float
) -> Alarm:
    """Return a new alarm; ``held_s`` is how long its cause had held before it was raised."""
    return Alarm(
        cause=cause,
        subject_id=subject_id,
        state=AlarmState.UNACKNOWLEDGED,
        evidence=evidence,
        raised_at_s=now_s,
        held_s=held_s,
        peak_ppm2=evidence.value_ppm2,
    )


def step_alarm(
    alarm: Alarm, *, present: bool, evidence: Evidence, now_s: float
) -> tuple[Alarm, AlarmEvent | None]:
    """Take into account whether the cause is present now.

    Do not call this while the cause cannot be judged (no picture): what is unknown neither
    raises nor clears.

    Returns:
        The alarm, and what happened to it, None when nothing that a person must know.
    """
    if alarm.state is AlarmState.CLEARED:
        raise WrongAlarmState("alarm: it is cleared and takes no further step")
    if not present:
        if alarm.state is AlarmState.UNACKNOWLEDGED:
            return replace(alarm, state=AlarmState.RETURNED, returned_at_s=now_s), (
                AlarmEvent.RETURNED
            )
        if alarm.state is AlarmState.ACKNOWLEDGED:
            return replace(
                alarm, state=AlarmState.CLEARED, returned_at_s=now_s, cleared_at_s=now_s
            ), AlarmEvent.CLEARED
        return alarm, None
    peaks = [value for value in (alarm.peak_ppm2, evidence.value_ppm2) if value is not None]
    present_alarm = replace(alarm, evidence=evidence, peak_ppm2=max(peaks, default=None))
    if alarm.state is AlarmState.RETURNED:
        return replace(
            present_alarm,
            state=AlarmState.UNACKNOWLEDGED,
            returned_at_s=None,
            times=alarm.times + 1,
        ), AlarmEvent.CAME_BACK
    if _worse(evidence.level, alarm.evidence.level):
        return replace(
            present_alarm,
            state=AlarmState.UNACKNOWLEDGED,
            acknowledged_at_s=None,
            acknowledged_by=None,
        ), AlarmEvent.WORSENED
    if alarm.evidence.level is not None and not _worse(alarm.evidence.level, evidence.level):
        return present_alarm, None
    # The worst level that was acknowledged stays on the alarm, so that a swing back to it does
    # not ask again.
    kept = replace(
        evidence, level=alarm.evidence.level, threshold_ppm2=alarm.evidence.threshold_ppm2
    )
    return replace(present_alarm, evidence=kept), None


def _worse(level: Level | None, than: Level | None) -> bool:
    return level is not None and than is not None and level > than


def acknowledge(alarm: Alarm, *, by: str, now_s: float) -> tuple[Alarm, AlarmEvent]:
    """Return the alarm as acknowledged by a person, cleared if its cause has gone already.

    Raises:
        WrongAlarmState: it is acknowledged or cleared already.
    """
    if alarm.state is AlarmState.ACKNOWLEDGED:
        raise WrongAlarmState(f"alarm: {alarm.acknowledged_by} has acknowledged it already")
    if alarm.state is AlarmState.CLEARED:
        raise WrongAlarmState("alarm: it is cleared, expected one that is still open")
    known = replace(alarm, acknowledged_at_s=now_s, acknowledged_by=by)
    if alarm.state is AlarmState.RETURNED:
        return replace(known, state=AlarmState.CLEARED, cleared_at_s=now_s), AlarmEvent.CLEARED
    return replace(known, state=AlarmState.ACKNOWLEDGED), AlarmEvent.ACKNOWLEDGED
