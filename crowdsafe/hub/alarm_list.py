"""The open alarms of a site: at most one for each cause and zone or camera."""

from collections.abc import Collection, Iterable

from crowdsafe.domain.alarms import (
    Alarm,
    AlarmEvent,
    AlarmState,
    Cause,
    Evidence,
    acknowledge,
    raise_alarm,
    step_alarm,
)
from crowdsafe.errors import CrowdsafeError
from crowdsafe.hub.changes import AlarmChange


class UnknownAlarm(CrowdsafeError):
    """There is no open alarm with this number."""


class AlarmList:
    """Open alarms with their numbers, which count up and are never used again."""

    def __init__(self) -> None:
        self._open: dict[int, Alarm] = {}
        self._next_id = 1

    def restore(self, alarms: Iterable[tuple[int, Alarm]], *, next_id: int) -> None:
        """Take up what was open before a restart."""
        self._open = dict(alarms)
        self._next_id = next_id

    def items(self) -> tuple[tuple[int, Alarm], ...]:
        """All open alarms with their numbers."""
        return tuple(self._open.items())

    def judge(
        self,
        cause: Cause,
        subject_id: str,
        *,
        present: bool,
        evidence: Evidence,
        held_s: float,
        now_s: float,
    ) -> tuple[AlarmChange, ...]:
        """Raise, step or leave the alarm of one cause and zone or camera.

        Args:
            cause: what is judged.
            subject_id: the zone or camera.
            present: whether the cause is there now.
            evidence: the numbers of now.
            held_s: how long the cause had held, for an alarm that is new.
            now_s: the time.
        """
        for alarm_id, alarm in self._open.items():
            if alarm.cause == cause and alarm.subject_id == subject_id:
                stepped, event = step_alarm(alarm, present=present, evidence=evidence, now_s=now_s)
                return () if stepped == alarm else (self._keep(alarm_id, stepped, event),)
        if not present:
            return ()
        alarm_id = self._next_id
        self._next_id += 1
        new = raise_alarm(
            cause=cause, subject_id=subject_id, evidence=evidence, held_s=held_s, now_s=now_s
        )
        return (self._keep(alarm_id, new, AlarmEvent.RAISED),)

    def acknowledge(self, alarm_id: int, *, by: str, now_s: float) -> AlarmChange:
        """Acknowledge an alarm for a person.

        Raises:
            UnknownAlarm: there is no open alarm with this number.
            WrongAlarmState: it is acknowledged already.
        """
        if alarm_id not in self._open:
            raise UnknownAlarm(f"alarm {alarm_id}: is not open")
        alarm, event = acknowledge(self._open[alarm_id], by=by, now_s=now_s)
        return self._keep(alarm_id, alarm, event)

    def end_orphans(
        self, *, zone_ids: Collection[str], camera_ids: Collection[str], now_s: float
    ) -> tuple[AlarmChange, ...]:
        """Let alarms go whose zone or camera was taken out of the site while the hub was down."""
        changes: tuple[AlarmChange, ...] = ()
        for _, alarm in self.items():
            if alarm.subject_id not in (zone_ids if alarm.cause == "density" else camera_ids):
                changes += self.judge(
                    alarm.cause,
                    alarm.subject_id,
                    present=False,
                    evidence=alarm.evidence,
                    held_s=0.0,
                    now_s=now_s,
                )
        return changes

    def _keep(self, alarm_id: int, alarm: Alarm, event: AlarmEvent | None) -> AlarmChange:
        if alarm.state is AlarmState.CLEARED:
            self._open.pop(alarm_id, None)
        else:
            self._open[alarm_id] = alarm
        return AlarmChange(id=alarm_id, alarm=alarm, event=event)
