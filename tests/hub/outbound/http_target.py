"""A real HTTP server on loopback that answers as it is told."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes
    at_s: float


@dataclass(frozen=True)
class Say:
    """One answer. ``wait_s``: before it; ``drip``: its body never ends."""

    status: int = 204
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    wait_s: float = 0.0


class HttpTarget:
    """Keeps what it got; answers ``script`` one by one, then ``then``."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reset()

    def reset(self) -> None:
        """As when it was new."""
        self.received: list[Received] = []
        self.script: list[Say] = []
        self.then = Say()
        self.by_path: dict[str, Say] = {}

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def bodies(self, path: str = "/hook") -> list[bytes]:
        return [each.body for each in self.received if each.path == path]

    async def take(self, request: Request) -> Response:
        body = await request.body()
        self.received.append(Received(request.url.path, dict(request.headers), body, time.time()))
        say = self.script.pop(0) if self.script else self.by_path.get(request.url.path, self.then)
        if say.wait_s:
            await asyncio.sleep(say.wait_s)
        return Response(say.body, say.status, say.headers)


@contextmanager
def serving(app: object, listener: socket.socket) -> Iterator[None]:
    """Serve an application in a thread, on a socket that listens already."""
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_level="critical",
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline_s = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline_s, "the HTTP server did not start"
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)


def loopback() -> socket.socket:
    """A socket on a free port of loopback."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    return listener


@contextmanager
def http_target() -> Iterator[HttpTarget]:
    """Run one."""
    listener = loopback()
    target = HttpTarget(listener.getsockname()[1])
    app = Starlette(routes=[Route("/{path:path}", target.take, methods=["POST", "GET"])])
    with serving(app, listener):
        yield target
