"""The real hub in a process of its own, and what it costs."""

import contextlib
import json
import secrets
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from crowdsafe.demo import free_port
from crowdsafe.errors import CrowdsafeError
from crowdsafe.hub.access.auth import SESSION_COOKIE, Auth
from crowdsafe.hub.store import Store

USER = "bench"
_READY_WITHIN_S = 300.0
_STOP_WITHIN_S = 20.0
_ASK_EVERY_S = 0.2


class BenchFailed(CrowdsafeError):
    """The hub did not come up, or went away under the load."""


@dataclass(frozen=True)
class RunningHub:
    """A hub that answers.

    Attributes:
        address: of its pages, as ``127.0.0.1:8400``.
        process: for its processor time and memory.
        cookie: of a person who is signed in.
        tokens: of the workers, by name.
        ready_after_s: from its start to its first answer.
        database: its SQLite file.
    """

    address: str
    process: psutil.Process
    cookie: str
    tokens: dict[str, str]
    ready_after_s: float
    database: Path

    def cpu_s(self) -> float:
        """Return the processor time that it used so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def rss_mb(self) -> float:
        """Return its memory."""
        return float(self.process.memory_info().rss) / 1e6

    def kept(self) -> int:
        """Return how many zone values are in its database."""
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            (number,) = connection.execute("SELECT count(*) FROM readings").fetchone()
        return int(number)


@contextlib.contextmanager
def running_hub(
    site: Path, folder: Path, *, workers: Sequence[str], core: int | None = None
) -> Iterator[RunningHub]:
    """Run ``crowdsafe hub run`` on a site until the block ends.

    Args:
        site: folder of the site.
        folder: for its settings, its store and its log.
        workers: names of workers that may send.
        core: the only processor core that it may use; None: all.

    Raises:
        BenchFailed: it does not answer.
    """
    port = free_port(0)
    database = folder / "hub.db"
    database_url = f"sqlite:///{database}"
    settings = folder / "hub.toml"
    settings.write_text(
        f"site = {json.dumps(str(site))}\n\n[hub]\nport = {port}\n"
        f"database_url = {json.dumps(database_url)}\n",
        encoding="utf-8",
    )
    cookie, tokens = _people(database_url, workers)
    log = folder / "hub.log"
    begun_s = time.monotonic()
    with log.open("wb") as out:
        started = subprocess.Popen(
            [sys.executable, "-m", "crowdsafe", "hub", "run", "--config", str(settings)],
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        process = psutil.Process(started.pid)
        if core is not None:
            process.cpu_affinity([core])
        address = f"127.0.0.1:{port}"
        _wait_for(started, address, log)
        ready_after_s = time.monotonic() - begun_s
        yield RunningHub(
            address=address,
            process=process,
            cookie=cookie,
            tokens=tokens,
            ready_after_s=ready_after_s,
            database=database,
        )
    finally:
        started.terminate()
        try:
            started.wait(_STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def _people(database_url: str, workers: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return the cookie of a person who is signed in, and the workers' tokens."""
    store = Store(database_url)
    auth = Auth(store, session_hours=12, failures_per_min=8)
    password = secrets.token_urlsafe(16)
    auth.put_user(name=USER, password=password, role="operator")
    session = auth.sign_in(name=USER, password=password, now_s=time.time())
    tokens = {name: auth.add_worker(name) for name in workers}
    store.close()
    return f"{SESSION_COOKIE}={session.token}", tokens


def _wait_for(started: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline_s = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < deadline_s:
        if started.poll() is not None:
            said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise BenchFailed(f"the hub ended with code {started.returncode}: {said}")
        try:
            if httpx.get(f"http://{address}/healthz", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(_ASK_EVERY_S)
    raise BenchFailed(f"the hub did not answer within {_READY_WITHIN_S:.0f} s")
