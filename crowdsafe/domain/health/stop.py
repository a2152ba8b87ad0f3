"""When everything in a picture stops at once: a hung camera whose encoder still works.

Such a camera's pictures are not equal: key frames change them all over, and an encoder refines what
it sent before. But nothing moves in them any more from one picture to the next, while squares that
changed with the noise of the sensor do not change either. People who leave do so one by one, and
leave the noise behind.
"""

from dataclasses import dataclass, replace
from statistics import median

from crowdsafe.domain.health.health_rule import HealthRule, HealthSign
from crowdsafe.domain.health.picture_measures import PictureMeasures

_BEFORE_S = 5.0
_KNOWN_S = 4.0
_MIN_PICTURES = 4
# Of what changed before, so much may change in the middle picture after a stop.
_QUIETER = 1.0 / 3.0
_KEPT_S = 20.0


@dataclass(frozen=True)
class Stop:
    """What is remembered of how pictures changed.

    Attributes:
        recent: (time, share of squares changed, share in which something moved), oldest first.
        since_s: when everything stopped, as long as it stands; None while it does not.
    """

    recent: tuple[tuple[float, float, float], ...] = ()
    since_s: float | None = None


def step_stop(stop: Stop, measures: PictureMeasures, *, at_s: float, rule: HealthRule) -> Stop:
    """Take one picture into account; ``at_s`` is after the step before."""
    changed, moving = measures.changed_share, measures.moving_share
    if changed is None or moving is None:
        return Stop()
    recent = tuple(one for one in stop.recent if at_s - one[0] <= _KEPT_S)
    recent = (*recent, (at_s, changed, moving))
    if stop.since_s is not None:
        # One square that an encoder got wrong does not make a hung camera live.
        return Stop(recent, None if moving >= rule.moving_share / 2 else stop.since_s)
    return Stop(recent, _stopped_since(recent, rule))


def stop_sign(stop: Stop, *, at_s: float, rule: HealthRule) -> HealthSign | None:
    """Return the sign of a picture in which all has stopped, if it has."""
    if stop.since_s is None:
        return None
    return HealthSign("same_picture_s", at_s - stop.since_s, rule.frozen_s)


def interrupted_stop(stop: Stop) -> Stop:
    """Forget how pictures changed: nobody knows what happened meanwhile."""
    return replace(stop, recent=())


def _stopped_since(
    recent: tuple[tuple[float, float, float], ...], rule: HealthRule
) -> float | None:
    still = 0
    while still < len(recent) and recent[-1 - still][2] == 0.0:
        still += 1
    before, after = recent[: len(recent) - still], recent[len(recent) - still :]
    if not before or still < _MIN_PICTURES:
        return None
    last_s = before[-1][0]
    if after[-1][0] - last_s < rule.frozen_s:
        return None
    busy = [one for one in before if last_s - one[0] <= _BEFORE_S]
    if len(busy) < _MIN_PICTURES or busy[-1][0] - busy[0][0] < _KNOWN_S:
        return None
    if any(moving < rule.moving_share for _, _, moving in busy):
        return None
    changed_before = median(changed for _, changed, _ in busy)
    changed_after = median(changed for _, changed, _ in after)
    return last_s if changed_after <= _QUIETER * changed_before else None
