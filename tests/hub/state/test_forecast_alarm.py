"""The forecast of a zone through the hub's state: shown, alarmed, forgotten, kept over a change."""

from dataclasses import replace

import numpy as np

from crowdsafe.contract.words import Text
from crowdsafe.domain.alarm.alarm import AlarmState
from tests.hub.state.test_hub_state import BEGIN_S, SITE, Course

TIGHT_PPM2 = 2.0
SLOPE = 0.08
BEGINS_S = 300


def _rise(course: Course, seconds: range, *, seed: int = 1) -> None:
    """A slow rise with noise that reaches the limit after about seventeen minutes."""
    rng = np.random.default_rng(seed)
    for second in seconds:
        rising = 1.0 + SLOPE * max(0, second - BEGINS_S) / 60
        course.see(second, float(rising + 0.03 * rng.standard_normal()))
        course.tick(second + 0.5)


def test_a_slow_rise_is_told_minutes_before_it_is_tight() -> None:
    course = Course()
    crosses_s = BEGINS_S + (TIGHT_PPM2 - 1.0) / SLOPE * 60
    called_s = None
    for second in range(1, round(crosses_s) + 60):
        _rise(course, range(second, second + 1), seed=second)
        alarm = course.state.alarms.of("forecast", "gate")
        if called_s is None and alarm is not None:
            called_s = second
            assert alarm.evidence.quantity == "time_to_limit_min"
            assert alarm.evidence.value is not None
            assert alarm.evidence.value <= 5
            forecast = course.state.zone_state("gate").forecast
            assert forecast is not None
            assert forecast.earliest_min <= forecast.likely_min == alarm.evidence.value
    assert called_s is not None
    assert 2 * 60 <= crosses_s - called_s <= 10 * 60
    _rise(course, range(round(crosses_s) + 60, round(crosses_s) + 120))
    alarm = course.state.alarms.of("forecast", "gate")
    density = course.state.alarms.of("density", "gate")
    assert density is not None, "what was told has come"
    assert density.present
    assert alarm is None or alarm.state in (AlarmState.SUPPRESSED, AlarmState.RETURNED)
    assert course.state.zone_state("gate").forecast is None


def test_a_steady_zone_is_told_nothing_of() -> None:
    course = Course()
    rng = np.random.default_rng(2)
    for second in range(1, 1200):
        course.see(second, float(1.7 + 0.05 * rng.standard_normal()))
        course.tick(second + 0.5)
        assert course.state.zone_state("gate").forecast is None
    assert course.state.alarms.of("forecast", "gate") is None


def _rising() -> Course:
    course = Course()
    _rise(course, range(1, 800))
    assert course.state.zone_state("gate").forecast is not None
    return course


def test_nothing_is_foretold_of_a_zone_that_is_unknown() -> None:
    course = _rising()
    course.tick(830)
    state = course.state.zone_state("gate")
    assert (state.level, state.forecast) == ("unknown", None)
    _rise(course, range(831, 840))
    assert course.state.zone_state("gate").level == "busy"


def test_it_is_not_forgotten_when_words_change_and_is_when_the_limit_does() -> None:
    course = _rising()
    skill = course.state._records.skill
    gate, hall = SITE.zones
    renamed = replace(SITE, zones=(replace(gate, name=Text(de="Tor", en="Gate")), hall))
    records = course.state.prepare(renamed, now_s=BEGIN_S + 800)
    course.state.replace_site(records, revision=1, now_s=BEGIN_S + 800)
    assert course.state.zone_state("gate").forecast is not None
    rule = replace(gate.rule, begins_ppm2=(1, 4, 6))
    higher = replace(SITE, zones=(replace(gate, rule=rule), hall))
    records = course.state.prepare(higher, now_s=BEGIN_S + 801)
    course.state.replace_site(records, revision=2, now_s=BEGIN_S + 801)
    assert course.state.zone_state("gate").forecast is None
    assert course.state._records.skill is skill, "how good forecasts are is known on"
