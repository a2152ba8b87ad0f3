"""A limit that is reached or not: hysteresis in the value's unit, delays in seconds, no nerves."""

from dataclasses import dataclass, replace

from crowdsafe.errors import BadInput

# What comes back within this has not been over: its fall delay doubles each time.
_SOON_S = 600.0
_DOUBLINGS = 3


@dataclass(frozen=True)
class Limit:
    """Where something begins, and how sluggishly it begins and ends.

    Attributes:
        begins: the value at which it begins.
        hysteresis: it ends this much below.
        rise_s: how long the value must be there before it begins.
        fall_s: and how long below before it ends.
        soonest_share: over it by the hysteresis or more, it begins in this part of ``rise_s``.
    """

    begins: float
    hysteresis: float
    rise_s: float
    fall_s: float
    soonest_share: float = 0.5

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
        runs: times, on the latch's own clock, from which on values did (True) or did not ask for
            the other state, oldest first. Empty: nothing asks.
        begun_s: when they began.
        last_s: when the last value came.
        clock_s: what its own clock said then.
        pace: how fast that goes since, for a value far over the limit faster.
        missed: the last value was too low by more than the hysteresis; another such begins anew.
        held_s: how long the values had asked for it when it was reached.
        ended_at_s: when it last ended; None: never.
        doublings: how often its fall delay is doubled, for it came back soon.
    """

    on: bool = False
    runs: tuple[tuple[float, bool], ...] = ()
    begun_s: float = 0.0
    last_s: float = 0.0
    clock_s: float = 0.0
    pace: float = 1.0
    missed: bool = False
    held_s: float = 0.0
    ended_at_s: float | None = None
    doublings: int = 0


def step_latch(latch: Latch, *, value: float, limit: Limit, now_s: float) -> Latch:
    """Take one value into account.

    It turns when the values asked for it at least half of the time for the length of its delay.
    Two values in a row that miss the limit by more than the hysteresis begin the rise anew; one
    value at the limit begins the fall anew. So a single outlier turns nothing on and hides
    nothing, and a noisy value that has truly crossed is not held up by its noise.

    The farther over its limit a value is, the sooner it begins, as with an inverse-time relay
    (IEC 60255-151): over it by the hysteresis or more, it takes half of the delay by default.

    What hovers at its limit is one thing and not many: each time it comes back within 10 minutes
    of its end its fall delay doubles, up to eightfold.

    Args:
        latch: from the step before.
        value: measured now.
        limit: where it begins and how sluggishly.
        now_s: capture time; must not be before the step before.
    """
    missed, pace = False, 1.0
    if latch.on:
        asks = value < limit.begins - limit.hysteresis
        anew = value >= limit.begins
        delay_s = limit.fall_s * 2**latch.doublings
    else:
        asks = value >= limit.begins
        missed = value < limit.begins - limit.hysteresis
        anew = missed and latch.missed
        delay_s = limit.rise_s
        pace = _pace(value, limit) if asks else 1.0
    runs = latch.runs
    if anew or (not asks and not runs):
        at_rest = not runs and missed == latch.missed
        return latch if at_rest else replace(latch, runs=(), missed=missed)
    begun_s = latch.begun_s if runs else now_s
    clock_s = latch.clock_s + latch.pace * (now_s - latch.last_s) if runs else 0.0
    if not runs or runs[-1][1] != asks:
        runs = (*runs, (clock_s, asks))
    if clock_s - runs[0][0] >= delay_s:
        runs = _since(runs, clock_s - delay_s)
        if asks and _asked_s(runs, until_s=clock_s) >= delay_s / 2:
            return _turned(latch, held_s=min(now_s - begun_s, delay_s), now_s=now_s)
    return replace(
        latch,
        runs=runs,
        begun_s=begun_s,
        last_s=now_s,
        clock_s=clock_s,
        pace=pace,
        missed=missed,
    )


def _pace(value: float, limit: Limit) -> float:
    """Return how fast time counts for a value over its limit."""
    fastest = 1 / limit.soonest_share
    over = value - limit.begins
    if over >= limit.hysteresis:
        return fastest
    return 1 + (fastest - 1) * over / limit.hysteresis


def interrupt_latch(latch: Latch) -> Latch:
    """Forget the delay that is running: nobody knows what happened while nothing was measured."""
    return Latch(
        on=latch.on,
        held_s=latch.held_s,
        ended_at_s=latch.ended_at_s,
        doublings=latch.doublings,
    )


def _turned(latch: Latch, *, held_s: float, now_s: float) -> Latch:
    if latch.on:
        return Latch(ended_at_s=now_s, doublings=latch.doublings)
    soon = latch.ended_at_s is not None and 0 <= now_s - latch.ended_at_s < _SOON_S
    doublings = min(_DOUBLINGS, latch.doublings + 1) if soon else 0
    return Latch(on=True, held_s=held_s, doublings=doublings)


def _since(runs: tuple[tuple[float, bool], ...], from_s: float) -> tuple[tuple[float, bool], ...]:
    """Cut off what lies before a time."""
    kept = 0
    while kept + 1 < len(runs) and runs[kept + 1][0] <= from_s:
        kept += 1
    return ((max(from_s, runs[kept][0]), runs[kept][1]), *runs[kept + 1 :])


def _asked_s(runs: tuple[tuple[float, bool], ...], *, until_s: float) -> float:
    ends = (*(start_s for start_s, _ in runs[1:]), until_s)
    return sum(end_s - start_s for (start_s, asks), end_s in zip(runs, ends, strict=True) if asks)
