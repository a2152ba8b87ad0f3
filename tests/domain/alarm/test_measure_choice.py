"""Which measures are offered for an alarm."""

from dataclasses import dataclass

import pytest

from crowdsafe.domain.alarm.cause import Cause
from crowdsafe.domain.alarm.measure_choice import choose_measures, has_zone, worst_grade


@dataclass(frozen=True)
class _Measure:
    id: str
    causes: tuple[Cause, ...] = ("density",)
    zones: tuple[str, ...] = ()
    from_grade: int = 0
    weather: tuple[str, ...] = ()


_ALL = (
    _Measure("any"),
    _Measure("gate", zones=("gate", "east")),
    _Measure("gate_critical", zones=("gate",), from_grade=3),
    _Measure("peak", causes=("peak", "pressure")),
    _Measure("weather", causes=("weather",)),
    _Measure("wind", causes=("weather",), weather=("wind",), from_grade=2),
    _Measure("silent_source", causes=("weather",), weather=("source",)),
    _Measure("camera", causes=("silence", "picture")),
)


def _ids(cause: Cause, subject_id: str, zone_id: str | None, grade: int) -> list[str]:
    chosen = choose_measures(_ALL, cause=cause, subject_id=subject_id, zone_id=zone_id, grade=grade)
    return [each.id for each in chosen]


@pytest.mark.parametrize(
    ("cause", "subject_id", "zone_id", "grade", "ids"),
    [
        ("density", "gate", "gate", 2, ["gate", "any"]),
        ("density", "gate", "gate", 3, ["gate_critical", "gate", "any"]),
        ("density", "east", "east", 3, ["gate", "any"]),
        ("density", "west", "west", 3, ["any"]),
        ("peak", "gate", "gate", 1, ["peak"]),
        ("rise", "gate", "gate", 1, []),
        ("weather", "wind", None, 1, ["weather"]),
        ("weather", "wind", None, 2, ["wind", "weather"]),
        ("weather", "thunderstorm", None, 4, ["weather"]),
        ("weather", "source.dwd", None, 1, ["silent_source"]),
        ("silence", "mast", None, 1, ["camera"]),
        ("delivery", "mast", None, 1, []),
    ],
)
def test_chooses_by_cause_zone_grade_and_weather(
    cause: Cause, subject_id: str, zone_id: str | None, grade: int, ids: list[str]
) -> None:
    assert _ids(cause, subject_id, zone_id, grade) == ids


def test_the_organisers_order_stays_among_equals() -> None:
    measures = [_Measure(name) for name in "dacb"]
    chosen = choose_measures(measures, cause="density", subject_id="gate", zone_id="gate", grade=2)
    assert [each.id for each in chosen] == list("dacb")


def test_grades_and_zones_of_causes() -> None:
    assert [worst_grade(cause) for cause in ("density", "weather", "peak")] == [3, 4, 1]
    assert [has_zone(cause) for cause in ("occupancy", "weather", "silence")] == [
        True,
        False,
        False,
    ]
