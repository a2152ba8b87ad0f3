"""The settings of the weather, and the limits that are used unless others are given."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from crowdsafe.contract.weather import USUAL_LIMITS, WeatherReading, WeatherSettings
from crowdsafe.domain.weather.report import Hazard
from crowdsafe.domain.weather.rule import WeatherQuantity

_DOCS = Path(__file__).parents[2] / "docs/weather.md"
_TOML = """
storm_alarm_from = 2

[[sources]]
id = "dwd"
kind = "dwd"
source = "https://weather.example/warnings.json"
cell_id = "105916000"

[[sources]]
id = "mast"
kind = "reading"
source = "mast.json"
stale_after_s = 300

[[limits]]
quantity = "wind_m_s"
begins = 15
grade = 3
what = { de = "Riesenrad: Betrieb einstellen", en = "big wheel: stop" }
source = "Prüfbuch"
"""


def test_settings_become_the_rule() -> None:
    settings = WeatherSettings.model_validate(tomllib.loads(_TOML))
    rule = settings.rule()
    assert rule.stale_after_s == {"dwd": 1800.0, "mast": 300.0}
    assert rule.alarm_from == {Hazard.WIND: 1, Hazard.THUNDERSTORM: 2, Hazard.OTHER: 2}
    assert rule.limits[1:] == USUAL_LIMITS
    wheel = rule.limits[0]
    assert (wheel.quantity, wheel.begins, wheel.grade) == (WeatherQuantity.WIND, 15.0, 3)
    assert wheel.words.de == "Riesenrad: Betrieb einstellen"


def test_without_settings_there_is_no_source() -> None:
    rule = WeatherSettings().rule()
    assert rule.stale_after_s == {}
    assert rule.limits == USUAL_LIMITS
    assert WeatherSettings(usual_limits=False).rule().limits == ()


def test_usual_limits_rise_with_the_grade() -> None:
    for quantity in (WeatherQuantity.GUST, WeatherQuantity.STORM_KM, WeatherQuantity.STORM_IN_MIN):
        limits = [each for each in USUAL_LIMITS if each.quantity is quantity]
        assert [each.grade for each in limits] == list(range(1, len(limits) + 1))
        begins = [each.begins for each in limits]
        assert begins == sorted(begins, reverse=quantity.hazard is Hazard.THUNDERSTORM)
    gusts = [each.begins for each in USUAL_LIMITS if each.quantity is WeatherQuantity.GUST]
    assert gusts == [14, 18, 29, 39]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sources": [_SOURCE := {"id": "a", "kind": "reading", "source": "x"}] * 2}, "twice"),
        ({"sources": [_SOURCE | {"id": str(each)} for each in range(9)]}, "at most 8"),
        ({"early_s": -1}, "early_s"),
        ({"early_s": float("inf")}, "early_s"),
        ({"storm_grade": 5}, "storm_grade"),
        ({"limits": [{"quantity": "gust_km_h"}]}, "quantity"),
        ({"wind_limit": 3}, "wind_limit"),
    ],
)
def test_refuses_wrong_settings(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        WeatherSettings.model_validate(change)


def test_the_examples_of_the_documents_are_right() -> None:
    blocks = dict(re.findall(r"```(toml|json)\n(.*?)```", _DOCS.read_text(), re.DOTALL))
    hub = tomllib.loads(blocks["toml"])["hub"]
    settings = WeatherSettings.model_validate(hub["weather"])
    assert [each.kind for each in settings.sources] == ["dwd", "reading"]
    assert WeatherReading.model_validate(json.loads(blocks["json"])).gust_m_s == 11.4


def test_the_documents_name_every_usual_limit() -> None:
    table = _DOCS.read_text().split("## Limits of measured values")[1].split("\n## ")[0]
    for limit in USUAL_LIMITS:
        assert re.search(rf"\b{limit.begins:g}\b", table), limit
