"""The life of one alarm, after EN 62682 / ISA-18.2.

An alarm whose cause has gone stays until a person has acknowledged it; a cause that comes back
makes no second alarm but counts. An alarm may be set aside (shelved by a person, suppressed by a
rule of the design, out of service): its cause is watched on, and it comes back as what it then is.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from crowdsafe.domain.alarm.cause import Cause, Priority, Quantity, priority_of
from crowdsafe.domain.alarm.measure_use import MeasureUse
from crowdsafe.errors import CrowdsafeError


class AlarmState(StrEnum):
    """Where an alarm is in its life."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    OUT_OF_SERVICE = "out_of_service"


ASIDE = frozenset({AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE})


class AlarmEvent(StrEnum):
    """What happened to an alarm in one step."""

    RAISED = "raised"
    WORSENED = "worsened"
    CAME_BACK = "came_back"
    RETURNED = "returned"
    ACKNOWLEDGED = "acknowledged"
    ENDED = "ended"
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    SUPPRESSED = "suppressed"
    UNSUPPRESSED = "unsuppressed"
    OUT_OF_SERVICE = "out_of_service"
    IN_SERVICE = "in_service"
    ESCALATED = "escalated"


CALLS = frozenset(
    {
        AlarmEvent.RAISED,
        AlarmEvent.WORSENED,
        AlarmEvent.CAME_BACK,
        AlarmEvent.UNSHELVED,
        AlarmEvent.UNSUPPRESSED,
        AlarmEvent.IN_SERVICE,
    }
)
"""Events that call an operator, when the alarm is unacknowledged after them."""


class WrongAlarmState(CrowdsafeError):
    """The alarm is not in a state that allows what was asked."""


@dataclass(frozen=True)
class Evidence:
    """Why an alarm stands, at one moment.

    Attributes:
        grade: how bad it is: density 2 tight and 3 critical, weather 1 to 4, a camera the level of
            the tightest zone that it hides, else 1.
        quantity: what ``value``, ``value_sd`` and ``limit`` are, with their unit.
        at_s: when the value was measured.
        seen_share: part of the zone that was seen.
        camera_id: the one that saw most of it.
        detail: what no number says, in one word of ours or of the worker.
        words: what others say of it, in German and English.
    """

    grade: int = 1
    quantity: Quantity | None = None
    value: float | None = None
    value_sd: float | None = None
    limit: float | None = None
    at_s: float | None = None
    seen_share: float | None = None
    camera_id: str | None = None
    detail: str = ""
    words: tuple[str, str] | None = None


@dataclass(frozen=True)
class Aside:
    """Why an alarm is set aside; ``until_s`` None: until it is ended, ``by`` None: by a rule."""

    since_s: float
    until_s: float | None
    by: str | None
    reason: str


@dataclass(frozen=True)
class Alarm:
    """One alarm of one zone, camera, worker or target and one cause.

    Attributes:
        evidence: of now; its grade, limit and quantity of the worst so far.
        present: the cause is there now.
        first_raised_at_s: when it was raised for the first time.
        raised_at_s: when the present, or last, stretch was raised.
        called_at_s: when it last called an operator.
        held_s: how long the cause had held before.
        worst: value of the worst moment.
        times: how often the cause came.
        aside: why it is set aside, in the three states that are.
        first_out_id: the alarm of a neighbouring zone that came first.
        escalated: how many steps it was escalated since it last called.
        measures: what was confirmed for it, oldest first.
    """

    cause: Cause
    subject_id: str
    state: AlarmState
    evidence: Evidence
    present: bool
    first_raised_at_s: float
    raised_at_s: float
    called_at_s: float
    held_s: float
    worst: float | None
    times: int = 1
    acknowledged_at_s: float | None = None
    acknowledged_by: str | None = None
    returned_at_s: float | None = None
    ended_at_s: float | None = None
    aside: Aside | None = None
    first_out_id: int | None = None
    escalated: int = 0
    measures: tuple[MeasureUse, ...] = ()

    @property
    def priority(self) -> Priority:
        """How urgent it is."""
        return priority_of(self.cause, self.evidence.grade)


def raise_alarm(
    *,
    cause: Cause,
    subject_id: str,
    evidence: Evidence,
    held_s: float,
    now_s: float,
    first_out_id: int | None = None,
) -> tuple[Alarm, AlarmEvent]:
    """Return a new alarm; ``held_s`` is how long its cause had held before it was raised."""
    alarm = Alarm(
        cause=cause,
        subject_id=subject_id,
        state=AlarmState.UNACKNOWLEDGED,
        evidence=evidence,
        present=True,
        first_raised_at_s=now_s,
        raised_at_s=now_s,
        called_at_s=now_s,
        held_s=held_s,
        worst=evidence.value,
        first_out_id=first_out_id,
    )
    return alarm, AlarmEvent.RAISED


def out_of_service(
    *, cause: Cause, subject_id: str, reason: str, by: str, now_s: float
) -> tuple[Alarm, AlarmEvent]:
    """Return an alarm that is out of service before it was ever raised."""
    alarm = Alarm(
        cause=cause,
        subject_id=subject_id,
        state=AlarmState.OUT_OF_SERVICE,
        evidence=Evidence(),
        present=False,
        first_raised_at_s=now_s,
        raised_at_s=now_s,
        called_at_s=now_s,
        held_s=0.0,
        worst=None,
        aside=Aside(since_s=now_s, until_s=None, by=by, reason=reason),
    )
    return alarm, AlarmEvent.OUT_OF_SERVICE


def step_alarm(
    alarm: Alarm, *, present: bool, evidence: Evidence, held_s: float, now_s: float
) -> tuple[Alarm, AlarmEvent | None]:
    """Take into account whether the cause is present now.

    Do not call this while the cause cannot be judged (no picture): what is unknown neither
    raises nor clears. An alarm that has ended is raised again by its cause, as the same one.

    Returns:
        The alarm, and what happened to it, None when nothing that a person must know.
    """
    if not present:
        return _gone(alarm, now_s=now_s)
    worse = evidence.grade > alarm.evidence.grade
    here = replace(
        alarm,
        present=True,
        evidence=evidence if worse else _worst_kept(alarm.evidence, evidence),
        worst=_worst(alarm, evidence),
    )
    if alarm.state in (AlarmState.RETURNED, AlarmState.NORMAL):
        return replace(
            _called(here, now_s=now_s),
            evidence=evidence,
            times=alarm.times + 1,
            raised_at_s=now_s,
            held_s=held_s,
            worst=evidence.value,
        ), AlarmEvent.CAME_BACK
    if alarm.state in ASIDE:
        if not alarm.present:
            here = replace(here, raised_at_s=now_s, held_s=held_s, times=alarm.times + 1)
        # Shelved was what stood then; what is worse was not.
        if worse and alarm.state is AlarmState.SHELVED:
            return _called(here, now_s=now_s), AlarmEvent.WORSENED
        return here, None
    if worse:
        return _called(here, now_s=now_s), AlarmEvent.WORSENED
    return here, None


def _called(alarm: Alarm, *, now_s: float) -> Alarm:
    """Let it call an operator anew."""
    return replace(
        alarm,
        state=AlarmState.UNACKNOWLEDGED,
        called_at_s=now_s,
        acknowledged_at_s=None,
        acknowledged_by=None,
        returned_at_s=None,
        ended_at_s=None,
        aside=None,
        escalated=0,
    )


def _gone(alarm: Alarm, *, now_s: float) -> tuple[Alarm, AlarmEvent | None]:
    if not alarm.present:
        return alarm, None
    gone = replace(alarm, present=False, returned_at_s=now_s)
    if alarm.state is AlarmState.UNACKNOWLEDGED:
        return replace(gone, state=AlarmState.RETURNED), AlarmEvent.RETURNED
    if alarm.state is AlarmState.ACKNOWLEDGED:
        return _ended(gone, now_s=now_s), AlarmEvent.ENDED
    return gone, None


def _ended(alarm: Alarm, *, now_s: float) -> Alarm:
    return replace(alarm, state=AlarmState.NORMAL, ended_at_s=now_s, aside=None)


def _worst_kept(before: Evidence, now: Evidence) -> Evidence:
    """Keep the worst grade and its limit, so that a swing back to it does not ask again."""
    if now.grade == before.grade:
        return now
    return replace(now, grade=before.grade, limit=before.limit, quantity=before.quantity)


def _worst(alarm: Alarm, evidence: Evidence) -> float | None:
    values = [value for value in (alarm.worst, evidence.value) if value is not None]
    # A time to a limit is the worse the shorter it is.
    worst = min if evidence.quantity == "time_to_limit_min" else max
    return worst(values, default=None)


# --- what people do ------------------------------------------------------------------------


def acknowledge(alarm: Alarm, *, by: str, now_s: float) -> tuple[Alarm, AlarmEvent]:
    """Return the alarm as acknowledged by a person, ended if its cause has gone already.

    Raises:
        WrongAlarmState: it does not wait for that.
    """
    if alarm.state is AlarmState.ACKNOWLEDGED:
        raise WrongAlarmState(f"alarm: {alarm.acknowledged_by} has acknowledged it already")
    if alarm.state not in (AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED):
        raise WrongAlarmState(f"alarm: is {_words(alarm.state)}, expected one that waits")
    known = replace(alarm, acknowledged_at_s=now_s, acknowledged_by=by)
    if alarm.state is AlarmState.RETURNED:
        return _ended(known, now_s=now_s), AlarmEvent.ENDED
    return replace(known, state=AlarmState.ACKNOWLEDGED), AlarmEvent.ACKNOWLEDGED


def shelve(
    alarm: Alarm, *, until_s: float, reason: str, by: str, now_s: float
) -> tuple[Alarm, AlarmEvent]:
    """Set an alarm aside until a time. What gets worse than it is now comes back at once.

    Raises:
        WrongAlarmState: it is set aside already, or has ended, or the time is over.
    """
    if alarm.state in ASIDE or alarm.state is AlarmState.NORMAL:
        raise WrongAlarmState(f"alarm: is {_words(alarm.state)}, expected one that stands")
    if until_s <= now_s:
        raise WrongAlarmState("alarm: the end of shelving is not in the future")
    aside = Aside(since_s=now_s, until_s=until_s, by=by, reason=reason)
    return replace(alarm, state=AlarmState.SHELVED, aside=aside), AlarmEvent.SHELVED


def unshelve(alarm: Alarm, *, now_s: float) -> tuple[Alarm, AlarmEvent]:
    """Bring a shelved alarm back, because its time is over or a person asks.

    Raises:
        WrongAlarmState: it is not shelved.
    """
    if alarm.state is not AlarmState.SHELVED:
        raise WrongAlarmState(f"alarm: is {_words(alarm.state)}, expected one that is shelved")
    return _back(alarm, now_s=now_s), AlarmEvent.UNSHELVED


def suppress(alarm: Alarm, *, reason: str, now_s: float) -> tuple[Alarm, AlarmEvent]:
    """Set an alarm aside by a rule of the design, for as long as the rule says.

    Raises:
        WrongAlarmState: it is set aside already, or has ended.
    """
    if alarm.state in ASIDE or alarm.state is AlarmState.NORMAL:
        raise WrongAlarmState(f"alarm: is {_words(alarm.state)}, expected one that stands")
    aside = Aside(since_s=now_s, until_s=None, by=None, reason=reason)
    return replace(alarm, state=AlarmState.SUPPRESSED, aside=aside), AlarmEvent.SUPPRESSED


def unsuppress(alarm: Alarm, *, now_s: float) -> tuple[Alarm, AlarmEvent]:
    """Bring a suppressed alarm back: its rule no longer holds.

    Raises:
        WrongAlarmState: it is not suppressed.
    """
    if alarm.state is not AlarmState.SUPPRESSED:
        raise WrongAlarmState(f"alarm: is {_words(alarm.state)}, expected one that is suppressed")
    return _back(alarm, now_s=now_s), AlarmEvent.UNSUPPRESSED


def take_out_of_service(
    alarm: Alarm, *, reason: str, by: str, now_s: float
) -> tuple[Alarm, AlarmEvent]:
    """Set an alarm aside until a person puts it back, for repair or a closed zone.

    Raises:
        WrongAlarmState: it is out of service already.
    """
    if alarm.state is AlarmState.OUT_OF_SERVICE:
        raise WrongAlarmState("alarm: is out of service already")
    aside = Aside(since_s=now_s, until_s=None, by=by, reason=reason)
    return replace(
        alarm, state=AlarmState.OUT_OF_SERVICE, aside=aside, ended_at_s=None
    ), AlarmEvent.OUT_OF_SERVICE


def put_in_service(alarm: Alarm, *, now_s: float) -> tuple[Alarm, AlarmEvent]:
    """Watch it again.

    Raises:
        WrongAlarmState: it is not out of service.
    """
    if alarm.state is not AlarmState.OUT_OF_SERVICE:
        raise WrongAlarmState(
            f"alarm: is {_words(alarm.state)}, expected one that is out of service"
        )
    return _back(alarm, now_s=now_s), AlarmEvent.IN_SERVICE


def escalate(alarm: Alarm) -> tuple[Alarm, AlarmEvent]:
    """Note that it was passed on to the next person.

    Raises:
        WrongAlarmState: nobody is waited for.
    """
    if alarm.state is not AlarmState.UNACKNOWLEDGED:
        raise WrongAlarmState(f"alarm: is {_words(alarm.state)}, nobody is waited for")
    return replace(alarm, escalated=alarm.escalated + 1), AlarmEvent.ESCALATED


def _back(alarm: Alarm, *, now_s: float) -> Alarm:
    return _called(alarm, now_s=now_s) if alarm.present else _ended(alarm, now_s=now_s)


def _words(state: AlarmState) -> str:
    return state.value.replace("_", " ")
