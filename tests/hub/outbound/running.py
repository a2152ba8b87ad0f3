"""A runner in the test's event loop."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from crowdsafe.contract.targets import CapSettings, TargetBase
from crowdsafe.hub.outbound.delivery import Outbox
from crowdsafe.hub.outbound.runner import OutboxRunner
from crowdsafe.hub.outbound.senders.make import make_senders

CAP = CapSettings(sender="control@fair.example", sender_name="Leitstelle")


@dataclass
class Running:
    runner: OutboxRunner
    told: list[tuple[str, str, str]] = field(default_factory=list)


@contextlib.asynccontextmanager
async def running(
    outbox: Outbox,
    targets: Sequence[TargetBase],
    *,
    now: Callable[[], float] = time.time,
    first_wait_s: float = 0.02,
) -> AsyncIterator[Running]:
    """Run until the block ends; then the runner is cancelled wherever it is."""
    told: list[tuple[str, str, str]] = []
    senders = make_senders(targets, cap=CAP, timezone="Europe/Berlin", now=now)
    runner = OutboxRunner(
        outbox,
        targets,
        senders,
        on_delivery=lambda notice_id, end, detail, _: told.append((notice_id, end, detail)),
        now=now,
        luck=lambda: 1.0,
        first_wait_s=first_wait_s,
    )
    task = asyncio.create_task(runner.run())
    try:
        yield Running(runner, told)
        assert not task.done(), task.exception()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(true: Callable[[], bool], *, within_s: float = 8.0) -> None:
    """Wait, in the event loop, until something is true."""
    deadline_s = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline_s, f"not within {within_s:g} s"
        await asyncio.sleep(0.005)
