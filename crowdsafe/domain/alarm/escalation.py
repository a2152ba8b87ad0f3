"""What happens when nobody acknowledges: the next person, by the next way."""

from collections.abc import Sequence
from dataclasses import dataclass

from crowdsafe.domain.alarm.alarm import Alarm, AlarmState
from crowdsafe.domain.alarm.cause import Priority


@dataclass(frozen=True)
class EscalationStep:
    """One step of the ladder. Who hears of it is a matter of the targets.

    Attributes:
        after_s: unacknowledged for so long since the alarm called.
        priorities: the alarms that it is for.
    """

    after_s: float
    priorities: frozenset[Priority]


def next_step(
    alarm: Alarm, ladder: Sequence[EscalationStep]
) -> tuple[EscalationStep, float] | None:
    """Return the step that comes next and when; None when nobody is waited for or none is left."""
    if alarm.state is not AlarmState.UNACKNOWLEDGED:
        return None
    steps = sorted(
        (step for step in ladder if alarm.priority in step.priorities),
        key=lambda step: step.after_s,
    )
    if alarm.escalated >= len(steps):
        return None
    step = steps[alarm.escalated]
    return step, alarm.called_at_s + step.after_s
