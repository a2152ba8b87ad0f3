"""Density to level, with hysteresis in p/m² and delays in seconds."""

from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property

from crowdsafe.domain.alarm.latch import Latch, Limit, interrupt_latch, step_latch
from crowdsafe.errors import BadInput


class Level(IntEnum):
    """How tight a zone is. Unknown is no level: it is the absence of one."""

    CLEAR = 0
    BUSY = 1
    TIGHT = 2
    CRITICAL = 3


@dataclass(frozen=True)
class LevelRule:
    """Where levels begin and how sluggishly they change.

    Attributes:
        begins_ppm2: where BUSY, TIGHT and CRITICAL begin.
        hysteresis_ppm2: a level ends this much below where it begins.
        rise_s: a density must reach a level for so long before the level rises.
        fall_s: and stay below its end for so long before the level falls.
    """

    begins_ppm2: tuple[float, float, float]
    hysteresis_ppm2: float
    rise_s: float
    fall_s: float

    def __post_init__(self) -> None:
        busy, tight, critical = self.begins_ppm2
        if not busy < tight < critical:
            raise BadInput(
                f"thresholds: busy {busy}, tight {tight}, critical {critical} p/m², "
                "expected each above the one before"
            )
        if self.hysteresis_ppm2 >= busy:
            raise BadInput(
                f"thresholds: hysteresis {self.hysteresis_ppm2} p/m² is not below busy {busy} "
                "p/m², so the level could never fall"
            )

    @cached_property
    def limits(self) -> tuple[Limit, Limit, Limit]:
        """The limits of BUSY, TIGHT and CRITICAL."""
        busy, tight, critical = (
            Limit(begins, self.hysteresis_ppm2, self.rise_s, self.fall_s)
            for begins in self.begins_ppm2
        )
        return busy, tight, critical


@dataclass(frozen=True)
class LevelState:
    """The latches of BUSY, TIGHT and CRITICAL, and since when the level holds."""

    latches: tuple[Latch, Latch, Latch] = field(default_factory=lambda: (Latch(), Latch(), Latch()))
    since_s: float | None = None

    @property
    def level(self) -> Level:
        """Return the highest level that is latched."""
        return Level(max((i + 1 for i, latch in enumerate(self.latches) if latch.on), default=0))


def step_level(
    state: LevelState, *, density_ppm2: float, rule: LevelRule, now_s: float
) -> LevelState:
    """Take one density into account.

    An outlier shorter than ``rise_s`` raises nothing, and a density that hovers at a threshold
    changes the level once.

    Args:
        state: from the step before.
        density_ppm2: mean density of the zone.
        rule: the zone's thresholds.
        now_s: capture time; must not be before the step before.
    """
    first, second, third = (
        step_latch(latch, value=density_ppm2, limit=limit, now_s=now_s)
        for latch, limit in zip(state.latches, rule.limits, strict=True)
    )
    stepped = LevelState(latches=(first, second, third), since_s=state.since_s)
    if stepped.level != state.level or state.since_s is None:
        return replace(stepped, since_s=now_s)
    return stepped


def interrupt(state: LevelState) -> LevelState:
    """Forget the delays that are running: nobody knows what happened while no picture came."""
    first, second, third = map(interrupt_latch, state.latches)
    return replace(state, latches=(first, second, third))
