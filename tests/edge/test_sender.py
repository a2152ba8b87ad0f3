"""The outbox, and sending against a real websocket server on loopback."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from crowdsafe.contract.edge_messages import (
    Accepted,
    CameraStatus,
    Hello,
    NewRevision,
    Observation,
    Refused,
    RunsRevision,
    Welcome,
)
from crowdsafe.edge.sender import Outbox, send
from crowdsafe.errors import HubRefused

_HELLO = Hello(worker="edge", version="0", detector="test", camera_ids=("a",))
Handler = Callable[[ServerConnection], Awaitable[None]]


def _observation(seq: int) -> Observation:
    return Observation(
        camera_id="a",
        seq=seq,
        captured_at_s=100.0 + seq,
        analysis_ms=1.0,
        frames_dropped=0,
        people_in_view=0,
        zones=(),
    )


async def _welcome(hub: ServerConnection) -> dict[str, Any]:
    hello = json.loads(await hub.recv())
    await hub.send(Welcome(site_id="site", now_s=1.0).model_dump_json())
    return dict(hello)


async def _run(handler: Handler, outbox: Outbox, until: asyncio.Event, token: str = "t") -> None:
    async def check(_: ServerConnection, request: Request) -> Response | None:
        if request.headers.get("Authorization") == "Bearer t":
            return None
        return Response(HTTPStatus.FORBIDDEN, "no", request.headers)

    async with serve(handler, "127.0.0.1", 0, process_request=check) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"ws://127.0.0.1:{port}/ws/edge"
        sending = asyncio.create_task(send(outbox, hub_url=url, token=token, hello=lambda: _HELLO))
        waiting = asyncio.create_task(until.wait())
        await asyncio.wait({sending, waiting}, timeout=10, return_when="FIRST_COMPLETED")
        waiting.cancel()
        if sending.done():
            await sending
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
    assert until.is_set()


def test_status_goes_first_then_the_newest_observation() -> None:
    async def scene() -> None:
        outbox = Outbox(size=10)
        for seq in range(3):
            outbox.put(_observation(seq))
        outbox.put(CameraStatus(camera_id="a", at_s=1.0, status="running"))
        taken = [await outbox.take() for _ in range(4)]
        assert [getattr(each, "seq", "status") for each in taken] == ["status", 2, 1, 0]

    asyncio.run(scene())


def test_which_revision_runs_goes_before_all_else_and_only_the_last_word_of_it() -> None:
    async def scene() -> None:
        outbox = Outbox(size=10)
        outbox.put(_observation(1))
        outbox.put(CameraStatus(camera_id="a", at_s=1.0, status="running"))
        for number in (1, 2):
            outbox.put(RunsRevision(revision=number))
        taken = [await outbox.take() for _ in range(3)]
        assert [each.type for each in taken] == ["runs_revision", "camera_status", "observation"]
        assert taken[0] == RunsRevision(revision=2)
        # A new connection's hello says it.
        outbox.send_again()
        assert (await outbox.take()).type == "camera_status"

    asyncio.run(scene())


def test_what_the_hub_publishes_is_heard_at_the_welcome_and_later() -> None:
    async def scene() -> None:
        outbox, done = Outbox(size=10), asyncio.Event()
        heard: list[tuple[int, int]] = []

        async def hub(connection: ServerConnection) -> None:
            assert json.loads(await connection.recv())["revision"] == 3
            large = {"site": "x" * 3_000_000}
            welcome = Welcome(site_id="site", now_s=1.0, revision=4, document=large)
            await connection.send(welcome.model_dump_json())
            await connection.send(NewRevision(revision=5, document={}).model_dump_json())
            await connection.send('{"type": "new_revision", "revision": 0, "document": {}}')
            await connection.send(NewRevision(revision=6, document={}).model_dump_json())
            await connection.wait_closed()

        def published(number: int, document: dict[str, Any]) -> None:
            heard.append((number, len(document)))
            if number == 6:
                done.set()

        hello = _HELLO.model_copy(update={"revision": 3})
        async with serve(hub, "127.0.0.1", 0) as server:
            url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws/edge"
            sending = asyncio.create_task(
                send(outbox, hub_url=url, token="t", hello=lambda: hello, published=published)
            )
            await asyncio.wait_for(done.wait(), 10)
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
        assert heard == [(4, 1), (5, 0), (6, 0)]

    asyncio.run(scene())


def test_a_full_outbox_lets_the_oldest_go_and_counts_it() -> None:
    async def scene() -> None:
        outbox = Outbox(size=2)
        for seq in range(5):
            outbox.put(_observation(seq))
        assert outbox.lost == 3
        assert [getattr(await outbox.take(), "seq", None) for _ in range(2)] == [4, 3]

    asyncio.run(scene())


def test_what_was_not_stored_is_sent_again_after_the_connection_broke() -> None:
    async def scene() -> None:
        outbox, done = Outbox(size=10), asyncio.Event()
        seen: list[list[int]] = []

        async def hub(connection: ServerConnection) -> None:
            assert (await _welcome(connection))["camera_ids"] == ["a"]
            seen.append([])
            for _ in range(3 - len(seen) + 1):
                message = json.loads(await connection.recv())
                seen[-1].append(message["seq"])
                if message["seq"] == 2:
                    accepted = Accepted(camera_id="a", seq=2)
                    await connection.send(accepted.model_dump_json())
            if len(seen) == 2:
                done.set()
                await connection.wait_closed()

        for seq in (1, 2, 3):
            outbox.put(_observation(seq))
        await _run(hub, outbox, done)
        assert seen == [[3, 2, 1], [3, 1]]

    asyncio.run(scene())


def test_a_message_tells_when_it_left_and_not_when_it_was_put_in_line() -> None:
    async def scene() -> None:
        outbox, done = Outbox(size=10), asyncio.Event()
        messages: list[dict[str, Any]] = []

        async def hub(connection: ServerConnection) -> None:
            messages.append(await _welcome(connection))
            messages.extend([json.loads(await connection.recv()) for _ in range(2)])
            done.set()
            await connection.wait_closed()

        outbox.put(_observation(1))
        outbox.put(CameraStatus(camera_id="a", at_s=1.0, status="running"))
        await asyncio.sleep(0.05)
        before_s, before_ticks_s = time.time(), time.monotonic()
        await _run(hub, outbox, done)
        assert [each["type"] for each in messages] == ["hello", "camera_status", "observation"]
        for each in messages:
            assert before_s <= each["sent_at_s"] <= time.time()
            assert before_ticks_s <= each["ticks_s"] <= time.monotonic()
        assert messages[2]["captured_at_s"] == 101.0

    asyncio.run(scene())


def test_what_the_hub_refuses_is_not_sent_again() -> None:
    async def scene() -> None:
        outbox, done = Outbox(size=10), asyncio.Event()

        async def hub(connection: ServerConnection) -> None:
            await _welcome(connection)
            await connection.recv()
            await connection.send("rubbish")
            refused = Refused(camera_id="a", seq=1, reason="no such zone")
            await connection.send(refused.model_dump_json())
            await asyncio.sleep(0.2)
            done.set()
            await connection.wait_closed()

        outbox.put(_observation(1))
        await _run(hub, outbox, done)
        outbox.send_again()
        outbox.put(_observation(2))
        assert getattr(await outbox.take(), "seq", None) == 2
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(outbox.take(), 0.05)

    asyncio.run(scene())


def test_a_wrong_token_is_final_and_said() -> None:
    async def scene() -> None:
        async def hub(connection: ServerConnection) -> None:
            await connection.wait_closed()

        with pytest.raises(HubRefused, match="does not know this worker's token"):
            await _run(hub, Outbox(size=1), asyncio.Event(), token="wrong")

    asyncio.run(scene())


def test_a_refused_hello_is_final_and_said() -> None:
    async def scene() -> None:
        async def hub(connection: ServerConnection) -> None:
            await connection.recv()
            refused = Refused(camera_id=None, seq=None, reason="'a' is not a camera of this site")
            await connection.send(refused.model_dump_json())
            await connection.wait_closed()

        with pytest.raises(HubRefused, match="'a' is not a camera"):
            await _run(hub, Outbox(size=1), asyncio.Event())

    asyncio.run(scene())


def test_a_welcome_that_is_not_understood_is_final_and_said() -> None:
    async def scene() -> None:
        async def hub(connection: ServerConnection) -> None:
            await connection.recv()
            await connection.send('{"type": "welcome", "site": 1}')
            await connection.wait_closed()

        with pytest.raises(HubRefused, match="its welcome was not understood"):
            await _run(hub, Outbox(size=1), asyncio.Event())

    asyncio.run(scene())
