"""One worker, many cameras: what becomes of the others when one is broken, slow or gone."""

import threading
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from crowdsafe.contract.edge_messages import CameraStatus, Observation
from crowdsafe.domain.camera.head_view import HeadView
from crowdsafe.edge.camera import CameraAnalysis
from crowdsafe.edge.detections import Detections, Picture
from crowdsafe.edge.observe import observe
from crowdsafe.edge.steadiness import SteadyZones
from crowdsafe.edge.worker import Worker
from crowdsafe.settings import CameraSettings, EdgeSettings
from tests.clips import write_clip
from tests.edge.test_worker_camera import Finds, observer_of, site_zones
from tests.live import wait_until


class _Site:
    """A worker on little looped clips, and what it delivered."""

    def __init__(
        self,
        folder: Path,
        detectors: dict[str, Finds],
        *,
        analysed_per_s: float = 10.0,
        cores: float = 1.0,
        own_rates: dict[str, float] | None = None,
        steady_s: float = 0.0,
        pictures: int = 6,
    ) -> None:
        self.folder = folder
        self.said: list[Observation | CameraStatus] = []
        cameras = []
        for camera_id in detectors:
            write_clip(self.clip(camera_id), pictures=pictures)
            rate = (own_rates or {}).get(camera_id)
            cameras.append(
                CameraSettings(
                    id=camera_id,
                    source=str(self.clip(camera_id)),
                    loop=True,
                    analysed_per_s=rate,
                )
            )
        settings = EdgeSettings(cameras=tuple(cameras), analysed_per_s=analysed_per_s, cores=cores)
        self.worker = Worker(
            [
                CameraAnalysis(
                    observer=observer_of(camera_id),
                    detector=detector,
                    zones=site_zones(),
                    steady_s=steady_s,
                    first_seq=1,
                )
                for camera_id, detector in detectors.items()
            ],
            settings,
            deliver=self.said.append,
        )

    def clip(self, camera_id: str) -> Path:
        return self.folder / f"{camera_id}.mp4"

    def __enter__(self) -> "_Site":
        self.worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.worker.stop()

    def seen(self, camera_id: str) -> list[Observation]:
        return [
            each
            for each in list(self.said)
            if isinstance(each, Observation) and each.camera_id == camera_id
        ]

    def statuses(self, camera_id: str) -> list[tuple[str, str]]:
        return [
            (each.status, each.detail)
            for each in list(self.said)
            if isinstance(each, CameraStatus) and each.camera_id == camera_id
        ]

    def wait_for_more(self, camera_id: str, *, more: int = 4) -> None:
        enough = len(self.seen(camera_id)) + more
        wait_until(
            lambda: len(self.seen(camera_id)) >= enough,
            within_s=20,
            what=lambda: f"{camera_id}: {self.statuses(camera_id)}",
        )

    def wait_for_status(self, camera_id: str, says: str) -> None:
        wait_until(
            lambda: any(says in detail for _, detail in self.statuses(camera_id)),
            within_s=20,
            what=lambda: f"{camera_id}: {self.statuses(camera_id)}",
        )


def test_each_camera_is_looked_at_and_numbered_by_itself(tmp_path: Path) -> None:
    ids = [f"mast{n}" for n in range(5)]
    with _Site(tmp_path, {camera_id: Finds(n) for n, camera_id in enumerate(ids)}) as site:
        for camera_id in ids:
            site.wait_for_more(camera_id)
    for people, camera_id in enumerate(ids):
        seen = site.seen(camera_id)
        assert {observation.people_in_view for observation in seen} == {people}
        assert [observation.seq for observation in seen] == list(range(1, len(seen) + 1))
        assert all(a.captured_at_s < b.captured_at_s for a, b in pairwise(seen))
        assert site.statuses(camera_id) == [("connecting", ""), ("running", "")] or (
            # A looped clip is opened again.
            set(site.statuses(camera_id)) == {("connecting", ""), ("running", "")}
        )


class _Breaks(Finds):
    """A detector that fails while it is told to."""

    fails = True

    def detect(self, picture: Picture, view: HeadView | None = None, /) -> Detections:
        if self.fails:
            raise RuntimeError("out of memory on node 17")
        return super().detect(picture, view)


def test_a_fault_in_one_camera_is_told_once_and_stops_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = _Breaks(3)
    with _Site(tmp_path, {"broken": broken, "fine": Finds(1)}, pictures=400) as site:
        site.wait_for_status("broken", "out of memory")
        site.wait_for_more("fine", more=8)
        assert site.seen("broken") == []
        told = [status for status in site.statuses("broken") if status[0] == "lost"]
        assert told == [
            ("lost", "camera 'broken': analysis failed (RuntimeError: out of memory on node 17)")
        ]
        broken.fails = False
        site.wait_for_more("broken")
        after = [status for status, _ in site.statuses("broken")]
        assert "running" in after[after.index("lost") :]
    assert sum("out of memory" in record.message for record in caplog.records) == 1
    assert not any(status == "lost" for status, _ in site.statuses("fine"))


def test_what_is_wrong_is_told_again_when_the_source_was_opened_again(tmp_path: Path) -> None:
    with _Site(tmp_path, {"broken": _Breaks(3)}) as site:
        wait_until(
            lambda: [status for status, _ in site.statuses("broken")].count("lost") >= 3,
            within_s=20,
        )
    statuses = [status for status, _ in site.statuses("broken")]
    assert statuses[:4] == ["connecting", "running", "lost", "connecting"]


class _Spikes(Finds):
    """A detector that finds two people, and nine in every fourth picture."""

    def detect(self, picture: Picture, view: HeadView | None = None, /) -> Detections:
        self.people = 9 if self.looks % 4 == 3 else 2
        return super().detect(picture, view)


@pytest.mark.parametrize("steady_s", [2.5, 0.0])
def test_what_is_delivered_is_steadied_as_in_replay(tmp_path: Path, steady_s: float) -> None:
    with _Site(tmp_path, {"mast": _Spikes(2)}, steady_s=steady_s) as site:
        site.wait_for_more("mast", more=10)
    seen = site.seen("mast")
    assert {observation.people_in_view for observation in seen} == {2, 9}
    steady = SteadyZones(observer_of("mast"), steady_s=steady_s)
    for observation in seen:
        people = int(observation.people_in_view)
        single = observe(
            observer_of("mast"),
            Finds(people).detect(np.zeros((48, 64, 3), dtype=np.uint8)),
            picture_size_px=(64, 48),
            seq=observation.seq,
            captured_at_s=observation.captured_at_s,
            analysis_ms=observation.analysis_ms,
            frames_dropped=observation.frames_dropped,
        )
        expected = steady.step(single)
        for zone, steadied in zip(observation.zones, expected.zones, strict=True):
            assert zone.model_copy(update={"motion": None}) == steadied


def test_pictures_of_another_shape_are_refused_until_they_fit_again(tmp_path: Path) -> None:
    with _Site(tmp_path, {"changes": Finds(3), "fine": Finds(1)}) as site:
        site.wait_for_more("changes")

        def change(size_px: tuple[int, int]) -> None:
            other = write_clip(tmp_path / "other.mp4", pictures=6, size_px=size_px)
            other.replace(site.clip("changes"))

        change((128, 96))
        site.wait_for_more("changes", more=16)
        assert not any(status == "lost" for status, _ in site.statuses("changes"))
        change((96, 96))
        site.wait_for_status("changes", "its picture is 96 × 96 px, but its calibration was made")
        refused = len(site.seen("changes"))
        site.wait_for_more("fine", more=8)
        assert len(site.seen("changes")) == refused
        change((64, 48))
        site.wait_for_more("changes")
    assert {observation.people_in_view for observation in site.seen("changes")} == {3}
    counts = {reading.count for each in site.seen("changes") for reading in each.zones}
    assert counts == {3, 0}


def test_a_camera_without_a_picture_stops_no_other(tmp_path: Path) -> None:
    with _Site(tmp_path, {"gone": Finds(3), "fine": Finds(1)}) as site:
        site.wait_for_more("gone")
        site.clip("gone").unlink()
        site.wait_for_status("gone", "there is no such video file")
        site.wait_for_more("fine", more=8)
        write_clip(tmp_path / "other.mp4", pictures=6).replace(site.clip("gone"))
        site.wait_for_more("gone")


class _Slow(Finds):
    """A detector that takes its time."""

    def __init__(self, people: int, *, took_s: float) -> None:
        super().__init__(people)
        self._took_s = took_s

    def detect(self, picture: Picture, view: HeadView | None = None, /) -> Detections:
        time.sleep(self._took_s)
        return super().detect(picture, view)


def test_overload_is_shared_and_shown(tmp_path: Path) -> None:
    detectors: dict[str, Finds] = {
        "cheap": _Slow(0, took_s=0.02),
        "dear": _Slow(0, took_s=0.2),
        **{f"mast{n}": _Slow(0, took_s=0.1) for n in range(3)},
    }
    with _Site(tmp_path, detectors) as site:
        site.wait_for_more("dear", more=8)
    looks = {camera_id: len(site.seen(camera_id)) for camera_id in detectors}
    assert max(looks.values()) - min(looks.values()) <= 2, looks
    for camera_id in detectors:
        dropped = [observation.frames_dropped for observation in site.seen(camera_id)]
        assert dropped == sorted(dropped)
        # Ten are due in a second, and there is time for two.
        assert dropped[-1] > 2 * looks[camera_id]


def test_a_camera_may_have_a_rate_of_its_own(tmp_path: Path) -> None:
    own = {"often": 10.0, "seldom": 1.0}
    with _Site(
        tmp_path, {"often": Finds(0), "seldom": Finds(0)}, analysed_per_s=3.0, own_rates=own
    ) as site:
        site.wait_for_more("seldom", more=4)
    assert len(site.seen("often")) > 2.5 * len(site.seen("seldom"))
    assert all(observation.frames_dropped == 0 for observation in site.seen("seldom"))


def test_an_urgent_camera_is_looked_at_more_often_than_a_calm_one(tmp_path: Path) -> None:
    # Four people on four square metres are near the first threshold.
    with _Site(
        tmp_path, {"urgent": Finds(4), "calm": Finds(0)}, analysed_per_s=2.5, cores=1.0
    ) as site:
        site.wait_for_more("calm", more=8)
    assert len(site.seen("urgent")) >= 1.5 * len(site.seen("calm"))
    assert all(observation.frames_dropped == 0 for observation in site.seen("calm"))


def _alive(worker: Worker) -> list[threading.Thread]:
    threads = (*worker.pool.threads, *(camera.source for camera in worker.cameras))
    return [thread for thread in threads if thread.is_alive()]


@pytest.mark.parametrize("took_s", [0.0, 0.4])
def test_all_threads_end_when_the_worker_stops(tmp_path: Path, took_s: float) -> None:
    detectors: dict[str, Finds] = {f"mast{n}": _Slow(0, took_s=took_s) for n in range(6)}
    with _Site(tmp_path, detectors, cores=2.0) as site:
        site.wait_for_more("mast0", more=1)
        assert len(_alive(site.worker)) == 8
    assert _alive(site.worker) == []
    said = len(site.said)
    time.sleep(0.3)
    assert len(site.said) == said


class _SetBack:
    """The module ``time``, but of a machine whose clock is wrong by ``error_s``."""

    error_s = 0.0
    monotonic = staticmethod(time.monotonic)

    def time(self) -> float:
        return time.time() + self.error_s


def test_nothing_is_sent_that_is_dated_before_what_was_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = _SetBack()
    monkeypatch.setattr("crowdsafe.edge.source.time", clock)
    with _Site(tmp_path, {"mast": Finds(3)}) as site:
        site.wait_for_more("mast")
        clock.error_s = -1.5
        mailbox = site.worker.cameras[0].source.mailbox
        wait_until(lambda: mailbox.out_of_order > 5, within_s=10)
        site.wait_for_more("mast")
    seen = site.seen("mast")
    assert all(a.captured_at_s < b.captured_at_s for a, b in pairwise(seen))
