"""kill -9 of the whole hub, again and again: what was told as done is done, in order.

`make test-faults` does it until 1,000 transitions were told, the ordinary suite for 150.
"""

import asyncio
import os
import random
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from crowdsafe.domain.alarm.levels import Level
from crowdsafe.hub.store import Store
from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.tables import READINGS
from tests.faults.killed_hub import KilledHub
from tests.faults.people import FaultOperator, FaultPage, FaultWorker
from tests.faults.told import Record, Told, keys, out_of_order, read_record, transition

TRANSITIONS = int(os.environ.get("FAULT_TRANSITIONS", "150"))
# So many are told between two kills, most of the time.
_A_LIFE = (20, 130)
_WITHIN_S = 60.0


@pytest.mark.timeout(900)
def test_what_was_told_survives_kill_9(tmp_path: Path, store_url: str) -> None:
    rng = random.Random(5)
    told, seqs = Told(), count(1)
    hub = KilledHub(tmp_path, store_url, cameras=4, zones=5)
    head: str | None = None
    kills = tight = 0
    before = Record({}, {})
    begun_s = time.monotonic()
    try:
        while len(told.known) < TRANSITIONS or kills < 2:
            hub.start()
            levels = _levels(store_url)
            goal = len(told.known) + rng.randrange(*_A_LIFE)
            asyncio.run(_live(hub, told, rng, seqs, goal=goal, before=before, levels=levels))
            kills += 1
            head = hub.verified(head=head)
            before = _assert_nothing_is_missing(store_url, told)
            tight += sum(level >= Level.TIGHT for level in _levels(store_url).values())
    finally:
        hub.kill()
    assert tight > 0
    sys.stdout.write(
        f"\n{len(told.known)} transitions told, {len(told.answers)} of them answers to a person, "
        f"{len(told.accepted)} observations accepted; {kills} kills in "
        f"{time.monotonic() - begun_s:.0f} s; missing 0, out of order 0, zones kept tight {tight}\n"
    )


async def _live(
    hub: KilledHub,
    told: Told,
    rng: random.Random,
    seqs: "count[int]",
    *,
    goal: int,
    before: Record,
    levels: dict[str, Level],
) -> None:
    """Let a hub work until so much was told, and a moment longer, and kill it."""
    page = await FaultPage.open(hub, told)
    for alarm_id, alarm in page.first_alarms.items():
        assert transition(alarm) == before.last[alarm_id]
    standing = {alarm_id for alarm_id, last in before.last.items() if _state(last) != "normal"}
    assert standing <= page.first_alarms.keys()
    worker = FaultWorker(hub, told, rng, seqs)
    await worker.open()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(page.listen())
        tasks.create_task(worker.listen())
        try:
            # One density that is tight only where it was: levels outlived the kill.
            await worker.send_each_once()
            await _until(lambda: "unknown" not in page.levels.values(), page, hub)
            found = {zone_id: Level[name.upper()] for zone_id, name in page.levels.items()}
            assert found == {zone_id: levels.get(zone_id, Level.CLEAR) for zone_id in found}
            tasks.create_task(worker.send_for_ever())
            tasks.create_task(FaultOperator(hub, page, told, rng).work())
            await _until(lambda: len(told.known) >= goal, page, hub)
            await asyncio.sleep(rng.uniform(0.0, 0.08))
            hub.must_live()
            # Who opens a page at the last moment is told nothing that is not kept either.
            await FaultPage.open(hub, told)
        finally:
            hub.kill()


async def _until(true: Callable[[], bool], page: FaultPage, hub: KilledHub) -> None:
    deadline_s = time.monotonic() + _WITHIN_S
    while not true():
        hub.must_live()
        assert time.monotonic() < deadline_s, hub.log()
        page.changed.clear()
        await asyncio.wait_for(page.changed.wait(), _WITHIN_S)


def _assert_nothing_is_missing(store_url: str, told: Told) -> Record:
    store = Store(store_url, as_it_is=True)
    try:
        record = read_record(store.audit.entries(limit=1_000_000))
        alarms = (*store.alarms.open_alarms(), *store.alarms.ended_alarms(newest=1_000_000))
    finally:
        store.close()
    assert told.known - record.seqs.keys() == set()
    assert out_of_order(told, record) == []
    kept = {alarm.id: alarm.model_dump(mode="json") for alarm in alarms}
    # Each alarm stands as its last entry says, with every measure that was confirmed for it.
    assert {alarm_id: transition(alarm) for alarm_id, alarm in kept.items()} == record.last
    assert told.known <= record.seqs.keys() | {key for each in kept.values() for key in keys(each)}
    # What a zone's alarm says of it, its level says too.
    levels = _levels(store_url)
    for alarm in alarms:
        if alarm.cause == "density":
            assert alarm.present == (levels[alarm.subject_id] >= Level.TIGHT), alarm
    assert told.accepted <= _readings(store_url)
    return record


def _levels(store_url: str) -> dict[str, Level]:
    store = Store(store_url, as_it_is=True)
    levels = {zone_id: state.level for zone_id, state in store.levels()}
    store.close()
    return levels


def _readings(store_url: str) -> set[tuple[str, float]]:
    database = Database(make_url(store_url))
    with database.reading() as connection:
        rows = connection.execute(select(READINGS.c.camera_id, READINGS.c.captured_at_s))
        found = {(row[0], row[1]) for row in rows}
    database.close()
    return found


def _state(last: object) -> str:
    assert isinstance(last, tuple)
    return str(last[1])
