"""A worker, a page and an operator of a hub that may die at any moment."""

import asyncio
import json
import random
import time
from itertools import count
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from crowdsafe.bench.site_files import BenchCamera
from crowdsafe.hub.page_feed import unpacked
from tests.faults.killed_hub import (
    CRITICAL_PPM2,
    HYSTERESIS_PPM2,
    MEASURE,
    TIGHT_PPM2,
    WORKER,
    KilledHub,
)
from tests.faults.told import Told, measure, transition

IN_BETWEEN_PPM2 = TIGHT_PPM2 - HYSTERESIS_PPM2 / 2
"""Tight where it was, and not tight where it was not."""
_DENSITIES_PPM2 = (0.2, 0.2, TIGHT_PPM2 + 0.5, CRITICAL_PPM2 + 0.5)
_EVERY_S = 0.08
# How likely a zone has another density in the next picture.
_CHANGES = 0.2
_SHELVED_S = 600.0

Alarm = dict[str, Any]


class FaultPage:
    """A page: what it was told last of alarms and levels."""

    def __init__(self, socket: ClientConnection, told: Told) -> None:
        self.alarms: dict[int, Alarm] = {}
        self.first_alarms: dict[int, Alarm] = {}
        self.levels: dict[str, str] = {}
        self.changed = asyncio.Event()
        self.gone = False
        self._socket = socket
        self._told = told

    @classmethod
    async def open(cls, hub: KilledHub, told: Told) -> "FaultPage":
        """Connect and take the snapshot."""
        socket = await connect(
            f"ws://{hub.host}/ws/page", additional_headers={"Cookie": hub.cookie}, max_size=None
        )
        page = cls(socket, told)
        page._take(await socket.recv())
        page.first_alarms = dict(page.alarms)
        return page

    async def listen(self) -> None:
        """Take messages until the hub is gone."""
        try:
            async for message in self._socket:
                self._take(message)
        except ConnectionClosed:
            pass
        self.gone = True
        self.changed.set()

    def _take(self, message: str | bytes) -> None:
        assert isinstance(message, bytes)
        content = json.loads(unpacked(message))
        self._told.page(content["alarms"])
        self.alarms |= {alarm["id"]: alarm for alarm in content["alarms"]}
        for state in content["zone_states"]:
            self.levels[state["zone_id"]] = state["level"]
        self.changed.set()


class FaultWorker:
    """A worker whose zones are crowded and empty in turn."""

    def __init__(self, hub: KilledHub, told: Told, rng: random.Random, seqs: "count[int]") -> None:
        self._hub = hub
        self._told = told
        self._rng = rng
        self._seqs = seqs
        self._densities = {zone.id: IN_BETWEEN_PPM2 for zone in hub.site.zones}
        self._sent: dict[tuple[str, int], float] = {}
        self._socket: ClientConnection | None = None
        self._revision: int | None = None

    async def open(self) -> None:
        """Connect and say hello."""
        self._socket = await connect(
            f"ws://{self._hub.host}/ws/edge",
            additional_headers={"Authorization": f"Bearer {self._hub.token}"},
            max_size=None,
        )
        hello = {
            "type": "hello",
            "worker": WORKER,
            "version": "test",
            "detector": "test",
            "camera_ids": [camera.id for camera in self._hub.site.cameras],
        }
        await self._socket.send(json.dumps(hello))
        welcome = json.loads(await self._socket.recv())
        assert welcome["type"] == "welcome", welcome
        self._revision = welcome["revision"]

    async def send_each_once(self) -> None:
        """Send one picture of every camera."""
        for camera in self._hub.site.cameras:
            await self._send(camera)

    async def send_for_ever(self) -> None:
        """Send pictures with changing densities until the hub is gone."""
        try:
            while True:
                for zone_id in self._densities:
                    if self._rng.random() < _CHANGES:
                        self._densities[zone_id] = self._rng.choice(_DENSITIES_PPM2)
                await self.send_each_once()
                await asyncio.sleep(_EVERY_S)
        except ConnectionClosed:
            pass

    async def listen(self) -> None:
        """Take replies until the hub is gone."""
        assert self._socket is not None
        try:
            async for text in self._socket:
                reply = json.loads(text)
                assert reply["type"] == "accepted", reply
                self._told.accepted.add(
                    (reply["camera_id"], self._sent[reply["camera_id"], reply["seq"]])
                )
        except ConnectionClosed:
            pass

    async def _send(self, camera: BenchCamera) -> None:
        assert self._socket is not None
        seq, now_s = next(self._seqs), time.time()
        self._sent[camera.id, seq] = now_s
        await self._socket.send(
            json.dumps(
                {
                    "type": "observation",
                    "camera_id": camera.id,
                    "seq": seq,
                    "captured_at_s": now_s,
                    "revision": self._revision,
                    "analysis_ms": 50.0,
                    "frames_dropped": 0,
                    "people_in_view": 10.0,
                    "zones": [
                        {
                            "zone_id": zone.id,
                            "count": self._densities[zone.id] * zone.area_m2,
                            "count_sd": 0.5,
                            "density_ppm2": self._densities[zone.id],
                            "density_sd_ppm2": 0.01,
                            "seen_share": 1.0,
                        }
                        for zone in camera.zones
                    ],
                }
            )
        )


class FaultOperator:
    """An operator who does something about an alarm as soon as the last answer is there."""

    def __init__(self, hub: KilledHub, page: FaultPage, told: Told, rng: random.Random) -> None:
        self._hub = hub
        self._page = page
        self._told = told
        self._rng = rng

    async def work(self) -> None:
        """Do so until the hub is gone."""
        async with httpx.AsyncClient(
            base_url=f"http://{self._hub.host}", headers={"Cookie": self._hub.cookie}, timeout=10
        ) as client:
            try:
                while not self._page.gone:
                    await self._do_something(client)
            except httpx.TransportError:
                pass

    async def _do_something(self, client: httpx.AsyncClient) -> None:
        asks = [alarm for alarm in self._page.alarms.values() if _choices(alarm)]
        if not asks:
            self._page.changed.clear()
            await self._page.changed.wait()
            return
        alarm = self._rng.choice(asks)
        act = self._rng.choice(_choices(alarm))
        body = (
            {"for_s": _SHELVED_S, "reason": f"shelved {self._rng.random()}"}
            if act == "shelve"
            else None
        )
        answer = await client.post(f"/api/alarms/{alarm['id']}/{act}", json=body)
        # It may have changed since the page was told.
        if answer.status_code in (404, 409):
            self._page.alarms.pop(alarm["id"], None)
            return
        assert answer.status_code == 200, answer.text
        now: Alarm = answer.json()
        confirmed = act.endswith("/confirm")
        about = measure(now["measures"][-1]["notice_id"]) if confirmed else transition(now)
        self._told.answer(now, about)
        self._page.alarms[now["id"]] = now


def _choices(alarm: Alarm) -> tuple[str, ...]:
    confirm = f"measures/{MEASURE}/confirm"
    match alarm["state"]:
        case "unacknowledged" if alarm["cause"] == "density":
            return ("acknowledge", "acknowledge", "acknowledge", "shelve", confirm)
        case "unacknowledged" | "returned":
            return ("acknowledge",)
        case "shelved":
            return ("unshelve",)
    return ()
