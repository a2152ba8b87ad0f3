"""What a route says about who may ask: ``person: Annotated[Person, Depends(needs("look"))]``."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from fastapi import Request

from crowdsafe.contract.people import Person, Right
from crowdsafe.hub.access.auth import SESSION_COOKIE, Auth
from crowdsafe.hub.access.rights import refuse_without
from crowdsafe.hub.requests import refuse_other_origin, refuse_unknown_query

_ONLY_READS = frozenset(("GET", "HEAD"))

Needs = Callable[[Right | None], Callable[[Request], Awaitable[Person]]]


def guard(auth: Auth) -> Needs:
    """Return ``needs(right)``: a dependency that gives the person, or refuses the request.

    It is asked before the path, the query and the body are looked at, so a stranger learns nothing
    from them. ``needs(None)`` asks only for a session. Raises WrongOrigin, NotSignedIn, NotAllowed,
    and BadInput for a name in the query that the route does not know.
    """

    def needs(right: Right | None) -> Callable[[Request], Awaitable[Person]]:
        async def asking(request: Request) -> Person:
            if request.method not in _ONLY_READS:
                refuse_other_origin(
                    origin=request.headers.get("origin"), host=request.headers.get("host")
                )
            session = request.cookies.get(SESSION_COOKIE)
            person = await asyncio.to_thread(auth.person, session, now_s=time.time())
            if right is not None:
                refuse_without(person, right)
            refuse_unknown_query(request)
            return person

        return asking

    return needs
