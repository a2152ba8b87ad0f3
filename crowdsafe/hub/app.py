"""The hub as a FastAPI application."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from crowdsafe import __version__
from crowdsafe.contract.messages import Problem
from crowdsafe.domain.alarms import WrongAlarmState
from crowdsafe.errors import BadInput, CrowdsafeError
from crowdsafe.hub.alarm_list import UnknownAlarm
from crowdsafe.hub.auth import Auth, NotAllowed, NotSignedIn, TooManyTries
from crowdsafe.hub.routes import TooLarge, UnknownZone, WrongOrigin, api
from crowdsafe.hub.service import Hub, StoreFailed
from crowdsafe.hub.sockets import sockets

STATIC = Path(__file__).parent / "static"
_STATUS: dict[type[CrowdsafeError], int] = {
    BadInput: 422,
    NotSignedIn: 401,
    NotAllowed: 403,
    WrongOrigin: 403,
    UnknownAlarm: 404,
    UnknownZone: 404,
    WrongAlarmState: 409,
    TooLarge: 413,
    TooManyTries: 429,
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


def create_app(hub: Hub, auth: Auth) -> FastAPI:
    """Return the application; the hub's loop runs as long as it does."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        running = asyncio.create_task(hub.run())
        try:
            yield
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running
            await hub.flush()

    app = FastAPI(
        title="crowdsafe hub",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(api(hub, auth))
    app.include_router(sockets(hub, auth))

    @app.exception_handler(CrowdsafeError)
    async def problem(_: Request, error: CrowdsafeError) -> JSONResponse:
        return _problem(_STATUS.get(type(error), 400), str(error))

    @app.exception_handler(RequestValidationError)
    async def wrong_request(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        return _problem(422, f"{field}: {first['msg'].lower()}")

    @app.exception_handler(HTTPException)
    async def http_problem(_: Request, error: HTTPException) -> JSONResponse:
        return _problem(error.status_code, str(error.detail).lower())

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


def _problem(status: int, sentence: str) -> JSONResponse:
    return JSONResponse(Problem(error=sentence).model_dump(), status_code=status)
