"""HTTP: the record: zone courses and events."""

import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from crowdsafe.contract.page_messages import Problem
from crowdsafe.contract.people import Person
from crowdsafe.contract.record import CoursePoint, RecordEvent, RecordEvents, ZoneCourse
from crowdsafe.contract.strict import Identifier
from crowdsafe.domain.alarm.cause import Priority
from crowdsafe.errors import CrowdsafeError
from crowdsafe.hub.access.guard import Needs
from crowdsafe.hub.record_csv import csv_head, csv_rows
from crowdsafe.hub.record_filter import RecordFilter, checked_kinds
from crowdsafe.hub.service import Hub
from crowdsafe.hub.store.batch import AuditEntry
from crowdsafe.hub.threads import in_thread

_MOST_POINTS = 5000
_MOST_EVENTS = 1000
_MAX_SEQ = 2**31 - 1

# So many are looked at for one answer, whether they fit or not.
_LOOKS = 5000
_LAST_S = 9e10

_Time = Annotated[float, Query(ge=0, lt=1e11, allow_inf_nan=False)]
_Seq = Annotated[int, Query(ge=0, le=_MAX_SEQ)]
_Before = Annotated[int | None, Query(ge=0, le=_MAX_SEQ)]
_Kinds = Annotated[str | None, Query(max_length=100, description="with commas between them")]
_Place = Annotated[Identifier | None, Query(description="id of a zone, camera, worker or target")]
_Actor = Annotated[str | None, Query(min_length=1, max_length=100)]
_Text = Annotated[str, Query(max_length=200, description="words that all have to be there")]


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

    def wanted(
        kinds: str | None,
        place: str | None,
        priority: Priority | None,
        actor: str | None,
        text: str,
    ) -> RecordFilter:
        return RecordFilter(
            kinds=checked_kinds(kinds),
            place=place,
            priority=priority,
            actor=actor,
            words=tuple(text.casefold().split()),
            names={each.zone.id: f"{each.name.de} {each.name.en}" for each in hub.site.zones}
            | {each.id: f"{each.name.de} {each.name.en}" for each in hub.site.cameras},
        )

    @router.get("/api/record/events", dependencies=[Depends(needs("read_record"))])
    async def events(
        after: _Seq = 0,
        before: _Before = None,
        order: Literal["oldest_first", "newest_first"] = "oldest_first",
        from_s: _Time = 0.0,
        to_s: _Time = _LAST_S,
        kinds: _Kinds = None,
        place: _Place = None,
        priority: Priority | None = None,
        actor: _Actor = None,
        text: _Text = "",
        most: Annotated[int, Query(ge=1, le=_MOST_EVENTS)] = 200,
    ) -> RecordEvents:
        """Return entries of the record that lie between two numbers and times, and fit."""
        found = await in_thread(
            hub.store.audit.search,
            wanted(kinds, place, priority, actor, text).fits,
            after_seq=after,
            before_seq=before,
            from_s=from_s,
            to_s=to_s,
            newest_first=order == "newest_first",
            most=most,
            looks=_LOOKS,
        )
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
                for entry in found.entries
            ),
            reached=found.reached,
            more=found.more,
            head=found.head,
        )

    @router.get(
        "/api/record/export",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    )
    async def export(
        person: Annotated[Person, Depends(needs("export_record"))],
        from_s: _Time = 0.0,
        to_s: _Time = _LAST_S,
        kinds: _Kinds = None,
        place: _Place = None,
        priority: Priority | None = None,
        actor: _Actor = None,
        text: _Text = "",
    ) -> StreamingResponse:
        """Return the entries that fit as CSV, the oldest first; that it was asked is an entry."""
        fits = wanted(kinds, place, priority, actor, text).fits
        asked = {
            "from_s": from_s,
            "to_s": None if to_s == _LAST_S else to_s,
            "kinds": kinds,
            "place": place,
            "priority": priority,
            "actor": actor,
            "text": text,
        }
        until = await in_thread(
            hub.store.audit.append,
            AuditEntry(
                at_s=time.time(),
                actor=person.name,
                action="record.exported",
                subject="audit",
                detail=asked,
            ),
        )
        timezone = ZoneInfo(hub.site.timezone)

        async def lines() -> AsyncIterator[str]:
            yield csv_head()
            after, more = 0, True
            # Each part is a transaction of its own: one who reads slowly holds nothing up.
            while more:
                found = await in_thread(
                    hub.store.audit.search,
                    fits,
                    after_seq=after,
                    before_seq=until,
                    from_s=from_s,
                    to_s=to_s,
                    most=_MOST_EVENTS,
                    looks=_LOOKS,
                )
                yield csv_rows(found.entries, timezone=timezone)
                after, more = found.reached, found.more

        return StreamingResponse(
            lines(),
            media_type="text/csv",
            headers={"Content-Disposition": f'attachment; filename="record-{hub.site.id}.csv"'},
        )

    return router
