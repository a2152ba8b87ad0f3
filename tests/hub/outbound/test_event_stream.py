"""Server-Sent Events over a real HTTP server, from a real record."""

import asyncio
import itertools
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import httpx
import pytest
from fastapi import FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse

from crowdsafe.contract.alarms import Alarm
from crowdsafe.contract.notices import AlarmNotice
from crowdsafe.errors import BadInput
from crowdsafe.hub.outbound.event_stream import Entry, EventStream, TooManyStreams
from crowdsafe.hub.store import AlarmEventRow, AuditEntry, Batch, KeepDays, Store
from tests.hub.outbound.http_target import loopback, serving
from tests.hub.outbound.kept import Kept
from tests.hub.outbound.notices import AT_S, alarm, alarm_notice

KEEP_ALIVE_S = 0.2


def notice_of(entry: Entry) -> AlarmNotice | None:
    """As the hub does it: alarm events are notices, the rest of the record is not."""
    kind, _, event = entry.action.partition(".")
    if kind != "alarm":
        return None
    return alarm_notice(
        event,
        id=f"entry-{entry.seq}",
        at_s=entry.at_s,
        alarm=Alarm.model_validate_json(entry.detail),
    )


@dataclass
class Event:
    id: str | None
    name: str
    data: dict[str, object]


@dataclass
class Hub:
    """A server with the stream, and the means to let something happen."""

    store: Store
    stream: EventStream
    url: str = ""
    loop: asyncio.AbstractEventLoop | None = None
    allowed: bool = True
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def happen(self, *events: str) -> None:
        """Keep events of alarms, then ring."""
        rows = tuple(AlarmEventRow(alarm(id=next(self.numbers)), each, AT_S) for each in events)
        self.store.write(Batch(alarms=rows))
        assert self.loop is not None
        self.loop.call_soon_threadsafe(self.stream.ring)

    def listeners(self) -> int:
        return len(self.stream._listeners)


@contextmanager
def hub_of(store: Store, *, at_most: int = 50) -> Iterator[Hub]:
    stream = EventStream(store.audit, notice_of, at_most=at_most, keep_alive_s=KEEP_ALIVE_S)
    hub = Hub(store, stream)
    app = FastAPI()

    @app.get("/api/events/stream")
    async def events(last_event_id: str | None = Header(None)) -> Response:
        hub.loop = asyncio.get_running_loop()

        async def still_allowed() -> bool:
            return hub.allowed

        try:
            return await stream.response(last_event_id=last_event_id, still_allowed=still_allowed)
        except (BadInput, TooManyStreams) as error:
            return JSONResponse({"error": str(error)}, 422)

    @app.middleware("http")
    async def headers(request: Request, call_next):  # type: ignore[no-untyped-def]
        return await call_next(request)

    listener = loopback()
    hub.url = f"http://127.0.0.1:{listener.getsockname()[1]}/api/events/stream"
    with serving(app, listener):
        yield hub


class Listener:
    """Reads a stream in a thread until it ends or is closed."""

    def __init__(self, hub: Hub, last_event_id: str | None = None) -> None:
        self.events: list[Event] = []
        self.keep_alives = 0
        self.ended = threading.Event()
        self._hub = hub
        self._headers = {} if last_event_id is None else {"Last-Event-ID": last_event_id}
        self._leaves = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        before = hub.listeners()
        self._thread.start()
        wait_until(lambda: hub.listeners() > before or self.ended.is_set())

    def _read(self) -> None:
        got: dict[str, str] = {}
        with (
            httpx.Client(timeout=10) as client,
            client.stream("GET", self._hub.url, headers=self._headers) as answer,
        ):
            assert answer.headers["content-type"].startswith("text/event-stream")
            for line in answer.iter_lines():
                if line.startswith(":"):
                    self.keep_alives += 1
                elif line:
                    name, _, value = line.partition(": ")
                    got[name] = value
                elif got:
                    event = Event(got.get("id"), got["event"], json.loads(got["data"]))
                    self.events.append(event)
                    got = {}
                if self._leaves.is_set():
                    break
        self.ended.set()

    def close(self) -> None:
        """Leave with the next line, which a keep-alive brings at the latest."""
        self._leaves.set()
        self._thread.join(10)


def wait_until(true, within_s: float = 5.0) -> None:  # type: ignore[no-untyped-def]
    deadline_s = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline_s, f"not within {within_s:g} s"
        time.sleep(0.005)


@pytest.fixture
def hub(kept: Kept) -> Iterator[Hub]:
    with hub_of(kept.store) as hub:
        yield hub


def test_what_happens_is_told_at_once_and_in_order(hub: Hub) -> None:
    hub.store.write(Batch(alarms=(AlarmEventRow(alarm(id=99), "raised", AT_S),)))
    listener = Listener(hub)
    hub.happen("raised")
    wait_until(lambda: len(listener.events) == 1)
    hub.store.audit.append(AuditEntry(AT_S, "ada", "person.added", "person/bob"))
    hub.happen("acknowledged", "returned", "ended")
    wait_until(lambda: len(listener.events) == 4)
    assert [each.name for each in listener.events] == [
        "alarm.raised",
        "alarm.acknowledged",
        "alarm.returned",
        "alarm.ended",
    ]
    # Entry 1 was before the listener came, entry 3 is none for the outside.
    assert [each.id for each in listener.events] == ["2", "4", "5", "6"]
    data = listener.events[0].data["data"]
    assert AlarmNotice.model_validate(data).alarm.id == 1
    listener.close()


def test_who_comes_back_gets_what_was_missed_once(hub: Hub) -> None:
    first = Listener(hub)
    hub.happen(*["raised"] * 3)
    wait_until(lambda: len(first.events) == 3)
    first.close()
    # More than are read at a time.
    hub.happen(*["raised"] * 450)
    again = Listener(hub, last_event_id=first.events[1].id)
    wait_until(lambda: len(again.events) == 451)
    hub.happen("ended")
    wait_until(lambda: len(again.events) == 452)
    assert [each.id for each in again.events] == [str(seq) for seq in range(3, 455)]
    again.close()


def test_a_silent_stream_is_kept_alive_and_let_go(hub: Hub) -> None:
    listener = Listener(hub)
    wait_until(lambda: listener.keep_alives >= 2)
    assert hub.listeners() == 1
    listener.close()
    wait_until(lambda: hub.listeners() == 0)


def test_it_ends_with_the_session(hub: Hub) -> None:
    listener = Listener(hub)
    hub.allowed = False
    assert listener.ended.wait(5)
    wait_until(lambda: hub.listeners() == 0)


def test_busy_streams_end_with_the_session_too(hub: Hub) -> None:
    listener = Listener(hub)
    hub.allowed = False
    deadline_s = time.monotonic() + 10
    while not listener.ended.is_set():
        assert time.monotonic() < deadline_s
        hub.happen("raised")


@pytest.mark.parametrize("header", ["", "-1", "abc", "1.5", "9" * 16, "1; DROP"])
def test_a_wrong_id_is_refused_in_one_sentence(hub: Hub, header: str) -> None:
    answer = httpx.get(hub.url, headers={"Last-Event-ID": header}, timeout=5)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("Last-Event-ID: '")
    assert "expected the id of an event, a number" in answer.json()["error"]


def test_an_id_of_another_record_begins_with_the_newest(hub: Hub) -> None:
    hub.store.write(Batch(alarms=(AlarmEventRow(alarm(id=99), "raised", AT_S),)))
    listener = Listener(hub, last_event_id="999999")
    hub.happen("ended")
    wait_until(lambda: len(listener.events) == 1)
    assert listener.events[0].id == "2"
    listener.close()


def test_too_many_are_refused_and_place_is_free_again(kept: Kept) -> None:
    with hub_of(kept.store, at_most=2) as hub:
        first, second = Listener(hub), Listener(hub)
        answer = httpx.get(hub.url, timeout=5)
        assert answer.status_code == 422
        assert answer.json() == {"error": "2 event streams are open, no more are possible"}
        first.close()
        wait_until(lambda: hub.listeners() == 1)
        third = Listener(hub)
        hub.happen("raised")
        wait_until(lambda: len(third.events) == 1 and len(second.events) == 1)
        second.close()
        third.close()


def test_what_the_record_forgot_is_said(kept: Kept) -> None:
    with hub_of(kept.store) as hub:
        for at_s in (AT_S - 9e7,) * 3 + (AT_S,) * 2:
            kept.store.write(Batch(alarms=(AlarmEventRow(alarm(), "raised", at_s),)))
        kept.store.forget(AT_S, replace(KeepDays(), audit=1.0))
        listener = Listener(hub, last_event_id="1")
        wait_until(lambda: len(listener.events) == 3)
        assert listener.events[0] == Event(None, "record.forgotten", {"first_id": 2, "last_id": 3})
        assert [each.id for each in listener.events[1:]] == ["4", "5"]
        listener.close()
