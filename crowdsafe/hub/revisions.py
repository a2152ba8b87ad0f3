"""Revisions of the site over the store: the folder's, people's drafts, what is published."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crowdsafe.contract.revisions import Revision, RevisionDiff, RevisionInfo
from crowdsafe.contract.site import Site
from crowdsafe.contract.site_diff import site_changes
from crowdsafe.contract.site_document import (
    SiteDocument,
    as_document,
    document_from_text,
    read_document,
)
from crowdsafe.errors import BadInput, CrowdsafeError
from crowdsafe.hub.state.camera_record import HEAD_HEIGHT_M, ground_of
from crowdsafe.hub.store import AuditEntry, Store
from crowdsafe.hub.store.revisions import Publication, RevisionHead
from crowdsafe.hub.store.revisions import Revision as KeptRevision

_LOG = logging.getLogger(__name__)
FILES = "hub"
"""Author of what was taken from the site folder; no person may have this name."""
_FROM_FILES = "from the files of the site folder"
_ALL = 100_000
_CHANGES_KEPT = 100


class UnknownRevision(CrowdsafeError):
    """There is no revision with this number."""


class WrongRevisionState(CrowdsafeError):
    """The revision is not in a state that allows what was asked."""


@dataclass(frozen=True)
class Current:
    """The published revision, ready to be used."""

    number: int
    content_hash: str
    document: SiteDocument
    site: Site


def refuse_unusable(site: Site) -> None:
    """Refuse a site that the hub's state cannot be made of.

    Raises:
        BadInput: a camera hangs lower than a head.
    """
    for camera in site.cameras:
        ground_of(camera, height_m=HEAD_HEIGHT_M)


class Revisions:
    """The revisions of one store. Blocks: call it from a thread.

    A revision never changes. What is published has the highest number of all that ever were: to
    roll back is to publish an older content under a new number, so that workers and the record
    never mean two contents by one number.
    """

    def __init__(self, store: Store, *, check: Callable[[Site], None] = refuse_unusable) -> None:
        """Use a store; ``check`` raises BadInput for a site that cannot be used here."""
        self._store = store
        self._check = check
        # Who publishes must know that nobody else does meanwhile.
        self._publishing = threading.Lock()

    # --- at the start ------------------------------------------------------------------------

    def start(self, folder: Path, *, now_s: float) -> Current:
        """Return the published revision; files that changed since they were last taken are one.

        A folder or a published revision that cannot be used gives way to the other, and that is
        logged: a hub that starts is worth more than one that is right.

        Raises:
            BadInput: neither can be used.
        """
        with self._publishing:
            try:
                current = self.published()
            except BadInput as error:
                _LOG.error("the published revision cannot be used: %s", error)
                current = None
            try:
                document = read_document(folder)
                self._site(document, named=str(folder))
            except BadInput as error:
                if current is None:
                    raise
                _LOG.error("%s; revision %d stays published", error, current.number)
                return current
            heads = self._store.revisions.list(limit=_ALL)
            last = next((each for each in heads if each.author == FILES), None)
            taken = last is not None and last.content_hash == document.content_hash()
            if current is not None and taken:
                return current
            return self._take_files(document, current, now_s=now_s)

    def _take_files(
        self, document: SiteDocument, current: Current | None, *, now_s: float
    ) -> Current:
        number = self._add(document, by=FILES, reason=_FROM_FILES, parent=current, now_s=now_s)
        _LOG.info("revision %d: %s", number, _FROM_FILES)
        return self._publish(
            number,
            document,
            current,
            "revision.imported",
            by=FILES,
            reason=_FROM_FILES,
            now_s=now_s,
        )

    # --- what is there -----------------------------------------------------------------------

    def published(self) -> Current | None:
        """Return the published revision, None before the first.

        Raises:
            BadInput: it cannot be used by this version.
        """
        found = self._store.revisions.published()
        if found is None:
            return None
        number, content = found
        return self._current(number, document_from_text(content, named=f"revision {number}"))

    def newer_than(self, number: int) -> Current | None:
        """Return the published revision if it is not this one: another process may publish.

        Raises:
            BadInput: it cannot be used by this version.
        """
        newest = self._newest_publication()
        return self.published() if newest is not None and newest.number != number else None

    def list(self, *, limit: int) -> tuple[RevisionInfo, ...]:
        """Return the newest revisions, newest first."""
        publications = self._publications()
        return tuple(_info(head, publications) for head in self._store.revisions.list(limit=limit))

    def get(self, number: int) -> Revision:
        """Return a revision with its document.

        Raises:
            UnknownRevision: there is none with this number.
        """
        kept = self._kept(number)
        return Revision(
            **_info(kept, self._publications()).model_dump(),
            document=_document(kept).content(),
        )

    def diff(self, number: int, *, against: int | None) -> RevisionDiff:
        """Return what changed up to a revision.

        Args:
            number: of the later one.
            against: of the earlier one; None: the one that it was made from, else itself.

        Raises:
            UnknownRevision: there is no such revision.
            BadInput: one of them is no site for this version.
        """
        after = self._kept(number)
        before = self._kept(after.parent or number if against is None else against)
        return RevisionDiff(
            before=before.number,
            after=number,
            changes=site_changes(
                _document(before), _document(after), named=(_named(before.number), _named(number))
            ),
        )

    # --- what people do ----------------------------------------------------------------------

    def draft(
        self, content: dict[str, Any], *, author: str, reason: str, parent: int, now_s: float
    ) -> RevisionInfo:
        """Keep a draft, made from the published revision.

        Raises:
            UnknownRevision: there is no such parent.
            WrongRevisionState: another one was published after the parent.
            BadInput: it is no site, another site, or the same as its parent.
        """
        _refuse_unprintable(reason)
        document = as_document(content, named="document")
        site = self._site(document, named="document")
        with self._publishing:
            self._kept(parent)
            current = self._published_from(parent, "it")
            if site.id != current.site.id:
                raise BadInput(
                    f"document/site.geojson: crowdsafe.id: '{site.id}', expected "
                    f"'{current.site.id}': a revision is of the same site"
                )
            if document.content_hash() == current.content_hash:
                raise BadInput(f"document: is the same as revision {parent}, nothing changed")
            number = self._add(document, by=author, reason=reason, parent=current, now_s=now_s)
            self._record(
                "revision.drafted",
                number,
                by=author,
                now_s=now_s,
                detail={"reason": reason, "parent": parent},
            )
        return self.info(number)

    def publish(self, number: int, *, by: str, reason: str, now_s: float) -> Current:
        """Publish a draft.

        Raises:
            UnknownRevision: there is none with this number.
            WrongRevisionState: it is or was published, or another one was after its parent.
            BadInput: it cannot be used by this version.
        """
        _refuse_unprintable(reason)
        with self._publishing:
            kept = self._kept(number)
            publications = self._publications()
            if number in publications:
                state = _info(kept, publications).state
                raise WrongRevisionState(
                    f"revision {number}: is published already"
                    if state == "published"
                    else f"revision {number}: was published before, roll back to it instead"
                )
            current = self._published_from(kept.parent, f"revision {number}")
            return self._publish(
                number,
                _document(kept),
                current,
                "revision.published",
                by=by,
                reason=reason,
                now_s=now_s,
            )

    def roll_back(self, number: int, *, by: str, reason: str, now_s: float) -> Current:
        """Publish the content of an older revision under a new number.

        Raises:
            UnknownRevision: there is none with this number.
            WrongRevisionState: it was never published, or has the content of the published one.
            BadInput: it cannot be used by this version.
        """
        _refuse_unprintable(reason)
        with self._publishing:
            kept = self._kept(number)
            newest = self._newest_publication()
            if newest is None or number not in self._publications():
                raise WrongRevisionState(
                    f"revision {number}: was never published, so there is nothing to roll back to"
                )
            head = self._kept(newest.number)
            if kept.content_hash == head.content_hash:
                raise WrongRevisionState(
                    f"revision {number}: its content is published already, as revision "
                    f"{newest.number}"
                )
            document = _document(kept)
            self._site(document, named=_named(number))
            reason = f"back to revision {number}: {reason}"
            new = self._store.revisions.add(
                content=kept.content,
                author=by,
                at_s=now_s,
                reason=reason,
                parent=newest.number,
                content_hash=kept.content_hash,
            )
            # The present one may be what this version cannot use; that must not stop the way back.
            try:
                current = self.published()
            except BadInput:
                current = None
            return self._publish(
                new, document, current, "revision.rolled_back", by=by, reason=reason, now_s=now_s
            )

    # -----------------------------------------------------------------------------------------

    def _published_from(self, parent: int | None, what: str) -> Current:
        current = self.published()
        if current is None:
            raise WrongRevisionState("revisions: none is published yet, start the hub once")
        if parent != current.number:
            newest = self._newest_publication()
            who = f"'{newest.by}'" if newest else "somebody"
            when = datetime.fromtimestamp(newest.at_s if newest else 0, UTC)
            raise WrongRevisionState(
                f"parent: {what} was made from revision {parent}, but {who} published revision "
                f"{current.number} at {when:%Y-%m-%d %H:%M:%S} UTC meanwhile; make it again from "
                "that"
            )
        return current

    def _site(self, document: SiteDocument, *, named: str) -> Site:
        site = document.to_site(pictures={}, named=named)
        try:
            self._check(site)
        except BadInput as error:
            raise BadInput(f"{named}: {error}") from None
        return site

    def _current(self, number: int, document: SiteDocument) -> Current:
        return Current(
            number=number,
            content_hash=document.content_hash(),
            document=document,
            site=self._site(document, named=_named(number)),
        )

    def _add(
        self,
        document: SiteDocument,
        *,
        by: str,
        reason: str,
        parent: Current | None,
        now_s: float,
    ) -> int:
        return self._store.revisions.add(
            content=document.text(),
            author=by,
            at_s=now_s,
            reason=reason,
            parent=None if parent is None else parent.number,
            content_hash=document.content_hash(),
        )

    def _publish(
        self,
        number: int,
        document: SiteDocument,
        before: Current | None,
        action: str,
        *,
        by: str,
        reason: str,
        now_s: float,
    ) -> Current:
        new = self._current(number, document)
        changes = () if before is None else site_changes(before.document, document)
        self._record(
            action,
            number,
            by=by,
            now_s=now_s,
            detail={
                "reason": reason,
                "instead_of": None if before is None else before.number,
                "content_hash": new.content_hash,
                "changes": [each.words.en for each in changes[:_CHANGES_KEPT]],
                "more_changes": max(0, len(changes) - _CHANGES_KEPT),
            },
        )
        self._store.revisions.publish(number, by=by, at_s=now_s)
        return new

    def _record(
        self, action: str, number: int, *, by: str, now_s: float, detail: dict[str, Any]
    ) -> None:
        # Before it is done: nothing of this may happen without a trace.
        self._store.audit.append(
            AuditEntry(
                at_s=now_s, actor=by, action=action, subject=f"revision/{number}", detail=detail
            )
        )

    def _kept(self, number: int) -> KeptRevision:
        kept = self._store.revisions.get(number)
        if kept is None:
            raise UnknownRevision(f"revision {number}: there is none with this number")
        return kept

    def info(self, number: int) -> RevisionInfo:
        """Return a revision without its document.

        Raises:
            UnknownRevision: there is none with this number.
        """
        return _info(self._kept(number), self._publications())

    def _publications(self) -> dict[int, Publication]:
        """Return what was published by number, in order of time."""
        newest_first = self._store.revisions.publications(limit=_ALL)
        return {each.number: each for each in reversed(newest_first)}

    def _newest_publication(self) -> Publication | None:
        return next(iter(self._store.revisions.publications(limit=1)), None)


def _refuse_unprintable(reason: str) -> None:
    if not reason.isprintable():
        raise BadInput("reason: expected one line of printable characters")


def _named(number: int) -> str:
    return f"revision {number}"


def _document(kept: KeptRevision) -> SiteDocument:
    return document_from_text(kept.content, named=_named(kept.number))


def _info(head: RevisionHead, publications: dict[int, Publication]) -> RevisionInfo:
    publication = publications.get(head.number)
    is_last = bool(publications) and head.number == next(reversed(publications))
    return RevisionInfo(
        number=head.number,
        author=head.author,
        at_s=head.at_s,
        reason=head.reason,
        parent=head.parent,
        content_hash=head.content_hash,
        state="draft" if publication is None else "published" if is_last else "replaced",
        published_by=None if publication is None else publication.by,
        published_at_s=None if publication is None else publication.at_s,
    )
