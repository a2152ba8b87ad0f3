"""Notices as Server-Sent Events, read from the record.

An event's id is the number of its entry in the record: who comes back with ``Last-Event-ID`` gets
all that happened meanwhile, once and in order.
"""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

from sse_starlette import EventSourceResponse, ServerSentEvent

from crowdsafe.contract.notices import AlarmNotice, MeasureNotice
from crowdsafe.errors import BadInput, CrowdsafeError
from crowdsafe.hub.outbound.envelope import envelope_text, notice_type

_AT_A_TIME = 200
_SEQ = re.compile(r"[0-9]{1,15}")


class TooManyStreams(CrowdsafeError):
    """As many event streams are open as may be."""


class Entry(Protocol):
    """One entry of the record; ``detail`` is JSON."""

    @property
    def seq(self) -> int: ...
    @property
    def at_s(self) -> float: ...
    @property
    def actor(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def detail(self) -> str: ...


class Record(Protocol):
    """Where entries are read; each call blocks."""

    def entries(self, *, after_seq: int, limit: int) -> Sequence[Entry]:
        """Return the entries after a number, in order."""

    def last_seq(self) -> int:
        """Return the number of the newest entry, or 0."""


NoticeOf = Callable[[Entry], AlarmNotice | MeasureNotice | None]
"""Makes a notice of an entry; None: it is none for the outside."""


class EventStream:
    """All that listen to what happens."""

    def __init__(
        self,
        record: Record,
        notice_of: NoticeOf,
        *,
        at_most: int = 50,
        keep_alive_s: float = 15.0,
    ) -> None:
        """Take what is needed.

        Args:
            record: asked in threads.
            notice_of: called on the event loop.
            at_most: so many streams at a time.
            keep_alive_s: a comment is sent so often, and the right to listen looked at again.
        """
        self._record = record
        self._notice_of = notice_of
        self._at_most = at_most
        self._keep_alive_s = keep_alive_s
        self._listeners: set[asyncio.Event] = set()

    def ring(self) -> None:
        """Say, on the event loop, that there are new entries."""
        for listener in self._listeners:
            listener.set()

    async def response(
        self, *, last_event_id: str | None, still_allowed: Callable[[], Awaitable[bool]]
    ) -> EventSourceResponse:
        """Return an answer that never ends while the listener may listen.

        Args:
            last_event_id: header of the request; None: begin with what happens from now on.
            still_allowed: whether the listener's session still holds.

        Raises:
            BadInput: the header is not an id of this stream.
            TooManyStreams: too many listen already.
        """
        if last_event_id is not None and not _SEQ.fullmatch(last_event_id):
            raise BadInput(
                f"Last-Event-ID: '{last_event_id[:40]}', expected the id of an event, a number"
            )
        if len(self._listeners) >= self._at_most:
            raise TooManyStreams(f"{self._at_most} event streams are open, no more are possible")
        newest = await asyncio.to_thread(self._record.last_seq)
        after_seq = newest if last_event_id is None else int(last_event_id)
        # A number beyond the newest is of another record, which this one has replaced.
        events = self._events(min(after_seq, newest), still_allowed)
        return EventSourceResponse(events, ping=self._keep_alive_s)

    async def _events(
        self, after_seq: int, still_allowed: Callable[[], Awaitable[bool]]
    ) -> AsyncIterator[ServerSentEvent]:
        woken = asyncio.Event()
        self._listeners.add(woken)
        try:
            looked_at_s = time.monotonic()
            while True:
                woken.clear()
                entries = await asyncio.to_thread(
                    self._record.entries, after_seq=after_seq, limit=_AT_A_TIME
                )
                if entries and entries[0].seq > after_seq + 1:
                    yield _forgotten(after_seq + 1, entries[0].seq - 1)
                for entry in entries:
                    after_seq = entry.seq
                    notice = self._notice_of(entry)
                    if notice is not None:
                        yield ServerSentEvent(
                            envelope_text(notice), event=notice_type(notice), id=str(entry.seq)
                        )
                if len(entries) < _AT_A_TIME:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(self._keep_alive_s):
                            await woken.wait()
                if time.monotonic() - looked_at_s >= self._keep_alive_s:
                    looked_at_s = time.monotonic()
                    if not await still_allowed():
                        return
        finally:
            self._listeners.discard(woken)


def _forgotten(first_seq: int, last_seq: int) -> ServerSentEvent:
    """Say that the record does not keep these entries any more."""
    return ServerSentEvent(
        json.dumps({"first_id": first_seq, "last_id": last_seq}), event="record.forgotten"
    )
