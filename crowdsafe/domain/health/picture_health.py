"""Whether a camera's numbers can be believed: named states, one step a picture.

Nothing is judged by one picture: a passing bird or lorry, or a gust at the mast, is none of the
states. What a picture looks like is measured elsewhere, see
:class:`crowdsafe.domain.health.picture_measures.PictureMeasures`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import isfinite, prod

from crowdsafe.domain.health.background import Background, background_sign, step_background
from crowdsafe.domain.health.health_rule import (
    HOLDS,
    NOT_BELIEVABLE,
    SD_FACTOR,
    SEVERITY,
    TOO_FEW,
    HealthName,
    HealthRule,
    HealthSign,
    Hold,
)
from crowdsafe.domain.health.picture_measures import Ground, PictureMeasures, shift_m
from crowdsafe.domain.health.standstill import Standstill, standstill_sign, step_standstill
from crowdsafe.domain.health.stop import Stop, interrupted_stop, step_stop, stop_sign
from crowdsafe.errors import BadInput

# Of what was between two pictures farther apart nothing is known.
_GAP_S = 10.0
# Seconds since 1970 come in steps of 0.2 µs; less than this is the same instant.
_INSTANT_S = 1e-3
_LOAD_S = 10.0
_LOAD_KNOWN_S = 5.0
_OUTAGE_S = 2.0
# A state that holds ends only where the value is so much better than where it begins.
_EASE = 0.85


@dataclass(frozen=True)
class Crowding:
    """The highest crowding in a picture and up to which the detector was validated.

    Both in one unit: persons per square metre, or heads per square of the picture.
    """

    highest: float
    validated_to: float

    def __post_init__(self) -> None:
        if not (isfinite(self.highest) and self.highest >= 0 and isfinite(self.validated_to)):
            raise BadInput(f"health: crowding {self.highest}, expected a number from 0 up")
        if self.validated_to <= 0:
            raise BadInput(f"health: validated to {self.validated_to}, expected more than 0")


@dataclass(frozen=True)
class Load:
    """What was asked of a camera's analysis: pictures a second, and due ones dropped so far."""

    asked_per_s: float
    frames_dropped: int

    def __post_init__(self) -> None:
        if not (isfinite(self.asked_per_s) and self.asked_per_s > 0):
            raise BadInput(f"health: asked for {self.asked_per_s} pictures/s, expected more than 0")
        if self.frames_dropped < 0:
            raise BadInput(f"health: {self.frames_dropped} frames dropped, expected 0 or more")


@dataclass(frozen=True)
class Latch:
    """One state: why it holds, if it does, and since when the signs ask for the other."""

    sign: HealthSign | None = None
    turning_since_s: float | None = None

    @property
    def on(self) -> bool:
        """Whether the state holds."""
        return self.sign is not None


@dataclass(frozen=True)
class HealthState:
    """What is known of a camera's health.

    Attributes:
        name: the most severe state that holds, or "ok".
        since_s: since when it has that name; None before the first picture.
        active: all states that hold, most severe first.
        shift_px: shift of the background, median over the last seconds; None where not known.
        shift_m: what it means in metres on the ground, see
            :func:`crowdsafe.domain.health.picture_measures.shift_m`.
        sway_px: how far single shifts of the last seconds were from their median.
        measures: of the newest picture.
        latches: of each state.
        standstill: memory for "frozen".
        stop: likewise.
        background: memory for "moved".
        taken: (time, frames dropped so far) of the pictures of the last seconds.
        at_s: of the last step.
    """

    name: HealthName = "ok"
    since_s: float | None = None
    active: tuple[HealthName, ...] = ()
    shift_px: float | None = None
    shift_m: float | None = None
    sway_px: float | None = None
    measures: PictureMeasures | None = None
    latches: Mapping[HealthName, Latch] = field(
        default_factory=lambda: {name: Latch() for name in SEVERITY}
    )
    standstill: Standstill = field(default_factory=Standstill)
    stop: Stop = field(default_factory=Stop)
    background: Background = field(default_factory=Background)
    taken: tuple[tuple[float, int], ...] = ()
    at_s: float | None = None

    @property
    def detail(self) -> HealthSign | None:
        """Why it has its name; None when it is ok."""
        return None if self.name == "ok" else self.latches[self.name].sign

    @property
    def believable(self) -> bool:
        """Whether counts mean anything; where not, what the camera sees is unknown."""
        return NOT_BELIEVABLE.isdisjoint(self.active)

    @property
    def lower_bound(self) -> bool:
        """Whether the count is known to be too low rather than only uncertain."""
        return not TOO_FEW.isdisjoint(self.active)

    @property
    def sd_factor(self) -> float:
        """By how much the standard deviation of a count is to be multiplied, 1 or more."""
        return prod(SD_FACTOR.get(name, 1.0) for name in self.active)


_RULE = HealthRule()


def step_health(
    state: HealthState,
    measures: PictureMeasures,
    *,
    at_s: float,
    load: Load | None = None,
    crowding: Iterable[Crowding] = (),
    camera: Ground | None = None,
    rule: HealthRule = _RULE,
) -> HealthState:
    """Take one picture into account.

    A picture of the same instant as the one before stands for no time and only its measures are
    kept. When the clock was set back, or no picture came for long, states stay as they are and
    what was about to begin or end starts anew.

    Args:
        state: from the step before; ``HealthState()`` at first.
        measures: of the newest picture.
        at_s: now. Not the picture's own time stamp where there is another clock: a stamp that
            stands still shows only against one that does not.
        load: None when it is not known.
        crowding: in as many units as there are limits.
        camera: its calibration, for the shift in metres.
        rule: where states begin.

    Raises:
        BadInput: the time is not finite.
    """
    if not isfinite(at_s):
        raise BadInput(f"health: a picture at {at_s} s, expected a finite time")
    if state.at_s is not None:
        since_s = at_s - state.at_s
        if 0 <= since_s < _INSTANT_S:
            return replace(state, measures=measures)
        if since_s < 0 or since_s > _GAP_S:
            state = _interrupted(state, at_s)
    standstill = step_standstill(state.standstill, measures, at_s=at_s, rule=rule)
    stop = step_stop(state.stop, measures, at_s=at_s, rule=rule)
    signs: dict[HealthName, HealthSign | None] = {"dark": _dark(state, measures, rule)}
    if signs["dark"] is None:
        signs["frozen"] = standstill_sign(standstill, rule=rule) or stop_sign(
            stop, at_s=at_s, rule=rule
        )
        signs["blinded"] = _blinded(state, measures, rule)
    else:
        # A black picture has nothing in it that could differ or be found.
        standstill = standstill.interrupted(at_s)
        stop = Stop()
    background = state.background
    if signs["dark"] is None and signs["blinded"] is None:
        background = step_background(background, measures, at_s=at_s)
        says, moved = background_sign(
            background,
            measures,
            at_s=at_s,
            holds=state.latches["moved"].on,
            rule=rule,
            camera=camera,
        )
        if says:
            signs["moved"] = moved
        if measures.sharpness_ratio is not None:
            signs["unsharp"] = _unsharp(state, measures.sharpness_ratio, rule)
    signs["saturated"] = _saturated(state, crowding)
    taken = _taken(state, load, at_s)
    signs["overloaded"] = _overloaded(state, taken, load, rule)
    # A lively picture that stopped must live again for a while; a quiet one only has to change.
    lively = standstill.lively or stop.since_s is not None
    frozen = Hold(0.0, 3.0 if lively else 0.0)
    latches = {
        name: _step_latch(state.latches[name], signs[name], hold=HOLDS.get(name, frozen), at_s=at_s)
        if name in signs
        else state.latches[name]
        for name in SEVERITY
    }
    active = tuple(name for name in SEVERITY if latches[name].on)
    name: HealthName = active[0] if active else "ok"
    shift = background.shift
    return HealthState(
        name=name,
        since_s=at_s if name != state.name or state.since_s is None else state.since_s,
        active=active,
        shift_px=None if shift is None else shift.size_px(measures.size_px),
        shift_m=None
        if shift is None or camera is None
        else shift_m(shift, camera=camera, picture_size_px=measures.size_px),
        sway_px=background.sway_px,
        measures=measures,
        latches=latches,
        standstill=standstill,
        stop=stop,
        background=background,
        taken=taken,
        at_s=at_s,
    )


def _interrupted(state: HealthState, at_s: float) -> HealthState:
    return replace(
        state,
        since_s=None if state.since_s is None else min(state.since_s, at_s),
        latches={
            name: replace(latch, turning_since_s=None) for name, latch in state.latches.items()
        },
        standstill=state.standstill.interrupted(at_s),
        stop=interrupted_stop(state.stop),
        background=state.background.interrupted(at_s),
        taken=state.taken[-1:] if state.taken and state.taken[-1][0] <= at_s else (),
    )


def _step_latch(latch: Latch, sign: HealthSign | None, *, hold: Hold, at_s: float) -> Latch:
    if (sign is not None) == latch.on:
        return Latch(sign=sign)
    since_s = at_s if latch.turning_since_s is None else latch.turning_since_s
    if at_s - since_s >= (hold.clear_s if latch.on else hold.set_s):
        return Latch(sign=sign)
    return Latch(sign=latch.sign, turning_since_s=since_s)


def _eased(state: HealthState, name: HealthName) -> float:
    return _EASE if state.latches[name].on else 1.0


def _dark(state: HealthState, measures: PictureMeasures, rule: HealthRule) -> HealthSign | None:
    ease = _eased(state, "dark")
    if measures.brightest_level <= rule.dark_level / ease:
        return HealthSign("brightest_level", measures.brightest_level, rule.dark_level)
    # All at full white is glare, no missing signal.
    one_colour = measures.one_colour_share >= rule.one_colour_share * ease
    if one_colour and measures.clipped_share < rule.clipped_share:
        return HealthSign("one_colour_share", measures.one_colour_share, rule.one_colour_share)
    return None


def _blinded(state: HealthState, measures: PictureMeasures, rule: HealthRule) -> HealthSign | None:
    ease = _eased(state, "blinded")
    if measures.clipped_share >= rule.clipped_share * ease:
        return HealthSign("clipped_share", measures.clipped_share, rule.clipped_share)
    if measures.veiled_share is not None and measures.veiled_share >= rule.veiled_share * ease:
        return HealthSign("veiled_share", measures.veiled_share, rule.veiled_share)
    ratio = measures.sharpness_ratio
    if ratio is not None and ratio < rule.blind_sharpness / ease:
        return HealthSign("sharpness_ratio", ratio, rule.blind_sharpness)
    return None


def _unsharp(state: HealthState, ratio: float, rule: HealthRule) -> HealthSign | None:
    if ratio < rule.sharpness / _eased(state, "unsharp"):
        return HealthSign("sharpness_ratio", ratio, rule.sharpness)
    return None


def _saturated(state: HealthState, crowding: Iterable[Crowding]) -> HealthSign | None:
    worst = max(crowding, key=lambda one: one.highest / one.validated_to, default=None)
    if worst is None or worst.highest < worst.validated_to * _eased(state, "saturated"):
        return None
    return HealthSign("crowding", worst.highest, worst.validated_to)


def _taken(state: HealthState, load: Load | None, at_s: float) -> tuple[tuple[float, int], ...]:
    """Return the pictures of the last seconds with the one before them."""
    if load is None:
        return ()
    taken = state.taken
    # A worker that started anew counts from 0.
    if taken and load.frames_dropped < taken[-1][1]:
        taken = ()
    taken = (*taken, (at_s, load.frames_dropped))
    old = sum(at_s - then_s > _LOAD_S for then_s, _ in taken)
    return taken[max(0, old - 1) :]


def _overloaded(
    state: HealthState, taken: tuple[tuple[float, int], ...], load: Load | None, rule: HealthRule
) -> HealthSign | None:
    if load is None or len(taken) < 2:
        return None
    ease = _eased(state, "overloaded")
    outage_s = max(_OUTAGE_S, 3.0 / load.asked_per_s)
    spans = [
        (later_s - earlier_s, later - earlier)
        for (earlier_s, earlier), (later_s, later) in pairwise(taken)
    ]
    # Where nothing was dropped for long, nothing came: that is the stream's fault.
    spans = [(span_s, drops) for span_s, drops in spans if drops or span_s <= outage_s]
    known_s, dropped = sum(span_s for span_s, _ in spans), sum(drops for _, drops in spans)
    if known_s < _LOAD_KNOWN_S:
        return None
    dropped_share = dropped / (dropped + len(spans))
    if dropped_share >= rule.dropped_share * ease:
        return HealthSign("dropped_share", dropped_share, rule.dropped_share)
    analysed_share = len(spans) / (known_s * load.asked_per_s)
    if analysed_share < rule.analysed_share / ease:
        return HealthSign("analysed_share", analysed_share, rule.analysed_share)
    return None
