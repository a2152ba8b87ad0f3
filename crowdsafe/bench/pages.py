"""Pages as the hub knows them: signed-in websocket clients that look when a value comes."""

import json
import time
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect

from crowdsafe.bench.delays import Delays
from crowdsafe.bench.hub_process import BenchFailed, RunningHub
from crowdsafe.bench.sent import SAME_S, SentMoments

# Messages that came lately to one page and will come to others.
_REMEMBERED = 64


@dataclass(frozen=True)
class Told:
    """Zone values of one message: number of the zone, the moment shown, when it had left."""

    zones: NDArray[np.int64]
    moments_s: NDArray[np.float64]
    left_s: NDArray[np.float64]


class PageReader:
    """Reads what the hub tells pages; the same bytes are read once for all."""

    def __init__(self, moments: SentMoments, zone_ids: tuple[str, ...]) -> None:
        self.zone_ids = zone_ids
        self.unmatched = 0
        self._moments = moments
        self._numbers = {zone_id: number for number, zone_id in enumerate(zone_ids)}
        self._read: OrderedDict[str | bytes, Told | None] = OrderedDict()

    def read(self, message: str | bytes) -> Told | None:
        """Return the zone values of a message, None for a snapshot."""
        if message in self._read:
            return self._read[message]
        told = self._told(content(message))
        self._read[message] = told
        if len(self._read) > _REMEMBERED:
            self._read.popitem(last=False)
        return told

    def _told(self, message: dict[str, Any]) -> Told | None:
        if message["type"] != "change":
            return None
        found = []
        for zone_id, moment_s in _values(message, self.zone_ids):
            left_s = self._moments.left_at_s(zone_id, moment_s)
            if left_s is None:
                self.unmatched += 1
            else:
                found.append((self._numbers[zone_id], moment_s, left_s))
        columns = np.array(found, dtype=np.float64).reshape(-1, 3)
        return Told(
            zones=columns[:, 0].astype(np.int64), moments_s=columns[:, 1], left_s=columns[:, 2]
        )


def content(message: str | bytes) -> dict[str, Any]:
    """Return what a message of the hub says."""
    if isinstance(message, bytes):
        message = zlib.decompress(message, -zlib.MAX_WBITS)
    content: dict[str, Any] = json.loads(message)
    return content


def _values(message: dict[str, Any], zone_ids: tuple[str, ...]) -> list[tuple[str, float]]:
    """Return the zones of a change and the moments that they show."""
    values = [
        (state["zone_id"], state["captured_at_s"])
        for state in message["zone_states"]
        if state["captured_at_s"] is not None
    ]
    columns = message.get("zone_columns")
    if columns is not None:
        values += (
            (zone_ids[number], message["now_s"] - ago_ms / 1000)
            for number, ago_ms in zip(columns["zones"], columns["captured_ago_ms"], strict=True)
        )
    return values


class _CountedConnection(ClientConnection):
    """Counts what comes over the wire, before it is unpacked."""

    received = 0

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        super().data_received(data)


class Page:
    """One page.

    Attributes:
        snapshot_bytes: how much came over the wire to begin.
        messages: how many came since :meth:`begin`.
        told: zone values since then.
    """

    def __init__(self, reader: PageReader, shown: Delays) -> None:
        self.snapshot_bytes = 0
        self.messages = 0
        self.told = 0
        self._reader = reader
        self._shown = shown
        self._newest_s = np.zeros(len(reader.zone_ids))
        self._socket: _CountedConnection | None = None
        self._begun_at = 0

    async def open(self, hub: RunningHub) -> None:
        """Connect and take the snapshot."""
        socket = await connect(
            f"ws://{hub.address}/ws/page",
            additional_headers={"Cookie": hub.cookie},
            max_size=None,
            # Offered, as browsers do.
            compression="deflate",
            ping_interval=None,
            create_connection=_CountedConnection,
        )
        if not isinstance(socket, _CountedConnection):
            raise BenchFailed("page: the connection does not count")
        self._socket = socket
        first = await socket.recv()
        if content(first)["type"] != "snapshot":
            raise BenchFailed(f"page: the hub began with {first[:100]!r}, expected a snapshot")
        self.snapshot_bytes = socket.received

    async def close(self) -> None:
        """Go."""
        if self._socket is not None:
            await self._socket.close()

    def begin(self) -> None:
        """Count from here."""
        self.messages = self.told = 0
        self._begun_at = self._received()

    @property
    def bytes(self) -> int:
        """How much came over the wire since :meth:`begin`."""
        return self._received() - self._begun_at

    def _received(self) -> int:
        return 0 if self._socket is None else self._socket.received

    async def listen(self) -> None:
        """Take messages until the connection ends."""
        if self._socket is None:
            raise BenchFailed("page: is not connected")
        async for message in self._socket:
            now_s = time.time()
            self.messages += 1
            told = self._reader.read(message)
            if told is None:
                continue
            # A moment that is told again differs by the rounding of its age.
            new = told.moments_s > self._newest_s[told.zones] + SAME_S
            self._newest_s[told.zones[new]] = told.moments_s[new]
            self.told += int(new.sum())
            self._shown.add(now_s - told.left_s[new])
