"""When a picture that repeats is a frozen one, and when only a quiet scene.

An encoder sends nothing for a square that did not change enough, so a quiet scene can be decoded
to the same picture until the next key frame, with all its noise: at low bit rates 4.5 s of each
5 s between two, measured. A hung camera looks the same, and one whose encoder still works is not
even repeated to the px. What tells them apart is what was before:

- *lively*: squares all over the picture changed from each picture to the next, and it never stood
  still lately. Noise does not end from one picture to the next, so a stop is a failure.
- *busy*: something moved in every picture of the last minute. People do not all vanish from one
  picture to the next, so when nothing moves any more it is a failure, equal to the px or not.
- *quiet*: a stop means nothing until it lasts longer than any quiet one this camera had before.
"""

from dataclasses import dataclass, replace

from crowdsafe.domain.health.health_rule import HealthRule, HealthSign
from crowdsafe.domain.health.picture_measures import PictureMeasures, sent_anew_levels

# Grey levels of the reduced picture.
_SAME_LEVELS = 1.0

_LIVELY_S = 3.0
_LIVELY_KNOWN_S = 2.0
_MIN_LIVELY = 4
_BUSY_S = 60.0
_WAS_QUIET_S = 60.0
_STOPPED_S = 1.0
_QUIET_RUN_S = 1.0
_QUIET_FORGOTTEN_S = 3600.0
_LONGEST_PATIENCE_S = 60.0

Recent = tuple[tuple[float, float], ...]
"""(time, share of squares changed) of the last seconds."""


@dataclass(frozen=True)
class Standstill:
    """What is remembered of a camera's pictures between steps.

    Attributes:
        at_s: of the last step.
        stamp_s: the last picture's own time stamp.
        stamp_since_s: when that stamp was first seen.
        since_s: when the picture was taken that has been repeated since; None while they differ.
        exact_since_s: since when not one px changed.
        lively: whether the pictures before were lively, or busy.
        busy: whether they were busy.
        pulsed: whether the last one changed as with a key frame at a very low rate.
        recent: of the time before the standstill.
        moving_since_s: since when something moved in every picture.
        quiet_s: the longest standstill that ended quietly.
        quiet_at_s: when the last one did.
    """

    at_s: float | None = None
    stamp_s: float | None = None
    stamp_since_s: float = 0.0
    since_s: float | None = None
    exact_since_s: float = 0.0
    lively: bool = False
    busy: bool = False
    pulsed: bool = False
    recent: Recent = ()
    moving_since_s: float | None = None
    quiet_s: float = 0.0
    quiet_at_s: float | None = None

    def interrupted(self, at_s: float) -> "Standstill":
        """Forget what lasts: nobody knows what happened meanwhile."""
        return replace(
            self,
            at_s=at_s,
            stamp_since_s=at_s,
            since_s=None,
            recent=(),
            moving_since_s=None,
            quiet_at_s=None if self.quiet_at_s is None else min(self.quiet_at_s, at_s),
        )


def step_standstill(
    before: Standstill, measures: PictureMeasures, *, at_s: float, rule: HealthRule
) -> Standstill:
    """Take one picture into account; ``at_s`` is after the step before."""
    new_stamp = measures.captured_at_s != before.stamp_s
    state = replace(
        before,
        at_s=at_s,
        stamp_s=measures.captured_at_s,
        stamp_since_s=at_s if new_stamp else before.stamp_since_s,
    )
    difference, changed_share = measures.difference, measures.changed_share
    if difference is None or changed_share is None or before.at_s is None:
        return replace(state, since_s=None, recent=(), moving_since_s=None)
    state = _moving(state, measures, rule)
    recent = _recent(state, changed_share)
    anew = difference <= sent_anew_levels(measures.brightest_level)
    if state.since_s is None:
        begun = _begun(before, rule)
        if difference <= _SAME_LEVELS or (begun.busy and anew):
            return replace(
                state,
                since_s=before.at_s,
                exact_since_s=before.at_s if changed_share == 0 else at_s,
                lively=begun.lively,
                busy=begun.busy,
                pulsed=False,
                recent=(),
            )
        return replace(state, recent=recent)
    if difference <= _SAME_LEVELS:
        exact_since_s = state.exact_since_s if changed_share == 0 else at_s
        return replace(state, exact_since_s=exact_since_s, pulsed=False)
    # The key frames of a hung camera whose encoder works change its picture a little; at very low
    # rates somewhat more, but then only they do.
    stopped = state.lively and before.at_s - state.since_s >= _STOPPED_S
    few = (measures.moving_share or 0.0) <= rule.moving_share / 2
    if state.busy:
        goes_on = anew or (few and not state.pulsed)
    else:
        goes_on = anew and stopped and not _lives(recent, rule)
    if goes_on:
        return replace(state, exact_since_s=at_s, recent=recent, pulsed=not anew)
    return replace(_ended(before, state, anew=anew), since_s=None, recent=recent[-1:])


def standstill_sign(state: Standstill, *, rule: HealthRule) -> HealthSign | None:
    """Return the sign of a frozen picture, if there is one."""
    if state.at_s is None:
        return None
    if state.since_s is not None:
        limit_s = rule.frozen_s if state.lively else _patience_s(state, rule)
        # Of a quiet scene even a single px that changed says that the camera sees.
        same_s = state.at_s - (state.since_s if state.lively else state.exact_since_s)
        if same_s >= limit_s:
            return HealthSign("same_picture_s", same_s, limit_s)
    same_time_s = state.at_s - state.stamp_since_s
    if same_time_s >= rule.frozen_s:
        return HealthSign("same_time_s", same_time_s, rule.frozen_s)
    return None


def _moving(state: Standstill, measures: PictureMeasures, rule: HealthRule) -> Standstill:
    if (measures.moving_share or 0.0) < rule.moving_share:
        return replace(state, moving_since_s=None)
    since_s = state.at_s if state.moving_since_s is None else state.moving_since_s
    return replace(state, moving_since_s=since_s)


def _recent(state: Standstill, changed_share: float) -> Recent:
    at_s = state.at_s or 0.0
    recent = (*state.recent, (at_s, changed_share))
    young = tuple(one for one in recent if at_s - one[0] <= _LIVELY_S)
    return young if len(young) >= _MIN_LIVELY else recent[-_MIN_LIVELY:]


def _lives(recent: Recent, rule: HealthRule) -> bool:
    """Say whether all pictures of the last seconds are lively."""
    if len(recent) < _MIN_LIVELY or recent[-1][0] - recent[0][0] < _LIVELY_KNOWN_S:
        return False
    return all(share >= rule.lively_share for _, share in recent)


def _begun(before: Standstill, rule: HealthRule) -> Standstill:
    """Say what the scene was when a standstill begins."""
    at_s = before.at_s or 0.0
    busy = before.moving_since_s is not None and at_s - before.moving_since_s >= _BUSY_S
    was_quiet = before.quiet_at_s is not None and at_s - before.quiet_at_s < _WAS_QUIET_S
    lively = busy or (not was_quiet and _lives(before.recent, rule))
    return replace(before, busy=busy, lively=lively)


def _patience_s(state: Standstill, rule: HealthRule) -> float:
    learned_s = min(1.5 * state.quiet_s + 1.0, _LONGEST_PATIENCE_S)
    return max(rule.quiet_frozen_s, learned_s)


def _ended(before: Standstill, state: Standstill, *, anew: bool) -> Standstill:
    """Learn from a standstill how long a quiet one of this camera lasts."""
    if before.since_s is None or before.at_s is None or state.at_s is None:
        return state
    run_s = before.at_s - before.since_s
    if run_s < _QUIET_RUN_S or not anew:
        return state
    known_s = state.quiet_s
    if state.quiet_at_s is None or state.at_s - state.quiet_at_s > _QUIET_FORGOTTEN_S:
        known_s = 0.0
    return replace(state, quiet_s=max(known_s, run_s), quiet_at_s=state.at_s)
