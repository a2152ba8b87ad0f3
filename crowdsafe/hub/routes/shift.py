"""HTTP: who is on duty, and the hand-over."""

import time
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from crowdsafe.contract.page_messages import Problem
from crowdsafe.contract.people import Person
from crowdsafe.contract.record import Shift, ShiftSummary, TakeOver
from crowdsafe.hub.access.guard import Needs
from crowdsafe.hub.requests import bounded_body, takes
from crowdsafe.hub.service import Hub
from crowdsafe.hub.shift import shift_summary
from crowdsafe.hub.threads import in_thread

_MAX_BODY_BYTES = 8_000
_MOST_ALARMS = 5000
# Before the first hand-over there is no shift to sum up but the last one's length.
_SHIFT_S = 8 * 3600.0


def shift_routes(hub: Hub, needs: Needs) -> APIRouter:
    """Return /api/shift."""
    router = APIRouter(responses={"4XX": {"model": Problem}})

    async def summary() -> ShiftSummary:
        now_s = time.time()
        from_s = now_s - _SHIFT_S if hub.pages.duty is None else hub.pages.duty.since_s
        alarms = await in_thread(
            hub.store.alarms.search, from_s=from_s, to_s=now_s, newest=_MOST_ALARMS
        )
        states = [hub.state.zone_state(zone_id) for zone_id in hub.state.zone_ids]
        return shift_summary(
            alarms,
            unknown_zones=[state.zone_id for state in states if state.level == "unknown"],
            load=hub.pages.load(),
            from_s=from_s,
            to_s=now_s,
        )

    @router.get("/api/shift", dependencies=[Depends(needs("look"))])
    async def shift() -> Shift:
        """Say who is on duty, and what happened since."""
        return Shift(duty=hub.pages.duty, summary=await summary())

    @router.post("/api/shift", openapi_extra=takes(TakeOver))
    async def take_over(
        request: Request, person: Annotated[Person, Depends(needs("hand_over"))]
    ) -> Shift:
        """Take over the shift: the person who asks is on duty from now on."""
        asked = await bounded_body(request, TakeOver, max_bytes=_MAX_BODY_BYTES)
        handed = await summary()
        duty = await hub.take_over(by=person.name, note=asked.note, summary=handed)
        return Shift(duty=duty, summary=handed)

    return router
