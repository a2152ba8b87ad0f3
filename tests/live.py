"""A demo in processes of its own: the real hub, edge worker, clip and model."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

_READY_WITHIN_S = 90.0


class LiveDemo:
    """`crowdsafe demo` as a user starts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log = folder / "demo.log"
        folder.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "CROWDSAFE_NO_BROWSER": "1", "PYTHONUNBUFFERED": "1"}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "crowdsafe", "demo", "--port", "0", "--folder", str(folder)],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
            )
        wait_until(self._says_how_to_sign_in, within_s=_READY_WITHIN_S, what=self.output)

    def output(self) -> str:
        """What it printed so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _says_how_to_sign_in(self) -> bool:
        assert self._process.poll() is None, self.output()
        return "End        Ctrl-C" in self.output()

    @property
    def address(self) -> str:
        """Where the page is."""
        return self._printed(r"Open +(\S+)")

    @property
    def password(self) -> str:
        """The password of the person `demo`."""
        return self._printed(r"password (\S+)")

    @property
    def first_value_s(self) -> float:
        """How long the first live zone value took, as the demo printed it."""
        return float(self._printed(r"first live zone value after ([0-9.]+) s"))

    def _printed(self, pattern: str) -> str:
        found = re.search(pattern, self.output())
        assert found is not None, self.output()
        return found.group(1)

    def part(self, words: str) -> psutil.Process:
        """Return the process whose command line has these words."""
        process = self.part_if_alive(words)
        assert process is not None, f"no process '{words}' in the demo"
        return process

    def part_if_alive(self, words: str) -> psutil.Process | None:
        """Return that process, or none between its end and its restart."""
        for process in self.children():
            try:
                command = process.cmdline()
            except psutil.NoSuchProcess:  # killed, and not yet waited for by the demo
                continue
            if words in " ".join(command):
                return process
        return None

    def children(self) -> list[psutil.Process]:
        """All its processes."""
        return psutil.Process(self._process.pid).children(recursive=True)

    def interrupt(self, *, times: int = 1) -> int:
        """Press Ctrl-C, impatiently where it says so, and return the exit code."""
        for _ in range(times):
            if self._process.poll() is None:
                self._process.send_signal(signal.SIGINT)
                time.sleep(0.1)
        return self._process.wait(30)


def wait_until(
    true: Callable[[], bool], *, within_s: float, what: Callable[[], str] = lambda: ""
) -> None:
    """Wait until something is true; fail with ``what`` when it does not become so."""
    deadline_s = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline_s, f"not within {within_s:.0f} s: {what()}"
        time.sleep(0.1)
