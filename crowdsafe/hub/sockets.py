"""Websockets: workers send observations, pages hear what changes."""

import asyncio
import contextlib
import itertools
import logging
import time

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from crowdsafe.contract.edge_messages import (
    EDGE_MESSAGE,
    Accepted,
    CameraStatus,
    Hello,
    NewRevision,
    Observation,
    Refused,
    RunsRevision,
)
from crowdsafe.contract.page_messages import MAX_WATCH_BYTES, Watch
from crowdsafe.contract.strict import first_problem
from crowdsafe.errors import BadInput
from crowdsafe.hub.access.auth import SESSION_COOKIE, Auth, NotSignedIn
from crowdsafe.hub.access.rights import NotAllowed, refuse_without
from crowdsafe.hub.access.worker_keys import WorkerKey
from crowdsafe.hub.page_feed import Page
from crowdsafe.hub.requests import WrongOrigin, refuse_other_origin
from crowdsafe.hub.revision_feed import WorkerLine
from crowdsafe.hub.sentence import close_reason, one_sentence
from crowdsafe.hub.service import Hub

_LOG = logging.getLogger(__name__)
_CHECK_SESSION_EVERY_S = 5.0
_CHECK_KEY_EVERY_S = 2.0
NOT_SIGNED_IN = 4401
NOT_ALLOWED = 4403
BAD_MESSAGE = 4400
# The server's own: against the protocol, no UTF-8, too large.
_BROKEN = (1002, 1007, 1009)
_BYTES = "expected text, got bytes"
# Whoever sends without reading what is answered would fill the memory with it.
_MAX_UNREAD = 20_000


def sockets(hub: Hub, auth: Auth) -> APIRouter:
    """Return the websocket routes."""
    router = APIRouter()
    connections = itertools.count(1)

    @router.websocket("/ws/edge")
    async def edge(socket: WebSocket) -> None:
        """One worker: hello first, then observations and camera statuses."""
        try:
            key = await asyncio.to_thread(auth.worker_key, socket.headers.get("authorization"))
        except NotSignedIn:
            # Closing before accepting answers the handshake with 403.
            await socket.close()
            return
        await socket.accept()
        with contextlib.suppress(WebSocketDisconnect):
            await _Worker(hub, auth, socket, key, connection=next(connections)).listen()

    @router.websocket("/ws/page")
    async def page(socket: WebSocket) -> None:
        """One page: the snapshot, then changes."""
        await socket.accept()
        try:
            refuse_other_origin(
                origin=socket.headers.get("origin"), host=socket.headers.get("host")
            )
            session = socket.cookies.get(SESSION_COOKIE)
            person = await asyncio.to_thread(auth.person, session, now_s=time.time())
            refuse_without(person, "look")
        except NotSignedIn as error:
            await socket.close(NOT_SIGNED_IN, str(error))
            return
        except (WrongOrigin, NotAllowed) as error:
            await socket.close(NOT_ALLOWED, str(error))
            return
        of = f"page of {person.name}"
        open_page = hub.pages.open(person)
        telling = asyncio.create_task(_tell(hub, auth, socket, session, open_page))
        try:
            while True:
                watch = _watch(await _text(socket, of=of))
                open_page.watch(zone_id=watch.zone_id, cells=watch.cells)
        except BadInput as error:
            said = one_sentence(str(error))
            _LOG.warning("%s: closed, it said %s", of, said)
            await socket.close(BAD_MESSAGE, close_reason(f"expected what to watch: {said}"))
        except WebSocketDisconnect:
            _LOG.debug("%s: gone", of)
        finally:
            telling.cancel()
        with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect):
            await telling

    return router


async def _text(socket: WebSocket, *, of: str) -> str:
    """Return the next message. Raises BadInput for one of bytes, WebSocketDisconnect at the end."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        code, reason = message["code"], message.get("reason") or ""
        if code in _BROKEN:
            _LOG.warning("%s: closed with %d %s", of, code, one_sentence(reason))
        raise WebSocketDisconnect(code, reason)
    text = message.get("text")
    if text is None:
        raise BadInput(_BYTES)
    return str(text)


def _watch(text: str) -> Watch:
    if len(text) > MAX_WATCH_BYTES:
        raise BadInput(f"{len(text)} characters, expected at most {MAX_WATCH_BYTES}")
    try:
        return Watch.model_validate_json(text)
    except ValidationError as error:
        raise BadInput(first_problem(error)) from None


async def _tell(hub: Hub, auth: Auth, socket: WebSocket, session: str | None, page: Page) -> None:
    next_check_s = time.monotonic() + _CHECK_SESSION_EVERY_S
    try:
        while True:
            for message in await hub.pages.messages(page):
                await socket.send_bytes(message)
            if time.monotonic() >= next_check_s:
                next_check_s = time.monotonic() + _CHECK_SESSION_EVERY_S
                try:
                    await asyncio.to_thread(auth.person, session, now_s=time.time())
                except NotSignedIn as error:
                    await socket.close(NOT_SIGNED_IN, str(error))
                    return
    except (WebSocketDisconnect, RuntimeError) as error:
        # Starlette raises RuntimeError for a send after the page has gone.
        _LOG.debug("page: gone (%s)", error)
    finally:
        hub.pages.close(page)


class _Worker:
    """One worker's connection."""

    def __init__(
        self, hub: Hub, auth: Auth, socket: WebSocket, key: WorkerKey, *, connection: int
    ) -> None:
        self._hub = hub
        self._auth = auth
        self._socket = socket
        self._key = key
        self._name = key.name
        self._connection = connection
        self._camera_ids: frozenset[str] = frozenset()
        self._line: WorkerLine | None = None
        self._replies: asyncio.Queue[Accepted | Refused | NewRevision] = asyncio.Queue()

    async def listen(self) -> None:
        """Greet, then take messages until the worker goes."""
        if not await self._greeted():
            return
        replying = asyncio.create_task(self._reply_all())
        checking = asyncio.create_task(self._close_when_revoked())
        try:
            while True:
                self._take(await self._text())
                if self._replies.qsize() > _MAX_UNREAD:
                    raise BadInput(f"{_MAX_UNREAD} answers wait, expected that they are read")
        except BadInput as error:
            _LOG.warning("worker '%s': closed: %s", self._name, error)
            await self._socket.close(BAD_MESSAGE, close_reason(str(error)))
        finally:
            for task in (replying, checking):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                    await task
            self._hub.leave(self._line)
            self._hub.lose_worker(self._name, connection=self._connection)
            _LOG.info("worker '%s': gone", self._name)

    async def _text(self) -> str:
        return await _text(self._socket, of=f"worker '{self._name}'")

    async def _greeted(self) -> bool:
        try:
            hello = EDGE_MESSAGE.validate_json(await self._text())
            if not isinstance(hello, Hello):
                raise BadInput(f"type: '{hello.type}', expected 'hello' first")
            if hello.worker != self._name:
                raise BadInput(f"worker: '{hello.worker}', but the token is of '{self._name}'")
            self._hub.hear_hello(hello, connection=self._connection)
        except (BadInput, ValidationError) as error:
            refused = self._refused(error)
            await self._socket.send_text(refused.model_dump_json())
            await self._socket.close(BAD_MESSAGE, close_reason(f"not greeted: {refused.reason}"))
            return False
        self._camera_ids = frozenset(hello.camera_ids)
        _LOG.info(
            "worker '%s': %d camera(s), %s", self._name, len(hello.camera_ids), hello.detector
        )
        welcome, self._line = self._hub.welcome(hello, self._replies.put_nowait)
        await self._socket.send_text(welcome.model_dump_json())
        return True

    def _take(self, text: str) -> None:
        try:
            message = EDGE_MESSAGE.validate_json(text)
        except ValidationError as error:
            self._replies.put_nowait(self._refused(error))
            return
        if isinstance(message, RunsRevision):
            self._hub.hear_runs(message, worker=self._name)
            return
        seq = message.seq if isinstance(message, Observation) else None
        camera_id = None if isinstance(message, Hello) else message.camera_id
        try:
            if isinstance(message, Hello):
                raise BadInput("type: 'hello' came already")
            if message.camera_id not in self._camera_ids:
                raise BadInput(f"camera_id: '{message.camera_id}' was not in this worker's hello")
            if isinstance(message, CameraStatus):
                self._hub.hear_status(message, worker=self._name)
                return
            accepted = Accepted(camera_id=message.camera_id, seq=message.seq)
            self._hub.take_observation(
                message,
                worker=self._name,
                stored=lambda: self._replies.put_nowait(accepted),
            )
        except BadInput as error:
            self._replies.put_nowait(self._refused(error, camera_id=camera_id, seq=seq))

    def _refused(
        self,
        error: BadInput | ValidationError,
        *,
        camera_id: str | None = None,
        seq: int | None = None,
    ) -> Refused:
        problem = first_problem(error) if isinstance(error, ValidationError) else str(error)
        reason = one_sentence(problem)
        _LOG.warning("worker '%s': refused a message: %s", self._name, reason)
        return Refused(camera_id=camera_id, seq=seq, reason=reason)

    async def _close_when_revoked(self) -> None:
        while True:
            await asyncio.sleep(_CHECK_KEY_EVERY_S)
            if not await asyncio.to_thread(self._auth.worker_is_known, self._key):
                _LOG.warning("worker '%s': its key was revoked, closed", self._name)
                await self._socket.close(NOT_ALLOWED, "the key was revoked")
                return

    async def _reply_all(self) -> None:
        while True:
            reply = await self._replies.get()
            await self._socket.send_text(reply.model_dump_json())
