"""A database of any age becomes one of today, once, and loses nothing."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, insert, inspect, make_url, select, text

from crowdsafe.contract.alarms import Alarm
from crowdsafe.domain.alarm.latch import Latch
from crowdsafe.domain.alarm.levels import LevelState
from crowdsafe.errors import BadInput
from crowdsafe.hub.store import AuditEntry, Store
from crowdsafe.hub.store import tables as newest
from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.schema import bring_up
from tests.hub.store import first_schema


@pytest.fixture
def first(empty_url: str) -> Iterator[Database]:
    """A database as it was before schemas were numbered."""
    database = Database(make_url(empty_url))
    first_schema.write_first_schema(database)
    yield database
    database.close()


@pytest.fixture
def brought_up(first: Database) -> Iterator[Store]:
    """The store that it becomes."""
    store = Store(first.url.render_as_string(hide_password=False))
    yield store
    store.close()


def _difference(database: Database, metadata: MetaData) -> list[object]:
    with database.reading() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, *_: name != "alembic_version"}
        )
        return list(compare_metadata(context, metadata))


def test_the_first_schema_is_the_one_from_before_schemas_were_numbered(empty_url: str) -> None:
    database = Database(make_url(empty_url))
    bring_up(database, to="0001")
    assert _difference(database, first_schema.METADATA) == []
    database.close()


def test_the_newest_schema_is_what_the_code_reads(database: Database) -> None:
    assert _difference(database, newest.METADATA) == []


def test_the_newest_schema_comes_out_of_an_old_database_too(first: Database) -> None:
    Store(first.url.render_as_string(hide_password=False)).close()
    assert _difference(first, newest.METADATA) == []


def test_an_old_database_keeps_its_alarms(brought_up: Store) -> None:
    (silence,) = brought_up.alarms.open_alarms()
    assert silence == Alarm(
        id=2,
        cause="silence",
        subject_id="view_001",
        zone_id=None,
        camera_id="view_001",
        state="acknowledged",
        priority="low",
        grade=1,
        present=True,
        first_raised_at_s=140.0,
        raised_at_s=140.0,
        called_at_s=140.0,
        times=3,
        acknowledged_at_s=150.0,
        acknowledged_by="night_shift",
        returned_at_s=None,
        ended_at_s=None,
        quantity=None,
        value=None,
        value_sd=None,
        limit=None,
        worst=None,
        value_at_s=None,
        held_s=5.0,
        seen_share=None,
        detail="",
        words=None,
        aside=None,
        first_out_id=None,
        escalated=0,
        escalates_at_s=None,
        offers=(),
        measures=(),
    )
    (density,) = brought_up.alarms.ended_alarms(newest=5)
    assert (density.state, density.priority, density.grade) == ("normal", "high", 3)
    assert (density.quantity, density.value, density.limit) == ("density_ppm2", 3.75, 3.57)
    assert (density.value_sd, density.worst, density.seen_share) == (0.2, 4.0, 0.9)
    assert (density.returned_at_s, density.ended_at_s) == (120.0, 130.0)
    assert (density.subject_id, density.zone_id) == ("junction", "junction")
    assert (density.called_at_s, density.present) == (110.0, False)
    found = brought_up.alarms.search(from_s=0, to_s=1000, zone_id="junction", newest=5)
    assert found == (density,)
    assert brought_up.alarms.next_alarm_id() == 3


def test_an_old_databases_events_are_in_the_record(brought_up: Store) -> None:
    entries = brought_up.audit.entries()
    assert [(entry.at_s, entry.actor, entry.action, entry.subject) for entry in entries] == [
        (100.0, "hub", "alarm.raised", "alarm/1"),
        (110.0, "hub", "alarm.worsened", "alarm/1"),
        (120.0, "hub", "alarm.returned", "alarm/1"),
        (130.0, "night_shift", "alarm.ended", "alarm/1"),
        (140.0, "hub", "alarm.raised", "alarm/2"),
        (150.0, "night_shift", "alarm.acknowledged", "alarm/2"),
    ]
    kept = [Alarm.model_validate_json(entry.detail) for entry in entries[:3]]
    assert [alarm.value for alarm in kept] == [2.5, 3.75, 3.75]
    assert [alarm.called_at_s for alarm in kept] == [100.0, 110.0, 110.0]
    brought_up.audit.append(AuditEntry(200.0, "somebody", "looked", "record"))
    report = brought_up.audit.verify()
    assert (report.entries, report.problem) == (7, None)


def test_an_old_database_keeps_its_levels_people_and_workers(
    first: Database, brought_up: Store
) -> None:
    turning = Latch(on=False, runs=((145.0, True),))
    level = LevelState(latches=(Latch(on=True), turning, Latch()), since_s=90.0)
    assert brought_up.levels() == (("junction", level),)
    assert brought_up.people.session(token_hash="s", now_s=1.0) == ("night_shift", "operator")
    assert brought_up.workers.worker("w") == "mast_1"
    with first.reading() as connection:
        assert connection.execute(select(newest.READINGS.c.density_ppm2)).scalars().all() == [2.5]


def test_a_migration_that_fails_leaves_the_old_database(first: Database) -> None:
    with first.writing() as connection:
        connection.execute(insert(first_schema.ALARMS).values(id=9, state="x", message="{}"))
    with pytest.raises(BadInput, match="not of schema 0001"):
        Store(first.url.render_as_string(hide_password=False))
    assert _difference(first, first_schema.METADATA) == []


def test_a_newer_schema_is_refused_and_left_alone(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    url = database.url.render_as_string(hide_password=False)
    for as_it_is in (False, True):
        with pytest.raises(BadInput, match=r"has schema 9999, which this crowdsafe does not know"):
            Store(url, as_it_is=as_it_is)
    with database.reading() as connection:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    assert found == "9999"


def test_a_database_is_not_changed_where_it_is_only_looked_at(first: Database) -> None:
    with pytest.raises(BadInput, match=r"has schema \(none\), expected \d{4}; `crowdsafe hub run`"):
        Store(first.url.render_as_string(hide_password=False), as_it_is=True)
    assert "alembic_version" not in inspect(first.engine).get_table_names()


def test_two_processes_that_begin_at_once_make_one_schema(first: Database) -> None:
    url = first.url.render_as_string(hide_password=False)
    code = "import sys; from crowdsafe.hub.store import Store; Store(sys.argv[1]).close()"

    def begin(_: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", code, url], capture_output=True, text=True)

    with ThreadPoolExecutor(3) as pool:
        ended = list(pool.map(begin, range(3)))
    assert [(each.returncode, each.stderr) for each in ended] == [(0, "")] * 3
    store = Store(url)
    assert store.audit.verify().entries == len(first_schema.EVENTS)
    store.close()
