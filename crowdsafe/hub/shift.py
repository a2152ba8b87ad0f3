"""What who takes over a shift has to know."""

from collections import Counter
from collections.abc import Sequence
from statistics import median

from crowdsafe.contract.alarms import Alarm, AlarmLoad
from crowdsafe.contract.record import ShiftSummary

_MOST_SUBJECTS = 10


def shift_summary(
    alarms: Sequence[Alarm],
    *,
    unknown_zones: Sequence[str],
    load: AlarmLoad,
    from_s: float,
    to_s: float,
) -> ShiftSummary:
    """Return the summary of a shift.

    Args:
        alarms: all that stood at some time of it.
        unknown_zones: those that nobody sees now.
        load: of now.
        from_s: its beginning.
        to_s: its end.
    """
    raised = [alarm for alarm in alarms if alarm.first_raised_at_s >= from_s]
    answered = [
        alarm.acknowledged_at_s - alarm.raised_at_s
        for alarm in alarms
        if alarm.acknowledged_at_s is not None and alarm.acknowledged_at_s >= from_s
    ]
    uses = [
        use for alarm in alarms for use in alarm.measures if from_s <= use.confirmed_at_s <= to_s
    ]
    return ShiftSummary(
        from_s=from_s,
        to_s=to_s,
        standing=tuple(alarm for alarm in alarms if alarm.state != "normal"),
        raised=len(raised),
        by_priority=dict(Counter(alarm.priority for alarm in raised)),
        by_subject=dict(Counter(alarm.subject_id for alarm in raised).most_common(_MOST_SUBJECTS)),
        acknowledged_after_s=max(0.0, median(answered)) if answered else None,
        measures=len(uses),
        unanswered=tuple(
            sorted({use.measure_id for use in uses if use.delivery in ("waiting", "failed")})
        ),
        unknown_zones=tuple(unknown_zones),
        load=load,
    )
