"""Levels rise late, fall late and do not flicker."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.domain.levels import (
    Level,
    LevelRule,
    LevelState,
    interrupt,
    slope_per_min,
    step_level,
)
from crowdsafe.errors import BadInput

_RULE = LevelRule(begins_ppm2=(1.0, 2.0, 3.0), hysteresis_ppm2=0.2, rise_s=3.0, fall_s=5.0)


def _levels(densities: list[float], *, step_s: float = 0.5) -> list[Level]:
    state, levels = LevelState(), []
    for number, density in enumerate(densities):
        state = step_level(state, density_ppm2=density, rule=_RULE, now_s=number * step_s)
        levels.append(state.level)
    return levels


def test_a_level_rises_once_it_has_held_for_the_rise_time() -> None:
    levels = _levels([2.5] * 10)
    assert levels[:6] == [Level.CLEAR] * 6
    assert levels[6:] == [Level.TIGHT] * 4


def test_an_outlier_shorter_than_the_rise_time_raises_nothing() -> None:
    assert set(_levels(([0.1] * 5 + [9.0] * 6) * 4)) == {Level.CLEAR}


def test_a_density_that_hovers_at_the_threshold_changes_the_level_once() -> None:
    levels = _levels([2.5] * 8 + [1.95, 2.05] * 40)
    assert levels[8:] == [Level.TIGHT] * 80


def test_a_level_falls_below_the_hysteresis_after_the_fall_time() -> None:
    levels = _levels([2.5] * 8 + [1.7] * 12)
    assert levels[8:18] == [Level.TIGHT] * 10
    assert levels[18:] == [Level.BUSY] * 2


def test_a_crush_is_critical_at_once_not_step_by_step() -> None:
    levels = _levels([0.0, 5.0] + [5.0] * 8)
    assert set(levels) == {Level.CLEAR, Level.CRITICAL}


def test_levels_reached_at_different_times_are_timed_each_by_itself() -> None:
    levels = _levels([1.5] * 4 + [2.5] * 8)
    assert levels.index(Level.BUSY) == 6
    assert levels.index(Level.TIGHT) == 10


def test_after_an_interruption_the_delays_begin_anew_but_the_level_stays() -> None:
    state = LevelState()
    for now_s in (0.0, 2.9):
        state = step_level(state, density_ppm2=2.5, rule=_RULE, now_s=now_s)
    state = step_level(interrupt(state), density_ppm2=2.5, rule=_RULE, now_s=60.0)
    assert state.level is Level.CLEAR
    state = step_level(state, density_ppm2=2.5, rule=_RULE, now_s=63.0)
    assert state.level is Level.TIGHT
    assert interrupt(state).level is Level.TIGHT
    assert state.since_s == 63.0


@given(st.lists(st.floats(0, 6, allow_nan=False), min_size=1, max_size=60))
def test_a_level_never_stands_without_its_density_having_held(densities: list[float]) -> None:
    for number, level in enumerate(_levels(densities)):
        if level > Level.CLEAR:
            begin = _RULE.begins_ppm2[level - 1]
            runs = "".join("x" if d >= begin else " " for d in densities[: number + 1]).split()
            assert max(map(len, runs), default=0) >= 7


@pytest.mark.parametrize(
    ("begins", "hysteresis", "says"),
    [((1.0, 1.0, 3.0), 0.1, "each above the one before"), ((1.0, 2.0, 3.0), 1.0, "never fall")],
)
def test_thresholds_that_make_no_sense_are_refused(
    begins: tuple[float, float, float], hysteresis: float, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        LevelRule(begins_ppm2=begins, hysteresis_ppm2=hysteresis, rise_s=1, fall_s=1)


def test_the_trend_is_the_slope_and_forgets_outliers() -> None:
    points = [(float(s), 0.5 + 0.01 * s) for s in range(30)]
    assert slope_per_min(points) == pytest.approx(0.6)
    points[7] = (7.0, 9.0)
    assert slope_per_min(points) == pytest.approx(0.6, abs=0.02)
    assert slope_per_min(points[:5]) is None
    assert slope_per_min([(1.0, 1.0)] * 8) is None
