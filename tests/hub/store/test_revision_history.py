"""The course of a zone over revisions of the site: no figure is of two."""

from collections.abc import Iterable

import pytest

from crowdsafe.hub.store import Batch, KeepDays, Store, ZoneValue
from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.history import HistoryPoint
from tests.hub.store.making import make_observation, make_value

T0 = 1_800_000_000.0
DAY_S = 86400.0


def _write(store: Store, values: Iterable[ZoneValue]) -> None:
    store.write(Batch(zone_values=tuple(values)))


def _points(store: Store, *, span_s: float, max_points: int = 1500) -> list[HistoryPoint]:
    course = store.history.zone("a", from_s=T0, to_s=T0 + span_s - 1, max_points=max_points)
    return list(course.points)


def _changed_at(second: int, *, of: int = 900) -> list[ZoneValue]:
    """A value each second: 1 p/m² of revision 4, then 6 p/m² of revision 5."""
    return [
        make_value(T0 + each, 1.0, revision=4)
        if each < second
        else make_value(T0 + each, 6.0, revision=5)
        for each in range(of)
    ]


def test_values_say_of_which_revision_they_are(store: Store) -> None:
    _write(store, [make_value(T0, revision=4), make_value(T0 + 1, None, revision=5)])
    _write(store, [make_value(T0 + 2)])
    assert [point.revision for point in _points(store, span_s=900)] == [4, 5, None]


def test_a_step_in_which_the_revision_changed_is_there_for_each(store: Store) -> None:
    _write(store, _changed_at(303))
    store.history.downsample(T0 + 5000)
    split = [point for point in _points(store, span_s=14_000) if point.at_s == T0 + 300]
    assert split == [
        HistoryPoint(T0 + 300, 1.0, 1.0, 1.0, 2.0, 100.0, 0.3, 4),
        HistoryPoint(T0 + 300, 6.0, 6.0, 6.0, 12.0, 600.0, 0.7, 5),
    ]


@pytest.mark.parametrize(
    ("span_s", "max_points"), [(14_000, 1500), (85_000, 1500), (1e6, 1500), (1e6, 100)]
)
def test_no_step_of_any_length_mixes_revisions(
    store: Store, span_s: float, max_points: int
) -> None:
    _write(store, _changed_at(303))
    store.history.downsample(T0 + 5000)
    points = _points(store, span_s=span_s, max_points=max_points)
    assert {(point.mean_ppm2, point.max_ppm2, point.revision) for point in points} == {
        (1.0, 1.0, 4),
        (6.0, 6.0, 5),
    }
    assert [point.at_s for point in points] == sorted(point.at_s for point in points)
    # What both knew of a step is what was known of it.
    known_s = sum(point.known_share for point in points) * (
        store.history.zone("a", from_s=T0, to_s=T0 + span_s - 1, max_points=max_points).step_s
    )
    assert known_s == pytest.approx(900)


def test_the_step_that_is_going_on_adds_up_too(store: Store) -> None:
    _write(store, _changed_at(73, of=100))
    store.history.downsample(T0 + 100)
    for span_s in (85_000, 1e6):
        points = _points(store, span_s=span_s)
        at_s = points[-1].at_s
        shares = [point.known_share for point in points if point.at_s == at_s]
        assert len(shares) == 2
        assert sum(shares) == pytest.approx(1.0)


def test_steps_are_the_same_when_they_are_made_as_values_come(store: Store) -> None:
    values = _changed_at(303)
    for each in range(0, 900, 45):
        _write(store, values[each : each + 45])
        store.history.downsample(T0 + each + 45)
    store.history.downsample(T0 + 5000)
    made = {span_s: _points(store, span_s=span_s) for span_s in (14_000, 85_000, 1e6)}
    _write(store, values)
    store.history.downsample(T0 + 5001)
    assert made == {span_s: _points(store, span_s=span_s) for span_s in made}


def test_a_value_that_is_of_another_revision_after_all_leaves_no_step_behind(
    store: Store,
) -> None:
    _write(store, [make_value(T0, 1.0, revision=4)])
    store.history.downsample(T0 + 5)
    _write(store, [make_value(T0, 2.0, revision=5)])
    store.history.downsample(T0 + 5000)
    for span_s in (14_000, 85_000, 1e6):
        assert [(each.mean_ppm2, each.revision) for each in _points(store, span_s=span_s)] == [
            (2.0, 5)
        ]


def test_what_is_forgotten_of_a_revision_leaves_its_longer_steps(store: Store) -> None:
    _write(store, _changed_at(303))
    store.history.forget(T0 + 20 * DAY_S, KeepDays())
    points = _points(store, span_s=14_000)
    assert [point.revision for point in points] == [4] * 6 + [5] * 10


def test_the_recent_course_is_of_one_revision(store: Store) -> None:
    _write(store, _changed_at(2, of=4))
    found = store.history.densities(from_s=T0, revision=5)
    assert [(at_s - T0, density) for _, at_s, density in found] == [(2, 6.0), (3, 6.0)]
    assert len(store.history.densities(from_s=T0)) == 4


def test_what_a_camera_saw_says_under_which_revision(store: Store, database: Database) -> None:
    store.write(
        Batch(
            observations=(
                make_observation(T0, "junction", revision=4),
                make_observation(T0 + 1, "junction", revision=5),
                make_observation(T0 + 2, "junction"),
            )
        )
    )
    with database.reading() as connection:
        query = "SELECT revision FROM readings ORDER BY captured_at_s"
        assert connection.exec_driver_sql(query).scalars().all() == [4, 5, None]
