"""One worker with eight cameras at 2 pictures/s: looks, drops, and how many a core carries.

Eight copies of the clip that comes along are played in real time through the worker as it is, with
the model's normal and its fast setting; what it would send to a hub is counted. Where the cores do
not suffice, that shows as looks missing and pictures dropped, and what a look costs stays the same.
"""

import json
import statistics
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace

import psutil

from crowdsafe.contract.edge_messages import CameraStatus, Observation
from crowdsafe.contract.site import Site, read_site
from crowdsafe.domain.alarm.levels import LevelRule
from crowdsafe.edge.analyses import analyses
from crowdsafe.edge.detector.load import load_detector
from crowdsafe.edge.pool import cores_allowed
from crowdsafe.edge.worker import Worker
from crowdsafe.resources import DEFAULT_MODEL, DEMO_CLIP, DEMO_SITE, resource
from crowdsafe.settings import CameraSettings, EdgeSettings

CAMERAS = 8
ASKED_PER_S = 2.0
WARM_UP_S = 4.0
MEASURED_S = 20.0
# Out of reach, so that no camera is urgent and looked at more often than asked.
_CALM = LevelRule(begins_ppm2=(18.0, 19.0, 20.0), hysteresis_ppm2=0.2, rise_s=5.0, fall_s=15.0)


@dataclass
class Sent:
    """What the worker would have sent since the last :meth:`clear`."""

    looks: Counter[str] = field(default_factory=Counter)
    analysis_ms: list[float] = field(default_factory=list)
    delay_s: list[float] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def deliver(self, message: Observation | CameraStatus) -> None:
        """Count one message."""
        if isinstance(message, CameraStatus):
            return
        with self.lock:
            self.looks[message.camera_id] += 1
            self.analysis_ms.append(message.analysis_ms)
            self.delay_s.append(time.time() - message.captured_at_s)
            self.dropped[message.camera_id] = message.frames_dropped

    def clear(self) -> int:
        """Forget all looks, and return the pictures dropped so far."""
        with self.lock:
            self.looks.clear()
            self.analysis_ms.clear()
            self.delay_s.clear()
            return sum(self.dropped.values())


def main() -> None:
    """Measure both settings and print one JSON line and some sentences."""
    figures = {
        "cores": cores_allowed(),
        "normal": _measure(fast=False),
        "fast": _measure(fast=True),
    }
    print(json.dumps(figures))
    for setting in ("normal", "fast"):
        found = figures[setting]
        print(
            f"{setting} setting: {CAMERAS} cameras of 768×576 at {ASKED_PER_S:g} pictures/s get "
            f"{found['looks_per_s_least']:.2f} to {found['looks_per_s_most']:.2f} each "
            f"({found['dropped_per_s']:.1f} dropped a second in all) with "
            f"{found['process_cores']:.2f} cores; a look takes {found['look_cpu_ms']:.0f} ms of a "
            f"core (analysis {found['analysis_ms']:.0f} ms by the clock, "
            f"{1000 * found['delay_p95_s']:.0f} ms from capture in 95 of 100)"
        )
        print(
            f"{setting} setting: one core carries {found['cameras_a_core']:.1f} cameras at "
            f"{ASKED_PER_S:g} pictures/s"
        )


def _eight(site: Site) -> Site:
    (camera,) = site.cameras
    return replace(
        site,
        zones=tuple(replace(zone, rule=_CALM) for zone in site.zones),
        cameras=tuple(replace(camera, id=f"copy_{number}") for number in range(CAMERAS)),
    )


def _measure(*, fast: bool) -> dict[str, float]:
    site = _eight(read_site(resource(DEMO_SITE)))
    settings = EdgeSettings(
        fast=fast,
        analysed_per_s=ASKED_PER_S,
        cameras=tuple(
            CameraSettings(id=camera.id, source=str(resource(DEMO_CLIP)), loop=True)
            for camera in site.cameras
        ),
    )
    detector = load_detector(resource(DEFAULT_MODEL), threads=settings.threads, fast=fast)
    sent = Sent()
    worker = Worker(analyses(site, settings, detector), settings, deliver=sent.deliver)
    worker.start()
    try:
        time.sleep(WARM_UP_S)
        dropped, before, begun_s = sent.clear(), _cpu_s(worker), time.monotonic()
        time.sleep(MEASURED_S)
        span_s, after = time.monotonic() - begun_s, _cpu_s(worker)
        with sent.lock:
            looks = [sent.looks[camera.id] / span_s for camera in site.cameras]
            analysis_ms = statistics.median(sent.analysis_ms)
            delay_p95_s = sorted(sent.delay_s)[int(0.95 * len(sent.delay_s))]
            dropped_per_s = (sum(sent.dropped.values()) - dropped) / span_s
    finally:
        worker.stop()
    process, looking, decoding = (
        (now_s - then_s) / span_s for now_s, then_s in zip(after, before, strict=True)
    )
    # What neither looks nor decodes grows with the looks.
    look_s = (process - decoding) / sum(looks)
    return {
        "looks_per_s_least": min(looks),
        "looks_per_s_most": max(looks),
        "dropped_per_s": dropped_per_s,
        "process_cores": process,
        "looking_cores": looking,
        "decoding_cores": decoding,
        "analysis_ms": analysis_ms,
        "delay_p95_s": delay_p95_s,
        "look_cpu_ms": 1000 * look_s,
        "cameras_a_core": 1.0 / (ASKED_PER_S * look_s + decoding / CAMERAS),
    }


def _cpu_s(worker: Worker) -> tuple[float, float, float]:
    """Return processor seconds of the process, of threads that look, and of those that decode."""
    process = psutil.Process()
    of_thread = {each.id: each.user_time + each.system_time for each in process.threads()}
    looking = sum(of_thread.get(thread.native_id or 0, 0.0) for thread in worker.pool.threads)
    decoding = sum(of_thread.get(camera.source.native_id or 0, 0.0) for camera in worker.cameras)
    return sum(process.cpu_times()[:2]), looking, decoding


if __name__ == "__main__":
    main()
