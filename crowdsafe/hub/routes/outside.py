"""HTTP: warnings that wait for a person, messages that wait for a target, metrics and events."""

import asyncio
import secrets
import time
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request, Response

from crowdsafe import __version__
from crowdsafe.contract.page_messages import Problem
from crowdsafe.contract.people import Person
from crowdsafe.contract.record import Waiting, WaitingMessages
from crowdsafe.hub.access.auth import SESSION_COOKIE, Auth, NotSignedIn
from crowdsafe.hub.access.guard import Needs
from crowdsafe.hub.access.rights import NotAllowed, refuse_without
from crowdsafe.hub.outbound.cap import cap_xml
from crowdsafe.hub.outbound.cap_message import CapMessage
from crowdsafe.hub.outbound.prometheus import CONTENT_TYPE, Figures, render
from crowdsafe.hub.outbound.warnings import ApproveWarning, DiscardWarning
from crowdsafe.hub.requests import bounded_body, takes
from crowdsafe.hub.service import Hub
from crowdsafe.hub.threads import in_thread

_MAX_BODY_BYTES = 4_000
_CAP_XML = "application/cap+xml"
_AlarmId = Annotated[int, Path(ge=1, le=2**53)]


def outside_routes(hub: Hub, auth: Auth, needs: Needs) -> APIRouter:
    """Return the routes under /api/warnings, /api/outbox, /api/events and /metrics."""
    router = APIRouter(responses={"4XX": {"model": Problem}})

    @router.get("/api/warnings", dependencies=[Depends(needs("look"))])
    async def warnings() -> tuple[CapMessage, ...]:
        """Return the drafts of warnings that wait for a person."""
        return hub.outside.warnings.drafts

    @router.get(
        "/api/warnings/{alarm_id}/xml",
        dependencies=[Depends(needs("look"))],
        response_class=Response,
        responses={200: {"content": {_CAP_XML: {}}}},
    )
    async def warning_xml(alarm_id: _AlarmId) -> Response:
        """Return a draft as the CAP 1.2 document that would go out, with status Draft."""
        message = hub.outside.warnings.draft(alarm_id)
        xml = cap_xml(message, settings=hub.settings.cap)
        return Response(xml, media_type=_CAP_XML)

    @router.post("/api/warnings/{alarm_id}/approve", openapi_extra=takes(ApproveWarning))
    async def approve(
        request: Request,
        alarm_id: _AlarmId,
        person: Annotated[Person, Depends(needs("approve_warning"))],
    ) -> CapMessage:
        """Approve the draft that was read: it goes out."""
        asked = await bounded_body(request, ApproveWarning, max_bytes=_MAX_BODY_BYTES)
        return await hub.approve_warning(alarm_id, asked, by=person.name)

    @router.post(
        "/api/warnings/{alarm_id}/discard", status_code=204, openapi_extra=takes(DiscardWarning)
    )
    async def discard(
        request: Request,
        alarm_id: _AlarmId,
        person: Annotated[Person, Depends(needs("approve_warning"))],
    ) -> None:
        """Throw the draft that was read away."""
        asked = await bounded_body(request, DiscardWarning, max_bytes=_MAX_BODY_BYTES)
        await hub.discard_warning(alarm_id, asked, by=person.name)

    @router.get("/api/outbox", dependencies=[Depends(needs("look"))])
    async def outbox() -> WaitingMessages:
        """Say what waits for each target, and why."""
        waiting = await in_thread(hub.store.outbox.stuck)
        return WaitingMessages(
            targets=tuple(
                Waiting(
                    target_id=each.target_id,
                    waiting=each.waiting,
                    oldest_at_s=each.oldest_at_s,
                    error=each.last_error or "",
                )
                for each in waiting
            )
        )

    @router.get(
        "/api/events/stream",
        dependencies=[Depends(needs("look"))],
        response_class=Response,
        responses={200: {"content": {"text/event-stream": {}}}},
    )
    async def events(
        request: Request, last_event_id: Annotated[str | None, Header()] = None
    ) -> Response:
        """Send notices as Server-Sent Events; Last-Event-ID brings what was missed."""
        session = request.cookies.get(SESSION_COOKIE)

        async def still_allowed() -> bool:
            try:
                person = await asyncio.to_thread(auth.person, session, now_s=time.time())
                refuse_without(person, "look")
            except (NotSignedIn, NotAllowed):
                return False
            return True

        return await hub.outside.stream.response(
            last_event_id=last_event_id, still_allowed=still_allowed
        )

    @router.get(
        "/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}}
    )
    async def metrics(
        request: Request, authorization: Annotated[str | None, Header()] = None
    ) -> Response:
        """Return figures for Prometheus, to its token or to a person who is signed in."""
        token = hub.settings.metrics_token
        asked = (authorization or "").removeprefix("Bearer ").encode()
        if token is None or not secrets.compare_digest(asked, token.get_secret_value().encode()):
            await needs("look")(request)
        state, now_s = hub.state, time.time()
        body = render(
            Figures(
                now_s=now_s,
                version=__version__,
                zones=tuple(state.zone_state(each) for each in state.zone_ids),
                cameras=tuple(state.camera_state(each) for each in state.camera_ids),
                alarms=hub.alarms(),
                load=hub.pages.load(),
                targets=await hub.outside.runner.figures(),
                taken=hub.taken,
                refused=dict(hub.refused),
                loop_lag_s=hub.lag.newest_s,
            )
        )
        return Response(body, media_type=CONTENT_TYPE)

    return router
