"""Revisions of the site: what people ask for and get under /api/revisions."""

from typing import Annotated, Any, Literal

from pydantic import Field

from crowdsafe.contract.alarms import Reason
from crowdsafe.contract.edge_messages import RevisionNumber
from crowdsafe.contract.site_change import SiteChange
from crowdsafe.contract.site_document import ContentHash
from crowdsafe.contract.strict import EpochSeconds, Strict

RevisionState = Literal["draft", "published", "replaced"]
"""``replaced``: it was published, and another one was after it."""


class RevisionInfo(Strict):
    """A revision without its document."""

    number: RevisionNumber
    author: str
    at_s: EpochSeconds
    reason: str
    parent: Annotated[
        RevisionNumber | None, Field(description="the one it was made from; null: none")
    ]
    content_hash: ContentHash
    state: RevisionState
    published_by: str | None
    published_at_s: EpochSeconds | None


class WorkerRevision(Strict):
    """Which revision a worker says it runs."""

    worker: str
    revision: Annotated[
        RevisionNumber | None, Field(description="null: its own site folder, or none")
    ]
    refused: Annotated[RevisionNumber | None, Field(description="newer one that it cannot use")]
    wrong: Annotated[str, Field(description="why it cannot, or what it lacks")]
    told_at_s: EpochSeconds
    connected: bool


class RevisionList(Strict):
    """Answer of GET /api/revisions."""

    published: RevisionNumber | None
    revisions: Annotated[tuple[RevisionInfo, ...], Field(description="the newest first")]
    workers: tuple[WorkerRevision, ...]


class Revision(RevisionInfo):
    """Answer of GET /api/revisions/N."""

    document: Annotated[dict[str, Any], Field(description="a site document")]


class RevisionDiff(Strict):
    """Answer of GET /api/revisions/N/diff."""

    before: RevisionNumber
    after: RevisionNumber
    changes: tuple[SiteChange, ...]


class Draft(Strict):
    """Body of POST /api/revisions."""

    parent: Annotated[
        RevisionNumber,
        Field(description="the published one that it was made from; a stale one is refused"),
    ]
    reason: Reason
    document: Annotated[dict[str, Any], Field(description="a site document")]
