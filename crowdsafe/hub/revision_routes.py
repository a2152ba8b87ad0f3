"""HTTP: revisions of the site, what they change, and publishing them."""

import time
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from crowdsafe.contract.alarms import Because
from crowdsafe.contract.page_messages import Problem
from crowdsafe.contract.people import Person
from crowdsafe.contract.revisions import Draft, Revision, RevisionDiff, RevisionInfo, RevisionList
from crowdsafe.contract.site_document import MAX_DOCUMENT_BYTES
from crowdsafe.hub.access.guard import Needs
from crowdsafe.hub.requests import bounded_body, takes
from crowdsafe.hub.revision_feed import RevisionFeed
from crowdsafe.hub.revisions import Current, Revisions
from crowdsafe.hub.threads import in_thread

_MAX_REASON_BYTES = 10_000
_MAX_NUMBER = 2**31 - 1
_LISTED = 100

_Number = Annotated[int, Path(ge=1, le=_MAX_NUMBER)]


def revision_routes(
    revisions: Revisions,
    feed: RevisionFeed,
    needs: Needs,
    *,
    use: Callable[[Current], Awaitable[None]],
) -> APIRouter:
    """Return the routes under /api/revisions.

    Args:
        revisions: over the store.
        feed: what workers run.
        needs: who may ask.
        use: has the hub run what was published; tells workers and pages.
    """
    router = APIRouter(prefix="/api/revisions", responses={"4XX": {"model": Problem}})

    @router.get("", dependencies=[Depends(needs("look"))])
    async def listed(limit: Annotated[int, Query(ge=1, le=1000)] = _LISTED) -> RevisionList:
        """Return the newest revisions, and which one each worker runs."""
        return RevisionList(
            published=feed.current.number,
            revisions=await in_thread(revisions.list, limit=limit),
            workers=feed.workers(),
        )

    @router.get("/{number}", dependencies=[Depends(needs("look"))])
    async def one(number: _Number) -> Revision:
        """Return a revision with its document."""
        return await in_thread(revisions.get, number)

    @router.get("/{number}/diff", dependencies=[Depends(needs("look"))])
    async def diff(
        number: _Number,
        against: Annotated[int | None, Query(alias="from", ge=1, le=_MAX_NUMBER)] = None,
    ) -> RevisionDiff:
        """Return what changed since another one, by default the one it was made from."""
        return await in_thread(revisions.diff, number, against=against)

    @router.post("", status_code=201, openapi_extra=takes(Draft))
    async def draft(
        request: Request, person: Annotated[Person, Depends(needs("edit_draft"))]
    ) -> RevisionInfo:
        """Keep a draft; one that was not made from the published revision is refused."""
        body = await bounded_body(request, Draft, max_bytes=MAX_DOCUMENT_BYTES + _MAX_REASON_BYTES)
        return await in_thread(
            revisions.draft,
            body.document,
            author=person.name,
            reason=body.reason,
            parent=body.parent,
            now_s=time.time(),
        )

    @router.post("/{number}/publish", openapi_extra=takes(Because))
    async def publish(
        request: Request, number: _Number, person: Annotated[Person, Depends(needs("publish"))]
    ) -> RevisionInfo:
        """Publish a draft; workers and pages have it at once."""
        body = await bounded_body(request, Because, max_bytes=_MAX_REASON_BYTES)
        current = await in_thread(
            revisions.publish, number, by=person.name, reason=body.reason, now_s=time.time()
        )
        await use(current)
        return await in_thread(revisions.info, current.number)

    @router.post("/{number}/roll-back", openapi_extra=takes(Because))
    async def roll_back(
        request: Request, number: _Number, person: Annotated[Person, Depends(needs("publish"))]
    ) -> RevisionInfo:
        """Publish the content of an older revision once more, under a new number."""
        body = await bounded_body(request, Because, max_bytes=_MAX_REASON_BYTES)
        current = await in_thread(
            revisions.roll_back, number, by=person.name, reason=body.reason, now_s=time.time()
        )
        await use(current)
        return await in_thread(revisions.info, current.number)

    return router
