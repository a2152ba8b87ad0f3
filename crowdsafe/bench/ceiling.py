"""The most that a hub on one processor core takes: from one connection, from 16, one by one."""

import asyncio
import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from websockets.exceptions import ConnectionClosed

from crowdsafe.bench.delays import Delays, DelaySummary
from crowdsafe.bench.hub_process import RunningHub, running_hub
from crowdsafe.bench.observations import ObservationText
from crowdsafe.bench.site_files import write_site
from crowdsafe.bench.workers import Worker

_ANSWER_WITHIN_S = 60.0


@dataclass(frozen=True)
class CeilingPlan:
    """How the hub is pushed.

    Attributes:
        zones: of each observation.
        connections: of the run with many.
        waiting: observations that a connection may have unanswered.
        cells: with people in each zone; 0: only counts and densities are sent.
        warm_up_s: after which counting begins.
        seconds: that are counted, of each run.
    """

    zones: int = 50
    connections: int = 16
    waiting: int = 100
    cells: int = 0
    warm_up_s: float = 2.0
    seconds: float = 10.0


@dataclass(frozen=True)
class CeilingRun:
    """One run.

    Attributes:
        name: which.
        written_per_s: zone values a second of which the hub said that they are written.
        written: from sending to that word.
        lost: observations without it.
        missing: zone values with it that are not in the database.
        hub_cpu_share: of its core; less than 1 where others use it too.
    """

    name: str
    written_per_s: float
    written: DelaySummary
    lost: int
    missing: int
    hub_cpu_share: float

    @property
    def written_per_cpu_s(self) -> float:
        """Return zone values written for each second of the hub's processor time."""
        return self.written_per_s / self.hub_cpu_share if self.hub_cpu_share else 0.0


def run_ceiling(plan: CeilingPlan, folder: Path) -> tuple[CeilingRun, ...]:
    """Push a hub that has one core, this process on the others, with no page open.

    Raises:
        BenchFailed: the hub failed.
    """
    cores = sorted(os.sched_getaffinity(0))
    runs = []
    try:
        if len(cores) > 1:
            psutil.Process().cpu_affinity(cores[1:])
        for name, connections, waiting in (
            ("one connection", 1, plan.waiting),
            (f"{plan.connections} connections", plan.connections, plan.waiting),
            ("one by one", 1, 1),
        ):
            place = folder / name.replace(" ", "_")
            site = write_site(place / "site", cameras=connections, zones_per_camera=plan.zones)
            workers = [
                Worker(f"worker_{number:03d}", [ObservationText(camera, cells=plan.cells)])
                for number, camera in enumerate(site.cameras)
            ]
            with running_hub(
                site.folder, place, workers=[each.name for each in workers], core=cores[0]
            ) as hub:
                runs.append(asyncio.run(_push(plan, name, waiting, hub, workers)))
    finally:
        psutil.Process().cpu_affinity(cores)
    return tuple(runs)


async def _push(
    plan: CeilingPlan, name: str, waiting: int, hub: RunningHub, workers: list[Worker]
) -> CeilingRun:
    for worker in workers:
        await worker.open(hub)
    hearing = [asyncio.create_task(each.hear()) for each in workers]
    until_s = time.monotonic() + plan.warm_up_s + plan.seconds
    sending = [
        asyncio.create_task(worker.as_fast_as_it_goes(until_s=until_s, waiting=waiting))
        for worker in workers
    ]
    await asyncio.sleep(plan.warm_up_s)
    written = Delays()
    for worker in workers:
        worker.written.clear()
    before = sum(each.accepted for each in workers)
    cpu_s, begun_s = hub.cpu_s(), time.monotonic()
    await asyncio.gather(*sending)
    spent_s = time.monotonic() - begun_s
    cpu_s = hub.cpu_s() - cpu_s
    accepted = sum(each.accepted for each in workers) - before
    for worker in workers:
        await worker.answered(worker.sent, within_s=_ANSWER_WITHIN_S)
        written.join(worker.written)
        await worker.close()
    with contextlib.suppress(ConnectionClosed):
        await asyncio.gather(*hearing)
    return CeilingRun(
        name=name,
        written_per_s=accepted * plan.zones / spent_s,
        written=written.summary(),
        lost=sum(each.sent - each.accepted for each in workers),
        missing=sum(each.accepted for each in workers) * plan.zones - hub.kept(),
        hub_cpu_share=cpu_s / spent_s,
    )
