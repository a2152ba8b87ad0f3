"""A database of schema 0007 becomes one of today and loses nothing."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, insert, inspect, make_url, select

from crowdsafe.hub.store import AuditEntry, Batch, KeepDays, Store
from crowdsafe.hub.store import tables as newest
from crowdsafe.hub.store.audit import append_entries
from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.schema import bring_up
from tests.hub.store.making import make_alarm, make_observation, make_value

T0 = 1_800_000_000.0
_ZONES = ("gate", "junction", "zone.7")
_CAMERAS = ("view_001", "view_002")


def _readings() -> list[dict[str, Any]]:
    return [
        {
            "zone_id": zone_id,
            "captured_at_s": T0 + second + 1 / 3,
            "camera_id": camera_id,
            "count": second / 7,
            "count_sd": 0.5,
            "density_ppm2": None if second % 5 == 0 else second / 11,
            "density_sd_ppm2": None if second % 5 == 0 else 0.25,
            "seen_share": 0.0 if second % 5 == 0 else 0.75,
        }
        for zone_id in _ZONES
        for camera_id in _CAMERAS
        for second in range(60)
    ]


def _values() -> list[dict[str, Any]]:
    return [
        {
            "zone_id": zone_id,
            "at_s": T0 + second,
            "density_ppm2": None if second % 7 == 0 else second / 13,
            "density_sd_ppm2": 0.1,
            "peak_ppm2": None,
            "count": second / 3,
            "seen_share": 1.0,
        }
        for zone_id in _ZONES
        for second in range(60)
    ]


def _steps() -> list[dict[str, Any]]:
    return [
        {
            "step_s": step_s,
            "zone_id": zone_id,
            "at_s": T0 - 900 + step_s * number,
            "known": number,
            "mean_ppm2": number / 9 or None,
            "min_ppm2": number / 10 or None,
            "max_ppm2": number / 8 or None,
            "peak_ppm2": None,
            "people": number / 3,
            "known_share": 0.9,
        }
        for step_s in (10, 60, 900)
        for zone_id in _ZONES
        for number in range(900 // step_s)
    ]


@pytest.fixture
def old(empty_url: str) -> Iterator[Database]:
    """A database of schema 0007 with rows in it."""
    database = Database(make_url(empty_url))
    bring_up(database, to="0007")
    tables = _tables(database)
    rng = random.Random(7)
    rows: dict[str, list[dict[str, Any]]] = {
        "users": [{"name": "night_shift", "password_hash": "x", "role": "operator"}],
        "sessions": [{"token_hash": "s", "user": "night_shift", "expires_at_s": 1e10}],
        "workers": [{"name": "mast_1", "token_hash": "w", "last_seen_at_s": T0}],
        "shifts": [{"name": "night_shift", "since_s": T0, "summary": "{}"}],
        "readings": _readings(),
        "zone_values": _values(),
        "zone_steps": _steps(),
        "steps_due": [
            {"zone_id": zone_id, "slot_at_s": T0, "changed_from_s": T0} for zone_id in _ZONES
        ],
        "forgotten": [{"step_s": 1, "before_s": T0 - 900}],
        "zone_levels": [{"zone_id": "gate", "state": "{}"}],
        "alarms": [
            {
                "id": 3,
                "state": "unacknowledged",
                "message": make_alarm(3).model_dump_json(),
                "cause": "density",
                "priority": "high",
                "zone_id": "junction",
                "raised_at_s": 100.0,
            }
        ],
        "outbox": [
            {
                "target_id": "mast",
                "notice_id": "n-1",
                "body": "{}",
                "created_at_s": T0,
                "state": "waiting",
                "tries": 2,
                "next_try_at_s": T0 + 60,
            }
        ],
        "warnings": [{"alarm_id": 3, "series": "{}"}],
        "revisions": [
            {"content": "{}", "content_hash": "h", "author": "a", "at_s": T0, "reason": "r"}
        ],
        "publications": [{"number": 1, "by": "a", "at_s": T0}],
    }
    assert rows.keys() == tables.keys() - {"alembic_version", "audit", "audit_anchor"}
    with database.writing() as connection:
        for name, its in rows.items():
            rng.shuffle(its)
            connection.execute(insert(tables[name]), its)
        append_entries(connection, [AuditEntry(T0, "guest", "looked", f"x/{n}") for n in range(9)])
    yield database
    database.close()


def _tables(database: Database) -> dict[str, Any]:
    metadata = MetaData()
    metadata.reflect(database.engine)
    return dict(metadata.tables)


def _kept(database: Database) -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
    """Columns and rows of every table."""
    found = {}
    with database.reading() as connection:
        for name, table in _tables(database).items():
            rows = connection.execute(select(table)).all()
            found[name] = ([column.name for column in table.columns], [tuple(row) for row in rows])
    return found


def _store(database: Database) -> Store:
    return Store(database.url.render_as_string(hide_password=False))


def test_every_row_of_every_table_is_there_afterwards(old: Database) -> None:
    before = _kept(old)
    _store(old).close()
    after = _kept(old)
    assert after.keys() == before.keys()
    del before["alembic_version"]
    for name, (columns, rows) in before.items():
        columns_now, rows_now = after[name]
        places = [columns_now.index(column) for column in columns]
        same = [tuple(row[place] for place in places) for row in rows_now]
        assert sorted(same, key=repr) == sorted(rows, key=repr), name
        added = [place for place in range(len(columns_now)) if place not in places]
        # Of which revision they were is not known.
        assert {row[place] for row in rows_now for place in added} <= {None, 0}, name


def test_it_has_the_newest_schema_with_its_keys(old: Database) -> None:
    _store(old).close()
    with old.reading() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, *_: name != "alembic_version"}
        )
        assert compare_metadata(context, newest.METADATA) == []
    found = inspect(old.engine)
    for name, table in newest.METADATA.tables.items():
        key = found.get_pk_constraint(name)
        assert key["constrained_columns"] == [each.name for each in table.primary_key], name
        if not old.is_sqlite:
            assert key["name"] == f"{name}_pkey"


def test_the_course_goes_on_over_the_change(old: Database) -> None:
    store = _store(old)
    before = store.history.zone("gate", from_s=T0 - 900, to_s=T0 + 500, max_points=1400)
    assert {point.revision for point in before.points} == {None}
    store.write(Batch(zone_values=(make_value(T0 + 60, 5.0, "gate", revision=1),)))
    store.history.downsample(T0 + 2000)
    course = store.history.zone("gate", from_s=T0 - 900, to_s=T0 + 13_000)
    assert course.step_s == 10
    assert [point.revision for point in course.points] == [None] * 96 + [1]
    assert store.audit.verify().entries == 9
    store.close()


def test_what_comes_again_is_known_and_what_is_old_is_forgotten(old: Database) -> None:
    store = _store(old)
    again = make_observation(T0 + 1 / 3, "gate", camera_id="view_001", revision=1)
    store.write(Batch(observations=(again,)))
    assert len(_kept(old)["readings"][1]) == len(_readings())
    store.forget(T0 + 30 + 2 * 86400, KeepDays(readings=2.0))
    assert {row[1] for row in _kept(old)["readings"][1]} == {T0 + n + 1 / 3 for n in range(30, 60)}
    store.close()
