"""Alarms beside the truth: what counts as found, late, missed, false and repeated."""

import numpy as np
import pytest

from crowdsafe.errors import BadInput
from crowdsafe.replay.alarm_score import AlarmScore, AlarmStep, most_within, score_alarms
from crowdsafe.replay.limit_crossings import Array, Watched, crossings

SECONDS = 3600
FALL_S = 15.0


def _truth(*spans: tuple[int, int, float], usual: float = -10.0) -> Array:
    truth = np.full(SECONDS, usual)
    for from_s, to_s, over_sd in spans:
        truth[from_s:to_s] = over_sd
    return truth


def _watched(
    truth: Array, *, subject: str = "gate", cause: str = "density", grade: int = 2
) -> Watched:
    return Watched(
        subject_id=subject,
        cause=cause,
        grade=grade,
        over_sd=truth,
        ended=truth < -2.0,
        within_s=5.0,
        fall_s=FALL_S,
    )


def _step(
    at_s: float,
    *,
    subject: str = "gate",
    cause: str = "density",
    grade: int = 2,
    present: bool = True,
    calls: bool = True,
    again: bool = False,
) -> AlarmStep:
    return AlarmStep(
        at_s=at_s,
        alarm_id=1,
        subject_id=subject,
        cause=cause,
        grade=grade,
        present=present,
        calls=calls,
        again=again,
    )


def _score(watched: Watched, *steps: AlarmStep, calm: tuple[str, ...] = ()) -> AlarmScore:
    return score_alarms([watched], steps, seconds=SECONDS, calm_ids=calm)


def test_five_seconds_clearly_over_the_limit_are_a_crossing_and_four_are_none() -> None:
    (long,) = crossings(_watched(_truth((100, 106, 3.0))))
    assert (long.begins_s, long.clear_s, long.ends_s) == (100, 100, 105)
    assert long.margin_sd == 3.0
    (short,) = crossings(_watched(_truth((100, 105, 3.0))))
    assert short.clear_s is None
    assert short.margin_sd < 0


def test_nearer_than_two_errors_grazes_and_the_clear_part_counts_from_its_own_begin() -> None:
    (grazing,) = crossings(_watched(_truth((100, 200, 1.9))))
    assert (grazing.clear_s, grazing.margin_sd) == (None, 1.9)
    (both,) = crossings(_watched(_truth((100, 150, 0.5), (150, 200, 2.0))))
    assert (both.begins_s, both.clear_s, both.ends_s) == (100, 150, 199)


def test_a_crossing_ends_only_where_its_alarm_would() -> None:
    within_hysteresis = _truth((100, 200, 2.0), (200, 300, -1.0), (300, 400, 2.0))
    assert len(crossings(_watched(within_hysteresis))) == 1
    for_a_moment = _truth((100, 200, 2.0), (210, 300, 2.0))
    assert len(crossings(_watched(for_a_moment))) == 1
    for_good = _truth((100, 200, 2.0), (220, 300, 2.0))
    assert len(crossings(_watched(for_good))) == 2


def test_crossings_at_both_ends_of_the_run() -> None:
    first, last = crossings(_watched(_truth((0, 20, 2.0), (SECONDS - 20, SECONDS, 2.0))))
    assert (first.begins_s, first.clear_s) == (0, 0)
    assert (last.ends_s, last.clear_s) == (SECONDS - 1, SECONDS - 20)
    assert crossings(_watched(_truth())) == ()


@pytest.mark.parametrize(
    ("at_s", "found", "late", "missed"),
    [(104.0, 1, 0, 0), (105.0, 1, 0, 0), (106.0, 0, 1, 0), (1000.0, 0, 0, 1), (None, 0, 0, 1)],
)
def test_an_alarm_is_in_time_late_or_missing(
    at_s: float | None, found: int, late: int, missed: int
) -> None:
    steps = () if at_s is None else (_step(at_s),)
    score = _score(_watched(_truth((100, 200, 3.0))), *steps)
    (row,) = score.rows
    assert (row.clear, row.found, row.late, row.missed) == (1, found, late, missed)
    assert len(score.misses) == late + missed


def test_an_alarm_that_stands_already_has_found_it() -> None:
    watched = _watched(_truth((100, 200, 0.5), (200, 300, 3.0)))
    (row,) = _score(watched, _step(104)).rows
    assert (row.found, row.standing, row.delays_s) == (1, 1, ())
    gone = _step(150, present=False, calls=False)
    (row,) = _score(watched, _step(104), gone).rows
    assert (row.found, row.missed) == (0, 1)
    back = _step(203, again=True)
    (row,) = _score(watched, _step(104), gone, back).rows
    assert (row.found, row.delays_s) == (1, (3.0,))


def test_a_worse_grade_needs_an_alarm_of_that_grade() -> None:
    watched = _watched(_truth((100, 200, 3.0)), grade=3)
    assert _score(watched, _step(102, grade=2)).rows[0].missed == 1
    worse = (_step(102, grade=2), _step(104, grade=3))
    assert _score(watched, *worse).rows[0].delays_s == (4.0,)


@pytest.mark.parametrize(
    ("subject", "cause"), [("hall", "density"), ("gate", "peak"), ("hall", "peak")]
)
def test_an_alarm_about_something_else_finds_nothing(subject: str, cause: str) -> None:
    score = _score(_watched(_truth((100, 200, 3.0))), _step(103, subject=subject, cause=cause))
    assert score.rows[0].missed == 1


@pytest.mark.parametrize(
    ("over_sd", "truth"), [(0.5, "true"), (-1.5, "at_limit"), (-2.5, "false"), (-9.0, "false")]
)
def test_a_call_is_true_at_the_limit_or_false(over_sd: float, truth: str) -> None:
    score = _score(_watched(_truth((100, 200, over_sd))), _step(150))
    calls = {name: number for name, number in score.rows[0].calls.items() if number}
    assert calls == {truth: 1}
    assert len(score.false_steps) == (truth == "false")


def test_a_call_long_after_its_crossing_is_false() -> None:
    watched = _watched(_truth((100, 110, 3.0)))
    assert _score(watched, _step(125)).rows[0].calls["true"] == 1
    assert _score(watched, _step(140)).rows[0].calls["false"] == 1


def test_what_only_tells_what_comes_is_true_when_it_comes_and_is_never_missed() -> None:
    watched = Watched(
        subject_id="gate",
        cause="forecast",
        grade=1,
        over_sd=_truth((1000, 1100, 3.0)),
        ended=_truth((1000, 1100, 3.0)) < -2,
        within_s=0.0,
        fall_s=FALL_S,
        ahead_s=600.0,
        asked=False,
    )
    soon = _step(500, cause="forecast", grade=1)
    early = _step(300, cause="forecast", grade=1)
    row = _score(watched, early, soon).rows[0]
    assert (row.clear, row.calls["true"], row.calls["false"]) == (0, 1, 1)


def test_calls_of_ten_minutes_repeats_and_calm_zones_are_counted() -> None:
    steps = [
        _step(1000),
        _step(1100, present=False, calls=False),
        _step(1200, again=True),
        _step(1250, grade=3),
        _step(1300, again=True),
        _step(2500, again=True),
        _step(1000, subject="meadow"),
    ]
    score = _score(_watched(_truth()), *sorted(steps, key=lambda s: s.at_s), calm=("meadow",))
    assert score.calls == 6
    assert score.calls_10_min == pytest.approx((5, 1.0))
    assert (score.repeats, score.most_repeats) == (2, 2)
    assert score.calm_calls == 1
    assert score.most_calls == (("gate", "density", 5), ("meadow", "density", 1))


def test_crossings_of_one_zone_soon_after_each_other_are_one_event() -> None:
    spans = ((100, 120, 3.0), (500, 520, 3.0), (1000, 1020, 3.0))
    one = score_alarms([_watched(_truth(*spans))], (), seconds=SECONDS, calm_ids=())
    assert one.rows[0].clear == 3
    assert one.crossed_10_min == 1
    other = _watched(_truth((300, 320, 3.0)), subject="hall")
    two = score_alarms([_watched(_truth(*spans)), other], (), seconds=SECONDS, calm_ids=())
    assert two.crossed_10_min == 2


def test_the_lead_before_critical_is_from_the_first_alarm_of_the_zone() -> None:
    watched = _watched(_truth((1000, 1100, 3.0), (3000, 3100, 3.0)), grade=3)
    steps = (_step(50), _step(700, cause="forecast", grade=1), _step(900), _step(1003, grade=3))
    assert _score(watched, *steps).leads_s == (300.0, 0.0)


@pytest.mark.parametrize(
    ("times_s", "most"), [((), 0), ((5,), 1), ((0, 599), 2), ((0, 600), 1), ((9, 1, 2, 700), 3)]
)
def test_the_most_within_a_span(times_s: tuple[float, ...], most: int) -> None:
    assert most_within(times_s, 600.0) == most


def test_a_truth_with_holes_is_refused() -> None:
    truth = _truth()
    truth[7] = np.nan
    with pytest.raises(BadInput, match="'gate' density: a value is not finite"):
        _watched(truth)
    with pytest.raises(BadInput, match="expected one value a second in each"):
        Watched("gate", "density", 2, _truth(), np.zeros(3, dtype=bool), 5.0, FALL_S)
