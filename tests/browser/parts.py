"""Hub and edge worker in processes of their own, and a crowd that is as dense as a test says."""

import os
import subprocess
import sys
import threading
import time
import tomllib
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import httpx

from crowdsafe.demo import CAMERA, DemoPlan

_EVERY_S = 0.4


class Parts:
    """Hub and edge worker, each started when it is wanted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running = ExitStack()

    def __enter__(self) -> "Parts":
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def start(self, *arguments: str) -> None:
        """Start `crowdsafe` with these arguments."""
        log = self._running.enter_context((self._folder / f"{arguments[0]}.log").open("wb"))
        process = subprocess.Popen(
            [sys.executable, "-m", "crowdsafe", *arguments],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self._running.callback(self._end, process)

    @staticmethod
    def _end(process: "subprocess.Popen[bytes]") -> None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def output(self) -> str:
        """What they printed so far."""
        logs = sorted(self._folder.glob("*.log"))
        return "\n".join(log.read_text(encoding="utf-8", errors="replace") for log in logs)


def answers(address: str) -> bool:
    """Say whether a hub answers there."""
    try:
        return httpx.get(f"{address}/healthz", timeout=1).status_code == 200
    except httpx.TransportError:
        return False


class Crowd:
    """Observations of one zone, of a density that may be set at any time."""

    def __init__(
        self, plan: DemoPlan, *, zone_id: str, area_m2: float, density_ppm2: float
    ) -> None:
        self.density_ppm2 = density_ppm2
        self._area_m2 = area_m2
        self._zone_id = zone_id
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._send, args=(plan,))

    def __enter__(self) -> "Crowd":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _send(self, plan: DemoPlan) -> None:
        token = tomllib.loads(plan.edge_file.read_text(encoding="utf-8"))["edge"]["token"]
        with httpx.Client(
            base_url=plan.address, headers={"Authorization": f"Bearer {token}"}, timeout=10
        ) as client:
            for seq in count():
                answer = client.post("/api/observations", json=self._observation(seq))
                assert answer.status_code == 200, answer.text
                if self._ended.wait(_EVERY_S):
                    return

    def _observation(self, seq: int) -> dict[str, object]:
        density_ppm2 = self.density_ppm2
        people = density_ppm2 * self._area_m2
        return {
            "type": "observation",
            "camera_id": CAMERA,
            "seq": seq,
            "captured_at_s": time.time(),
            # A new hub's first: its site folder.
            "revision": 1,
            "analysis_ms": 50.0,
            "frames_dropped": 0,
            "people_in_view": people,
            "zones": [
                {
                    "zone_id": self._zone_id,
                    "count": people,
                    "count_sd": 0.5,
                    "density_ppm2": density_ppm2,
                    "density_sd_ppm2": 0.005,
                    "seen_share": 1.0,
                }
            ],
        }
