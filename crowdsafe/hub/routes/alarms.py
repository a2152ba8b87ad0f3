"""HTTP: what people do about alarms."""

import time
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from crowdsafe.contract.alarms import (
    Alarm,
    AlarmCause,
    AlarmLoad,
    Shelve,
    TakeOutOfService,
)
from crowdsafe.contract.page_messages import Problem
from crowdsafe.contract.people import Person
from crowdsafe.contract.record import PastAlarms
from crowdsafe.contract.strict import Identifier
from crowdsafe.domain.alarm.cause import Priority
from crowdsafe.errors import BadInput
from crowdsafe.hub.access.guard import Needs
from crowdsafe.hub.requests import bounded_body, takes
from crowdsafe.hub.service import Hub
from crowdsafe.hub.threads import in_thread

_MAX_ALARM_ID = 2**53
_MAX_BODY_BYTES = 4_000
_MOST = 1000
_DAY_S = 86400.0

_AlarmId = Annotated[int, Path(ge=1, le=_MAX_ALARM_ID)]
_MeasureId = Annotated[str, Path(min_length=1, max_length=64)]
_Time = Annotated[float | None, Query(ge=0, lt=1e11, allow_inf_nan=False)]


def alarm_routes(hub: Hub, needs: Needs) -> APIRouter:
    """Return the routes under /api/alarms, /api/out-of-service and /api/load."""
    router = APIRouter(responses={"4XX": {"model": Problem}})

    @router.post("/api/alarms/{alarm_id}/acknowledge")
    async def acknowledge(
        alarm_id: _AlarmId, person: Annotated[Person, Depends(needs("acknowledge"))]
    ) -> Alarm:
        """Acknowledge an alarm; answers once that is stored."""
        return await hub.acknowledge(alarm_id, by=person.name)

    @router.post("/api/alarms/{alarm_id}/shelve", openapi_extra=takes(Shelve))
    async def shelve(
        request: Request,
        alarm_id: _AlarmId,
        person: Annotated[Person, Depends(needs("shelve"))],
    ) -> Alarm:
        """Set an alarm aside for a time, with a reason; what gets worse comes back at once."""
        asked = await bounded_body(request, Shelve, max_bytes=_MAX_BODY_BYTES)
        return await hub.shelve(alarm_id, for_s=asked.for_s, reason=asked.reason, by=person.name)

    @router.post("/api/alarms/{alarm_id}/unshelve")
    async def unshelve(
        alarm_id: _AlarmId, person: Annotated[Person, Depends(needs("shelve"))]
    ) -> Alarm:
        """Bring a shelved alarm back."""
        return await hub.unshelve(alarm_id, by=person.name)

    @router.post("/api/alarms/{alarm_id}/measures/{measure_id}/confirm")
    async def confirm(
        alarm_id: _AlarmId,
        measure_id: _MeasureId,
        person: Annotated[Person, Depends(needs("confirm_measure"))],
    ) -> Alarm:
        """Confirm an approved measure: only now its words go out."""
        return await hub.confirm_measure(alarm_id, measure_id, by=person.name)

    @router.post("/api/out-of-service", openapi_extra=takes(TakeOutOfService))
    async def take_out_of_service(
        request: Request, person: Annotated[Person, Depends(needs("take_out_of_service"))]
    ) -> Alarm:
        """Watch a cause of a zone, camera or worker no more, until it is put back."""
        asked = await bounded_body(request, TakeOutOfService, max_bytes=_MAX_BODY_BYTES)
        return await hub.take_out_of_service(
            asked.cause, asked.subject_id, reason=asked.reason, by=person.name
        )

    @router.post("/api/alarms/{alarm_id}/in-service")
    async def put_in_service(
        alarm_id: _AlarmId, person: Annotated[Person, Depends(needs("take_out_of_service"))]
    ) -> Alarm:
        """Watch it again."""
        return await hub.put_in_service(alarm_id, by=person.name)

    @router.get("/api/alarms", dependencies=[Depends(needs("read_record"))])
    async def past_alarms(
        from_s: _Time = None,
        to_s: _Time = None,
        zone_id: Annotated[Identifier | None, Query()] = None,
        cause: AlarmCause | None = None,
        priority: Priority | None = None,
        newest: Annotated[int, Query(ge=1, le=_MOST)] = 200,
    ) -> PastAlarms:
        """Return alarms that stood at some time of a span, by default of the last day."""
        until_s = time.time() if to_s is None else to_s
        since_s = until_s - _DAY_S if from_s is None else from_s
        if since_s > until_s:
            raise BadInput(f"from_s: {since_s} is after to_s, {until_s}, expected them in order")
        return PastAlarms(
            alarms=await in_thread(
                hub.store.alarms.search,
                from_s=since_s,
                to_s=until_s,
                zone_id=zone_id,
                cause=cause,
                priority=priority,
                newest=newest,
            )
        )

    @router.get("/api/load", dependencies=[Depends(needs("look"))])
    async def load() -> AlarmLoad:
        """Return how much the alarms ask of the people on duty."""
        return hub.pages.load()

    return router
