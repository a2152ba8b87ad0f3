"""The hub as a FastAPI application."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from crowdsafe import __version__
from crowdsafe.contract.page_messages import Problem
from crowdsafe.domain.alarm.alarm import WrongAlarmState
from crowdsafe.errors import BadInput, CrowdsafeError
from crowdsafe.hub.access.auth import Auth, NotSignedIn, TooManyTries
from crowdsafe.hub.access.guard import guard
from crowdsafe.hub.access.oidc import Oidc, ProviderFailed
from crowdsafe.hub.access.people import UnknownPerson
from crowdsafe.hub.access.rights import NotAllowed
from crowdsafe.hub.access.routes import access_routes
from crowdsafe.hub.access.worker_keys import UnknownWorker
from crowdsafe.hub.outbound.cap_series import NothingToApprove
from crowdsafe.hub.outbound.event_stream import TooManyStreams
from crowdsafe.hub.requests import TooLarge, WrongOrigin
from crowdsafe.hub.revision_routes import revision_routes
from crowdsafe.hub.revisions import UnknownRevision, WrongRevisionState
from crowdsafe.hub.routes.alarms import alarm_routes
from crowdsafe.hub.routes.edge import edge_routes
from crowdsafe.hub.routes.outside import outside_routes
from crowdsafe.hub.routes.record import UnknownZone, record_routes
from crowdsafe.hub.routes.shift import shift_routes
from crowdsafe.hub.sentence import one_sentence
from crowdsafe.hub.service import Hub, UnknownMeasure
from crowdsafe.hub.sockets import sockets
from crowdsafe.hub.state.alarm_list import UnknownAlarm
from crowdsafe.hub.threads import StoreFailed

_LOG = logging.getLogger(__name__)
_LOOP = "the hub's loop"
STATIC = Path(__file__).parent / "static"
_STATUS: dict[type[CrowdsafeError], int] = {
    BadInput: 422,
    NotSignedIn: 401,
    NotAllowed: 403,
    WrongOrigin: 403,
    UnknownAlarm: 404,
    UnknownZone: 404,
    UnknownMeasure: 404,
    UnknownPerson: 404,
    UnknownWorker: 404,
    UnknownRevision: 404,
    WrongAlarmState: 409,
    NothingToApprove: 409,
    WrongRevisionState: 409,
    TooLarge: 413,
    TooManyTries: 429,
    TooManyStreams: 503,
    ProviderFailed: 502,
    StoreFailed: 503,
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_NOT_BUILT = (
    "<!doctype html><title>crowdsafe</title><p>The dashboard is not built. Run "
    "<code>make dashboards</code> in the project and reload.</p>"
)


def create_app(
    hub: Hub, auth: Auth, *, oidc: Oidc | None = None, stop: Callable[[], None] = lambda: None
) -> FastAPI:
    """Return the application; the hub's loop runs as long as it does.

    Args:
        hub: to serve.
        auth: who may do what.
        oidc: another provider by which people sign in.
        stop: ends the server; called when the hub's loop has failed.
    """

    def ended(task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        _LOG.critical("%s: ended (%r)", task.get_name(), error, exc_info=error)
        # Without its loop the hub would go on telling pages the time over values that stand still.
        if task.get_name() == _LOOP:
            stop()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        running = {
            name: asyncio.create_task(each, name=name)
            for name, each in (
                (_LOOP, hub.run()),
                ("tidying up", hub.tidy()),
                ("weather", hub.weather.run()),
                ("messages out", hub.outside.runner.run()),
                ("loop lag", hub.lag.watch()),
                ("revisions", hub.follow_revisions()),
            )
        }
        for task in running.values():
            task.add_done_callback(ended)
        try:
            yield
        finally:
            for task in running.values():
                task.cancel()
            await asyncio.gather(*running.values(), return_exceptions=True)
            await hub.flush()

    app = FastAPI(
        title="crowdsafe hub",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    needs = guard(auth)
    app.include_router(access_routes(auth, secure_cookies=hub.settings.secure_cookies, oidc=oidc))
    app.include_router(alarm_routes(hub, needs))
    app.include_router(record_routes(hub, needs))
    app.include_router(shift_routes(hub, needs))
    app.include_router(outside_routes(hub, auth, needs))
    if hub.revisions is not None and hub.feed is not None:
        app.include_router(revision_routes(hub.revisions, hub.feed, needs, use=hub.use_revision))
    app.include_router(edge_routes(hub, auth))
    app.include_router(sockets(hub, auth))

    @app.exception_handler(CrowdsafeError)
    async def problem(_: Request, error: CrowdsafeError) -> JSONResponse:
        return _problem(_STATUS.get(type(error), 400), str(error))

    @app.exception_handler(SQLAlchemyError)
    async def no_store(_: Request, error: SQLAlchemyError) -> JSONResponse:
        _LOG.error("store: %s", error.args)
        return _problem(503, "the store does not answer at the moment")

    @app.exception_handler(RequestValidationError)
    async def wrong_request(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        return _problem(422, f"{field}: {first['msg'].lower()}")

    @app.exception_handler(HTTPException)
    async def http_problem(_: Request, error: HTTPException) -> JSONResponse:
        # 405 says in its headers what is allowed.
        return _problem(error.status_code, str(error.detail).lower(), headers=error.headers)

    @app.middleware("http")
    async def headers(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await call_next(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    if (STATIC / "index.html").is_file():
        app.mount("/", StaticFiles(directory=STATIC, html=True))
    else:

        @app.get("/", include_in_schema=False)
        async def not_built() -> HTMLResponse:
            return HTMLResponse(_NOT_BUILT, status_code=503)

    return app


def _problem(
    status: int, sentence: str, *, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    body = Problem(error=one_sentence(sentence)).model_dump()
    return JSONResponse(body, status_code=status, headers=headers)
