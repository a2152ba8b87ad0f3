"""What one step of the hub changed: what is to be kept and told."""

from dataclasses import dataclass

from crowdsafe.domain.alarm.alarm import Alarm, AlarmEvent


@dataclass(frozen=True)
class AlarmChange:
    """What an alarm is now.

    Attributes:
        id: its number.
        event: what happened to it; None: only its numbers changed.
        by: the person who did it.
    """

    id: int
    alarm: Alarm
    event: AlarmEvent | None
    by: str | None = None


@dataclass(frozen=True)
class Changes:
    """What one step changed. ``levels`` are the zones whose level state must be kept."""

    zones: frozenset[str] = frozenset()
    cameras: frozenset[str] = frozenset()
    alarms: tuple[AlarmChange, ...] = ()
    levels: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()

    def __or__(self, other: "Changes") -> "Changes":
        return Changes(
            zones=self.zones | other.zones,
            cameras=self.cameras | other.cameras,
            alarms=self.alarms + other.alarms,
            levels=self.levels | other.levels,
            lines=self.lines | other.lines,
        )
