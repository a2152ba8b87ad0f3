"""What one step of the hub changed: what is to be kept and told."""

from dataclasses import dataclass

from crowdsafe.domain.alarms import Alarm, AlarmEvent


@dataclass(frozen=True)
class AlarmChange:
    """An alarm's number, what it is now, and what happened to it (None: only its numbers)."""

    id: int
    alarm: Alarm
    event: AlarmEvent | None


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
