"""The demo: a hub and an edge worker on the clip that comes along, until Ctrl-C."""

import contextlib
import json
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import httpx

from crowdsafe.errors import BadInput, CrowdsafeError
from crowdsafe.hub.access.auth import Auth
from crowdsafe.hub.store import Store
from crowdsafe.resources import DEMO_CLIP, DEMO_SITE, resource

_LOG = logging.getLogger(__name__)
USER = "demo"
WORKER = "demo_edge"
CAMERA = "view_001"
_READY_WITHIN_S = 60.0
_STOP_WITHIN_S = 5.0
_RESTART_AFTER_S = 1.0
_WATCH_EVERY_S = 0.2
_ASK_EVERY_S = 0.1
_WORDS = (
    *("anker", "boje", "deich", "ebbe", "fahne", "gleis", "hafen", "insel", "jolle", "kanal"),
    *("laube", "markt", "nebel", "orgel", "platz", "quelle", "riese", "segel", "turm", "ufer"),
)


class DemoFailed(CrowdsafeError):
    """A part of the demo did not start."""


@dataclass(frozen=True)
class DemoPlan:
    """Where the demo runs and with what."""

    folder: Path
    port: int
    password: str
    hub_file: Path
    edge_file: Path

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}"


def free_port(wanted: int) -> int:
    """Return ``wanted`` if nobody listens there, else a free port."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DemoFailed("no free port on 127.0.0.1")


def prepare(*, folder: Path, port: int, clip: Path | None, model: Path | None) -> DemoPlan:
    """Write the demo's settings, its person and its worker into ``folder``.

    The record of an earlier demo in the same folder is kept.

    Raises:
        BadInput: the clip or the folder cannot be used.
    """
    clip = (clip or resource(DEMO_CLIP)).resolve()
    if not clip.is_file():
        raise BadInput(f"{clip}: there is no such video file")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{folder}: cannot be made ({error.strerror})") from None
    folder = folder.resolve()
    port = free_port(port)
    database_url = f"sqlite:///{folder / 'demo.db'}"
    store = Store(database_url)
    auth = Auth(store, session_hours=12, failures_per_min=8)
    # No letter of it is mistaken when it is typed off another screen.
    password = "-".join(secrets.choice(_WORDS) for _ in range(4))
    auth.put_user(name=USER, password=password, role="operator")
    token = auth.add_worker(WORKER)
    store.close()
    site = json.dumps(str(resource(DEMO_SITE).resolve()))
    hub_file, edge_file = folder / "hub.toml", folder / "edge.toml"
    hub_file.write_text(
        f"site = {site}\n\n[hub]\nport = {port}\ndatabase_url = {json.dumps(database_url)}\n",
        encoding="utf-8",
    )
    edge_file.touch(mode=0o600)
    edge_file.write_text(
        f"site = {site}\n\n[edge]\nworker = {json.dumps(WORKER)}\n"
        f'hub_url = "ws://127.0.0.1:{port}/ws/edge"\ntoken = {json.dumps(token)}\n'
        + (f"model = {json.dumps(str(model.resolve()))}\n" if model else "")
        + f"\n[[edge.cameras]]\nid = {json.dumps(CAMERA)}\nsource = {json.dumps(str(clip))}\n"
        "loop = true\n",
        encoding="utf-8",
    )
    return DemoPlan(
        folder=folder, port=port, password=password, hub_file=hub_file, edge_file=edge_file
    )


class _Part:
    """One process of the demo, started again when it dies."""

    def __init__(self, name: str, arguments: list[str]) -> None:
        self.name = name
        self._command = [sys.executable, "-m", "crowdsafe", *arguments]
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self._process = self._start()
        self._died_at_s: float | None = None

    def _start(self) -> subprocess.Popen[bytes]:
        # A session of its own, so that Ctrl-C reaches only the demo, which ends its parts in order.
        return subprocess.Popen(
            self._command, env=self._environment, start_new_session=True, stdin=subprocess.DEVNULL
        )

    def watch(self, *, now_s: float) -> None:
        """Start it again a moment after it died."""
        if self._process.poll() is None:
            return
        if self._died_at_s is None:
            _LOG.warning(
                "the %s ended (%s), starting it again", self.name, self._process.returncode
            )
            self._died_at_s = now_s
        elif now_s - self._died_at_s >= _RESTART_AFTER_S:
            self._process = self._start()
            self._died_at_s = None

    def ended(self) -> int | None:
        """Return its exit code, None while it runs."""
        return self._process.poll()

    def stop(self) -> None:
        """End it, by force when it does not go."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


@contextlib.contextmanager
def _asked_to_end() -> Iterator[threading.Event]:
    """Give an event that Ctrl-C and SIGTERM set, so that a second one cannot break the ending."""
    asked = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run_demo(plan: DemoPlan, *, say: Callable[[str], None], browser: bool) -> None:
    """Run hub and edge worker until Ctrl-C.

    Args:
        plan: from :func:`prepare`.
        say: prints a line to the user.
        browser: open the page.

    Raises:
        DemoFailed: the hub did not come up, or no value came.
    """
    begun_s = time.monotonic()
    parts: list[_Part] = []
    with _asked_to_end() as asked:
        try:
            parts.append(_Part("hub", ["hub", "run", "--config", str(plan.hub_file)]))
            _wait_for_hub(plan, parts[0], asked)
            if not asked.is_set():
                parts.append(_Part("edge worker", ["edge", "--config", str(plan.edge_file)]))
                _wait_for_value(plan, asked)
            if not asked.is_set():
                say(f"first live zone value after {time.monotonic() - begun_s:.1f} s")
                say("")
                say(f"  Open       {plan.address}")
                say(f"  Sign in    name {USER}   password {plan.password}")
                say("  End        Ctrl-C")
                say("")
                if browser and _has_display():
                    webbrowser.open(plan.address)
            while not asked.wait(_WATCH_EVERY_S):
                for part in parts:
                    part.watch(now_s=time.monotonic())
            say("ending hub and edge worker")
        finally:
            for part in reversed(parts):
                part.stop()


def _has_display() -> bool:
    if sys.platform in ("darwin", "win32"):
        return True
    shown = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return shown and shutil.which("xdg-open") is not None


def _wait_for_hub(plan: DemoPlan, hub: _Part, asked: threading.Event) -> None:
    deadline_s = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < deadline_s and not asked.is_set():
        if hub.ended() is not None:
            raise DemoFailed(f"the hub ended with code {hub.ended()} before it answered")
        try:
            if httpx.get(f"{plan.address}/healthz", timeout=1).status_code == 200:
                return
        except httpx.TransportError:
            asked.wait(_ASK_EVERY_S)
    if not asked.is_set():
        raise DemoFailed(f"the hub did not answer within {_READY_WITHIN_S:.0f} s")


def _wait_for_value(plan: DemoPlan, asked: threading.Event) -> None:
    """Wait until the hub has stored a zone's value: the same that the page shows."""
    with httpx.Client(base_url=plan.address, timeout=5) as client:
        client.post("/api/session", json={"name": USER, "password": plan.password})
        from_s = time.time() - 1
        deadline_s = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < deadline_s and not asked.is_set():
            answer = client.get(
                "/api/zones/junction/history",
                params={"from_s": from_s, "to_s": time.time() + 60},
            )
            if answer.status_code == 200 and answer.json()["points"]:
                return
            asked.wait(_ASK_EVERY_S)
    if not asked.is_set():
        raise DemoFailed("the edge worker sent no value; see its messages above")
