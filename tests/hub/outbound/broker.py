"""A real Mosquitto on loopback."""

import getpass
import shutil
import socket
import subprocess
import time
from pathlib import Path

from tests.hub.outbound.http_target import loopback

_READY_WITHIN_S = 10.0


class Broker:
    """One that keeps sessions while it runs, and can be stopped and started on its port."""

    def __init__(self, folder: Path, *, password_file: Path | None = None) -> None:
        with loopback() as free:
            self.port: int = free.getsockname()[1]
        self._config = folder / "mosquitto.conf"
        # Started by root it would become another user, who may not read here.
        lines = [
            f"user {getpass.getuser()}",
            f"listener {self.port} 127.0.0.1",
            "persistence false",
        ]
        if password_file is None:
            lines.append("allow_anonymous true")
        else:
            lines += ["allow_anonymous false", f"password_file {password_file}"]
        self._config.write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [program("mosquitto"), "-c", str(self._config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline_s = time.monotonic() + _READY_WITHIN_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self._process.poll() is None, "mosquitto ended at once"
                assert time.monotonic() < deadline_s, "mosquitto did not listen"
                time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None


def program(name: str) -> str:
    """Where a program of Mosquitto is."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    assert found is not None, f"{name} is not installed: apt-get install mosquitto"
    return found
