"""Websockets: workers send observations, pages hear what changes."""

import asyncio
import contextlib
import logging
import time

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from crowdsafe.contract.messages import (
    EDGE_MESSAGE,
    Accepted,
    CameraStatus,
    Hello,
    Observation,
    Refused,
    Welcome,
)
from crowdsafe.contract.strict import first_problem
from crowdsafe.errors import BadInput
from crowdsafe.hub.auth import SESSION_COOKIE, Auth, NotSignedIn
from crowdsafe.hub.routes import WrongOrigin, refuse_other_origin
from crowdsafe.hub.service import Hub

_LOG = logging.getLogger(__name__)
_TELL_EVERY_S = 1.0
_MIN_BETWEEN_S = 0.2
_CHECK_SESSION_EVERY_S = 30.0
NOT_SIGNED_IN = 4401
WRONG_ORIGIN = 4403
BAD_MESSAGE = 4400


def sockets(hub: Hub, auth: Auth) -> APIRouter:
    """Return the websocket routes."""
    router = APIRouter()

    @router.websocket("/ws/edge")
    async def edge(socket: WebSocket) -> None:
        """One worker: hello first, then observations and camera statuses."""
        try:
            worker = await asyncio.to_thread(auth.worker, socket.headers.get("authorization"))
        except NotSignedIn:
            # Closing before accepting answers the handshake with 403.
            await socket.close()
            return
        await socket.accept()
        with contextlib.suppress(WebSocketDisconnect):
            await _Worker(hub, socket, worker).listen()

    @router.websocket("/ws/page")
    async def page(socket: WebSocket) -> None:
        """One page: the snapshot, then changes."""
        await socket.accept()
        try:
            refuse_other_origin(
                origin=socket.headers.get("origin"), host=socket.headers.get("host")
            )
            session = socket.cookies.get(SESSION_COOKIE)
            await asyncio.to_thread(auth.person, session, now_s=time.time())
        except NotSignedIn as error:
            await socket.close(NOT_SIGNED_IN, str(error))
            return
        except WrongOrigin as error:
            await socket.close(WRONG_ORIGIN, str(error))
            return
        telling = asyncio.create_task(_tell(hub, auth, socket, session))
        try:
            # A page says nothing; reading is how its going is noticed.
            while True:
                await socket.receive_text()
        except (WebSocketDisconnect, KeyError):
            telling.cancel()
        with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect):
            await telling

    return router


async def _tell(hub: Hub, auth: Auth, socket: WebSocket, session: str | None) -> None:
    page, snapshot = hub.open_page()
    next_check_s = time.monotonic() + _CHECK_SESSION_EVERY_S
    try:
        await socket.send_text(snapshot.model_dump_json())
        while True:
            change = await page.next_change(hub.state, at_least_every_s=_TELL_EVERY_S)
            await socket.send_text(change.model_dump_json())
            if time.monotonic() >= next_check_s:
                next_check_s = time.monotonic() + _CHECK_SESSION_EVERY_S
                try:
                    await asyncio.to_thread(auth.person, session, now_s=time.time())
                except NotSignedIn as error:
                    await socket.close(NOT_SIGNED_IN, str(error))
                    return
            # Many changes in one go cost a page less than each by itself.
            await asyncio.sleep(_MIN_BETWEEN_S)
    except (WebSocketDisconnect, RuntimeError) as error:
        # Starlette raises RuntimeError for a send after the page has gone.
        _LOG.debug("page: gone (%s)", error)
    finally:
        hub.close_page(page)


class _Worker:
    """One worker's connection."""

    def __init__(self, hub: Hub, socket: WebSocket, name: str) -> None:
        self._hub = hub
        self._socket = socket
        self._name = name
        self._camera_ids: frozenset[str] = frozenset()
        self._replies: asyncio.Queue[Accepted | Refused] = asyncio.Queue()

    async def listen(self) -> None:
        """Greet, then take messages until the worker goes."""
        if not await self._greeted():
            return
        replying = asyncio.create_task(self._reply_all())
        try:
            while True:
                self._take(await self._socket.receive_text())
        except KeyError:
            await self._socket.close(BAD_MESSAGE, "expected text, got bytes")
        finally:
            replying.cancel()
            with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await replying
            _LOG.info("worker '%s': gone", self._name)

    async def _greeted(self) -> bool:
        try:
            hello = EDGE_MESSAGE.validate_json(await self._socket.receive_text())
            if not isinstance(hello, Hello):
                raise BadInput(f"type: '{hello.type}', expected 'hello' first")
            if hello.worker != self._name:
                raise BadInput(f"worker: '{hello.worker}', but the token is of '{self._name}'")
            self._hub.hear_hello(hello)
        except (BadInput, ValidationError, KeyError) as error:
            reason = first_problem(error) if isinstance(error, ValidationError) else str(error)
            refused = Refused(camera_id=None, seq=None, reason=reason)
            await self._socket.send_text(refused.model_dump_json())
            await self._socket.close(BAD_MESSAGE, "not greeted")
            return False
        self._camera_ids = frozenset(hello.camera_ids)
        _LOG.info(
            "worker '%s': %d camera(s), %s", self._name, len(hello.camera_ids), hello.detector
        )
        welcome = Welcome(site_id=self._hub.site.id, now_s=time.time())
        await self._socket.send_text(welcome.model_dump_json())
        return True

    def _take(self, text: str) -> None:
        try:
            message = EDGE_MESSAGE.validate_json(text)
        except ValidationError as error:
            _LOG.warning("worker '%s': refused a message: %s", self._name, first_problem(error))
            self._replies.put_nowait(Refused(camera_id=None, seq=None, reason=first_problem(error)))
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
            _LOG.warning("worker '%s': refused a message: %s", self._name, error)
            self._replies.put_nowait(Refused(camera_id=camera_id, seq=seq, reason=str(error)))

    async def _reply_all(self) -> None:
        while True:
            reply = await self._replies.get()
            await self._socket.send_text(reply.model_dump_json())
