"""Threads that share the looks: never more than there are cores, never two at one camera."""

import os
import threading
import time
from pathlib import Path

import pytest

from crowdsafe.edge.pool import LookPool, cores_allowed
from tests.live import wait_until


class _Always:
    """A camera that always has a new picture, and takes its time with each."""

    def __init__(self, camera_id: str, room: "_Room", *, took_s: float) -> None:
        self.camera_id = camera_id
        self.asked_per_s = 50.0
        self.looks = 0
        self._room = room
        self._took_s = took_s

    def newest_at_s(self) -> float | None:
        return time.monotonic()

    def look(self, *, achieved_per_s: float) -> float:
        with self._room.look_at(self.camera_id):
            time.sleep(self._took_s)
        self.looks += 1
        return 0.0


class _Room:
    """Counts who is being looked at."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside: list[str] = []
        self.most = 0
        self.twice = False

    def look_at(self, camera_id: str) -> "_Look":
        return _Look(self, camera_id)

    def enter(self, camera_id: str) -> None:
        with self._lock:
            self.twice |= camera_id in self._inside
            self._inside.append(camera_id)
            self.most = max(self.most, len(self._inside))

    def leave(self, camera_id: str) -> None:
        with self._lock:
            self._inside.remove(camera_id)


class _Look:
    def __init__(self, room: _Room, camera_id: str) -> None:
        self._room, self._camera_id = room, camera_id

    def __enter__(self) -> None:
        self._room.enter(self._camera_id)

    def __exit__(self, *_: object) -> None:
        self._room.leave(self._camera_id)


@pytest.mark.parametrize(
    ("cores", "threads_a_look", "at_once"),
    [(1.0, 1, 1), (2.0, 1, 2), (3.0, 1, 3), (2.0, 2, 1), (1.5, 1, 2), (0.3, 1, 1), (1.0, 4, 1)],
)
def test_as_many_looks_at_once_as_cores_allow(
    cores: float, threads_a_look: int, at_once: int
) -> None:
    room, stop = _Room(), threading.Event()
    cameras = [_Always(f"c{n}", room, took_s=0.02) for n in range(4)]
    pool = LookPool(cameras, cores=cores, threads_a_look=threads_a_look, stop=stop)
    pool.start()
    wait_until(
        lambda: min(camera.looks for camera in cameras) >= 3 and room.most >= at_once, within_s=20
    )
    stop.set()
    pool.wake()
    for thread in pool.threads:
        thread.join(5)
    assert not any(thread.is_alive() for thread in pool.threads)
    assert room.most == at_once
    assert not room.twice
    looks = [camera.looks for camera in cameras]
    assert max(looks) - min(looks) <= 2


@pytest.mark.parametrize(
    ("cores", "threads_a_look", "share"), [(0.5, 1, 0.5), (1.5, 1, 1.5), (1.0, 2, 0.5)]
)
def test_part_of_a_core_is_paid_for_with_rest(
    cores: float, threads_a_look: int, share: float
) -> None:
    room, stop = _Room(), threading.Event()
    cameras = [_Always(f"c{n}", room, took_s=0.05) for n in range(4)]
    pool = LookPool(cameras, cores=cores, threads_a_look=threads_a_look, stop=stop)
    begun_s = time.monotonic()
    pool.start()
    time.sleep(1.0)
    stop.set()
    pool.wake()
    for thread in pool.threads:
        thread.join(5)
    span_s = time.monotonic() - begun_s
    # Each look is at least 0.05 s; a slow machine makes them fewer. One may have just begun.
    assert sum(camera.looks for camera in cameras) * 0.05 <= share * span_s + 0.05 * 2


def test_idle_threads_wake_for_a_picture_and_for_the_end() -> None:
    class Once(_Always):
        has = False

        def newest_at_s(self) -> float | None:
            return time.monotonic() if self.has else None

        def look(self, *, achieved_per_s: float) -> float:
            self.has = False
            return super().look(achieved_per_s=achieved_per_s)

    stop = threading.Event()
    camera = Once("mast", _Room(), took_s=0.0)
    pool = LookPool([camera], cores=2, threads_a_look=1, stop=stop)
    pool.start()
    for looks in range(1, 4):
        time.sleep(0.05)
        camera.has = True
        pool.picture_came("mast", at_s=time.monotonic())
        deadline_s = time.monotonic() + 5
        while camera.looks < looks and time.monotonic() < deadline_s:
            time.sleep(0.01)
        assert camera.looks == looks
    stop.set()
    pool.wake()
    for thread in pool.threads:
        thread.join(5)
    assert not any(thread.is_alive() for thread in pool.threads)


@pytest.mark.parametrize(
    ("text", "quota"),
    [("150000 100000\n", 1.5), ("max 100000\n", None), ("", None), ("6400000 100000\n", 64.0)],
)
def test_cores_are_those_of_the_affinity_and_of_the_quota(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, quota: float | None
) -> None:
    file = tmp_path / "cpu.max"
    file.write_text(text, encoding="ascii")
    monkeypatch.setattr("crowdsafe.edge.pool._QUOTA", file)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(4)), raising=False)
    assert cores_allowed() == min(4.0, quota or 4.0)
    monkeypatch.setattr("crowdsafe.edge.pool._QUOTA", tmp_path / "nowhere")
    assert cores_allowed() == 4.0
