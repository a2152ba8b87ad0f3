"""A real hub and a real worker: what becomes of both when another revision is published."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher
from pydantic import SecretStr
from websockets.sync.client import connect

from crowdsafe.contract.edge_messages import CameraStatus, Observation
from crowdsafe.contract.revisions import WorkerRevision
from crowdsafe.contract.site import read_site
from crowdsafe.contract.site_document import PictureMark
from crowdsafe.edge.worker import run_worker
from crowdsafe.hub.access.auth import Auth
from crowdsafe.hub.app import create_app
from crowdsafe.hub.page_feed import unpacked
from crowdsafe.hub.revisions import Revisions
from crowdsafe.hub.service import Hub
from crowdsafe.hub.store import Store
from crowdsafe.settings import CameraSettings, EdgeSettings, HubSettings
from tests.clips import write_clip
from tests.contract.site_folder import WIDER, changed, ring, written
from tests.edge.test_worker_camera import Finds
from tests.live import wait_until

PASSWORD = "a long enough one"
SOON_S = 15.0


class _Hub(Hub):
    """A hub that remembers what it heard."""

    heard: list[Observation | CameraStatus]

    def take_observation(
        self, observation: Observation, *, worker: str, stored: Callable[[], None]
    ) -> None:
        super().take_observation(observation, worker=worker, stored=stored)
        self.heard.append(observation)

    def hear_status(self, status: CameraStatus, *, worker: str) -> None:
        super().hear_status(status, worker=worker)
        self.heard.append(status)


class _Live:
    """A hub that serves on loopback, and a worker on little clips that can come and go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.worker_folder = written(folder / "at the worker")
        self.store = Store(f"sqlite:///{folder / 'hub.db'}")
        self.revisions = Revisions(self.store)
        current = self.revisions.start(written(folder / "at the hub"), now_s=time.time())
        settings = HubSettings(database_url="sqlite:///unused.db", unknown_after_s=2.0)
        self.hub = _Hub(current.site, settings, self.store, revisions=self.revisions)
        self.hub.heard = []
        cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        auth = Auth(self.store, session_hours=1, failures_per_min=9, hasher=cheap)
        auth.put_user(name="anna", password=PASSWORD, role="administrator")
        self.token = auth.add_worker("edge")
        config = uvicorn.Config(
            create_app(self.hub, auth), host="127.0.0.1", port=0, log_level="warning"
        )
        self._server = uvicorn.Server(config)
        self._serving = threading.Thread(target=self._server.run, daemon=True)
        self._serving.start()
        wait_until(lambda: self._server.started, within_s=SOON_S)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}")
        signed_in = self.client.post("/api/session", json={"name": "anna", "password": PASSWORD})
        assert signed_in.status_code == 200, signed_in.text

    def close(self) -> None:
        self.client.close()
        self._server.should_exit = True
        self._serving.join(10)
        self.store.close()

    @contextlib.contextmanager
    def worker(self, *camera_ids: str) -> Iterator[None]:
        """A worker with its own site folder, for as long as the block lasts."""
        cameras = camera_ids or ("mast", "roof")
        for camera_id in cameras:
            write_clip(self.folder / f"{camera_id}.mp4", pictures=400)
        settings = EdgeSettings(
            hub_url=f"ws://127.0.0.1:{self.port}/ws/edge",
            token=SecretStr(self.token),
            analysed_per_s=10.0,
            cores=1.0,
            steady_s=0.0,
            cameras=tuple(
                CameraSettings(
                    id=camera_id, source=str(self.folder / f"{camera_id}.mp4"), loop=True
                )
                for camera_id in cameras
            ),
        )
        site = read_site(self.worker_folder)
        running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []

        async def until_cancelled() -> None:
            task = asyncio.create_task(
                run_worker(site, settings, Finds(0), folder=self.worker_folder)
            )
            running.append((asyncio.get_running_loop(), task))
            with contextlib.suppress(asyncio.CancelledError):
                await task

        def run() -> None:
            asyncio.run(until_cancelled())

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield
        finally:
            loop, task = running[0]
            loop.call_soon_threadsafe(task.cancel)
            thread.join(10)
            assert not thread.is_alive()

    # --- what people do ----------------------------------------------------------------------

    def publish(self, change: Callable[[dict[str, Any]], Any]) -> int:
        parent = self.published
        draft = self.client.post(
            "/api/revisions",
            json={
                "parent": parent,
                "reason": "for the test",
                "document": changed(change).content(),
            },
        )
        assert draft.status_code == 201, draft.text
        return self._publish(f"/api/revisions/{draft.json()['number']}/publish")

    def roll_back(self, number: int) -> int:
        return self._publish(f"/api/revisions/{number}/roll-back")

    def _publish(self, way: str) -> int:
        answer = self.client.post(way, json={"reason": "for the test"})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["number"])

    @property
    def published(self) -> int:
        return int(self.client.get("/api/revisions").json()["published"])

    # --- what is seen ------------------------------------------------------------------------

    def runs(self) -> WorkerRevision | None:
        workers = self.client.get("/api/revisions").json()["workers"]
        return WorkerRevision.model_validate(workers[0]) if workers else None

    def observations(self, camera_id: str) -> list[Observation]:
        return [
            each
            for each in list(self.hub.heard)
            if isinstance(each, Observation) and each.camera_id == camera_id
        ]

    def statuses(self, camera_id: str) -> list[str]:
        return [
            each.status
            for each in list(self.hub.heard)
            if isinstance(each, CameraStatus) and each.camera_id == camera_id
        ]

    def level(self, zone_id: str) -> str:
        return self.hub.state.zone_state(zone_id).level

    def wait(self, true: Callable[[], bool]) -> None:
        wait_until(
            true,
            within_s=SOON_S,
            what=lambda: f"{self.runs()}, {[each.revision for each in self.observations('roof')]}",
        )

    def wait_until_runs(self, number: int, *, camera_id: str = "roof") -> None:
        """Wait until the worker says so, a look of it came, and its zones are known."""

        def settled() -> bool:
            runs, seen = self.runs(), self.observations(camera_id)
            return (
                runs is not None
                and runs.revision == number
                and runs.refused is None
                and seen[-1:] != []
                and seen[-1].revision == number
                and self.level("gate") == "clear"
            )

        self.wait(settled)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[_Live]:
    live = _Live(tmp_path)
    yield live
    live.close()


def _widen(each: dict[str, Any]) -> None:
    each["site"]["features"][0]["geometry"]["coordinates"] = ring(WIDER)


def _shorten(each: dict[str, Any]) -> None:
    each["cameras"]["mast"]["range_m"] = 50


def _without_mast(each: dict[str, Any]) -> None:
    del each["cameras"]["mast"]


def test_a_worker_takes_up_what_is_published_without_letting_go_of_its_streams(
    live: _Live,
) -> None:
    with live.worker():
        live.wait_until_runs(1)
        assert live.publish(_widen) == 2
        live.wait_until_runs(2)
        zones = {zone.zone.id: zone.zone.area_m2 for zone in live.hub.site.zones}
        assert zones["gate"] == pytest.approx(220, rel=1e-3)
        assert live.roll_back(1) == 3
        live.wait_until_runs(3)
    for camera_id in ("mast", "roof"):
        seen = live.observations(camera_id)
        ran = [each.revision for each in seen]
        # The first may be made before the hub has said which revision it is.
        assert [each for each in dict.fromkeys(ran) if each is not None] == [1, 2, 3]
        assert ran[ran.index(1) :] == sorted(each for each in ran if each is not None)
        assert all(a.seq < b.seq for a, b in pairwise(sorted(seen, key=lambda o: o.captured_at_s)))
        # A stream that was let go would have to be opened again.
        assert live.statuses(camera_id).count("running") == 1


def test_what_was_published_while_a_worker_was_away_is_taken_up(live: _Live) -> None:
    with live.worker():
        live.wait_until_runs(1)
    live.publish(_widen)
    live.publish(_shorten)
    before = len(live.observations("roof"))
    with live.worker():
        live.wait_until_runs(3)
    assert {each.revision for each in live.observations("roof")[before:]} <= {None, 3}


def test_two_publications_in_a_row_end_with_the_last(live: _Live) -> None:
    with live.worker():
        live.wait_until_runs(1)
        live.publish(_widen)
        live.publish(_shorten)
        live.roll_back(2)
        live.wait_until_runs(4)
    ran = [each.revision for each in live.observations("mast") if each.revision is not None]
    assert ran == sorted(ran)


def test_a_revision_that_a_worker_cannot_use_is_refused_aloud_and_can_be_taken_back(
    live: _Live, caplog: pytest.LogCaptureFixture
) -> None:
    junk = live.worker_folder / "cameras" / "junk.png"
    junk.write_bytes(b"no picture")

    def with_junk(each: dict[str, Any]) -> None:
        _widen(each)
        each["pictures"] = {"mast": PictureMark.of(junk).model_dump()}

    with live.worker():
        live.wait_until_runs(1)
        live.publish(with_junk)
        live.wait(lambda: (runs := live.runs()) is not None and runs.refused == 2)
        runs = live.runs()
        assert runs is not None
        assert (runs.revision, runs.connected) == (1, True)
        assert "junk.png: is no picture" in runs.wrong
        assert "revision 2 cannot be used, revision 1 runs on" in caplog.text
        # What it sees by the old one changes nothing any more, and that is shown.
        live.wait(lambda: live.hub.state.camera_state("roof").health == "old_revision")
        assert live.hub.state.camera_state("roof").detail == (
            "its worker runs revision 1, revision 2 is published"
        )
        live.wait(lambda: live.level("gate") == "unknown")
        assert live.observations("roof")[-1].revision == 1
        live.roll_back(1)
        live.wait_until_runs(3)
        assert live.hub.state.camera_state("roof").health == "ok"


def test_a_camera_that_is_taken_out_is_looked_at_no_more_until_it_is_back(live: _Live) -> None:
    with live.worker():
        live.wait_until_runs(1, camera_id="mast")
        live.publish(_without_mast)
        live.wait_until_runs(2)
        runs = live.runs()
        assert runs is not None
        assert runs.wrong == "camera 'mast' is not in it and is not looked at"
        seen = len(live.observations("mast"))
        more = len(live.observations("roof")) + 5
        live.wait(lambda: len(live.observations("roof")) >= more)
        assert len(live.observations("mast")) == seen
        assert live.hub.state.camera_ids == ("roof",)
        live.roll_back(1)
        live.wait_until_runs(3, camera_id="mast")
    last = live.observations("mast")
    assert last[seen - 1].seq < last[-1].seq
    # One that comes with a camera that is gone is taken up, and told what is published.
    live.publish(_without_mast)
    with live.worker():
        live.wait_until_runs(4)


def test_a_worker_all_of_whose_cameras_are_gone_keeps_what_it_has(live: _Live) -> None:
    with live.worker("mast"):
        live.wait(lambda: (runs := live.runs()) is not None and runs.revision == 1)
        live.publish(_without_mast)
        live.wait(lambda: (runs := live.runs()) is not None and runs.refused == 2)
        runs = live.runs()
        assert runs is not None
        assert runs.wrong == "revision 2: has none of this worker's cameras mast"


def test_what_another_process_publishes_is_taken_up(live: _Live) -> None:
    with live.worker():
        live.wait_until_runs(1)
        store = Store(f"sqlite:///{live.folder / 'hub.db'}")
        elsewhere = Revisions(store)
        made = elsewhere.draft(
            changed(_widen).content(), author="x", reason="wider", parent=1, now_s=time.time()
        )
        elsewhere.publish(made.number, by="x", reason="wider", now_s=time.time())
        store.close()
        live.wait_until_runs(2)


def test_an_observation_by_http_of_an_old_revision_is_refused_and_changes_nothing(
    live: _Live,
) -> None:
    headers = {"Authorization": f"Bearer {live.token}"}

    def post(seq: int, *, revision: int | None, density_ppm2: float) -> int:
        reading = {
            "zone_id": "gate",
            "count": 200 * density_ppm2,
            "count_sd": 1.0,
            "density_ppm2": density_ppm2,
            "density_sd_ppm2": 0.1,
            "seen_share": 1.0,
        }
        body = {
            "camera_id": "roof",
            "seq": seq,
            "captured_at_s": time.time(),
            "revision": revision,
            "analysis_ms": 1.0,
            "frames_dropped": 0,
            "people_in_view": 1.0,
            "zones": [reading],
        }
        return live.client.post("/api/observations", json=body, headers=headers).status_code

    def density() -> float | None:
        return live.hub.state.zone_state("gate").density_ppm2

    assert post(1, revision=1, density_ppm2=0.5) == 200
    assert density() == pytest.approx(0.5, rel=0.02)
    live.publish(_widen)
    assert density() is None
    for seq, revision in ((2, 1), (3, None), (4, 99)):
        assert post(seq, revision=revision, density_ppm2=4.0) == 422
        assert density() is None
    assert [each.revision for each in live.observations("roof")] == [1]
    assert post(5, revision=2, density_ppm2=0.6) == 200
    assert density() == pytest.approx(0.6 * 200 / 220, rel=0.02)


def test_pages_are_told_the_site_anew(live: _Live) -> None:
    session = "; ".join(f"{name}={value}" for name, value in live.client.cookies.items())
    url = f"ws://127.0.0.1:{live.port}/ws/page"
    with connect(url, additional_headers={"Cookie": session}, max_size=None) as page:
        first = page.recv(timeout=SOON_S, decode=False)
        assert json.loads(unpacked(first))["type"] == "snapshot"
        live.publish(lambda each: each["site"]["features"].pop(1))
        deadline_s = time.monotonic() + SOON_S
        message: dict[str, Any] = {}
        while message.get("type") != "snapshot" and time.monotonic() < deadline_s:
            message = json.loads(unpacked(page.recv(timeout=SOON_S, decode=False)))
        assert [zone["id"] for zone in message["zones"]] == ["gate"]
