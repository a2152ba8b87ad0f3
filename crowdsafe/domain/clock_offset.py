"""How far a worker's clock is from the hub's, from the messages that come anyway.

A message takes some time, never less than none, so received − sent is the offset of the clocks plus
a delay. The least of many such differences is the offset plus the least delay: the minimum filter
of NTP (RFC 5905, section 10) for one direction. On a local network the least delay is milliseconds.
"""

from dataclasses import dataclass
from math import isfinite

from crowdsafe.errors import BadInput

WINDOW_S = 30.0
"""Differences of so long are compared: 100 ppm of drift make 3 ms of it."""

# What a clock that is slewed (500 ppm at most) cannot do between two messages of a worker.
_JUMP_S = 0.05


@dataclass(frozen=True)
class Stamp:
    """The times of one message.

    Attributes:
        sent_at_s: by the worker's clock, when the message left, not when it was put in line.
        received_at_s: by the hub's clock.
        ticks_s: a count of seconds of the worker that is never set, when the message left; None
            when it tells none.

    Raises:
        BadInput: a time is not finite.
    """

    sent_at_s: float
    received_at_s: float
    ticks_s: float | None = None

    def __post_init__(self) -> None:
        times = (self.sent_at_s, self.received_at_s, self.ticks_s or 0.0)
        if not all(isfinite(each) for each in times):
            raise BadInput(f"clock: {self}, expected finite times")

    @property
    def lag_s(self) -> float:
        """Offset of the clocks plus the delay of the message."""
        return self.received_at_s - self.sent_at_s


@dataclass(frozen=True)
class ClockOffset:
    """What is known of one worker's clock.

    Attributes:
        least: messages each of which may yet have the least lag of the window; oldest first, lags
            rising.
        last: the newest message.
    """

    least: tuple[Stamp, ...] = ()
    last: Stamp | None = None

    @property
    def offset_s(self) -> float | None:
        """Return what to add to the worker's times to get the hub's; None before a message."""
        return self.least[0].lag_s if self.least else None


def step_clock(clock: ClockOffset, stamp: Stamp, *, window_s: float = WINDOW_S) -> ClockOffset:
    """Take one message into account.

    A worker's clock that is set shows at once in ticks, and all before is forgotten. Without ticks
    a clock set forward shows at once too; one set back shows after ``window_s``, until when what
    the worker sends seems older than it is, which errs to unknown and not to calm. A slow network
    looks just like that, so it cannot be told earlier.

    Args:
        clock: from the step before.
        stamp: in the order in which messages come in.
        window_s: how long a message counts, by the hub's clock.

    Raises:
        BadInput: the window is not above 0.
    """
    if not window_s > 0:
        raise BadInput(f"clock: a window of {window_s} s, expected more than 0")
    if clock.last is None or _was_set(clock.last, stamp):
        return ClockOffset(least=(stamp,), last=stamp)
    from_s = stamp.received_at_s - window_s
    kept = tuple(
        each for each in clock.least if each.received_at_s > from_s and each.lag_s < stamp.lag_s
    )
    return ClockOffset(least=(*kept, stamp), last=stamp)


def _was_set(before: Stamp, now: Stamp) -> bool:
    """Say whether the worker's clock was set between two messages."""
    if now.ticks_s is None or before.ticks_s is None:
        return False
    moved_s = (now.sent_at_s - now.ticks_s) - (before.sent_at_s - before.ticks_s)
    return abs(moved_s) > _JUMP_S
