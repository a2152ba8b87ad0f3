"""The course of a zone, in steps that are right whenever they are made."""

import math
import random
from collections.abc import Iterable
from dataclasses import replace

import pytest

from crowdsafe.errors import BadInput
from crowdsafe.hub.store import Batch, KeepDays, Store, ZoneValue, pace, steps
from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.history import HistoryPoint
from tests.hub.store.making import make_value

T0 = 1_800_000_000.0
DAY_S = 86400.0


def _write(store: Store, values: Iterable[ZoneValue]) -> None:
    store.write(Batch(zone_values=tuple(values)))


def _points(store: Store, step_s: int, zone_id: str = "a") -> list[HistoryPoint]:
    """All points of a zone in steps of one length."""
    spans = {1: 900.0, 10: 14_000.0, 60: 85_000.0, 900: 1e6}
    course = store.history.zone(zone_id, from_s=T0, to_s=T0 + spans[step_s] - 1, max_points=1500)
    assert course.step_s == step_s
    return list(course.points)


def test_values_come_back_as_they_were(store: Store) -> None:
    _write(store, [make_value(T0, 1.5), make_value(T0 + 1, None), make_value(T0 + 2, 2.5)])
    _write(store, [make_value(T0 + 1, 9.0, zone_id="b")])
    assert _points(store, 1) == [
        HistoryPoint(T0, 1.5, 1.5, 1.5, 3.0, 150.0, 1.0),
        HistoryPoint(T0 + 1, None, None, None, None, None, 0.0),
        HistoryPoint(T0 + 2, 2.5, 2.5, 2.5, 5.0, 250.0, 1.0),
    ]


def test_of_two_values_of_one_time_the_later_holds(store: Store) -> None:
    _write(store, [make_value(T0, 1.0), make_value(T0, 2.0)])
    _write(store, [make_value(T0 + 1, 1.0)])
    _write(store, [make_value(T0 + 1, 3.0)])
    assert [point.mean_ppm2 for point in _points(store, 1)] == [2.0, 3.0]
    store.history.downsample(T0 + 2)
    assert _points(store, 10)[0].mean_ppm2 == 2.5


def test_steps_are_means_extremes_and_how_much_was_known(store: Store) -> None:
    # 10 s with one value a second of which two are not known, then 10 s with one, then nothing.
    densities = [1.0, 3.0, None, 2.0, 2.0, 2.0, None, 2.0, 2.0, 2.0, 8.0]
    _write(store, [make_value(T0 + i, density) for i, density in enumerate(densities)])
    store.history.downsample(T0 + 2000)
    assert _points(store, 10) == [
        HistoryPoint(T0, 2.0, 1.0, 3.0, 6.0, 200.0, 0.8),
        HistoryPoint(T0 + 10, 8.0, 8.0, 8.0, 16.0, 800.0, 1.0),
    ]
    ((at_s, mean, low, high, peak, people, known, _),) = _points(store, 60)
    assert (at_s, low, high, peak) == (T0, 1.0, 8.0, 16.0)
    # Every known value weighs the same, whatever step it came through.
    assert (mean, people) == (pytest.approx(24 / 9), pytest.approx(2400 / 9))
    assert known == pytest.approx(1.8 / 6)
    assert _points(store, 900)[0].known_share == pytest.approx(1.8 / 6 / 15)


def test_a_step_that_was_never_known_is_there_and_says_so(store: Store) -> None:
    _write(store, [make_value(T0 + i, None) for i in range(20)])
    store.history.downsample(T0 + 2000)
    assert _points(store, 60) == [HistoryPoint(T0, None, None, None, None, None, 0.0)]


def test_the_step_that_is_going_on_is_shown_and_counts_nothing_that_is_to_come(
    store: Store,
) -> None:
    _write(store, [make_value(T0 + i) for i in range(25)])
    store.history.downsample(T0 + 25)
    assert [point.known_share for point in _points(store, 900)] == [1.0]
    # Nothing came any more: now the rest of it is past and was not known.
    store.history.downsample(T0 + 900)
    assert [point.known_share for point in _points(store, 900)] == [pytest.approx(3 / 6 / 15)]
    assert [point.known_share for point in _points(store, 60)] == [pytest.approx(3 / 6)]


def test_steps_are_the_same_however_often_and_in_what_order_they_are_made(
    store: Store, store_url: str
) -> None:
    rng = random.Random(5)
    values = [
        make_value(T0 + i + rng.random(), rng.choice([None, rng.uniform(0, 8)]), zone_id)
        for zone_id in "ab"
        for i in range(0, 2700, 3)
    ]
    _write(store, values)
    store.history.downsample(T0 + 4000)
    at_once = {
        (step_s, zone_id): _points(store, step_s, zone_id)
        for zone_id in "ab"
        for step_s in (10, 60, 900)
    }
    shuffled = [replace(value, zone_id=f"again_{value.zone_id}") for value in values]
    rng.shuffle(shuffled)
    now_s = T0
    while shuffled:
        some, shuffled = shuffled[:150], shuffled[150:]
        _write(store, some)
        now_s += 450
        store.history.downsample(now_s)
    store.history.downsample(T0 + 10_000)
    for (step_s, zone_id), points in at_once.items():
        again = _points(store, step_s, f"again_{zone_id}")
        assert [point.at_s for point in again] == [point.at_s for point in points]
        for one, other in zip(again, points, strict=True):
            assert one == pytest.approx(other)


def test_the_earliest_of_what_changed_counts_however_it_was_written(store: Store) -> None:
    for at_s in (T0 + 500, T0 + 5, T0 + 700):
        _write(store, [make_value(at_s)])
    store.history.downsample(T0 + 800)
    assert [point.at_s for point in _points(store, 10)] == [T0, T0 + 500, T0 + 700]


def test_what_is_made_is_not_made_again(store: Store) -> None:
    _write(store, [make_value(T0 + i) for i in range(0, 1800, 5)])
    assert store.history.downsample(T0 + 1000) == 2
    # The slot that was going on is over now; the other was done with.
    assert store.history.downsample(T0 + 1000) == 0
    assert store.history.downsample(T0 + 1800) == 1
    assert store.history.downsample(T0 + 9999) == 0
    _write(store, [make_value(T0 + 3, 7.0)])
    assert store.history.downsample(T0 + 9999) == 1
    assert _points(store, 900)[0].max_ppm2 == 7.0
    assert _points(store, 60)[0].max_ppm2 == 7.0
    assert _points(store, 10)[0].max_ppm2 == 7.0


def test_what_was_broken_off_is_made_later(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(store, [make_value(T0 + i) for i in range(0, 900, 5)])

    def broken_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(steps, "_settle", broken_off)
        with pytest.raises(KeyboardInterrupt):
            store.history.downsample(T0 + 2000)
    assert store.history.zone("a", from_s=T0, to_s=T0 + 1e6).points == ()
    assert store.history.downsample(T0 + 2000) == 1
    assert len(_points(store, 10)) == 90


def test_more_slots_than_fit_into_one_transaction_are_all_made(store: Store) -> None:
    zones = [f"zone_{i}" for i in range(130)]
    _write(store, [make_value(T0 + s, zone_id=each) for each in zones for s in (0, 900)])
    assert store.history.downsample(T0 + 2000) == 260
    assert [len(_points(store, 900, each)) for each in zones] == [2] * 130


def test_it_ends_although_values_come_as_fast_as_steps_are_made(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    zones = [f"zone_{i}" for i in range(4)]
    _write(store, [make_value(T0, 0.0, zone_id=each) for each in zones])
    seconds = iter(range(1, 50))

    def values_come(_: Database) -> None:
        second = next(seconds)
        _write(store, [make_value(T0 + second, float(second), zone_id=each) for each in zones])

    monkeypatch.setattr(steps, "_LEAST_SLOTS", 1)
    monkeypatch.setattr(steps, "_MOST_SLOTS", 1)
    monkeypatch.setattr(pace, "_SETTLE_EVERY", 1)
    with monkeypatch.context() as patch:
        patch.setattr(Database, "settle", values_come)
        assert store.history.downsample(T0 + 60) == 4
    # What came meanwhile is made the next time.
    assert [_points(store, 10, each)[0].max_ppm2 for each in zones] == [0.0, 1.0, 2.0, 3.0]
    assert store.history.downsample(T0 + 60) == 4
    assert [_points(store, 10, each)[0].max_ppm2 for each in zones] == [5.0] * 4


@pytest.mark.parametrize(
    ("span_s", "max_points", "step_s"),
    [
        (900, 1500, 1),
        (1500, 1500, 1),
        (1501, 1500, 10),
        (3 * 3600, 1500, 10),
        (DAY_S, 1500, 60),
        (11 * DAY_S, 1500, 900),
        (11 * DAY_S, 100, 10 * 900 + 900),
        (11 * DAY_S, 2, 528 * 900),
    ],
)
def test_a_span_is_told_in_the_shortest_steps_that_are_not_too_many(
    store: Store, span_s: float, max_points: int, step_s: float
) -> None:
    _write(store, [make_value(T0 + i) for i in range(0, 11 * 86400, 450)])
    store.history.downsample(T0 + 12 * DAY_S)
    to_s = T0 + 11 * DAY_S
    course = store.history.zone("a", from_s=to_s - span_s, to_s=to_s, max_points=max_points)
    assert course.step_s == step_s
    assert 0 < len(course.points) <= max_points + 1
    assert {point.mean_ppm2 for point in course.points} == {1.0}
    assert course.points[-1].at_s + course.step_s > to_s - 900


def test_values_that_were_written_oftener_than_each_second_are_told_in_steps(store: Store) -> None:
    _write(store, [make_value(T0 + i / 10) for i in range(200)])
    store.history.downsample(T0 + 20)
    course = store.history.zone("a", from_s=T0, to_s=T0 + 100, max_points=100)
    assert (course.step_s, len(course.points)) == (10.0, 2)


def test_longer_steps_weigh_what_was_known(store: Store) -> None:
    _write(store, [make_value(T0 + i, 1.0) for i in range(90)])
    _write(store, [make_value(T0 + 900 + i, 4.0) for i in range(30)])
    store.history.downsample(T0 + 5000)
    course = store.history.zone("a", from_s=T0, to_s=T0 + 1800 * 50, max_points=50)
    assert course.step_s == 1800
    assert [point.at_s for point in course.points] == [T0]
    assert course.points[0].mean_ppm2 == pytest.approx((90 * 1.0 + 30 * 4.0) / 120)
    assert course.points[0].known_share == pytest.approx(120 / 1800)


@pytest.mark.parametrize(
    ("from_s", "to_s", "max_points"),
    [
        (10.0, 10.0, 100),
        (10.0, 5.0, 100),
        (math.nan, 5.0, 100),
        (0.0, math.inf, 100),
        (-1.0, 5.0, 100),
        (0.0, 5.0, 1),
        (0.0, 5.0, 10**9),
    ],
)
def test_a_span_that_is_none_is_refused(
    store: Store, from_s: float, to_s: float, max_points: int
) -> None:
    with pytest.raises(BadInput, match=r"^history: "):
        store.history.zone("a", from_s=from_s, to_s=to_s, max_points=max_points)


def test_a_zone_that_is_not_known_has_no_points(store: Store) -> None:
    assert store.history.zone("nowhere", from_s=T0, to_s=T0 + 10).points == ()


def test_densities_are_of_all_zones_in_order_of_time(store: Store) -> None:
    _write(store, [make_value(T0 + i, float(i), zone) for zone in "ba" for i in range(4)])
    _write(store, [make_value(T0 + 9, None)])
    found = store.history.densities(from_s=T0 + 2)
    assert [(at_s - T0, density) for _, at_s, density in found] == [(2, 2), (2, 2), (3, 3), (3, 3)]
    assert {zone for zone, _, _ in found} == {"a", "b"}


@pytest.mark.parametrize("field", ["density_ppm2", "peak_ppm2", "count", "seen_share", "at_s"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -1.0])
def test_a_value_that_is_no_number_is_refused(field: str, value: float) -> None:
    with pytest.raises(BadInput, match=f"zone value of 'a': {field} "):
        ZoneValue(**{"zone_id": "a", "at_s": T0, "density_ppm2": 1.0, field: value})


# --- what is forgotten ------------------------------------------------------------------------


def _counts(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        steps_kept = connection.exec_driver_sql(
            "SELECT step_s, count(*) FROM zone_steps GROUP BY step_s"
        ).all()
        values = connection.exec_driver_sql("SELECT count(*) FROM zone_values").scalar_one()
    return {"values": values, **{str(step_s): count for step_s, count in steps_kept}}


def test_each_kind_is_kept_for_its_days(store: Store, database: Database) -> None:
    _write(store, [make_value(T0 + i * 900, zone_id=zone) for zone in "ab" for i in range(960)])
    keep = KeepDays(zone_values=1, steps_10_s=2, steps_60_s=3, steps_900_s=4)
    now_s = T0 + 10 * DAY_S
    # Nobody made steps before: they are made of what goes.
    assert store.history.forget(now_s, keep) == 2 * 96 * (9 + 8 + 7 + 6)
    assert _counts(database) == {"values": 192, "10": 384, "60": 576, "900": 768}
    assert store.history.forget(now_s, keep) == 0
    course = store.history.zone("a", from_s=now_s - 3.9 * DAY_S, to_s=now_s - 3.89 * DAY_S)
    assert (course.step_s, len(course.points)) == (900, 2)


def test_a_value_that_comes_after_its_time_was_forgotten_harms_no_step(
    store: Store, database: Database
) -> None:
    _write(store, [make_value(T0 + i) for i in range(0, 900, 5)])
    now_s = T0 + 3 * DAY_S
    store.history.forget(now_s, KeepDays())
    before = store.history.zone("a", from_s=T0, to_s=T0 + 900)
    assert (before.step_s, len(before.points)) == (10, 90)
    _write(store, [make_value(T0 + 100, 8.0)])
    store.history.forget(now_s + 60, KeepDays())
    assert store.history.zone("a", from_s=T0, to_s=T0 + 900) == before
    assert _counts(database)["values"] == 0


def test_a_great_many_old_values_go_in_slices(store: Store, database: Database) -> None:
    _write(store, [make_value(T0 + i / 20) for i in range(12_000)])
    assert store.history.forget(T0 + 2.5 * DAY_S, KeepDays()) == 12_000
    assert _counts(database)["values"] == 0
    assert _points(store, 10)[0].known_share == 1.0


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ({"audit": 0.0}, "keep_days.audit: 0.0, expected a number above 0"),
        ({"alarms": math.nan}, "keep_days.alarms: nan"),
        ({"steps_10_s": 1.0}, "keep_days.steps_10_s: 1.0, expected at least zone_values, 2.0"),
    ],
)
def test_days_that_make_no_sense_are_refused(days: dict[str, float], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        KeepDays(**days)
