"""The real hub in a process of its own, started again and again on one store, and killed."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from crowdsafe.bench.site_files import BenchSite, write_site
from crowdsafe.demo import free_port
from crowdsafe.hub.access.auth import SESSION_COOKIE, Auth
from crowdsafe.hub.store import Store

BUSY_PPM2, TIGHT_PPM2, CRITICAL_PPM2, HYSTERESIS_PPM2 = 1.0, 2.0, 4.0, 0.5
MEASURE = "keep_moving"
WORKER = "mast_1"
PERSON = "night_shift"
_READY_WITHIN_S = 60.0
_ASK_EVERY_S = 0.05


class KilledHub:
    """A hub with a made-up site whose zones rise and fall at once.

    Attributes:
        site: its zones and cameras.
        host: where it listens, as 127.0.0.1:PORT.
        cookie: of an operator who is signed in for all its lives.
        token: of its worker.
    """

    def __init__(self, folder: Path, store_url: str, *, cameras: int, zones: int) -> None:
        self.site = write_site(folder / "site", cameras=cameras, zones_per_camera=zones)
        _make_nervous(self.site)
        port = free_port(0)
        self.host = f"127.0.0.1:{port}"
        self._log = folder / "hub.log"
        self._settings = folder / "hub.toml"
        self._settings.write_text(
            f"site = {json.dumps(str(self.site.folder))}\n\n[hub]\nport = {port}\n"
            f"database_url = {json.dumps(store_url)}\n",
            encoding="utf-8",
        )
        store = Store(store_url)
        auth = Auth(store, session_hours=1, failures_per_min=3)
        auth.put_user(name=PERSON, password="a long enough one", role="operator")
        session = auth.sign_in(name=PERSON, password="a long enough one", now_s=time.time())
        self.cookie = f"{SESSION_COOKIE}={session.token}"
        self.token = auth.add_worker(WORKER)
        store.close()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*_command("hub", "run"), "--config", str(self._settings)],
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        deadline_s = time.monotonic() + _READY_WITHIN_S
        while not self._answers():
            self.must_live()
            assert time.monotonic() < deadline_s, self.log()
            time.sleep(_ASK_EVERY_S)

    def must_live(self) -> None:
        """Fail where it ended by itself."""
        assert self._process is not None
        assert self._process.poll() is None, self.log()

    def kill(self) -> None:
        """Kill it with SIGKILL: it can do nothing more."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def log(self) -> str:
        """What it said last."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-3000:]

    def verified(self, *, head: str | None) -> str:
        """Let `crowdsafe audit verify` check the record, and return the hash of its end.

        Args:
            head: of an earlier check; that entry must be there.
        """
        options = [] if head is None else ["--head", head]
        checked = subprocess.run(
            [*_command("audit", "verify"), "--config", str(self._settings), *options],
            capture_output=True,
            text=True,
        )
        assert checked.returncode == 0, checked.stderr
        found = re.search(r"^head ([0-9a-f]{64})$", checked.stdout, re.MULTILINE)
        assert found is not None, checked.stdout
        return found.group(1)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"http://{self.host}/healthz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False


def _command(*arguments: str) -> Sequence[str]:
    return [sys.executable, "-m", "crowdsafe", *arguments]


def _make_nervous(site: BenchSite) -> None:
    """Give the zones short delays and no alarm but that of density, and one measure for it."""
    path = site.folder / "site.geojson"
    document = json.loads(path.read_text(encoding="utf-8"))
    for feature in document["features"]:
        feature["properties"]["crowdsafe"] |= {
            "thresholds": {
                "busy_ppm2": BUSY_PPM2,
                "tight_ppm2": TIGHT_PPM2,
                "critical_ppm2": CRITICAL_PPM2,
                "hysteresis_ppm2": HYSTERESIS_PPM2,
                "rise_s": 0.1,
                "fall_s": 0.1,
            },
            "thresholds_reason": {"de": "nur für einen Test", "en": "for a test only"},
            "limits": dict.fromkeys(
                (
                    "peak_ppm2",
                    "rise_ppm2_per_min",
                    "forecast_min",
                    "pressure_per_s2",
                    "counter_flow_share",
                )
            ),
        }
    path.write_text(json.dumps(document), encoding="utf-8")
    measure = {
        "id": MEASURE,
        "kind": "send",
        "title": {"de": "Team schicken", "en": "Send a team"},
        "why": {"de": "nur für einen Test", "en": "for a test only"},
        "causes": ["density"],
        "team": "Team 1",
        "approved_by": "nobody",
        "approved_on": "2026-01-12",
    }
    (site.folder / "measures.json").write_text(
        json.dumps({"version": 1, "measures": [measure]}), encoding="utf-8"
    )
