"""HTTP: observations of workers that keep no websocket, and whether the hub answers."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse

from crowdsafe.contract.edge_messages import MAX_MESSAGE_BYTES, Accepted, Observation
from crowdsafe.contract.page_messages import Problem
from crowdsafe.hub.access.auth import Auth
from crowdsafe.hub.requests import bounded_body, refuse_unknown_query, takes
from crowdsafe.hub.service import Hub


def edge_routes(hub: Hub, auth: Auth) -> APIRouter:
    """Return /api/observations and /healthz."""
    router = APIRouter(responses={"4XX": {"model": Problem}})

    @router.post("/api/observations", openapi_extra=takes(Observation))
    async def observations(
        request: Request, authorization: Annotated[str | None, Header()] = None
    ) -> Accepted:
        """Take one observation of a worker; answers once it is stored."""
        worker = await asyncio.to_thread(auth.worker, authorization)
        refuse_unknown_query(request)
        observation = await bounded_body(request, Observation, max_bytes=MAX_MESSAGE_BYTES)
        hub.refuse_other_revision(observation)
        stored = asyncio.Event()
        hub.take_observation(observation, worker=worker, stored=stored.set)
        await stored.wait()
        return Accepted(camera_id=observation.camera_id, seq=observation.seq)

    @router.get("/healthz")
    async def health() -> JSONResponse:
        """Say that the hub answers."""
        return JSONResponse({"status": "ok"})

    return router
