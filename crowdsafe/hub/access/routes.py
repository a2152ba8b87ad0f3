"""HTTP: sign in and out, who one is, people and workers."""

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Path, Request, Response
from fastapi.responses import RedirectResponse

from crowdsafe.contract.accounts import (
    Account,
    NewPassword,
    PutAccount,
    SignInWays,
    WorkerAccount,
    WorkerName,
    WorkerToken,
)
from crowdsafe.contract.page_messages import Problem
from crowdsafe.contract.people import Person, SignIn
from crowdsafe.hub.access.auth import SESSION_COOKIE, Auth, NewSession, NotSignedIn, TooManyTries
from crowdsafe.hub.access.guard import guard
from crowdsafe.hub.access.oidc import BEGUN_COOKIE, BEGUN_WITHIN_S, Oidc
from crowdsafe.hub.access.people import checked_name
from crowdsafe.hub.access.rights import NotAllowed
from crowdsafe.hub.requests import address_of, bounded_body, refuse_other_origin, takes

_MAX_BYTES = 10_000
# argon2 takes 64 MiB and a core for each: the rest of the hub must not wait for them.
_HASHES_AT_ONCE = 2
_MAX_WAITING = 50

_Session = Annotated[str | None, Cookie(alias=SESSION_COOKIE)]
_PersonName = Annotated[str, Path(min_length=1, max_length=100)]
_WorkerName = Annotated[str, Path(min_length=1, max_length=64)]


class _Door:
    """Lets few passwords be checked at once, and says so to the rest."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_HASHES_AT_ONCE)
        self._waiting = 0

    async def __aenter__(self) -> None:
        if self._waiting >= _MAX_WAITING:
            raise TooManyTries("too many people sign in at once, try again in a moment")
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1

    async def __aexit__(self, *_: object) -> None:
        self._free.release()


def access_routes(auth: Auth, *, secure_cookies: bool, oidc: Oidc | None) -> APIRouter:
    """Return the routes of signing in, people and workers."""
    router = APIRouter(responses={"4XX": {"model": Problem}})
    router.include_router(_session_routes(auth, secure_cookies=secure_cookies, oidc=oidc))
    if oidc is not None:
        router.include_router(_oidc_routes(auth, oidc, secure_cookies=secure_cookies))
    router.include_router(_people_routes(auth))
    router.include_router(_worker_routes(auth))
    return router


def _keep_session(response: Response, new: NewSession, *, secure: bool) -> None:
    response.set_cookie(
        SESSION_COOKIE,
        new.token,
        max_age=max(0, int(new.until_s - time.time())),
        httponly=True,
        samesite="strict",
        secure=secure,
    )


def _session_routes(auth: Auth, *, secure_cookies: bool, oidc: Oidc | None) -> APIRouter:
    router = APIRouter()
    needs = guard(auth)
    door = _Door()

    @router.get("/api/sign-in")
    async def ways() -> SignInWays:
        """Say how people may sign in."""
        return SignInWays(password=True, oidc=oidc is not None)

    @router.post("/api/session", openapi_extra=takes(SignIn))
    async def sign_in(request: Request, response: Response) -> Person:
        """Sign in; the answer sets the session's cookie."""
        refuse_other_origin(origin=request.headers.get("origin"), host=request.headers.get("host"))
        asked = await bounded_body(request, SignIn, max_bytes=_MAX_BYTES)
        address = address_of(request)
        auth.tries.refuse(name=asked.name, address=address)
        async with door:
            new = await asyncio.to_thread(
                auth.sign_in,
                name=asked.name,
                password=asked.password,
                now_s=time.time(),
                address=address,
            )
        _keep_session(response, new, secure=secure_cookies)
        return new.person

    @router.get("/api/session")
    async def who(person: Annotated[Person, Depends(needs(None))]) -> Person:
        """Say who is signed in."""
        return person

    @router.delete("/api/session", status_code=204)
    async def sign_out(request: Request, response: Response, session: _Session = None) -> None:
        """Sign out."""
        refuse_other_origin(origin=request.headers.get("origin"), host=request.headers.get("host"))
        if session:
            await asyncio.to_thread(auth.sign_out, session)
        response.delete_cookie(SESSION_COOKIE)

    @router.put("/api/session/password", openapi_extra=takes(NewPassword))
    async def change_password(
        request: Request, response: Response, person: Annotated[Person, Depends(needs(None))]
    ) -> Person:
        """Change one's own password; ends one's sessions everywhere else."""
        asked = await bounded_body(request, NewPassword, max_bytes=_MAX_BYTES)
        address = address_of(request)
        auth.tries.refuse(name=person.name, address=address)
        async with door:
            new = await asyncio.to_thread(
                auth.change_password,
                person,
                password=asked.password,
                new_password=asked.new_password,
                now_s=time.time(),
                address=address,
            )
        _keep_session(response, new, secure=secure_cookies)
        return new.person

    return router


def _oidc_routes(auth: Auth, oidc: Oidc, *, secure_cookies: bool) -> APIRouter:
    router = APIRouter()

    @router.get("/api/oidc/begin", status_code=302, response_class=RedirectResponse)
    async def begin(request: Request) -> RedirectResponse:
        """Go to the provider and sign in there."""
        auth.tries.refuse_address(address_of(request))
        begun = await oidc.begin(now_s=time.time())
        response = RedirectResponse(begun.url, status_code=302)
        response.set_cookie(
            BEGUN_COOKIE,
            begun.cookie,
            max_age=BEGUN_WITHIN_S,
            path="/api/oidc",
            httponly=True,
            # The provider sends the browser back here, which "strict" would count as foreign.
            samesite="lax",
            secure=secure_cookies,
        )
        return response

    @router.get("/api/oidc/back", status_code=303, response_class=RedirectResponse)
    async def back(
        request: Request, begun: Annotated[str | None, Cookie(alias=BEGUN_COOKIE)] = None
    ) -> RedirectResponse:
        """Come back from the provider, and go to the page, signed in."""
        address = address_of(request)
        auth.tries.refuse_address(address)
        try:
            vouched = await oidc.finish(cookie=begun, query=request.query_params, now_s=time.time())
            name = checked_name(vouched.name)
            await asyncio.to_thread(
                auth.people.take_from_provider,
                name=name,
                subject=vouched.subject,
                role=vouched.role,
            )
            new = await asyncio.to_thread(auth.open_for_provider, name, now_s=time.time())
        except (NotSignedIn, NotAllowed):
            auth.tries.failed_address(address)
            raise
        response = RedirectResponse("/", status_code=303)
        response.delete_cookie(BEGUN_COOKIE, path="/api/oidc")
        _keep_session(response, new, secure=secure_cookies)
        return response

    return router


def _people_routes(auth: Auth) -> APIRouter:
    router = APIRouter()
    needs = guard(auth)
    door = _Door()
    administrator = Annotated[Person, Depends(needs("manage_people"))]

    @router.get("/api/people")
    async def people(_: administrator) -> tuple[Account, ...]:
        """Return all accounts."""
        return await asyncio.to_thread(auth.people.accounts)

    @router.put("/api/people/{name}", openapi_extra=takes(PutAccount))
    async def put_person(request: Request, person: administrator, name: _PersonName) -> Account:
        """Make an account, or change a known one's role and password; ends its sessions."""
        asked = await bounded_body(request, PutAccount, max_bytes=_MAX_BYTES)
        async with door:
            await asyncio.to_thread(
                auth.people.put,
                name=name,
                password=asked.password,
                role=asked.role,
                by=person.name,
            )
        return await asyncio.to_thread(auth.people.account, checked_name(name))

    @router.post("/api/people/{name}/disable")
    async def disable(person: administrator, name: _PersonName) -> Account:
        """Let a person in no more; ends their sessions at once."""
        await asyncio.to_thread(auth.people.disable, name, by=person.name)
        return await asyncio.to_thread(auth.people.account, name)

    @router.post("/api/people/{name}/enable")
    async def enable(person: administrator, name: _PersonName) -> Account:
        """Let a disabled person in again."""
        await asyncio.to_thread(auth.people.enable, name, by=person.name)
        return await asyncio.to_thread(auth.people.account, name)

    return router


def _worker_routes(auth: Auth) -> APIRouter:
    router = APIRouter()
    needs = guard(auth)
    administrator = Annotated[Person, Depends(needs("manage_workers"))]

    @router.get("/api/workers")
    async def workers(_: administrator) -> tuple[WorkerAccount, ...]:
        """Return all workers."""
        return await asyncio.to_thread(auth.workers.accounts)

    @router.post("/api/workers", openapi_extra=takes(WorkerName))
    async def add_worker(request: Request, person: administrator) -> WorkerToken:
        """Make a worker, or give a known one a new token; the token is shown only here."""
        asked = await bounded_body(request, WorkerName, max_bytes=_MAX_BYTES)
        token = await asyncio.to_thread(auth.workers.add, asked.name, by=person.name)
        return WorkerToken(name=asked.name, token=token)

    @router.post("/api/workers/{name}/revoke")
    async def revoke(person: administrator, name: _WorkerName) -> WorkerAccount:
        """Take a worker's key back."""
        await asyncio.to_thread(auth.workers.revoke, name, by=person.name)
        return await asyncio.to_thread(auth.workers.account, name)

    return router
