"""Observations to the hub over one websocket, kept until the hub has stored them."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from crowdsafe.contract.edge_messages import (
    HUB_REPLY,
    MAX_REPLY_BYTES,
    Accepted,
    CameraStatus,
    Hello,
    NewRevision,
    Observation,
    Refused,
    RunsRevision,
    Welcome,
)
from crowdsafe.contract.strict import first_problem
from crowdsafe.errors import HubRefused

_LOG = logging.getLogger(__name__)
_CLOSE_WITHIN_S = 2.0


class Outbox:
    """What the hub has not yet stored, the newest first in line; the oldest falls out when full."""

    def __init__(self, *, size: int) -> None:
        self._kept: deque[Observation] = deque(maxlen=size)
        self._waiting: deque[Observation] = deque(maxlen=size)
        self._statuses: dict[str, CameraStatus] = {}
        self._new_statuses: set[str] = set()
        self._runs: RunsRevision | None = None
        self._something = asyncio.Event()
        self.lost = 0

    def put(self, message: Observation | CameraStatus | RunsRevision) -> None:
        """Take one message; call it on the event loop."""
        if isinstance(message, RunsRevision):
            self._runs = message
        elif isinstance(message, CameraStatus):
            self._statuses[message.camera_id] = message
            self._new_statuses.add(message.camera_id)
        else:
            if len(self._kept) == self._kept.maxlen:
                self.lost += 1
            self._kept.append(message)
            self._waiting.append(message)
        self._something.set()

    async def take(self) -> Observation | CameraStatus | RunsRevision:
        """Return what is to be sent next: revision, then status, then the newest observation."""
        while True:
            if self._runs is not None:
                runs, self._runs = self._runs, None
                return runs
            if self._new_statuses:
                return self._statuses[self._new_statuses.pop()]
            if self._waiting:
                return self._waiting.pop()
            self._something.clear()
            await self._something.wait()

    def stored(self, camera_id: str, seq: int) -> None:
        """Forget one observation that the hub has stored or refused for good."""
        for message in self._kept:
            if message.camera_id == camera_id and message.seq == seq:
                self._kept.remove(message)
                return

    def send_again(self) -> None:
        """Put everything that was not stored in line once more, for a new connection.

        The revision that runs is in the hello.
        """
        self._waiting = deque(self._kept, maxlen=self._kept.maxlen)
        self._new_statuses = set(self._statuses)
        self._something.set()


async def send(
    outbox: Outbox,
    *,
    hub_url: str,
    token: str,
    hello: Callable[[], Hello],
    published: Callable[[int, dict[str, Any]], None] = lambda _number, _document: None,
    connected: Callable[[], None] = lambda: None,
) -> None:
    """Keep a connection to the hub and send what the outbox holds, for ever.

    A hub that is away is tried again with growing pauses (by the websockets library).

    Args:
        outbox: what is to be sent.
        hub_url: the hub's websocket.
        token: of the worker.
        hello: the first message of a new connection.
        published: hears of a revision of the site that the worker does not run.
        connected: hears of each connection.

    Raises:
        HubRefused: the hub knows neither the token nor a camera; trying again would not help.
    """
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async for hub in connect(
            hub_url,
            additional_headers=headers,
            max_size=MAX_REPLY_BYTES,
            open_timeout=5,
            close_timeout=_CLOSE_WITHIN_S,
        ):
            try:
                # Whoever cancels this leaves no connection open.
                async with hub:
                    await hub.send(_stamped(hello()))
                    await _welcome(hub, published)
                    connected()
                    outbox.send_again()
                    async with asyncio.TaskGroup() as both:
                        both.create_task(_send_all(hub, outbox))
                        both.create_task(_hear(hub, outbox, published))
            except* ConnectionClosed as closed:
                _LOG.warning("hub: connection closed (%s), trying again", closed.exceptions[0])
    except InvalidStatus as error:
        status = error.response.status_code
        if status in (401, 403):
            raise HubRefused(f"{hub_url}: the hub does not know this worker's token") from None
        raise HubRefused(f"{hub_url}: answered {status}, expected the hub's websocket") from None


async def _welcome(hub: ClientConnection, published: Callable[[int, dict[str, Any]], None]) -> None:
    try:
        reply = HUB_REPLY.validate_json(await hub.recv())
    except ValidationError as error:
        raise HubRefused(f"hub: its welcome was not understood ({first_problem(error)})") from None
    if isinstance(reply, Refused):
        raise HubRefused(f"hub: {reply.reason}")
    if isinstance(reply, Welcome):
        _LOG.info("hub: connected to site '%s'", reply.site_id)
        if reply.revision is not None and reply.document is not None:
            published(reply.revision, reply.document)


def _stamped(message: Hello | Observation | CameraStatus | RunsRevision) -> str:
    """Return a message as it leaves now."""
    now = {"sent_at_s": time.time(), "ticks_s": time.monotonic()}
    return message.model_copy(update=now).model_dump_json()


async def _send_all(hub: ClientConnection, outbox: Outbox) -> None:
    while True:
        message = await outbox.take()
        await hub.send(_stamped(message))


async def _hear(
    hub: ClientConnection, outbox: Outbox, published: Callable[[int, dict[str, Any]], None]
) -> None:
    while True:
        text = await hub.recv()
        try:
            reply = HUB_REPLY.validate_json(text)
        except ValidationError as error:
            _LOG.warning("hub: an answer was not understood (%s)", first_problem(error))
            continue
        if isinstance(reply, Accepted):
            outbox.stored(reply.camera_id, reply.seq)
        elif isinstance(reply, NewRevision):
            published(reply.revision, reply.document)
        elif isinstance(reply, Refused):
            _LOG.warning("hub: refused an observation: %s", reply.reason)
            if reply.camera_id is not None and reply.seq is not None:
                outbox.stored(reply.camera_id, reply.seq)
