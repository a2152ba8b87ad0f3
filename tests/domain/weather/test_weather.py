"""Grades of the weather over time, from reports of one and of several sources."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.domain.weather.evidence import WeatherEvidence, weather_evidence
from crowdsafe.domain.weather.report import (
    Hazard,
    Measured,
    OfficialWarning,
    WeatherReport,
    Words,
)
from crowdsafe.domain.weather.rule import WeatherLimit, WeatherQuantity, WeatherRule
from crowdsafe.domain.weather.weather import (
    HazardState,
    WeatherState,
    begin_weather,
    note_trouble,
    step_weather,
    take_report,
)
from crowdsafe.errors import BadInput

_WORDS = Words(de="Sturmböen", en="gales")
RULE = WeatherRule(
    limits=(
        WeatherLimit(WeatherQuantity.GUST, 14.0, 1, Words("Bft 7", "Bft 7"), "DWD"),
        WeatherLimit(WeatherQuantity.GUST, 18.0, 2, Words("Bft 8", "Bft 8"), "DWD"),
        WeatherLimit(WeatherQuantity.WIND, 15.0, 3, Words("Riesenrad", "big wheel"), "Prüfbuch"),
        WeatherLimit(WeatherQuantity.STORM_KM, 20.0, 2, Words("naht", "near"), "Annahme"),
        WeatherLimit(WeatherQuantity.STORM_KM, 10.0, 3, Words("Schutz", "shelter"), "30-30"),
        WeatherLimit(WeatherQuantity.STORM_IN_MIN, 30.0, 2, Words("kommt", "comes"), "Annahme"),
    ),
    alarm_from={Hazard.WIND: 1, Hazard.THUNDERSTORM: 1, Hazard.OTHER: 2},
    storm_grade=4,
    early_s=600.0,
    warning_hold_s=300.0,
    wind_hold_s=120.0,
    storm_hold_s=1800.0,
    stale_after_s={"dwd": 900.0, "mast": 180.0},
)
WIND, STORM, OTHER = Hazard.WIND, Hazard.THUNDERSTORM, Hazard.OTHER
ONLY_DWD = replace(RULE, stale_after_s={"dwd": 900.0})


def _warning(
    grade: int, *, begins_s: float = 0.0, ends_s: float | None = 5000.0, hazard: Hazard = WIND
) -> OfficialWarning:
    return OfficialWarning(hazard, grade, begins_s, ends_s, _WORDS)


def _dwd(at_s: float, *warnings: OfficialWarning) -> WeatherReport:
    return WeatherReport("dwd", at_s, warnings)


def _mast(at_s: float, measured: Measured, *covers: Hazard) -> WeatherReport:
    return WeatherReport("mast", at_s, measured=measured, covers=frozenset(covers))


def _run(
    *reports: WeatherReport, until_s: float, rule: WeatherRule = ONLY_DWD, step_s: float = 10.0
) -> list[tuple[float, WeatherState]]:
    """Give each report at its own time and step in between."""
    state, course, now_s = begin_weather(rule.stale_after_s, now_s=0.0), [], 0.0
    waiting = sorted(reports, key=lambda each: each.at_s)
    while now_s <= until_s:
        while waiting and waiting[0].at_s <= now_s:
            state = take_report(state, waiting.pop(0), now_s=now_s)
        state = step_weather(state, rule=rule, now_s=now_s)
        course.append((now_s, state))
        now_s += step_s
    return course


def _grades(course: list[tuple[float, WeatherState]], hazard: Hazard) -> list[tuple[float, int]]:
    """Return the times at which the grade changed; -1 is unknown."""
    changes: list[tuple[float, int]] = []
    for now_s, state in course:
        grade = state.hazards[hazard].grade
        shown = -1 if grade is None else grade
        if not changes or changes[-1][1] != shown:
            changes.append((now_s, shown))
    return changes


def _last(course: list[tuple[float, WeatherState]], hazard: Hazard) -> HazardState:
    return course[-1][1].hazards[hazard]


def _every(seconds: float, *warnings: OfficialWarning, until_s: float, from_s: float = 0.0):
    count = int((until_s - from_s) / seconds) + 1
    return [_dwd(from_s + each * seconds, *warnings) for each in range(count)]


def test_before_the_first_report_nothing_is_calm() -> None:
    state = step_weather(begin_weather(["dwd"], now_s=0.0), rule=ONLY_DWD, now_s=10.0)
    assert {each.grade for each in state.hazards.values()} == {None}
    assert state.hazards[WIND].words == Words("noch keine Meldung", "no news yet")


def test_a_report_without_warnings_is_calm() -> None:
    course = _run(_dwd(0.0), until_s=100.0)
    assert {each.grade for each in course[-1][1].hazards.values()} == {0}


def test_a_warning_counts_early_and_ends_at_its_own_end() -> None:
    warning = _warning(2, begins_s=1000.0, ends_s=2000.0)
    course = _run(*_every(300.0, warning, until_s=2700.0), until_s=2700.0)
    assert _grades(course, WIND) == [(0.0, 0), (400.0, 2), (2000.0, 0)]
    assert _grades(course, STORM) == [(0.0, 0)]


def test_a_warning_tells_when_it_begins_and_ends() -> None:
    course = _run(_dwd(0.0, _warning(3, begins_s=100.0, ends_s=900.0)), until_s=50.0)
    known = _last(course, WIND)
    assert (known.grade, known.since_s, known.begins_s, known.until_s) == (3, 0.0, 100.0, 900.0)
    assert known.words == _WORDS


def test_a_warning_taken_back_counts_for_its_hold() -> None:
    course = _run(_dwd(0.0, _warning(2)), _dwd(200.0), until_s=900.0)
    # The last time that it was in force was the step at 190 s.
    assert _grades(course, WIND) == [(0.0, 2), (500.0, 0)]


def test_a_gap_shorter_than_the_hold_is_no_change() -> None:
    reports = (_dwd(0.0, _warning(2)), _dwd(200.0), _dwd(400.0, _warning(2)))
    course = _run(*reports, until_s=600.0)
    assert _grades(course, WIND) == [(0.0, 2)]
    assert _last(course, WIND).since_s == 0.0


def test_an_update_raises_at_once_and_lowers_after_the_hold() -> None:
    reports = (
        _dwd(0.0, _warning(1)),
        _dwd(200.0, _warning(3)),
        _dwd(400.0, _warning(2)),
        _dwd(800.0, _warning(2)),
    )
    course = _run(*reports, until_s=1000.0)
    assert _grades(course, WIND) == [(0.0, 1), (200.0, 3), (700.0, 2)]


def test_an_update_of_the_same_grade_moves_the_end() -> None:
    reports = (_dwd(0.0, _warning(2, ends_s=5000.0)), _dwd(100.0, _warning(2, ends_s=300.0)))
    course = _run(*reports, until_s=400.0)
    assert _grades(course, WIND) == [(0.0, 2), (300.0, 0)]


def test_a_warning_without_an_end_holds_until_it_is_taken_back() -> None:
    reports = _every(600.0, _warning(2, ends_s=None), until_s=7200.0)
    course = _run(*reports, until_s=7500.0)
    assert _grades(course, WIND) == [(0.0, 2)]
    assert _last(course, WIND).until_s is None


def test_of_two_warnings_the_worse_one_counts_and_then_the_other() -> None:
    report = [_warning(3, ends_s=400.0), _warning(1, ends_s=800.0)]
    course = _run(*_every(100.0, *report, until_s=1000.0), until_s=1000.0)
    assert _grades(course, WIND) == [(0.0, 3), (400.0, 1), (800.0, 0)]


def test_silence_is_not_calm() -> None:
    course = _run(_dwd(0.0), until_s=1200.0)
    assert _grades(course, WIND) == [(0.0, 0), (910.0, -1)]
    assert _last(course, WIND).words == Words(
        "unbekannt, nichts von dwd; zuletzt: keine Warnung",
        "unknown, nothing from dwd; last known: no warning",
    )


def test_silence_during_a_warning_is_unknown_and_tells_what_was_known() -> None:
    course = _run(_dwd(0.0, _warning(3)), until_s=2000.0)
    assert _grades(course, WIND) == [(0.0, 3), (910.0, -1)]
    assert "zuletzt: Sturmböen" in _last(course, WIND).words.de


def test_news_after_silence_counts_at_once() -> None:
    course = _run(_dwd(0.0), _dwd(2000.0, _warning(2)), until_s=2100.0)
    assert _grades(course, WIND) == [(0.0, 0), (910.0, -1), (2000.0, 2)]


def test_old_news_that_comes_again_and_again_becomes_unknown() -> None:
    state = begin_weather(["dwd"], now_s=0.0)
    for now_s in range(0, 2000, 60):
        state = take_report(state, _dwd(0.0), now_s=float(now_s))
        state = step_weather(state, rule=ONLY_DWD, now_s=float(now_s))
    assert state.hazards[WIND].grade is None


def test_an_older_report_undoes_nothing() -> None:
    state = take_report(begin_weather(["dwd"], now_s=0.0), _dwd(100.0, _warning(3)), now_s=100.0)
    late = take_report(state, _dwd(50.0), now_s=110.0)
    assert late is state


def test_a_report_dated_ahead_neither_stays_fresh_nor_blocks_the_next() -> None:
    state = take_report(begin_weather(["dwd"], now_s=0.0), _dwd(1e9), now_s=10.0)
    state = step_weather(state, rule=ONLY_DWD, now_s=10.0)
    assert state.hazards[WIND].grade == 0
    assert step_weather(state, rule=ONLY_DWD, now_s=1000.0).hazards[WIND].grade is None
    state = take_report(state, _dwd(60.0, _warning(2)), now_s=61.0)
    assert step_weather(state, rule=ONLY_DWD, now_s=61.0).hazards[WIND].grade == 2


def test_gusts_rise_at_once_and_fall_after_their_hold() -> None:
    gusts = {0: 10.0, 60: 15.2, 120: 19.0, 180: 15.0, 240: 9.0, 300: 9.0, 360: 9.0, 420: 9.0}
    reports = [_mast(float(at), Measured(gust_m_s=gust), WIND) for at, gust in gusts.items()]
    rule = replace(RULE, stale_after_s={"mast": 180.0})
    course = _run(*reports, until_s=480.0, rule=rule)
    # 19 was the newest until 170 s, 15 until 230 s; each counts 120 s longer.
    assert _grades(course, WIND) == [(0.0, 0), (60.0, 1), (120.0, 2), (300.0, 1), (360.0, 0)]


def test_a_gust_at_the_limit_makes_one_stretch() -> None:
    reports = [
        _mast(at * 30.0, Measured(gust_m_s=14.1 if at % 2 else 13.9), WIND) for at in range(60)
    ]
    rule = replace(RULE, stale_after_s={"mast": 180.0})
    course = _run(*reports, until_s=1700.0, rule=rule)
    assert _grades(course, WIND) == [(0.0, 0), (30.0, 1)]


def test_measured_words_name_value_limit_and_source() -> None:
    rule = replace(RULE, stale_after_s={"mast": 180.0})
    course = _run(_mast(0.0, Measured(gust_m_s=12.0, wind_m_s=15.26), WIND), until_s=0, rule=rule)
    assert _last(course, WIND).words == Words(
        "Wind 15,3 m/s (Grenze 15,0: Riesenrad; Prüfbuch)",
        "wind 15.3 m/s (limit 15.0: big wheel; Prüfbuch)",
    )


@pytest.mark.parametrize(
    ("measured", "grade"),
    [
        (Measured(storm=False), 0),
        (Measured(storm=True), 4),
        (Measured(storm_km=25.0), 0),
        (Measured(storm_km=20.0), 2),
        (Measured(storm_km=0.0), 3),
        (Measured(storm_in_min=45.0), 0),
        (Measured(storm_in_min=30.0), 2),
    ],
)
def test_lightning_counts_the_more_the_nearer_it_is(measured: Measured, grade: int) -> None:
    rule = replace(RULE, stale_after_s={"mast": 180.0})
    course = _run(_mast(0.0, measured, STORM), until_s=0.0, rule=rule)
    assert _last(course, STORM).grade == grade


def test_lightning_counts_for_half_an_hour_after_the_last() -> None:
    near = [_mast(at * 60.0, Measured(storm_km=8.0), STORM) for at in range(5)]
    gone = [_mast(at * 60.0, Measured(storm=False), STORM) for at in range(5, 60)]
    rule = replace(RULE, stale_after_s={"mast": 180.0})
    course = _run(*near, *gone, until_s=3400.0, rule=rule)
    assert _grades(course, STORM) == [(0.0, 3), (2100.0, 0)]


def test_a_silent_source_leaves_unknown_only_what_it_speaks_of() -> None:
    dwd = _every(300.0, until_s=900.0)
    mast = _mast(0.0, Measured(gust_m_s=3.0), WIND)
    course = _run(*dwd, mast, until_s=900.0, rule=RULE)
    # Storms are unknown only until the mast has said that it speaks of wind alone.
    assert _grades(course, STORM) == [(0.0, 0)]
    assert _grades(course, WIND) == [(0.0, 0), (190.0, -1)]


def test_a_warning_counts_although_another_source_is_silent() -> None:
    dwd = _every(300.0, _warning(2), until_s=900.0)
    course = _run(*dwd, _mast(0.0, Measured(gust_m_s=3.0), WIND), until_s=900.0, rule=RULE)
    assert _grades(course, WIND) == [(0.0, 2)]


def test_a_sensor_that_drops_out_is_not_calm() -> None:
    dwd = _every(100.0, until_s=900.0)
    mast = [_mast(0.0, Measured(gust_m_s=3.0), WIND)]
    mast += [_mast(at * 60.0, Measured(), *()) for at in range(1, 10)]
    course = _run(*dwd, *mast, until_s=500.0, rule=RULE)
    assert _grades(course, WIND) == [(0.0, 0), (60.0, -1)]


def test_what_no_source_speaks_of_is_unknown() -> None:
    rule = replace(RULE, stale_after_s={"mast": 180.0})
    course = _run(_mast(0.0, Measured(gust_m_s=3.0), WIND), until_s=0.0, rule=rule)
    assert _last(course, STORM).grade is None
    assert "keine Quelle" in _last(course, STORM).words.de


def _evidence(state: WeatherState, rule: WeatherRule, now_s: float) -> dict[str, WeatherEvidence]:
    return {each.subject_id: each for each in weather_evidence(state, rule=rule, now_s=now_s)}


def test_evidence_of_a_warning() -> None:
    course = _run(_dwd(0.0, _warning(2)), until_s=50.0)
    evidence = _evidence(course[-1][1], ONLY_DWD, 50.0)
    assert list(evidence) == ["wind", "thunderstorm", "other", "source.dwd"]
    assert evidence["wind"] == WeatherEvidence(
        subject_id="wind",
        name=Words("Wind", "Wind"),
        present=True,
        quantity="weather_level",
        value=2.0,
        limit=1.0,
        grade=2,
        at_s=0.0,
        words=_WORDS,
    )
    assert evidence["thunderstorm"].present is False
    assert evidence["source.dwd"].present is False


def test_a_grade_under_the_alarms_limit_is_none() -> None:
    course = _run(_dwd(0.0, _warning(1, hazard=OTHER)), until_s=0.0)
    evidence = _evidence(course[-1][1], ONLY_DWD, 0.0)["other"]
    assert (evidence.present, evidence.value, evidence.limit) == (False, 1.0, 2.0)


def test_evidence_of_silence_is_an_alarm_of_the_source_and_no_step_of_the_others() -> None:
    state = _run(_dwd(0.0, _warning(2)), until_s=950.0)[-1][1]
    state = note_trouble(state, source_id="dwd", trouble="x: answers 503, expected 200")
    evidence = _evidence(state, ONLY_DWD, 950.0)
    assert evidence["wind"].present is None
    assert evidence["wind"].value is None
    source = evidence["source.dwd"]
    assert (source.present, source.quantity, source.value) == (True, "waiting_s", 950.0)
    assert source.limit == 900.0
    assert "answers 503" in source.words.de


def test_no_words_are_longer_than_an_alarm_takes() -> None:
    state = begin_weather(["dwd"], now_s=0.0)
    state = note_trouble(state, source_id="dwd", trouble="x" * 1000)
    state = step_weather(state, rule=ONLY_DWD, now_s=2000.0)
    for each in weather_evidence(state, rule=ONLY_DWD, now_s=2000.0):
        assert 0 < len(each.words.de) <= 300
        assert 0 < len(each.words.en) <= 300


@pytest.mark.parametrize("grade", [0, 5])
def test_refuses_a_grade_off_the_scale(grade: int) -> None:
    with pytest.raises(BadInput, match="expected 1 to 4"):
        _warning(grade)
    with pytest.raises(BadInput, match="expected 1 to 4"):
        WeatherLimit(WeatherQuantity.GUST, 1.0, grade, _WORDS, "x")


@pytest.mark.parametrize("ends_s", [float("nan"), 0.0, -5.0])
def test_refuses_a_warning_that_ends_before_it_begins(ends_s: float) -> None:
    with pytest.raises(BadInput):
        _warning(1, ends_s=ends_s)


@given(
    reports=st.lists(
        st.tuples(
            st.floats(0, 4000),
            st.lists(
                st.tuples(st.integers(1, 4), st.floats(0, 3000), st.floats(1, 2000)), max_size=3
            ),
        ),
        max_size=6,
    )
)
def test_a_grade_is_never_calm_while_a_believed_warning_holds(
    reports: list[tuple[float, list[tuple[int, float, float]]]],
) -> None:
    given_reports = [
        _dwd(
            at_s,
            *(_warning(grade, begins_s=at, ends_s=at + lasts) for grade, at, lasts in warnings),
        )
        for at_s, warnings in reports
    ]
    for now_s, state in _run(*given_reports, until_s=5000.0, step_s=250.0):
        source, known = state.sources["dwd"], state.hazards[WIND]
        fresh = now_s - source.fresh_at_s <= 900.0 and source.report is not None
        assert (known.grade is not None) == fresh
        if fresh and source.report is not None:
            holding = [
                each.grade
                for each in source.report.warnings
                if each.holds(now_s=now_s, early_s=600.0)
            ]
            assert known.grade is not None
            assert known.grade >= max(holding, default=0)
        assert len(state.causes) <= 8
