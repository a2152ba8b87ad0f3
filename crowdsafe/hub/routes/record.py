"""HTTP: the record: zone courses and events."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from crowdsafe.contract.page_messages import Problem
from crowdsafe.contract.record import CoursePoint, RecordEvent, RecordEvents, ZoneCourse
from crowdsafe.errors import CrowdsafeError
from crowdsafe.hub.access.guard import Needs
from crowdsafe.hub.service import Hub
from crowdsafe.hub.threads import in_thread

_MOST_POINTS = 5000
_MOST_EVENTS = 1000
_MAX_SEQ = 2**31 - 1

_Time = Annotated[float, Query(ge=0, lt=1e11, allow_inf_nan=False)]


class UnknownZone(CrowdsafeError):
    """The site has no such zone."""


def record_routes(hub: Hub, needs: Needs) -> APIRouter:
    """Return the routes under /api/zones and /api/record."""
    router = APIRouter(responses={"4XX": {"model": Problem}})

    @router.get("/api/zones/{zone_id}/history", dependencies=[Depends(needs("look"))])
    async def zone_history(
        zone_id: str,
        from_s: _Time,
        to_s: _Time,
        max_points: Annotated[int, Query(ge=2, le=_MOST_POINTS)] = 1500,
    ) -> ZoneCourse:
        """Return one zone's course, in the shortest steps that are kept and not too many."""
        if zone_id not in hub.state.zone_ids:
            raise UnknownZone(f"zone_id: '{zone_id[:64]}' is not a zone of this site")
        course = await in_thread(
            hub.store.history.zone, zone_id, from_s=from_s, to_s=to_s, max_points=max_points
        )
        return ZoneCourse(
            zone_id=zone_id,
            step_s=course.step_s,
            points=tuple(CoursePoint(**point._asdict()) for point in course.points),
        )

    @router.get("/api/record/events", dependencies=[Depends(needs("read_record"))])
    async def events(
        after: Annotated[int, Query(ge=0, le=_MAX_SEQ)] = 0,
        most: Annotated[int, Query(ge=1, le=_MOST_EVENTS)] = 200,
    ) -> RecordEvents:
        """Return the entries of the record that follow a sequence number."""
        entries = await in_thread(hub.store.audit.entries, after_seq=after, limit=most)
        return RecordEvents(
            events=tuple(
                RecordEvent(
                    seq=entry.seq,
                    at_s=entry.at_s,
                    actor=entry.actor,
                    action=entry.action,
                    subject=entry.subject,
                    detail=json.loads(entry.detail),
                    hash=entry.hash,
                )
                for entry in entries
            )
        )

    return router
