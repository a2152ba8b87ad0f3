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


class Gathered:
    """Changes of many steps, gathered without copying."""

    def __init__(self) -> None:
        self.zones: set[str] = set()
        self.cameras: set[str] = set()
        self.alarms: list[AlarmChange] = []
        self.levels: set[str] = set()
        self.lines: set[str] = set()

    def add(self, changes: "Changes") -> None:
        """Add the changes of one step."""
        self.zones |= changes.zones
        self.cameras |= changes.cameras
        self.alarms += changes.alarms
        self.levels |= changes.levels
        self.lines |= changes.lines

    def all(self) -> "Changes":
        """Return them as one."""
        return Changes(
            zones=frozenset(self.zones),
            cameras=frozenset(self.cameras),
            alarms=tuple(self.alarms),
            levels=frozenset(self.levels),
            lines=frozenset(self.lines),
        )


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
