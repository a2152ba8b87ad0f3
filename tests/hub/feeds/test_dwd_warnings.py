"""The DWD's file, in the shape in which it was seen, and in bad ones."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.contract.weather import WeatherSourceSettings
from crowdsafe.domain.weather.report import Hazard
from crowdsafe.hub.feeds.dwd_warnings import read_dwd_warnings
from crowdsafe.hub.feeds.source import FeedFailed

HERNE = "105916000"
GUSTS = {
    "stateShort": "NRW",
    "regionName": "Stadt Herne",
    "description": "Es treten Windböen auf.",
    "end": 1_785_600_000_000,
    "start": 1_785_580_000_000,
    "headline": "Amtliche WARNUNG vor WINDBÖEN",
    "event": "WINDBÖEN",
    "instruction": "",
    "altitudeStart": None,
    "altitudeEnd": None,
    "type": 1,
    "level": 2,
    "state": "Nordrhein-Westfalen",
}


def settings(**changes: Any) -> WeatherSourceSettings:
    given = {"id": "dwd", "kind": "dwd", "source": "warnings.json", "cell_id": HERNE} | changes
    return WeatherSourceSettings.model_validate(given)


def file(*warnings: dict[str, Any], advance: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {
        "time": 1_785_590_000_000,
        "warnings": {HERNE: list(warnings)} if warnings else {},
        "vorabInformation": {HERNE: list(advance)} if advance else {},
        "copyright": "Copyright Deutscher Wetterdienst",
    }


def jsonp(content: Any) -> bytes:
    return f"warnWetter.loadWarnings({json.dumps(content, ensure_ascii=False)});".encode()


@pytest.mark.parametrize(
    "body",
    [
        jsonp(file(GUSTS)),
        json.dumps(file(GUSTS)).encode(),
        b"\xef\xbb\xbf" + jsonp(file(GUSTS)) + b"\r\n",
        b" " + json.dumps(file(GUSTS), indent=1).encode() + b"\n",
    ],
    ids=["wrapped", "plain", "wrapped with mark and line end", "plain and spread"],
)
def test_reads_both_wrappings(body: bytes) -> None:
    report = read_dwd_warnings(body, settings())
    assert report.source_id == "dwd"
    assert report.at_s == 1_785_590_000.0
    assert report.covers == frozenset(Hazard)
    (warning,) = report.warnings
    assert (warning.hazard, warning.grade) == (Hazard.WIND, 1)
    assert (warning.begins_s, warning.ends_s) == (1_785_580_000.0, 1_785_600_000.0)
    assert warning.words.de == "DWD, Stufe 1 von 4: Amtliche WARNUNG vor WINDBÖEN"
    assert warning.words.en == "DWD, level 1 of 4: WINDBÖEN"


def test_a_district_that_is_not_named_has_no_warning() -> None:
    assert read_dwd_warnings(jsonp(file()), settings()).warnings == ()
    elsewhere = file() | {"warnings": {"108336000": [GUSTS]}}
    assert read_dwd_warnings(jsonp(elsewhere), settings()).warnings == ()


@pytest.mark.parametrize(
    ("kind", "hazard"),
    [(0, "thunderstorm"), (1, "wind"), (2, "other"), (8, "other"), (11, "other"), (77, "other")],
)
def test_types(kind: int, hazard: str) -> None:
    (warning,) = read_dwd_warnings(jsonp(file(GUSTS | {"type": kind})), settings()).warnings
    assert warning.hazard == hazard


@pytest.mark.parametrize(
    ("event", "hazard"),
    [("STARKES GEWITTER", "thunderstorm"), ("ORKANBÖEN", "wind"), ("FROST", "other")],
)
def test_without_a_type_the_event_tells(event: str, hazard: str) -> None:
    untyped = {key: value for key, value in GUSTS.items() if key != "type"} | {"event": event}
    (warning,) = read_dwd_warnings(jsonp(file(untyped)), settings()).warnings
    assert warning.hazard == hazard


@pytest.mark.parametrize(
    ("level", "headline", "grade"),
    [
        (2, "Amtliche WARNUNG vor WINDBÖEN", 1),
        (3, "Amtliche WARNUNG vor STURMBÖEN", 2),
        (4, "Amtliche UNWETTERWARNUNG vor ERGIEBIGEM DAUERREGEN", 3),
        (5, "Amtliche UNWETTERWARNUNG vor EXTREMEM GEWITTER", 4),
        (10, "Amtliche WARNUNG vor HITZE", 2),
        (3, "Amtliche UNWETTERWARNUNG vor ORKANBÖEN", 3),
    ],
)
def test_levels(level: int, headline: str, grade: int) -> None:
    changed = GUSTS | {"level": level, "headline": headline}
    (warning,) = read_dwd_warnings(jsonp(file(changed)), settings()).warnings
    assert warning.grade == grade


def test_levels_that_are_the_grades_already() -> None:
    (warning,) = read_dwd_warnings(jsonp(file(GUSTS)), settings(level_ahead=0)).warnings
    assert warning.grade == 2


@pytest.mark.parametrize("advance_grade", [0, 1, 2])
def test_advance_notices_have_the_grade_that_is_set(advance_grade: int) -> None:
    notice = GUSTS | {"level": 1, "headline": "VORABINFORMATION UNWETTER"}
    where = settings(advance_grade=advance_grade)
    for content in (file(advance=(notice,)), file(notice)):
        warnings = read_dwd_warnings(jsonp(content), where).warnings
        assert [each.grade for each in warnings] == ([advance_grade] if advance_grade else [])
        assert all("Vorabinformation" in each.words.de for each in warnings)


def test_warnings_for_other_altitudes_are_left_out() -> None:
    high = GUSTS | {"altitudeStart": 600}
    low = GUSTS | {"altitudeEnd": 200}
    body = jsonp(file(high, low))
    assert len(read_dwd_warnings(body, settings()).warnings) == 2
    (at_herne,) = read_dwd_warnings(body, settings(altitude_m=55)).warnings
    assert at_herne.grade == 1
    assert len(read_dwd_warnings(jsonp(file(high)), settings(altitude_m=600)).warnings) == 1


def test_a_warning_without_an_end_and_one_that_ends_before_it_begins() -> None:
    endless, over = GUSTS | {"end": None}, GUSTS | {"end": GUSTS["start"]}
    (warning,) = read_dwd_warnings(jsonp(file(endless, over)), settings()).warnings
    assert warning.ends_s is None


def test_long_headlines_are_cut_and_line_ends_are_gone() -> None:
    (warning,) = read_dwd_warnings(
        jsonp(file(GUSTS | {"headline": "A\nB " * 500, "event": None})), settings()
    ).warnings
    assert len(warning.words.de) < 200
    assert "\n" not in warning.words.de + warning.words.en


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"level": "2"}, r"warnings\.105916000\.1\.level: input should be a valid integer"),
        ({"level": None}, "level"),
        ({"level": True}, "level"),
        ({"start": "not-a-number"}, "start"),
        ({"start": -1}, "start"),
        ({"start": 10**18}, "start"),
        ({"end": 1.5}, "end"),
        ({"type": "WIND"}, "type"),
        ({"headline": {"de": "x"}}, "headline"),
    ],
)
def test_refuses_a_warning_of_the_district_that_it_cannot_read(
    change: dict[str, Any], said: str
) -> None:
    with pytest.raises(FeedFailed, match=said):
        read_dwd_warnings(jsonp(file(GUSTS, GUSTS | change)), settings())


def test_a_bad_warning_of_another_district_is_nothing_to_us() -> None:
    content = file(GUSTS)
    content["warnings"]["108336000"] = [{"level": "?"}]
    assert len(read_dwd_warnings(jsonp(content), settings()).warnings) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"warnWetter.loadWarnings(",
        b"warnWetter.loadWarnings();",
        b"<html>503</html>",
        b"[]",
        b"null",
        b'{"warnings": {}}',
        b'{"time": 1785590000000}',
        b'{"time": NaN, "warnings": {}}',
        b'{"time": "today", "warnings": {}}',
        b'{"time": 1785590000000, "warnings": []}',
        b'{"time": 1785590000000, "warnings": {"105916000": {}}}',
        b'{"time": 1785590000000, "warnings": {"105916000": "none"}}',
        b'{"time": 1785590000000, "warnings": {"105916000": [null]}}',
        b"[" * 100_000,
        b"\xff\xfe{}",
    ],
)
def test_refuses_what_is_no_such_file(body: bytes) -> None:
    with pytest.raises(FeedFailed, match=r"warnings\.json: "):
        read_dwd_warnings(body, settings())


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_nothing_else_is_raised_for_any_content(body: bytes) -> None:
    for content in (body, b"f(" + body + b");"):
        with pytest.raises(FeedFailed):
            read_dwd_warnings(content, settings())
