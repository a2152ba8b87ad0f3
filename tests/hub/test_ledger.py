"""What waits to be written: how much of it, and what becomes of it while the store fails."""

import asyncio

import pytest
from sqlalchemy.exc import OperationalError

from crowdsafe.contract.edge_messages import Observation
from crowdsafe.hub.ledger import Ledger
from crowdsafe.hub.store import Store
from crowdsafe.hub.store.batch import Batch
from tests.hub.conftest import CAMERA


def _observation(seq: int, *, zones: int) -> Observation:
    reading = {
        "count": 1,
        "count_sd": 1,
        "density_ppm2": 0.1,
        "density_sd_ppm2": 0.1,
        "seen_share": 1,
    }
    return Observation.model_validate(
        {
            "type": "observation",
            "camera_id": CAMERA,
            "seq": seq,
            "captured_at_s": 1_700_000_000.0 + seq,
            "analysis_ms": 10,
            "frames_dropped": 0,
            "people_in_view": 1,
            "zones": [{"zone_id": f"zone_{number}", **reading} for number in range(zones)],
        }
    )


def _fill(ledger: Ledger, stored: list[int]) -> None:
    for seq in range(60):
        ledger.observe(_observation(seq, zones=100), stored=lambda seq=seq: stored.append(seq))


def test_who_sends_more_than_one_transaction_takes_waits_until_it_is_written(store: Store) -> None:
    async def run() -> None:
        ledger, stored = Ledger(store, written=lambda _: None), list[int]()
        async with asyncio.timeout(5):
            await ledger.room()
        _fill(ledger, stored)
        waiting = asyncio.create_task(ledger.room())
        for _ in range(5):
            await asyncio.sleep(0)
        assert not waiting.done()
        async with asyncio.timeout(30):
            await ledger.write(())
            await waiting
        assert stored == list(range(60))

    asyncio.run(run())


def test_nobody_waits_for_a_store_that_fails_and_nothing_is_lost(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, written = store.write, list[Batch]()

    def fail(_: Batch) -> None:
        raise OperationalError("insert", None, Exception("disk full"))

    async def run() -> None:
        ledger, stored = Ledger(store, written=written.append), list[int]()
        monkeypatch.setattr(store, "write", fail)
        _fill(ledger, stored)
        waiting = asyncio.create_task(ledger.room())
        async with asyncio.timeout(30):
            await ledger.write(())
            await waiting
            _fill(ledger, stored)
            await ledger.room()
        assert stored == []
        monkeypatch.setattr(store, "write", write)
        async with asyncio.timeout(60):
            await ledger.write(())
            await ledger.room()
        assert len(stored) == 120
        assert [len(batch.observations) for batch in written] == [120]

    asyncio.run(run())
