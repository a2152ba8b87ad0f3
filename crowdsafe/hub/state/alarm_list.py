"""The alarms of a site: at most one for each cause and zone, camera, worker or target."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from crowdsafe.domain.alarm.alarm import (
    CALLS,
    Alarm,
    AlarmEvent,
    AlarmState,
    Evidence,
    WrongAlarmState,
    acknowledge,
    escalate,
    out_of_service,
    put_in_service,
    raise_alarm,
    shelve,
    step_alarm,
    suppress,
    take_out_of_service,
    unshelve,
    unsuppress,
)
from crowdsafe.domain.alarm.cause import CROWD_CAUSES, Cause
from crowdsafe.domain.alarm.escalation import EscalationStep, next_step
from crowdsafe.domain.alarm.load import HOUR_S, Call, Load, load_of
from crowdsafe.domain.alarm.measure_use import DeliveryState, MeasureUse, delivered
from crowdsafe.domain.alarm.neighbours import FIRST_OUT_WITHIN_S
from crowdsafe.errors import CrowdsafeError
from crowdsafe.hub.state.changes import AlarmChange

AGAIN_WITHIN_S = 300.0
"""A cause that comes back within so long after its alarm ended is the same alarm again."""


class UnknownAlarm(CrowdsafeError):
    """There is no alarm with this number among those that stand."""


class AlarmList:
    """Alarms with their numbers, which count up and are never used again."""

    def __init__(
        self,
        *,
        neighbours: Mapping[str, frozenset[str]],
        ladder: Sequence[EscalationStep] = (),
    ) -> None:
        """``neighbours``: by zone, those whose alarms are one event with its own."""
        self.neighbours = neighbours
        self._ladder = tuple(ladder)
        self._open: dict[int, Alarm] = {}
        self._by_point: dict[tuple[Cause, str], int] = {}
        self._ended: dict[tuple[Cause, str], tuple[int, Alarm]] = {}
        self._calls: deque[Call] = deque()
        self._next_id = 1

    def restore(self, alarms: Iterable[tuple[int, Alarm]], *, next_id: int) -> None:
        """Take up what was there before a restart: what stands, and what has just ended."""
        self._next_id = next_id
        for alarm_id, alarm in alarms:
            self._hold(alarm_id, alarm)
            self._calls.append(Call(alarm.called_at_s, alarm.priority))
        self._calls = deque(sorted(self._calls, key=lambda call: call.at_s))

    def items(self) -> tuple[tuple[int, Alarm], ...]:
        """All alarms that are not normal, with their numbers."""
        return tuple(self._open.items())

    def get(self, alarm_id: int) -> Alarm:
        """Return an alarm that stands.

        Raises:
            UnknownAlarm: there is none with this number.
        """
        if alarm_id not in self._open:
            raise UnknownAlarm(f"alarm {alarm_id}: does not stand")
        return self._open[alarm_id]

    def of(self, cause: Cause, subject_id: str) -> Alarm | None:
        """Return the alarm of one cause and subject, if it stands."""
        alarm_id = self._by_point.get((cause, subject_id))
        return None if alarm_id is None else self._open[alarm_id]

    # --- what is the case --------------------------------------------------------------------

    def judge(
        self,
        cause: Cause,
        subject_id: str,
        *,
        present: bool,
        evidence: Evidence,
        held_s: float,
        now_s: float,
        suppressed: str | None = None,
    ) -> tuple[AlarmChange, ...]:
        """Raise, step or leave the alarm of one cause and subject.

        Args:
            cause: what is judged.
            subject_id: the zone, camera, worker or target.
            present: whether the cause is there now.
            evidence: the numbers of now.
            held_s: how long the cause had held, for an alarm that is new.
            now_s: the time.
            suppressed: why a rule of the design sets it aside now, None when none does.
        """
        alarm_id = self._by_point.get((cause, subject_id))
        if alarm_id is None:
            return self._maybe_raise(
                cause,
                subject_id,
                present=present,
                evidence=evidence,
                held_s=held_s,
                now_s=now_s,
                suppressed=suppressed,
            )
        changes: tuple[AlarmChange, ...] = ()
        before = self._open[alarm_id]
        alarm, event = step_alarm(
            before, present=present, evidence=evidence, held_s=held_s, now_s=now_s
        )
        if alarm != before:
            changes += (self._keep(alarm_id, alarm, event, now_s=now_s),)
        return changes + self._obey(alarm_id, suppressed, now_s=now_s)

    def _maybe_raise(
        self,
        cause: Cause,
        subject_id: str,
        *,
        present: bool,
        evidence: Evidence,
        held_s: float,
        now_s: float,
        suppressed: str | None,
    ) -> tuple[AlarmChange, ...]:
        if not present:
            return ()
        ended = self._ended.get((cause, subject_id))
        event: AlarmEvent | None
        if ended is not None and now_s - (ended[1].ended_at_s or 0.0) <= AGAIN_WITHIN_S:
            alarm_id = ended[0]
            alarm, event = step_alarm(
                ended[1], present=True, evidence=evidence, held_s=held_s, now_s=now_s
            )
        else:
            alarm_id = self._next_id
            self._next_id += 1
            alarm, event = raise_alarm(
                cause=cause,
                subject_id=subject_id,
                evidence=evidence,
                held_s=held_s,
                now_s=now_s,
                first_out_id=self._first_out(cause, subject_id, now_s=now_s),
            )
        if suppressed is not None:
            alarm, event = suppress(alarm, reason=suppressed, now_s=now_s)
        return (self._keep(alarm_id, alarm, event, now_s=now_s),)

    def _obey(
        self, alarm_id: int, suppressed: str | None, *, now_s: float
    ) -> tuple[AlarmChange, ...]:
        """Let a rule of the design set an alarm aside, or let go of it."""
        alarm = self._open.get(alarm_id)
        if alarm is None:
            return ()
        if alarm.state is AlarmState.SUPPRESSED and suppressed is None:
            alarm, event = unsuppress(alarm, now_s=now_s)
        elif suppressed is not None and alarm.state in (
            AlarmState.UNACKNOWLEDGED,
            AlarmState.ACKNOWLEDGED,
            AlarmState.RETURNED,
        ):
            alarm, event = suppress(alarm, reason=suppressed, now_s=now_s)
        else:
            return ()
        return (self._keep(alarm_id, alarm, event, now_s=now_s),)

    def _first_out(self, cause: Cause, subject_id: str, *, now_s: float) -> int | None:
        """Return the alarm of this or a neighbouring zone that came first lately."""
        if cause not in CROWD_CAUSES:
            return None
        near = self.neighbours.get(subject_id, frozenset()) | {subject_id}
        firsts = [
            (alarm.raised_at_s, alarm_id, alarm.first_out_id)
            for alarm_id, alarm in self._open.items()
            if alarm.cause in CROWD_CAUSES
            and alarm.subject_id in near
            and alarm.present
            and now_s - alarm.raised_at_s <= FIRST_OUT_WITHIN_S
        ]
        if not firsts:
            return None
        _, alarm_id, first_out_id = min(firsts, key=lambda each: each[:2])
        return first_out_id or alarm_id

    def tick(self, *, now_s: float) -> tuple[AlarmChange, ...]:
        """Let time pass: shelving ends, what nobody acknowledged goes to the next person."""
        changes: list[AlarmChange] = []
        for alarm_id, alarm in self.items():
            aside = alarm.aside
            if alarm.state is AlarmState.SHELVED and aside and aside.until_s is not None:
                if now_s >= aside.until_s:
                    alarm, event = unshelve(alarm, now_s=now_s)
                    changes.append(self._keep(alarm_id, alarm, event, now_s=now_s))
                continue
            step = next_step(alarm, self._ladder)
            if step is not None and now_s >= step[1]:
                alarm, event = escalate(alarm)
                changes.append(self._keep(alarm_id, alarm, event, now_s=now_s))
        for point, (_, alarm) in tuple(self._ended.items()):
            if now_s - (alarm.ended_at_s or 0.0) > AGAIN_WITHIN_S:
                del self._ended[point]
        return tuple(changes)

    def end_orphans(
        self, exists: Callable[[Cause, str], bool], *, now_s: float
    ) -> tuple[AlarmChange, ...]:
        """Let alarms go whose subject is no longer of the site; those set aside end at once."""
        changes: tuple[AlarmChange, ...] = ()
        for alarm_id, alarm in self.items():
            if exists(alarm.cause, alarm.subject_id):
                continue
            stepped, event = step_alarm(
                alarm, present=False, evidence=alarm.evidence, held_s=0.0, now_s=now_s
            )
            if stepped.aside is not None:
                stepped = replace(
                    stepped, state=AlarmState.NORMAL, aside=None, ended_at_s=now_s, present=False
                )
                event = AlarmEvent.ENDED
            if stepped != alarm:
                changes += (self._keep(alarm_id, stepped, event, now_s=now_s),)
        return changes

    # --- what people do ----------------------------------------------------------------------

    def acknowledge(self, alarm_id: int, *, by: str, now_s: float) -> AlarmChange:
        """Acknowledge an alarm for a person. Raises UnknownAlarm, WrongAlarmState."""
        alarm, event = acknowledge(self.get(alarm_id), by=by, now_s=now_s)
        return self._keep(alarm_id, alarm, event, now_s=now_s, by=by)

    def shelve(
        self, alarm_id: int, *, until_s: float, reason: str, by: str, now_s: float
    ) -> AlarmChange:
        """Shelve an alarm. Raises UnknownAlarm, WrongAlarmState."""
        alarm, event = shelve(
            self.get(alarm_id), until_s=until_s, reason=reason, by=by, now_s=now_s
        )
        return self._keep(alarm_id, alarm, event, now_s=now_s, by=by)

    def unshelve(self, alarm_id: int, *, by: str, now_s: float) -> AlarmChange:
        """Bring a shelved alarm back. Raises UnknownAlarm, WrongAlarmState."""
        alarm, event = unshelve(self.get(alarm_id), now_s=now_s)
        return self._keep(alarm_id, alarm, event, now_s=now_s, by=by)

    def take_out_of_service(
        self, cause: Cause, subject_id: str, *, reason: str, by: str, now_s: float
    ) -> AlarmChange:
        """Watch a cause and subject no more, whether its alarm stands or not.

        Raises:
            WrongAlarmState: it is out of service already.
        """
        alarm_id = self._by_point.get((cause, subject_id))
        if alarm_id is None:
            alarm_id = self._next_id
            self._next_id += 1
            alarm, event = out_of_service(
                cause=cause, subject_id=subject_id, reason=reason, by=by, now_s=now_s
            )
        else:
            alarm, event = take_out_of_service(
                self._open[alarm_id], reason=reason, by=by, now_s=now_s
            )
        return self._keep(alarm_id, alarm, event, now_s=now_s, by=by)

    def put_in_service(self, alarm_id: int, *, by: str, now_s: float) -> AlarmChange:
        """Watch it again. Raises UnknownAlarm, WrongAlarmState."""
        alarm, event = put_in_service(self.get(alarm_id), now_s=now_s)
        return self._keep(alarm_id, alarm, event, now_s=now_s, by=by)

    def confirm(self, alarm_id: int, use: MeasureUse, *, now_s: float) -> AlarmChange:
        """Note a measure that a person confirmed. Raises UnknownAlarm."""
        alarm = self.get(alarm_id)
        if any(
            each.measure_id == use.measure_id and each.delivery == "waiting"
            for each in alarm.measures
        ):
            raise WrongAlarmState(
                f"measure '{use.measure_id}': was confirmed already and is on its way"
            )
        return self._keep(
            alarm_id,
            replace(alarm, measures=(*alarm.measures, use)),
            None,
            now_s=now_s,
            by=use.confirmed_by,
        )

    def deliver(
        self, notice_id: str, *, delivery: DeliveryState, detail: str, at_s: float, now_s: float
    ) -> tuple[AlarmChange, ...]:
        """Note what became of a measure's message, if its alarm still stands or has just ended."""
        known = [*self._open.items(), *self._ended.values()]
        return tuple(
            self._keep(
                alarm_id,
                replace(
                    alarm,
                    measures=delivered(
                        alarm.measures,
                        notice_id=notice_id,
                        delivery=delivery,
                        detail=detail,
                        at_s=at_s,
                    ),
                ),
                None,
                now_s=now_s,
            )
            for alarm_id, alarm in known
            if any(use.notice_id == notice_id for use in alarm.measures)
        )

    # --- figures -----------------------------------------------------------------------------

    def load(self, *, operators: int, now_s: float) -> Load:
        """Return how much the alarms ask of the people on duty."""
        return load_of(self._calls, operators=operators, now_s=now_s)

    def escalates_at_s(self, alarm: Alarm) -> float | None:
        """Return when an alarm goes to the next person, None when it does not."""
        step = next_step(alarm, self._ladder)
        return None if step is None else step[1]

    def subjects(self, cause: Cause) -> Collection[str]:
        """Return the subjects of the alarms of one cause that stand."""
        return [subject_id for each, subject_id in self._by_point if each == cause]

    def _keep(
        self,
        alarm_id: int,
        alarm: Alarm,
        event: AlarmEvent | None,
        *,
        now_s: float,
        by: str | None = None,
    ) -> AlarmChange:
        self._hold(alarm_id, alarm)
        if event in CALLS and alarm.state is AlarmState.UNACKNOWLEDGED:
            self._calls.append(Call(now_s, alarm.priority))
            while self._calls[0].at_s < now_s - HOUR_S:
                self._calls.popleft()
        return AlarmChange(id=alarm_id, alarm=alarm, event=event, by=by)

    def _hold(self, alarm_id: int, alarm: Alarm) -> None:
        point = (alarm.cause, alarm.subject_id)
        if alarm.state is AlarmState.NORMAL:
            self._open.pop(alarm_id, None)
            if self._by_point.get(point) == alarm_id:
                del self._by_point[point]
            if point not in self._ended or self._ended[point][0] <= alarm_id:
                self._ended[point] = (alarm_id, alarm)
        else:
            self._open[alarm_id] = alarm
            self._by_point[point] = alarm_id
            self._ended.pop(point, None)
