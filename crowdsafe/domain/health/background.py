"""Whether a camera still looks where it was calibrated, by the shifts of its background."""

from dataclasses import dataclass, replace
from math import hypot
from statistics import fmean, median

from crowdsafe.domain.health.health_rule import HealthRule, HealthSign
from crowdsafe.domain.health.picture_measures import Ground, PictureMeasures, Shift, shift_m

_WINDOW_S = 3.2
_MIN_SHIFTS = 3
# A move that holds ends only this much below where it begins.
_CLEAR_SHARE = 0.75
# Estimates that differ by more than this share of their median are no agreement.
_DISAGREE_SHARE = 0.25
_AGREE_SHARE = 0.9
# A loss is sudden when this share of the landmarks was found one look before. A crowd that fills
# the view, or dusk, hides them a few at a time.
_WELL_FOUND = 0.25
# In light that differs by more than this factor landmarks may be hidden by it.
_LIKE_LIGHT = 2.5


@dataclass(frozen=True)
class Background:
    """What is remembered of the background between steps.

    Attributes:
        shifts: (time, shift) of the last seconds.
        well_found: whether the last look found many landmarks.
        ever_found: whether any look found enough.
        lost_since_s: since when the looks find too few.
        lost_suddenly: whether they found many just before.
        shift: median over the last seconds, None when too few are known or it is lost.
        sway_px: how far single shifts were from it.
    """

    shifts: tuple[tuple[float, Shift], ...] = ()
    well_found: bool = False
    ever_found: bool = False
    lost_since_s: float | None = None
    lost_suddenly: bool = False
    shift: Shift | None = None
    sway_px: float | None = None

    def interrupted(self, at_s: float) -> "Background":
        """Forget what lasts: nobody knows what happened meanwhile."""
        lost_since_s = None if self.lost_since_s is None else at_s
        return replace(self, shifts=(), lost_since_s=lost_since_s)


def step_background(before: Background, measures: PictureMeasures, *, at_s: float) -> Background:
    """Take one look at the landmarks into account; the picture must not be dark or blinded."""
    if measures.found_share is None:
        return before
    if measures.shift is None:
        first = before.lost_since_s is None
        return replace(
            before,
            shifts=(),
            shift=None,
            sway_px=None,
            well_found=False,
            lost_since_s=at_s if first else before.lost_since_s,
            lost_suddenly=before.well_found if first else before.lost_suddenly,
        )
    shifts = (*before.shifts, (at_s, measures.shift))
    young = tuple(one for one in shifts if at_s - one[0] <= _WINDOW_S)
    shifts = young if len(young) >= _MIN_SHIFTS else shifts[-_MIN_SHIFTS:]
    middle = _median(shifts) if len(shifts) >= _MIN_SHIFTS else None
    return Background(
        shifts=shifts,
        well_found=measures.found_share >= _WELL_FOUND,
        ever_found=True,
        shift=middle,
        sway_px=None if middle is None else max(_apart_px(one, middle) for _, one in shifts),
    )


def background_sign(
    state: Background,
    measures: PictureMeasures,
    *,
    at_s: float,
    holds: bool,
    rule: HealthRule,
    camera: Ground | None,
) -> tuple[bool, HealthSign | None]:
    """Return whether this picture says anything of a move, and the sign of one if there is one.

    The median over the last seconds is judged: at a mast that sways it is where the camera rests.

    Args:
        state: after this picture's step.
        measures: of this picture.
        at_s: as in the step.
        holds: whether the camera counts as moved now.
        rule: the limits.
        camera: its calibration, for the metres.
    """
    if measures.found_share is None:
        return False, None
    if state.lost_since_s is not None:
        return _lost(state, measures, at_s=at_s, rule=rule)
    if state.shift is None:
        return False, None
    size_px = state.shift.size_px(measures.size_px)
    share = _CLEAR_SHARE if holds else 1.0
    whole_px = rule.moved_share * measures.size_px[0]
    sign = HealthSign("shift_px", size_px, whole_px) if size_px >= whole_px * share else None
    if size_px < whole_px and rule.moved_m is not None and camera is not None:
        off_m = shift_m(state.shift, camera=camera, picture_size_px=measures.size_px)
        if off_m is not None and off_m >= rule.moved_m * share:
            sign = HealthSign("shift_m", off_m, rule.moved_m)
    if sign is None or holds or _agree(state, state.shift, measures.size_px, whole_px):
        return True, sign
    return False, None


def _lost(
    state: Background, measures: PictureMeasures, *, at_s: float, rule: HealthRule
) -> tuple[bool, HealthSign | None]:
    """Judge a background that is not found: that alone says nothing, a crowd hides it too."""
    since_s = at_s if state.lost_since_s is None else state.lost_since_s
    limit_s: float | None = None
    if state.lost_suddenly:
        limit_s = rule.lost_s
    elif not state.ever_found:
        light = measures.light_ratio or 0.0
        limit_s = rule.never_found_s if 1 / _LIKE_LIGHT <= light <= _LIKE_LIGHT else None
    if limit_s is None or at_s - since_s < limit_s:
        return False, None
    return True, HealthSign("not_found_s", at_s - since_s, limit_s)


def _median(shifts: tuple[tuple[float, Shift], ...]) -> Shift:
    return Shift(
        dx_px=median(one.dx_px for _, one in shifts),
        dy_px=median(one.dy_px for _, one in shifts),
        growth=median(one.growth for _, one in shifts),
        turn=median(one.turn for _, one in shifts),
    )


def _apart_px(one: Shift, other: Shift) -> float:
    return hypot(one.dx_px - other.dx_px, one.dy_px - other.dy_px)


def _agree(
    state: Background, middle: Shift, picture_size_px: tuple[int, int], limit_px: float
) -> bool:
    """Say whether the last shifts are one place and no swaying between two.

    The median of a swing can lie near its end; its mean does not.
    """
    size_px = middle.size_px(picture_size_px)
    mean = replace(
        middle,
        dx_px=fmean(one.dx_px for _, one in state.shifts),
        dy_px=fmean(one.dy_px for _, one in state.shifts),
    )
    if mean.size_px(picture_size_px) < _AGREE_SHARE * min(limit_px, size_px):
        return False
    off_px = median(_apart_px(one, middle) for _, one in state.shifts)
    return off_px <= max(limit_px, _DISAGREE_SHARE * size_px)
