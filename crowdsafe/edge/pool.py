"""Threads that look at pictures, each time at that of the camera whose turn it is."""

import os
import threading
import time
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Protocol

from crowdsafe.domain.budget import Budget

_WAKE_S = 0.5
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


class Watched(Protocol):
    """A camera as the pool sees it."""

    @property
    def camera_id(self) -> str:
        """Which camera."""

    @property
    def asked_per_s(self) -> float:
        """Looks a second that are wanted."""

    def newest_at_s(self) -> float | None:
        """Return when the newest picture came, by the monotonic clock; None without a new one."""

    def look(self, *, achieved_per_s: float) -> float:
        """Look at the newest picture, and return how urgent the next look is, 0 to 1.

        Must not raise: what is wrong with one camera is its own affair.
        """


class LookPool:
    """Looks at the pictures of many cameras on so many cores and no more.

    Each thread looks at one picture at a time, and all share the detector's one session. On two
    cores that was measured to cost the same as a session for each thread, and a tenth less
    processor time than one look at a time with two threads. A batch of several cameras' pictures is
    0 to 8 % slower than one after the other.
    """

    def __init__(
        self,
        cameras: Sequence[Watched],
        *,
        cores: float,
        threads_a_look: int,
        stop: threading.Event,
    ) -> None:
        """Prepare, without starting.

        Args:
            cameras: each with another id.
            cores: may be a part of one.
            threads_a_look: processor threads that the detector uses for one picture.
            stop: ends all threads after their look; call :meth:`wake` after it was set.
        """
        looks_at_once = max(1, ceil(cores / threads_a_look))
        self._cameras = {camera.camera_id: camera for camera in cameras}
        # Each second of looking is paid for with so many seconds of a thread.
        self._stretch = max(1.0, looks_at_once * threads_a_look / cores)
        self._stop = stop
        self._changed = threading.Condition()
        self._looked_at: set[str] = set()
        self._budget = Budget(threads=looks_at_once / self._stretch)
        for camera in cameras:
            self._budget.join(
                camera.camera_id, asked_per_s=camera.asked_per_s, now_s=time.monotonic()
            )
        self.threads = tuple(
            threading.Thread(target=self._run, name=f"look {number}", daemon=True)
            for number in range(looks_at_once)
        )

    def start(self) -> None:
        """Start all threads."""
        for thread in self.threads:
            thread.start()

    def picture_came(self, camera_id: str, *, at_s: float) -> None:
        """Say that a camera has a new picture, by the monotonic clock."""
        with self._changed:
            if self._budget.is_due(camera_id, picture_at_s=at_s):
                self._changed.notify()

    def wake(self) -> None:
        """Let idle threads see that they are to stop."""
        with self._changed:
            self._changed.notify_all()

    def _run(self) -> None:
        while (turn := self._next()) is not None:
            camera, achieved_per_s = turn
            begun_s = time.monotonic()
            urgency = camera.look(achieved_per_s=achieved_per_s)
            took_s = time.monotonic() - begun_s
            with self._changed:
                self._looked_at.discard(camera.camera_id)
                self._budget.looked(camera.camera_id, took_s=took_s, urgency=urgency)
                # While this thread rests, another may take up what came meanwhile.
                self._changed.notify()
            self._stop.wait(took_s * (self._stretch - 1.0))

    def _next(self) -> tuple[Watched, float] | None:
        with self._changed:
            while not self._stop.is_set():
                now_s = time.monotonic()
                chosen = self._budget.choose(self._pictures(), now_s=now_s)
                if chosen is not None:
                    self._looked_at.add(chosen)
                    achieved_per_s = self._budget.achieved_per_s(chosen, now_s=now_s)
                    return self._cameras[chosen], achieved_per_s
                self._changed.wait(_WAKE_S)
        return None

    def _pictures(self) -> dict[str, float]:
        return {
            camera_id: at_s
            for camera_id, camera in self._cameras.items()
            if camera_id not in self._looked_at and (at_s := camera.newest_at_s()) is not None
        }


def cores_allowed() -> float:
    """Return how many processor cores this process may use.

    By its affinity where the system has one, and by the quota of its container (cgroup version 2).
    """
    affinity = getattr(os, "sched_getaffinity", None)
    cores = float(len(affinity(0)) if affinity else os.cpu_count() or 1)
    try:
        quota, period = _QUOTA.read_text(encoding="ascii").split()
        return min(cores, int(quota) / int(period))
    except (OSError, ValueError):
        # No such file, or "max": no quota.
        return cores
