"""Rubbish over websockets: it is refused with a reason, and everybody else goes on."""

import contextlib
import json
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from crowdsafe.contract.edge_messages import MAX_MESSAGE_BYTES
from crowdsafe.hub.access.auth import SESSION_COOKIE
from crowdsafe.hub.page_feed import unpacked
from tests.fuzz.opened import OpenedHub
from tests.fuzz.right import (
    CAMERA_STATUS,
    HEAD,
    LINE,
    RUNS_REVISION,
    WATCH,
    hello,
    observation,
)
from tests.fuzz.wrong import EXTREMES, RUBBISH, Spoiled, spoiled, with_an_extreme
from tests.hub.conftest import CAMERA
from tests.live import wait_until

_WITHIN_S = 10.0
_AT_ONCE_S = 2.0
_BAD_MESSAGE = 4400
_FEW = settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
_DEEP = "[" * 200_000
_TEXTS = st.one_of(
    st.text(max_size=200),
    RUBBISH.map(lambda body: body.decode(errors="replace")),
    st.sampled_from(
        (_DEEP, '{"type":' * 50_000, "9" * 100_000, '{"type":"' + "x" * 100_000 + '"}')
    ),
)


class Worker:
    """A worker that is greeted."""

    def __init__(self, opened: OpenedHub, socket: ClientConnection) -> None:
        self._opened = opened
        self._socket = socket
        socket.send(opened.json(hello()).decode())
        assert self._answer()["type"] == "welcome"

    def _answer(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._socket.recv(timeout=_WITHIN_S))
        return answer

    def answers(self, *said: str) -> list[dict[str, Any]]:
        """Say something, then something right; return the answers before that is accepted."""
        right = self._opened.json(observation()).decode()
        seq = json.loads(right)["seq"]
        for each in (*said, right):
            self._socket.send(each)
        found: list[dict[str, Any]] = []
        while True:
            answer = self._answer()
            if answer == {"type": "accepted", "camera_id": CAMERA, "seq": seq}:
                return found
            found.append(answer)


def edge(opened: OpenedHub) -> ClientConnection:
    """Connect as the worker, who has not said anything yet."""
    # No limit of its own: it is the hub's that is looked at.
    return connect(
        f"ws://{opened.address}/ws/edge", additional_headers=opened.bearer(), max_size=None
    )


def page(opened: OpenedHub) -> ClientConnection:
    """Open a page, which has not heard anything yet."""
    cookie = f"{SESSION_COOKIE}={opened.cookies(HEAD)[SESSION_COOKIE]}"
    return connect(f"ws://{opened.address}/ws/page", additional_headers={"Cookie": cookie})


def closed(socket: ClientConnection) -> tuple[int, str]:
    """Wait for the end and return its code and reason."""
    deadline_s = time.monotonic() + _WITHIN_S
    try:
        while time.monotonic() < deadline_s:
            socket.recv(timeout=_WITHIN_S)
    except ConnectionClosed as end:
        if end.rcvd is not None:
            return end.rcvd.code, end.rcvd.reason
        raise
    raise AssertionError("it is still open")


@pytest.fixture
def worker(opened: OpenedHub) -> Iterator[Worker]:
    with edge(opened) as socket:
        yield Worker(opened, socket)


class Watching:
    """Somebody else's page, that hears the time all the time."""

    def __init__(self, socket: ClientConnection) -> None:
        self.newest_s = 0.0
        self._socket = socket
        self._thread = threading.Thread(target=self._hear)
        self._thread.start()

    def _hear(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                self.newest_s = json.loads(unpacked(self._socket.recv(decode=False)))["now_s"]

    def join(self) -> None:
        """Wait until it has heard its end."""
        self._thread.join()


@pytest.fixture(scope="module")
def watching(opened: OpenedHub) -> Iterator[Watching]:
    with page(opened) as socket:
        watching = Watching(socket)
        yield watching
        end_s = time.time()
        wait_until(lambda: watching.newest_s > end_s, within_s=_WITHIN_S)
    watching.join()
    assert "Traceback" not in opened.complaints.take()


@pytest.fixture(autouse=True)
def _goes_on(watching: Watching, opened: OpenedHub) -> Iterator[None]:
    """After each test the other page still hears the present time."""
    yield
    wait_until(lambda: time.time() - watching.newest_s < _AT_ONCE_S, within_s=_WITHIN_S)
    assert "Traceback" not in opened.complaints.take()


# --- workers -------------------------------------------------------------------------------


@_FEW
@given(said=_TEXTS)
def test_rubbish_of_a_worker_is_refused_and_its_next_message_taken(
    worker: Worker, said: str
) -> None:
    (refused,) = worker.answers(said)
    _is_refusal(refused)


@_FEW
@given(
    wrong=st.one_of(
        [
            spoiled(right, is_strict=lambda _: True)
            for right in (observation(), hello(), CAMERA_STATUS, RUNS_REVISION)
        ]
    )
)
def test_a_spoiled_message_of_a_worker_is_refused_or_taken_whole(
    opened: OpenedHub, worker: Worker, wrong: Spoiled
) -> None:
    answers = worker.answers(opened.json(wrong.document).decode())
    assert len(answers) <= 1
    if wrong.is_wrong:
        assert answers, "it was taken"
    for answer in answers:
        if answer["type"] != "accepted":
            _is_refusal(answer)


def test_an_extreme_number_anywhere_is_refused_or_taken(opened: OpenedHub, worker: Worker) -> None:
    extremes = with_an_extreme(observation(lines=[LINE]))
    for answer in worker.answers(*(opened.json(each).decode() for each in extremes)):
        if answer["type"] != "accepted":
            _is_refusal(answer)


@pytest.mark.parametrize("height_m", EXTREMES)
def test_an_extreme_height_in_the_hello_is_refused_or_taken(
    opened: OpenedHub, height_m: float
) -> None:
    with edge(opened) as socket:
        socket.send(opened.json(hello(height_m=height_m)).decode())
        answer = json.loads(socket.recv(timeout=_WITHIN_S))
    if answer["type"] != "welcome":
        _is_refusal(answer)


@_FEW
@given(said=_TEXTS)
def test_rubbish_before_the_hello_is_the_end_with_a_reason(opened: OpenedHub, said: str) -> None:
    with edge(opened) as socket:
        socket.send(said)
        _is_refusal(json.loads(socket.recv(timeout=_WITHIN_S)))
        code, reason = closed(socket)
    assert code == _BAD_MESSAGE
    assert reason.startswith("not greeted: ")


def _is_refusal(answer: dict[str, Any]) -> None:
    assert answer["type"] == "refused", answer
    assert answer["reason"].isprintable()
    assert 5 < len(answer["reason"]) <= 400


def _reading(**changes: Any) -> dict[str, Any]:
    return {**observation()["zones"][0], **changes}


_INFINITY = float("inf")


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (hello(), "'hello' came already"),
        (observation(camera_id="elsewhere"), "'elsewhere' was not in this worker's hello"),
        (observation(seq=-1), "seq: input should be greater than or equal to 0"),
        (observation(seq=2**53 + 1), "seq: input should be less than or equal to"),
        (observation(seq=10**30), "seq: input should be less than or equal to"),
        (observation(captured_at_s=_INFINITY), "captured_at_s: input should be a finite number"),
        (observation(no_such=1), "no_such: extra inputs are not permitted"),
        (observation(zones=[_reading(no_such=1)]), "no_such: extra inputs are not permitted"),
        (observation(zones=[_reading(), _reading()]), "junction"),
        (observation(zones=[_reading(zone_id="moon")]), "'moon' is not a zone of this site"),
        (observation(**{"a\nWARNING forged": 1}), "a\\nWARNING forged"),
        ({**CAMERA_STATUS, "camera_id": "elsewhere"}, "'elsewhere' was not in this worker's"),
        ({**CAMERA_STATUS, "status": "asleep"}, "status: input should be 'connecting'"),
        ({**CAMERA_STATUS, "detail": "x" * 301}, "detail: string should have at most 300"),
        ({**RUNS_REVISION, "revision": -1}, "revision: input should be greater than or equal"),
    ],
)
def test_a_wrong_message_is_refused_by_name_and_the_next_taken(
    opened: OpenedHub,
    worker: Worker,
    caplog: pytest.LogCaptureFixture,
    said: dict[str, Any],
    says: str,
) -> None:
    (refused,) = worker.answers(opened.json(said).decode())
    _is_refusal(refused)
    assert says in refused["reason"]
    assert f"refused a message: {refused['reason']}" in caplog.text, "it is in the log"


@pytest.mark.parametrize("field", ["count", "density_ppm2", "seen_share"])
def test_an_infinity_in_one_zone_refuses_that_message_and_holds_up_nobody(
    opened: OpenedHub, worker: Worker, field: str
) -> None:
    zones = [_reading(zone_id="west_path"), _reading(**{field: _INFINITY})]
    begun_s = time.monotonic()
    (refused,) = worker.answers(opened.json(observation(zones=zones)).decode())
    assert time.monotonic() - begun_s < _AT_ONCE_S
    assert f"zones.1.{field}: input should be a finite number" in refused["reason"]
    level = opened.hub.state.zone_state("junction")
    assert level.captured_at_s is not None
    assert time.time() - level.captured_at_s < _AT_ONCE_S, "the next message counts at once"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(observation(zones=[{}] * (MAX_MESSAGE_BYTES // 4)), id="empty zones"),
        pytest.param(
            observation(zones=[_reading(cells={"columns": ["x"] * 150_000})]), id="wrong cells"
        ),
        pytest.param(hello(camera_ids=[""] * (MAX_MESSAGE_BYTES // 5)), id="wrong cameras"),
        pytest.param(observation(**{f"a{i}": 0 for i in range(40_000)}), id="unknown fields"),
    ],
)
def test_what_is_wrong_a_million_times_is_said_at_once(
    opened: OpenedHub, worker: Worker, said: dict[str, Any]
) -> None:
    text = opened.json(said).decode()
    begun_s = time.monotonic()
    (refused,) = worker.answers(text)
    assert time.monotonic() - begun_s < _AT_ONCE_S
    _is_refusal(refused)


def test_bytes_of_a_worker_are_the_end_with_a_reason(
    opened: OpenedHub, caplog: pytest.LogCaptureFixture
) -> None:
    with edge(opened) as socket:
        socket.send(opened.json(hello()).decode())
        socket.recv(timeout=_WITHIN_S)
        socket.send(b"\x00\x01")
        assert closed(socket) == (_BAD_MESSAGE, "expected text, got bytes")
    assert "worker 'mast_1': closed: expected text, got bytes" in caplog.text
    with edge(opened) as socket:
        socket.send(b"\x00\x01")
        assert closed(socket) == (_BAD_MESSAGE, "not greeted: expected text, got bytes")


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        pytest.param(b"\x81\x82\0\0\0\0\xff\xfe", 1007, id="text that is no UTF-8"),
        pytest.param(b"\x83\x80\0\0\0\0", 1002, id="an opcode that there is not"),
        pytest.param(b"\x81\x02{}", 1002, id="without a mask"),
        pytest.param(b"\x81\xff" + b"\x7f" * 8 + b"\0\0\0\0", 1009, id="of 9 exabytes"),
    ],
)
@pytest.mark.parametrize("kind", ["worker 'mast_1'", "page of head"])
def test_a_frame_against_the_protocol_is_the_end_and_in_the_log(
    opened: OpenedHub, caplog: pytest.LogCaptureFixture, kind: str, frame: bytes, code: int
) -> None:
    with edge(opened) if kind.startswith("worker") else page(opened) as client:
        client.socket.sendall(frame)
        assert closed(client)[0] == code
    wait_until(lambda: f"{kind}: closed with {code}" in caplog.text, within_s=_WITHIN_S)


# --- pages ---------------------------------------------------------------------------------


@_FEW
@given(
    said=st.one_of(
        # Of these, only an empty object is something to watch: nothing.
        _TEXTS.filter(lambda text: text != "{}"),
        st.text(st.characters(min_codepoint=0x1F300, max_codepoint=0x1F5FF), min_size=50),
        st.binary(max_size=200),
    )
)
def test_rubbish_of_a_page_is_the_end_with_a_reason(opened: OpenedHub, said: str | bytes) -> None:
    with page(opened) as socket:
        socket.send(said)
        code, reason = closed(socket)
    assert code == _BAD_MESSAGE
    assert reason.startswith("expected what to watch: ")
    assert reason.isprintable()


@_FEW
@given(wrong=spoiled(WATCH, is_strict=lambda _: True))
def test_a_spoiled_message_of_a_page_is_the_end_or_taken(opened: OpenedHub, wrong: Spoiled) -> None:
    with page(opened) as socket:
        socket.send(opened.json(wrong.document).decode())
        if not wrong.is_wrong:
            # Where that was taken, this is the end.
            with contextlib.suppress(ConnectionClosed):
                socket.send("no watch")
        assert closed(socket)[0] == _BAD_MESSAGE


def test_the_end_of_a_page_is_in_the_log(
    opened: OpenedHub, caplog: pytest.LogCaptureFixture
) -> None:
    with page(opened) as socket:
        socket.send("a\nWARNING forged")
        closed(socket)
    (record,) = [each for each in caplog.records if "page of head: closed" in each.getMessage()]
    assert record.levelno == logging.WARNING
    assert "\n" not in record.getMessage()
