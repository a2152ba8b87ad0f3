"""Workers as the hub knows them: websocket clients that send observations and hear replies."""

import asyncio
import json
import time
from collections.abc import Sequence

from websockets.asyncio.client import ClientConnection, connect

from crowdsafe.bench.delays import Delays
from crowdsafe.bench.hub_process import BenchFailed, RunningHub
from crowdsafe.bench.observations import ObservationText
from crowdsafe.bench.sent import SentMoments

_HEAD_HEIGHT_M = 1.7


class Worker:
    """One connection with some cameras.

    Attributes:
        sent: observations so far.
        accepted: how many of these the hub wrote.
        refused: what it did not take, in its words.
        written: from sending to the hub's word that it is written.
    """

    def __init__(self, name: str, cameras: Sequence[ObservationText]) -> None:
        self.name = name
        self.sent = 0
        self.accepted = 0
        self.refused: list[str] = []
        self.written = Delays()
        self._cameras = tuple(cameras)
        self._seqs = dict.fromkeys((each.camera.id for each in cameras), 0)
        self._left: dict[tuple[str, int], float] = {}
        self._socket: ClientConnection | None = None
        self._heard = asyncio.Event()

    async def open(self, hub: RunningHub) -> None:
        """Connect and say hello. Raises BenchFailed when the hub does not welcome it."""
        self._socket = await connect(
            f"ws://{hub.address}/ws/edge",
            additional_headers={"Authorization": f"Bearer {hub.tokens[self.name]}"},
            max_size=None,
            compression=None,
            ping_interval=None,
        )
        hello = {
            "type": "hello",
            "worker": self.name,
            "version": "bench",
            "detector": "bench",
            "camera_ids": [each.camera.id for each in self._cameras],
            "height_m": _HEAD_HEIGHT_M,
        }
        await self._socket.send(json.dumps(hello))
        reply = json.loads(await self._socket.recv())
        if reply["type"] != "welcome":
            raise BenchFailed(f"worker '{self.name}': the hub said {reply}")
        for each in self._cameras:
            each.of_revision(reply["revision"])

    async def close(self) -> None:
        """Go."""
        if self._socket is not None:
            await self._socket.close()

    async def send(self, camera: ObservationText, *, moments: SentMoments | None = None) -> None:
        """Send an observation of now."""
        if self._socket is None:
            raise BenchFailed(f"worker '{self.name}': is not connected")
        camera_id = camera.camera.id
        seq = self._seqs[camera_id] = self._seqs[camera_id] + 1
        now_s = time.time()
        text = camera.at(seq=seq, captured_at_s=now_s, sent_at_s=now_s, ticks_s=time.monotonic())
        if moments is not None:
            moments.note(camera_id, captured_at_s=now_s, sent_at_s=now_s)
        self._left[camera_id, seq] = now_s
        self.sent += 1
        await self._socket.send(text)

    async def hear(self) -> None:
        """Take the hub's replies until the connection ends."""
        if self._socket is None:
            raise BenchFailed(f"worker '{self.name}': is not connected")
        async for text in self._socket:
            reply = json.loads(text)
            left_s = self._left.pop((reply["camera_id"], reply["seq"]), None)
            if reply["type"] == "accepted" and left_s is not None:
                self.accepted += 1
                self.written.add_one(time.time() - left_s)
            else:
                self.refused.append(str(reply.get("reason", reply)))
            self._heard.set()

    async def answered(self, number: int, *, within_s: float) -> bool:
        """Wait until so many replies came; say whether they did."""
        deadline_s = time.monotonic() + within_s
        while self.accepted + len(self.refused) < number:
            self._heard.clear()
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                return False
            try:
                # Not wait_for, which on Python 3.11 may swallow that it was cancelled.
                async with asyncio.timeout(left_s):
                    await self._heard.wait()
            except TimeoutError:
                return False
        return True

    async def at_a_rate(self, *, per_s: float, until_s: float, moments: SentMoments) -> None:
        """Send of each camera so often, evenly spread, until a time (monotonic)."""
        step_s = 1.0 / (per_s * len(self._cameras))
        # Workers do not begin at the same moment.
        next_s = time.monotonic() + step_s * (hash(self.name) % 97) / 97
        while True:
            for camera in self._cameras:
                await asyncio.sleep(max(0.0, next_s - time.monotonic()))
                if next_s >= until_s:
                    return
                await self.send(camera, moments=moments)
                next_s += step_s

    async def as_fast_as_it_goes(self, *, until_s: float, waiting: int) -> None:
        """Send with at most ``waiting`` observations unanswered, until a time (monotonic)."""
        while True:
            for camera in self._cameras:
                if time.monotonic() >= until_s:
                    return
                if not await self.answered(self.sent - waiting + 1, within_s=60.0):
                    raise BenchFailed(f"worker '{self.name}': the hub answered nothing for 60 s")
                await self.send(camera)
