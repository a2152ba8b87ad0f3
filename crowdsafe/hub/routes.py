"""HTTP: sign in and out, acknowledge, zone history, observations, health."""

import asyncio
import time
from typing import Annotated, TypeVar

from fastapi import APIRouter, Cookie, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError

from crowdsafe.contract.messages import (
    MAX_MESSAGE_BYTES,
    Accepted,
    Alarm,
    Observation,
    Person,
    Problem,
    SignIn,
    ZoneHistory,
)
from crowdsafe.contract.strict import first_problem
from crowdsafe.errors import BadInput, CrowdsafeError
from crowdsafe.hub.auth import MAY_ACKNOWLEDGE, SESSION_COOKIE, Auth, NotAllowed
from crowdsafe.hub.service import Hub

_MAX_SIGN_IN_BYTES = 10_000
_HISTORY_POINTS = 20_000
_MAX_ALARM_ID = 2**53

_Shape = TypeVar("_Shape", bound=BaseModel)
_Session = Annotated[str | None, Cookie(alias=SESSION_COOKIE)]


class TooLarge(CrowdsafeError):
    """A request's body is larger than anything that is sent here."""


class UnknownZone(CrowdsafeError):
    """The site has no such zone."""


class WrongOrigin(CrowdsafeError):
    """A page from elsewhere asked in a person's name."""


def refuse_other_origin(*, origin: str | None, host: str | None) -> None:
    """Raise WrongOrigin when a browser says that a page of another address asks."""
    if origin is not None and origin.partition("://")[2] != host:
        raise WrongOrigin("asked by a page of another address")


async def bounded_body(request: Request, shape: type[_Shape], *, max_bytes: int) -> _Shape:
    """Read a body that may not be longer than ``max_bytes`` and check it.

    Raises:
        TooLarge: it is longer; no more than that was read.
        BadInput: it does not fit the shape.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise TooLarge(f"body: more than {max_bytes} bytes")
    try:
        return shape.model_validate_json(bytes(body))
    except ValidationError as error:
        raise BadInput(first_problem(error)) from None


def api(hub: Hub, auth: Auth) -> APIRouter:
    """Return the routes under /api, and /healthz."""
    router = APIRouter(responses={"4XX": {"model": Problem}})

    async def signed_in(session: str | None) -> Person:
        return await asyncio.to_thread(auth.person, session, now_s=time.time())

    @router.post("/api/session")
    async def sign_in(request: Request, response: Response) -> Person:
        """Sign in; the answer sets the session's cookie."""
        refuse_other_origin(origin=request.headers.get("origin"), host=request.headers.get("host"))
        asked = await bounded_body(request, SignIn, max_bytes=_MAX_SIGN_IN_BYTES)
        new = await asyncio.to_thread(
            auth.sign_in, name=asked.name, password=asked.password, now_s=time.time()
        )
        response.set_cookie(
            SESSION_COOKIE,
            new.token,
            max_age=int(hub.settings.session_hours * 3600),
            httponly=True,
            samesite="strict",
            secure=hub.settings.secure_cookies,
        )
        return new.person

    @router.get("/api/session")
    async def who(session: _Session = None) -> Person:
        """Say who is signed in."""
        return await signed_in(session)

    @router.delete("/api/session", status_code=204)
    async def sign_out(request: Request, response: Response, session: _Session = None) -> None:
        """Sign out."""
        refuse_other_origin(origin=request.headers.get("origin"), host=request.headers.get("host"))
        if session:
            await asyncio.to_thread(auth.sign_out, session)
        response.delete_cookie(SESSION_COOKIE)

    @router.post("/api/alarms/{alarm_id}/acknowledge")
    async def acknowledge(
        request: Request,
        alarm_id: Annotated[int, Path(ge=1, le=_MAX_ALARM_ID)],
        session: _Session = None,
    ) -> Alarm:
        """Acknowledge an alarm; answers once that is stored."""
        refuse_other_origin(origin=request.headers.get("origin"), host=request.headers.get("host"))
        person = await signed_in(session)
        if person.role not in MAY_ACKNOWLEDGE:
            raise NotAllowed(f"a {person.role} may not acknowledge alarms")
        return await hub.acknowledge(alarm_id, by=person.name)

    @router.get("/api/zones/{zone_id}/history")
    async def zone_history(
        zone_id: str,
        from_s: Annotated[float, Query(ge=0, lt=1e11)],
        to_s: Annotated[float, Query(ge=0, lt=1e11)],
        session: _Session = None,
    ) -> ZoneHistory:
        """Return one zone's densities within a span, the newest 20,000 of them."""
        await signed_in(session)
        if zone_id not in hub.state.zone_ids:
            raise UnknownZone(f"zone_id: '{zone_id[:64]}' is not a zone of this site")
        points = await asyncio.to_thread(
            hub.store.zone_history, zone_id, from_s=from_s, to_s=to_s, newest=_HISTORY_POINTS
        )
        return ZoneHistory(zone_id=zone_id, points=points)

    @router.post("/api/observations")
    async def observations(
        request: Request, authorization: Annotated[str | None, Header()] = None
    ) -> Accepted:
        """Take one observation of a worker; answers once it is stored."""
        worker = await asyncio.to_thread(auth.worker, authorization)
        observation = await bounded_body(request, Observation, max_bytes=MAX_MESSAGE_BYTES)
        stored = asyncio.Event()
        hub.take_observation(observation, worker=worker, stored=stored.set)
        await stored.wait()
        return Accepted(camera_id=observation.camera_id, seq=observation.seq)

    @router.get("/healthz")
    async def health() -> JSONResponse:
        """Say that the hub answers."""
        return JSONResponse({"status": "ok"})

    return router
