"""Levels: sluggish upwards, more sluggish downwards, never nervous."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.domain.alarm.levels import (
    Level,
    LevelRule,
    LevelState,
    interrupt,
    step_level,
)
from crowdsafe.errors import BadInput

RULE = LevelRule(begins_ppm2=(1.0, 2.0, 3.0), hysteresis_ppm2=0.2, rise_s=5.0, fall_s=15.0)


def _course(
    densities: list[float], *, state: LevelState | None = None, from_s: float = 0.0
) -> list[LevelState]:
    """Return the state after each density, one a second."""
    states = []
    state = state or LevelState()
    for second, density in enumerate(densities):
        state = step_level(state, density_ppm2=density, rule=RULE, now_s=from_s + second)
        states.append(state)
    return states


def _changes(states: list[LevelState]) -> list[Level]:
    levels = [state.level for state in states]
    return [
        level
        for before, level in zip([Level.CLEAR, *levels], levels, strict=False)
        if level != before
    ]


@pytest.mark.parametrize(("density", "after_s"), [(1.0, 5), (1.1, 4), (1.2, 3), (1.9, 3)])
def test_a_density_that_holds_raises_the_level_after_rise_s_and_sooner_the_farther_it_is_over(
    density: float, after_s: int
) -> None:
    states = _course([density] * 7)
    expected = [Level.CLEAR] * after_s + [Level.BUSY] * (7 - after_s)
    assert [state.level for state in states] == expected
    assert states[-1].since_s == after_s


def test_an_outlier_shorter_than_half_of_rise_s_raises_nothing() -> None:
    assert _changes(_course(([0.5] * 3 + [9.0] * 3) * 20)) == []


def test_a_density_that_flickers_at_a_threshold_changes_the_level_once() -> None:
    noise = random.Random(5)
    densities = [2.5] * 10 + [2.0 + noise.uniform(-0.19, 0.19) for _ in range(600)]
    assert _changes(_course(densities)) == [Level.TIGHT]


def test_a_level_ends_only_below_its_hysteresis() -> None:
    up = _course([2.5] * 6)
    assert _changes(up) == [Level.TIGHT]
    held = _course([1.8] * 60, state=up[-1], from_s=6)
    assert held[-1].level is Level.TIGHT
    fallen = _course([1.79] * 16, state=held[-1], from_s=66)
    assert [state.level for state in fallen] == [Level.TIGHT] * 15 + [Level.BUSY]
    assert fallen[-1].since_s == 81


def test_one_value_that_is_high_again_starts_the_fall_anew() -> None:
    up = _course([2.5] * 6)
    states = _course([0.5] * 14 + [2.5] + [0.5] * 14, state=up[-1], from_s=6)
    assert states[-1].level is Level.TIGHT


def test_a_jump_over_several_levels_arrives_at_once() -> None:
    states = _course([0.5] + [5.0] * 6)
    assert _changes(states) == [Level.CRITICAL]
    fallen = _course([0.0] * 20, state=states[-1], from_s=7)
    assert _changes([states[-1], *fallen]) == [Level.CRITICAL, Level.CLEAR]


def test_a_higher_level_that_does_not_hold_still_leaves_the_lower_one() -> None:
    assert _changes(_course([2.5, 2.5, 3.5] * 4)) == [Level.TIGHT]


def test_levels_reached_at_different_times_are_timed_each_by_itself() -> None:
    levels = [state.level for state in _course([1.5] * 4 + [2.5] * 8)]
    assert (levels.index(Level.BUSY), levels.index(Level.TIGHT)) == (3, 7)


@given(st.lists(st.floats(0, 6, allow_nan=False), min_size=1, max_size=60))
def test_a_level_never_stands_without_its_density_having_held(densities: list[float]) -> None:
    for number, state in enumerate(_course(densities)):
        if state.level > Level.CLEAR:
            begin = RULE.begins_ppm2[state.level - 1]
            # One value a second, so four of them span half of rise_s, the least.
            spans = [densities[i - 3 : i + 1] for i in range(3, number + 1)]
            assert any(
                all(max(pair) >= begin - RULE.hysteresis_ppm2 for pair in pairwise(span))
                and sum(value >= begin for value in span) >= 2
                for span in spans
            )


def test_noise_does_not_hold_up_a_crossing() -> None:
    noise = random.Random(7)
    late = [
        _course([1.0] * 10 + [2.08 + noise.gauss(0, 0.06) for _ in range(8)])[-1].level
        for _ in range(200)
    ]
    assert late.count(Level.TIGHT) == 200


def test_an_outlier_over_a_density_just_below_raises_nothing() -> None:
    assert _changes(_course([2.5] * 6 + ([2.9] * 9 + [6.0]) * 30)) == [Level.TIGHT]


def test_without_delay_the_level_changes_at_once() -> None:
    rule = LevelRule(begins_ppm2=(1.0, 2.0, 3.0), hysteresis_ppm2=0.0, rise_s=0.0, fall_s=0.0)
    state = step_level(LevelState(), density_ppm2=3.0, rule=rule, now_s=0.0)
    assert state.level is Level.CRITICAL
    assert step_level(state, density_ppm2=2.9, rule=rule, now_s=0.1).level is Level.TIGHT


def test_an_interruption_forgets_running_delays_and_keeps_the_level() -> None:
    up = _course([2.5] * 6)
    falling = _course([0.5] * 14, state=up[-1], from_s=6)[-1]
    interrupted = interrupt(falling)
    assert (interrupted.level, interrupted.since_s) == (Level.TIGHT, up[-1].since_s)
    again = step_level(interrupted, density_ppm2=0.5, rule=RULE, now_s=1000.0)
    assert again.level is Level.TIGHT
    assert step_level(again, density_ppm2=0.5, rule=RULE, now_s=1015.0).level is Level.CLEAR


def test_a_high_value_before_and_after_a_silence_does_not_raise() -> None:
    before = _course([2.5])[-1]
    after = step_level(interrupt(before), density_ppm2=2.5, rule=RULE, now_s=500.0)
    assert after.level is Level.CLEAR


@pytest.mark.parametrize(
    ("begins", "hysteresis", "says"),
    [
        ((1.0, 1.0, 3.0), 0.2, "each above the one before"),
        ((3.0, 2.0, 1.0), 0.2, "each above the one before"),
        ((1.0, 2.0, 3.0), 1.0, "could never fall"),
    ],
)
def test_thresholds_that_cannot_work_are_refused(
    begins: tuple[float, float, float], hysteresis: float, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        LevelRule(begins_ppm2=begins, hysteresis_ppm2=hysteresis, rise_s=5.0, fall_s=15.0)
