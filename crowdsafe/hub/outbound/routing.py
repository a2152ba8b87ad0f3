"""Which notice goes to which target."""

from collections.abc import Iterable

from crowdsafe.contract.notices import AlarmNotice, MeasureNotice
from crowdsafe.contract.targets import NoticeTarget, TargetBase
from crowdsafe.domain.alarm.cause import Priority

_RANKS: dict[Priority, int] = {"low": 0, "medium": 1, "high": 2}


def at_least(priority: Priority, least: Priority) -> bool:
    """Whether a priority is as high as another."""
    return _RANKS[priority] >= _RANKS[least]


def wants(target: TargetBase, notice: AlarmNotice | MeasureNotice) -> bool:
    """Whether a target gets a notice.

    A measure goes to the one target that it names. What is wrong with a target is not told to
    that target: the message would only wait behind those that are stuck.
    """
    if not isinstance(target, NoticeTarget):
        return False
    if isinstance(notice, MeasureNotice):
        return notice.measure.target == target.id and target.takes != "alarms"
    alarm = notice.alarm
    if alarm.cause == "delivery" and alarm.subject_id == target.id:
        return False
    return (
        target.takes != "measures"
        and (not target.events or notice.event in target.events)
        and (not target.causes or alarm.cause in target.causes)
        and at_least(alarm.priority, target.min_priority)
        and alarm.escalated >= target.from_step
    )


def recipients(
    targets: Iterable[TargetBase], notice: AlarmNotice | MeasureNotice
) -> tuple[str, ...]:
    """Return the ids of the targets that get a notice."""
    return tuple(target.id for target in targets if wants(target, notice))
