"""Large and half-sent bodies against a hub in a process of its own: they cost next to nothing."""

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from crowdsafe.bench.hub_process import RunningHub, running_hub
from crowdsafe.resources import DEMO_SITE, resource
from tests.hub.conftest import WORKER

_MB = 1_000_000
_BODY_BYTES = 46 * _MB
_PIECE = b"x" * 100_000
_ALLOWED_MB = 10.0
_ANSWERS_WITHIN_S = 1.0
_HALF_SENT = 100


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    folder = tmp_path_factory.mktemp("bodies")
    with running_hub(resource(DEMO_SITE), folder, workers=[WORKER]) as hub:
        # What a first request of each kind takes is not what a large one costs.
        for path in _ROUTES:
            _send(hub, path, size=2 * len(_PIECE), chunked=False)
            _send(hub, path, size=2 * len(_PIECE), chunked=True)
        yield hub


def _connected(hub: RunningHub) -> socket.socket:
    host, port = hub.address.split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def _head(hub: RunningHub, path: str, *headers: str, method: str = "POST") -> bytes:
    lines = (f"{method} {path} HTTP/1.1", f"Host: {hub.address}", *headers, "", "")
    return "\r\n".join(lines).encode()


def _send(
    hub: RunningHub, path: str, *, size: int, chunked: bool, headers: tuple[str, ...] = ()
) -> tuple[int, float]:
    """Send a whole body, refused or not; return the status and the most memory (MB)."""
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
    most_mb = hub.rss_mb()
    with _connected(hub) as client:
        client.sendall(_head(hub, path, length, *headers))
        for _ in range(size // len(_PIECE)):
            piece = b"%x\r\n%s\r\n" % (len(_PIECE), _PIECE) if chunked else _PIECE
            client.sendall(piece)
            most_mb = max(most_mb, hub.rss_mb())
        client.sendall(b"0\r\n\r\n" if chunked else b"")
        status_line = client.recv(1000).split(b"\r\n")[0]
    return int(status_line.split()[1]), max(most_mb, hub.rss_mb())


_ROUTES = {
    "/api/session": 413,
    "/api/observations": 401,
    "/api/revisions": 401,
    "/api/shift": 401,
    "/api/alarms/1/acknowledge": 401,
    "/healthz": 405,
    "/no/such/route": 405,
}


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
@pytest.mark.parametrize(("path", "status"), _ROUTES.items())
def test_a_large_body_without_a_token_costs_no_memory(
    hub: RunningHub, path: str, status: int, chunked: bool
) -> None:
    before_mb = hub.rss_mb()
    answered, most_mb = _send(hub, path, size=_BODY_BYTES, chunked=chunked)
    assert answered == status
    assert most_mb - before_mb < _ALLOWED_MB


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_a_large_body_of_somebody_signed_in_is_read_up_to_its_limit(
    hub: RunningHub, chunked: bool
) -> None:
    signed_in = (f"Cookie: {hub.cookie}",)
    before_mb = hub.rss_mb()
    assert _send(hub, "/api/shift", size=_BODY_BYTES, chunked=chunked, headers=signed_in)[0] == 413
    token = (f"Authorization: Bearer {hub.tokens[WORKER]}",)
    status, most_mb = _send(
        hub, "/api/observations", size=_BODY_BYTES, chunked=chunked, headers=token
    )
    assert status == 413
    assert most_mb - before_mb < _ALLOWED_MB


@pytest.mark.parametrize("path", ["/ws/page", "/ws/edge"])
def test_a_large_websocket_message_is_the_end(hub: RunningHub, path: str) -> None:
    headers = {"Cookie": hub.cookie, "Authorization": f"Bearer {hub.tokens[WORKER]}"}
    before_mb = hub.rss_mb()
    with connect(f"ws://{hub.address}{path}", additional_headers=headers) as client:
        with contextlib.suppress(ConnectionClosed):
            client.send("x" * _BODY_BYTES)
        with contextlib.suppress(ConnectionClosed):
            while True:
                client.recv(timeout=20)
    # A connection that is closed over what was not read may be reset before that is told.
    assert client.close_code in (1009, 1006)
    assert hub.rss_mb() - before_mb < _ALLOWED_MB


def test_half_sent_requests_hold_up_nobody(hub: RunningHub) -> None:
    before_mb = hub.rss_mb()
    halves = [
        _head(hub, "/api/session", "Content-Length: 1000") + b'{"name": "gu',
        _head(hub, "/api/session", "Transfer-Encoding: chunked") + b"5\r\n{",
        _head(hub, "/api/shift", "Content-Length: 1000", f"Cookie: {hub.cookie}") + b'{"note',
        _head(
            hub,
            "/api/observations",
            f"Content-Length: {_MB}",
            f"Authorization: Bearer {hub.tokens[WORKER]}",
        ),
        b"POST /api/session HTTP/1.1\r\nHost: ",
        b"",
    ]
    with ExitStack() as open_ones, httpx2.Client(base_url=f"http://{hub.address}") as http:
        for number in range(_HALF_SENT):
            client = open_ones.enter_context(_connected(hub))
            client.sendall(halves[number % len(halves)])
        for path in ("/healthz", "/api/load", "/api/record/events?most=1000", "/api/load"):
            begun_s = time.monotonic()
            answer = http.get(path, headers={"Cookie": hub.cookie})
            assert answer.status_code in (200, 403)
            assert time.monotonic() - begun_s < _ANSWERS_WITHIN_S
        wrong = http.post("/api/session", json={"name": "guest", "password": "wrong"})
        assert (wrong.status_code, json.loads(wrong.text)) == (
            401,
            {"error": "name or password is wrong"},
        )
        assert hub.rss_mb() - before_mb < _ALLOWED_MB
