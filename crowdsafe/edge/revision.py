"""Which revision of the site a worker runs: what the hub publishes is taken up while it watches."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from shapely.errors import ShapelyError

from crowdsafe.contract.edge_messages import RunsRevision
from crowdsafe.contract.sameness import same_line, same_view
from crowdsafe.contract.site import Site, SiteCamera
from crowdsafe.contract.site_document import (
    SiteDocument,
    as_document,
    pictures_for,
    read_document,
)
from crowdsafe.edge.analyses import analysis_of
from crowdsafe.edge.camera import CameraAnalysis
from crowdsafe.edge.detector.base import Detector
from crowdsafe.errors import BadInput
from crowdsafe.settings import EdgeSettings

_LOG = logging.getLogger(__name__)
_WRONG_LETTERS = 300


class Revisable(Protocol):
    """A camera whose analysis can be changed while it runs."""

    @property
    def camera_id(self) -> str:
        """Which camera."""

    def run(self, view: "View | None", *, revision: int) -> None:
        """Look at its pictures by a revision from now on, or at none."""


@dataclass(frozen=True)
class View:
    """How one camera's pictures are looked at from a revision on.

    Attributes:
        site: for its thresholds.
        new: another analysis, None to go on with the one that runs.
        same_picture: calibration and its picture are those of the revision before.
    """

    site: Site
    new: CameraAnalysis | None
    same_picture: bool


@dataclass(frozen=True)
class _Run:
    """What runs now. Without a site folder, its document is not known."""

    number: int | None
    document: SiteDocument | None
    site: Site

    @cached_property
    def content_hash(self) -> str | None:
        return None if self.document is None else self.document.content_hash()


class SiteRevision:
    """What the worker's cameras are looked at by, and the next one as soon as it is published.

    A revision is taken up as a whole or not at all. Streams are not touched, and a camera goes on
    with what it knows as far as neither its calibration nor any zone or counting line changed.
    """

    def __init__(
        self,
        cameras: Sequence[Revisable],
        *,
        site: Site,
        folder: Path | None,
        settings: EdgeSettings,
        detector: Detector,
        tell: Callable[[RunsRevision], None],
    ) -> None:
        """Begin with the site of the worker's own folder.

        Args:
            cameras: of the worker, which run by that site.
            site: as read from the folder.
            folder: where calibration pictures are looked for; None: nowhere.
            settings: for new analyses.
            detector: for new analyses.
            tell: takes what the hub is to hear; called on the event loop.

        Raises:
            BadInput: the folder cannot be read.
        """
        document = None if folder is None else read_document(folder)
        self._run = _Run(None, document, site)
        self._cameras = tuple(cameras)
        self._folder = folder
        self._settings = settings
        self._detector = detector
        self._tell = tell
        self._published: tuple[int, dict[str, Any]] | None = None
        self._something = asyncio.Event()

    @property
    def number(self) -> int | None:
        """Of the revision that runs, None for the worker's own site folder."""
        return self._run.number

    @property
    def content_hash(self) -> str | None:
        """Of the document that runs, None where it is not known."""
        return self._run.content_hash

    def publish(self, number: int, document: dict[str, Any]) -> None:
        """Take a revision that the hub published; call it on the event loop.

        Of several that come while one is being taken up, only the newest counts.
        """
        self._published = number, document
        self._something.set()

    async def keep_up(self) -> None:
        """Take up what is published, for ever, and tell the hub what came of it."""
        while True:
            await self._something.wait()
            self._something.clear()
            published, self._published = self._published, None
            if published is not None:
                self._tell(await asyncio.to_thread(self._take_up, *published))

    def _take_up(self, number: int, content: dict[str, Any]) -> RunsRevision:
        try:
            lacks = self._switch(number, content)
        except BadInput as error:
            _LOG.error("revision %d cannot be used, %s runs on: %s", number, self._named(), error)
            return RunsRevision(
                revision=self.number,
                content_hash=self.content_hash,
                refused=number,
                wrong=str(error)[:_WRONG_LETTERS],
            )
        for each in lacks:
            _LOG.warning("revision %d: %s", number, each)
        _LOG.info("revision %d runs", number)
        return RunsRevision(
            revision=number,
            content_hash=self.content_hash,
            wrong="; ".join(lacks)[:_WRONG_LETTERS],
        )

    def _named(self) -> str:
        return "the own site folder" if self.number is None else f"revision {self.number}"

    def _switch(self, number: int, content: dict[str, Any]) -> tuple[str, ...]:
        """Run another revision; returns what cannot be had of it, in words."""
        named = f"revision {number}"
        try:
            document = as_document(content, named=named)
            pictures, missing = (
                ({}, tuple(document.pictures))
                if self._folder is None
                else pictures_for(document, self._folder)
            )
            site = document.to_site(pictures=pictures, named=named)
            views = {
                each.camera_id: self._view(each.camera_id, document, site) for each in self._cameras
            }
        except (ArithmeticError, ValueError, ShapelyError) as error:
            raise BadInput(f"{named}: {type(error).__name__}: {error}") from None
        if not any(views.values()):
            raise BadInput(f"{named}: has none of this worker's cameras {', '.join(views)}")
        for camera in self._cameras:
            camera.run(views[camera.camera_id], revision=number)
        self._run = _Run(number, document, site)
        return (
            *(
                f"camera '{each}' is not in it and is not looked at"
                for each, view in views.items()
                if view is None
            ),
            *(
                f"camera '{each}': the picture of its calibration is not in the site folder, so "
                "that it is not told when it was moved before now"
                for each in missing
                if each in views
            ),
        )

    def _view(self, camera_id: str, document: SiteDocument, site: Site) -> View | None:
        after = _camera(site, camera_id)
        if after is None:
            return None
        before = _camera(self._run.site, camera_id)
        same_picture = (
            before is not None
            and same_view(before, after)
            and self._run.document is not None
            and self._run.document.pictures.get(camera_id) == document.pictures.get(camera_id)
            and (before.picture is None) == (after.picture is None)
        )
        if same_picture and _same_ground(self._run.site, site):
            return View(site=site, new=None, same_picture=True)
        return View(
            site=site,
            new=analysis_of(after, site, self._settings, self._detector),
            same_picture=same_picture,
        )


def _camera(site: Site, camera_id: str) -> SiteCamera | None:
    return next((each for each in site.cameras if each.id == camera_id), None)


def _same_ground(before: Site, after: Site) -> bool:
    """Say whether zones and lines lie where they did, in the same order."""
    return (
        before.peak_radius_m == after.peak_radius_m
        and before.frame.origin == after.frame.origin
        and [each.zone for each in before.zones] == [each.zone for each in after.zones]
        and len(before.lines) == len(after.lines)
        and all(map(same_line, before.lines, after.lines))
    )
