"""A steady load: cameras that observe, pages that look on, and a hub that is watched."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from websockets.exceptions import ConnectionClosed

from crowdsafe.bench.delays import Delays, DelaySummary
from crowdsafe.bench.hub_process import BenchFailed, RunningHub, running_hub
from crowdsafe.bench.observations import ObservationText
from crowdsafe.bench.pages import Page, PageReader
from crowdsafe.bench.sent import SentMoments
from crowdsafe.bench.site_files import BenchSite, write_site
from crowdsafe.bench.speakers import speakers
from crowdsafe.bench.workers import Worker

_CAMERAS_A_WORKER = 10
_WATCH_EVERY_S = 1.0
_ANSWER_WITHIN_S = 30.0
_OPEN_AT_ONCE = 10


@dataclass(frozen=True)
class LoadPlan:
    """What is sent to the hub, and who looks on.

    Attributes:
        cameras: number of them.
        zones_per_camera: that each sees.
        cameras_per_zone: that see each zone.
        per_s: observations a second and camera.
        pages: that are open.
        cells: with people in each zone.
        warm_up_s: after which counting begins.
        seconds: that are counted.
    """

    cameras: int = 200
    zones_per_camera: int = 5
    cameras_per_zone: int = 1
    per_s: float = 2.0
    pages: int = 100
    cells: int = 12
    warm_up_s: float = 10.0
    seconds: float = 60.0


@dataclass(frozen=True)
class LoadReport:
    """What came of it, counted after the warm-up.

    Attributes:
        zones: of the site.
        ready_after_s: from the hub's start to its first answer.
        offered_per_s: zone values that were sent.
        taken_per_s: zone values of which the hub said that they are written.
        lost: observations without such a word, from the first to the last.
        missing: zone values with it that are not in the database.
        refused: the hub's words for what it did not take.
        shown: from sending to a page.
        written: from sending to the hub's word.
        told_share: part of the moments of all zones that pages were told, the rest were overtaken.
        unmatched: zone values told that fit nothing sent.
        page_bytes_per_s: over the wire, to each page.
        page_messages_per_s: to each page.
        snapshot_bytes: over the wire, to each page when it opens.
        hub_cpu_share: processor time over time, 1 for a whole core.
        load_cpu_share: the same of cameras and pages.
        rss_mb: the hub's memory when it answered first, after the warm-up, and at the end.
        rss_each_min_mb: its memory every minute from the warm-up on.
        rss_mb_per_h: slope of its memory in the second half after the warm-up.
    """

    zones: int
    ready_after_s: float
    offered_per_s: float
    taken_per_s: float
    lost: int
    missing: int
    refused: tuple[str, ...]
    shown: DelaySummary
    written: DelaySummary
    told_share: float | None
    unmatched: int
    page_bytes_per_s: float | None
    page_messages_per_s: float | None
    snapshot_bytes: float | None
    hub_cpu_share: float
    load_cpu_share: float
    rss_mb: tuple[float, float, float]
    rss_each_min_mb: tuple[float, ...]
    rss_mb_per_h: float


def run_load(plan: LoadPlan, folder: Path) -> LoadReport:
    """Run a hub on a site made up in a folder, and load it.

    Raises:
        BadInput: the plan does not fit together.
        BenchFailed: the hub failed.
    """
    site = write_site(
        folder / "site",
        cameras=plan.cameras,
        zones_per_camera=plan.zones_per_camera,
        cameras_per_zone=plan.cameras_per_zone,
    )
    texts = [ObservationText(camera, cells=plan.cells) for camera in site.cameras]
    workers = [
        Worker(f"worker_{number:03d}", texts[first : first + _CAMERAS_A_WORKER])
        for number, first in enumerate(range(0, len(texts), _CAMERAS_A_WORKER))
    ]
    moments = SentMoments(speakers(site))
    with running_hub(site.folder, folder, workers=[each.name for each in workers]) as hub:
        return asyncio.run(_load(plan, site, hub, workers, moments))


async def _load(
    plan: LoadPlan,
    site: BenchSite,
    hub: RunningHub,
    workers: Sequence[Worker],
    moments: SentMoments,
) -> LoadReport:
    reader = PageReader(moments, tuple(zone.id for zone in site.zones))
    shown = Delays()
    pages = [Page(reader, shown) for _ in range(plan.pages)]
    first_mb = hub.rss_mb()
    for worker in workers:
        await worker.open(hub)
    for begin in range(0, len(pages), _OPEN_AT_ONCE):
        await asyncio.gather(*(page.open(hub) for page in pages[begin : begin + _OPEN_AT_ONCE]))
    hearing = [asyncio.create_task(each.hear()) for each in workers]
    hearing += [asyncio.create_task(each.listen()) for each in pages]
    begun_s = time.monotonic()
    until_s = begun_s + plan.warm_up_s + plan.seconds
    sending = [
        asyncio.create_task(worker.at_a_rate(per_s=plan.per_s, until_s=until_s, moments=moments))
        for worker in workers
    ]
    await asyncio.sleep(plan.warm_up_s)
    for page in pages:
        page.begin()
    shown.clear()
    for worker in workers:
        worker.written.clear()
    reader.unmatched = 0
    sent_before, taken_before = _sent(workers), _accepted(workers)
    moments_before = moments.number
    hub_cpu_s, load_cpu_s, counted_from_s = hub.cpu_s(), time.process_time(), time.monotonic()
    memory = await _watched(hub, hearing, until_s=until_s)
    await asyncio.gather(*sending)
    sent, taken, moments_sent = _sent(workers), _accepted(workers), moments.number
    spent_s = time.monotonic() - counted_from_s
    hub_cpu_s, load_cpu_s = hub.cpu_s() - hub_cpu_s, time.process_time() - load_cpu_s
    page_bytes = sum(page.bytes for page in pages)
    page_messages = sum(page.messages for page in pages)
    await asyncio.gather(*(each.answered(each.sent, within_s=_ANSWER_WITHIN_S) for each in workers))
    # What was sent last is shown a moment later.
    await asyncio.sleep(_WATCH_EVERY_S)
    await asyncio.gather(*(page.close() for page in pages), *(each.close() for each in workers))
    with contextlib.suppress(ConnectionClosed):
        await asyncio.gather(*hearing)
    due = (moments_sent - moments_before) * len(pages)
    times_s, sizes_mb = np.array(memory).T
    half = len(memory) // 2
    return LoadReport(
        zones=len(site.zones),
        ready_after_s=hub.ready_after_s,
        offered_per_s=(sent - sent_before) * plan.zones_per_camera / spent_s,
        taken_per_s=(taken - taken_before) * plan.zones_per_camera / spent_s,
        lost=_sent(workers) - _accepted(workers),
        missing=_accepted(workers) * plan.zones_per_camera - hub.kept(),
        refused=tuple(sorted({reason for worker in workers for reason in worker.refused})),
        shown=shown.summary(),
        written=_together([worker.written for worker in workers]),
        told_share=sum(page.told for page in pages) / due if due else None,
        unmatched=reader.unmatched,
        page_bytes_per_s=page_bytes / len(pages) / spent_s if pages else None,
        page_messages_per_s=page_messages / len(pages) / spent_s if pages else None,
        snapshot_bytes=sum(each.snapshot_bytes for each in pages) / len(pages) if pages else None,
        hub_cpu_share=hub_cpu_s / spent_s,
        load_cpu_share=load_cpu_s / spent_s,
        rss_mb=(first_mb, float(sizes_mb[0]), float(sizes_mb[-1])),
        rss_each_min_mb=tuple(sizes_mb[:: round(60 / _WATCH_EVERY_S)].round(1).tolist()),
        rss_mb_per_h=float(np.polyfit(times_s[half:], sizes_mb[half:], 1)[0] * 3600),
    )


async def _watched(
    hub: RunningHub, hearing: Sequence[asyncio.Task[None]], *, until_s: float
) -> list[tuple[float, float]]:
    """Return (time, MB) of the hub every second.

    Raises:
        BenchFailed: it closed a connection.
    """
    memory = [(time.monotonic(), hub.rss_mb())]
    while time.monotonic() < until_s:
        await asyncio.sleep(min(_WATCH_EVERY_S, max(0.05, until_s - time.monotonic())))
        memory.append((time.monotonic(), hub.rss_mb()))
        gone = sum(task.done() for task in hearing)
        if gone:
            raise BenchFailed(f"the hub closed {gone} of {len(hearing)} connections")
    return memory


def _sent(workers: Sequence[Worker]) -> int:
    return sum(each.sent for each in workers)


def _accepted(workers: Sequence[Worker]) -> int:
    return sum(each.accepted for each in workers)


def _together(delays: Sequence[Delays]) -> DelaySummary:
    every = Delays()
    for each in delays:
        every.join(each)
    return every.summary()
