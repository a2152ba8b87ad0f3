"""A limit that is reached or not: hysteresis in the value's unit, delays in seconds, no nerves."""

from dataclasses import dataclass

from crowdsafe.errors import BadInput


@dataclass(frozen=True)
class Limit:
    """Where something begins, and how sluggishly it begins and ends.

    Attributes:
        begins: the value at which it begins.
        hysteresis: it ends this much below.
        rise_s: how long the value must be there before it begins.
        fall_s: and how long below before it ends.
    """

    begins: float
    hysteresis: float
    rise_s: float
    fall_s: float

    def __post_init__(self) -> None:
        if not 0 <= self.hysteresis < self.begins:
            raise BadInput(
                f"limit: hysteresis {self.hysteresis} is not between 0 and where it begins, "
                f"{self.begins}, so it could never end"
            )


@dataclass(frozen=True)
class Latch:
    """Whether a limit is reached, and the course of the values that ask for the other.

    Attributes:
        on: it is reached.
        runs: times from which on values did (True) or did not ask for the other state, oldest
            first. Empty: nothing asks.
    """

    on: bool = False
    runs: tuple[tuple[float, bool], ...] = ()


def step_latch(latch: Latch, *, value: float, limit: Limit, now_s: float) -> Latch:
    """Take one value into account.

    It turns when, for the length of its delay, no value has gone over to the far side of the
    hysteresis and the values asked for it at least half of the time. So a single outlier turns
    nothing, and a noisy value that has truly crossed is not held up by its noise.

    Args:
        latch: from the step before.
        value: measured now.
        limit: where it begins and how sluggishly.
        now_s: capture time; must not be before the step before.
    """
    if latch.on:
        asks, far = value < limit.begins - limit.hysteresis, value >= limit.begins
        delay_s = limit.fall_s
    else:
        asks, far = value >= limit.begins, value < limit.begins - limit.hysteresis
        delay_s = limit.rise_s
    if far or (not asks and not latch.runs):
        return Latch(on=latch.on)
    runs = latch.runs
    if not runs or runs[-1][1] != asks:
        runs = (*runs, (now_s, asks))
    if now_s - runs[0][0] < delay_s:
        return Latch(on=latch.on, runs=runs)
    runs = _since(runs, now_s - delay_s)
    if asks and _asked_s(runs, until_s=now_s) >= delay_s / 2:
        return Latch(on=not latch.on)
    return Latch(on=latch.on, runs=runs)


def _since(runs: tuple[tuple[float, bool], ...], from_s: float) -> tuple[tuple[float, bool], ...]:
    """Cut off what lies before a time."""
    kept = 0
    while kept + 1 < len(runs) and runs[kept + 1][0] <= from_s:
        kept += 1
    return ((max(from_s, runs[kept][0]), runs[kept][1]), *runs[kept + 1 :])


def _asked_s(runs: tuple[tuple[float, bool], ...], *, until_s: float) -> float:
    ends = (*(start_s for start_s, _ in runs[1:]), until_s)
    return sum(end_s - start_s for (start_s, asks), end_s in zip(runs, ends, strict=True) if asks)
