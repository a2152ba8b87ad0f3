"""A weather station's own file."""

import json
from typing import Any

import pytest

from crowdsafe.contract.weather import WeatherSourceSettings
from crowdsafe.domain.weather.report import Hazard, Measured
from crowdsafe.hub.feeds.source import FeedFailed
from crowdsafe.hub.feeds.weather_reading import read_weather_reading

MAST = WeatherSourceSettings(id="mast", kind="reading", source="mast.json")
TIME = "2026-08-01T18:30:00+02:00"


def body(**values: Any) -> bytes:
    return json.dumps({"version": 1, "time": TIME} | values).encode()


def test_reads_all_values() -> None:
    report = read_weather_reading(
        body(wind_m_s=7, gust_m_s=12.5, thunderstorm=False, thunderstorm_km=40), MAST
    )
    assert report.source_id == "mast"
    assert report.at_s == 1_785_601_800.0
    assert report.measured == Measured(gust_m_s=12.5, wind_m_s=7.0, storm_km=40.0, storm=False)
    assert report.covers == {Hazard.WIND, Hazard.THUNDERSTORM}


@pytest.mark.parametrize(
    ("values", "covers"),
    [
        ({}, set()),
        ({"gust_m_s": 3}, {Hazard.WIND}),
        ({"wind_m_s": 3, "gust_m_s": None}, {Hazard.WIND}),
        ({"gust_m_s": None, "thunderstorm_km": None}, set()),
        ({"thunderstorm": False}, {Hazard.THUNDERSTORM}),
        ({"thunderstorm_in_min": 20}, {Hazard.THUNDERSTORM}),
    ],
)
def test_speaks_only_of_what_it_has_a_value_of(values: dict[str, Any], covers: set[Hazard]) -> None:
    assert read_weather_reading(body(**values), MAST).covers == covers


def test_time_may_be_utc() -> None:
    assert read_weather_reading(body(time="2026-08-01T16:30:00Z"), MAST).at_s == 1_785_601_800.0


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"time": "2026-08-01T18:30:00"}, "expected ISO 8601 with its offset"),
        ({"time": 1_785_601_800}, "expected ISO 8601 with its offset"),
        ({"time": "1785601800"}, "expected ISO 8601 with its offset"),
        ({"time": None}, "expected ISO 8601 with its offset"),
        ({"gust_m_s": -1}, "gust_m_s: "),
        ({"gust_m_s": 151}, "gust_m_s: "),
        ({"gust_m_s": "strong"}, "gust_m_s: "),
        ({"thunderstorm": "no"}, "thunderstorm: "),
        ({"thunderstorm": 0}, "thunderstorm: "),
        ({"gust_km_h": 50}, "gust_km_h: "),
        ({"version": 2}, "version: "),
    ],
)
def test_refuses_wrong_values(values: dict[str, Any], said: str) -> None:
    with pytest.raises(FeedFailed, match=r"^mast\.json: .*" + said):
        read_weather_reading(body(**values), MAST)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"null", b"{", b'{"version":1,"time":"%b","gust_m_s":NaN}', b"[" * 9999]
)
def test_refuses_what_is_no_such_file(content: bytes) -> None:
    with pytest.raises(FeedFailed, match=r"^mast\.json: "):
        read_weather_reading(content, MAST)
