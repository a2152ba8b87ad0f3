"""The causes of a zone beside its levels, on recorded times."""

from dataclasses import replace

import pytest

from crowdsafe.domain.alarm.cause import Cause
from crowdsafe.domain.alarm.levels import Level
from crowdsafe.domain.alarm.zone_watch import (
    ZoneLimits,
    ZoneValues,
    ZoneWatch,
    interrupt_watch,
    step_watch,
    zone_limits,
)

LIMITS = zone_limits(
    peak_ppm2=5.0,
    rise_ppm2_per_min=1.0,
    forecast_min=5.0,
    pressure_per_s2=0.02,
    counter_flow_share=0.35,
    people=100.0,
    busy_ppm2=1.0,
    rise_s=4.0,
    fall_s=8.0,
)
CALM = ZoneValues(density_ppm2=0.2, level=Level.CLEAR)
BUSY = ZoneValues(density_ppm2=1.5, level=Level.BUSY)


def _held(
    values: ZoneValues,
    *,
    seconds: int = 6,
    watch: ZoneWatch | None = None,
    from_s: float = 0.0,
    limits: ZoneLimits = LIMITS,
) -> ZoneWatch:
    watch = watch or ZoneWatch()
    for second in range(seconds):
        watch = step_watch(watch, values=values, limits=limits, now_s=from_s + second)
    return watch


def _on(watch: ZoneWatch) -> set[Cause]:
    return {cause for cause in watch.latches if watch.is_on(cause)}


@pytest.mark.parametrize(
    ("values", "cause"),
    [
        (replace(CALM, peak_ppm2=5.2), "peak"),
        (replace(BUSY, rise_ppm2_per_min=1.2), "rise"),
        (replace(CALM, minutes_to_tight=4.0), "forecast"),
        (replace(BUSY, pressure_per_s2=0.03), "pressure"),
        (replace(BUSY, counter_flow_share=0.4), "counter_flow"),
        (replace(CALM, people=101.0), "occupancy"),
    ],
)
def test_each_cause_begins_over_its_limit_and_alone(values: ZoneValues, cause: Cause) -> None:
    slow = cause in ("rise", "forecast")
    assert _on(_held(values, seconds=21 if slow else 6)) == {cause}
    assert _on(_held(values, seconds=20 if slow else 2)) == set(), "not before half of its delay"


@pytest.mark.parametrize(
    "values",
    [
        replace(CALM, pressure_per_s2=0.5),
        replace(CALM, counter_flow_share=0.5),
        replace(CALM, rise_ppm2_per_min=3.0),
    ],
)
def test_motion_among_few_people_is_no_cause(values: ZoneValues) -> None:
    assert _on(_held(values)) == set()


def test_a_rise_counts_from_half_of_busy() -> None:
    rising = replace(CALM, density_ppm2=0.5, rise_ppm2_per_min=1.2)
    assert _on(_held(rising, seconds=21)) == {"rise"}


def test_a_forecast_ends_when_the_time_has_grown_and_not_when_it_flickers() -> None:
    watch = _held(replace(CALM, minutes_to_tight=4.9), seconds=21)
    watch = _held(replace(CALM, minutes_to_tight=7.0), watch=watch, from_s=21, seconds=30)
    assert _on(watch) == {"forecast"}
    watch = _held(replace(CALM, minutes_to_tight=9.0), watch=watch, from_s=51, seconds=10)
    assert _on(watch) == set()


def test_no_forecast_at_all_ends_it_too() -> None:
    watch = _held(replace(CALM, minutes_to_tight=0.0), seconds=21)
    assert _on(watch) == {"forecast"}
    assert _on(_held(CALM, watch=watch, from_s=21, seconds=10)) == set()


def test_a_limit_that_is_not_set_raises_nothing() -> None:
    none = zone_limits(
        peak_ppm2=None,
        rise_ppm2_per_min=None,
        forecast_min=None,
        pressure_per_s2=None,
        counter_flow_share=None,
        people=None,
        busy_ppm2=1.0,
        rise_s=4.0,
        fall_s=8.0,
    )
    everything = ZoneValues(9.0, Level.CRITICAL, 9.0, 9.0, 0.1, 9.0, 0.5, 9e5)
    assert _on(_held(everything, limits=none)) == set()


def test_what_was_on_stays_and_what_was_running_is_forgotten() -> None:
    watch = _held(replace(CALM, peak_ppm2=5.2, people=101.0), seconds=3)
    assert _on(interrupt_watch(watch)) == set()
    again = _held(replace(CALM, peak_ppm2=5.2), watch=interrupt_watch(watch), from_s=3, seconds=3)
    assert _on(again) == set()
    on = interrupt_watch(_held(replace(CALM, peak_ppm2=5.2)))
    assert _on(on) == {"peak"}
