"""The loop: cameras' newest pictures to observations, as processor time allows, and to the hub."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from crowdsafe import __version__
from crowdsafe.contract.edge_messages import (
    CameraStatus,
    Hello,
    Observation,
    SourceStatus,
)
from crowdsafe.contract.site import Site
from crowdsafe.edge.analyses import analyses
from crowdsafe.edge.camera import CameraAnalysis, Pace
from crowdsafe.edge.detector.base import Detector
from crowdsafe.edge.pool import LookPool, cores_allowed
from crowdsafe.edge.revision import SiteRevision, View
from crowdsafe.edge.sender import Outbox, send
from crowdsafe.edge.source import LiveSource
from crowdsafe.errors import BadInput
from crowdsafe.settings import CameraSettings, EdgeSettings

_LOG = logging.getLogger(__name__)
_STOP_WITHIN_S = 2.0
_DETAIL_LETTERS = 300

Deliver = Callable[[Observation | CameraStatus], None]


class WatchedCamera:
    """A camera's source, what is made of its pictures, and what is said of it."""

    def __init__(
        self,
        *,
        analysis: CameraAnalysis,
        settings: CameraSettings,
        analysed_per_s: float,
        deliver: Deliver,
        came: Callable[[str, float], None],
        stop: threading.Event,
    ) -> None:
        self.asked_per_s = analysed_per_s
        self.camera_id = analysis.camera_id
        self._looking = threading.Lock()
        self._analysis = analysis
        self._revision: int | None = None
        self._of_the_site = True
        self._deliver = deliver
        self._wrong = ""
        self.source = LiveSource(
            settings.source,
            loop=settings.loop,
            analysed_per_s=analysed_per_s,
            status=self._hear,
            stop=stop,
            came=lambda at_s: came(self.camera_id, at_s),
        )

    def run(self, view: View | None, *, revision: int) -> None:
        """Look at pictures by a revision of the site; waits for the end of the look of now.

        Args:
            view: how; None: look at none, for the site has no such camera any more.
            revision: its number.
        """
        with self._looking:
            self._revision, self._of_the_site = revision, view is not None
            if view is None:
                return
            if view.new is not None:
                view.new.succeed(self._analysis, same_picture=view.same_picture)
                self._analysis = view.new
            self._analysis.judge_by(view.site.zones)

    def newest_at_s(self) -> float | None:
        """Return when the newest picture came that was not looked at."""
        return self.source.mailbox.newest_at_s() if self._of_the_site else None

    def look(self, *, achieved_per_s: float) -> float:
        """Look at the newest picture, deliver what is seen, and return how urgent the next is.

        What goes wrong is told once, as the camera's status, and so is that it is over.
        """
        with self._looking:
            return self._look(achieved_per_s) if self._of_the_site else 0.0

    def _look(self, achieved_per_s: float) -> float:
        mailbox = self.source.mailbox
        decoded = mailbox.take()
        if decoded is None:
            return 0.0
        pace = Pace(
            asked_per_s=self.asked_per_s,
            achieved_per_s=achieved_per_s,
            frames_dropped=mailbox.dropped,
            frames_out_of_order=mailbox.out_of_order,
        )
        try:
            observation = self._analysis.look(decoded.frame(), pace)
        except BadInput as error:
            self._note(str(error))
            return 0.0
        except Exception as error:  # noqa: BLE001 one camera's fault must not blind the others
            wrong = f"camera '{self.camera_id}': analysis failed ({type(error).__name__}: {error})"
            if wrong != self._wrong:
                _LOG.exception("%s", wrong)
            self._note(wrong)
            return 0.0
        self._note("")
        self._deliver(observation.model_copy(update={"revision": self._revision}))
        return self._analysis.urgency

    def _hear(self, status: SourceStatus, detail: str) -> None:
        # What is wrong with the pictures is to be told again after what the source says.
        self._wrong = ""
        self._tell(status, detail)

    def _note(self, wrong: str) -> None:
        if wrong != self._wrong:
            self._wrong = wrong
            self._tell("lost" if wrong else "running", wrong)

    def _tell(self, status: SourceStatus, detail: str) -> None:
        if not self._of_the_site:
            return
        self._deliver(
            CameraStatus(
                camera_id=self.camera_id,
                at_s=time.time(),
                status=status,
                detail=detail[:_DETAIL_LETTERS],
            )
        )


class Worker:
    """All cameras of one process: a thread to decode each, and some to look at their pictures."""

    def __init__(
        self,
        analyses: Sequence[CameraAnalysis],
        settings: EdgeSettings,
        *,
        deliver: Deliver,
    ) -> None:
        """Prepare, without starting.

        Args:
            analyses: one for each of the settings' cameras, in their order.
            settings: rates and cores.
            deliver: takes observations and statuses, from any thread.
        """
        self._stop_event = threading.Event()
        self.cameras = tuple(
            WatchedCamera(
                analysis=analysis,
                settings=camera,
                analysed_per_s=camera.analysed_per_s or settings.analysed_per_s,
                deliver=deliver,
                came=lambda camera_id, at_s: self.pool.picture_came(camera_id, at_s=at_s),
                stop=self._stop_event,
            )
            for analysis, camera in zip(analyses, settings.cameras, strict=True)
        )
        self.pool = LookPool(
            self.cameras,
            cores=settings.cores or cores_allowed(),
            threads_a_look=settings.threads,
            stop=self._stop_event,
        )

    def start(self) -> None:
        """Start all threads."""
        self.pool.start()
        for camera in self.cameras:
            camera.source.start()

    def stop(self) -> None:
        """End all threads, and wait for them up to 2 s together; they end with the process."""
        self._stop_event.set()
        self.pool.wake()
        deadline_s = time.monotonic() + _STOP_WITHIN_S
        for thread in (*self.pool.threads, *(camera.source for camera in self.cameras)):
            thread.join(max(0.0, deadline_s - time.monotonic()))


async def run_worker(
    site: Site, settings: EdgeSettings, detector: Detector, *, folder: Path | None = None
) -> None:
    """Run until cancelled.

    Args:
        site: to begin with, until the hub tells which revision is published.
        settings: cameras, rates and the hub's address.
        detector: for all cameras.
        folder: that the site was read from, with the pictures of calibrations.

    Raises:
        BadInput: the settings do not fit the site.
        HubRefused: the hub does not know this worker or one of its cameras.
    """
    loop = asyncio.get_running_loop()
    outbox = Outbox(size=settings.outbox_size)

    def deliver(message: Observation | CameraStatus) -> None:
        # A look that outlives the loop has nobody to tell.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(outbox.put, message)

    watching = analyses(site, settings, detector)
    worker = Worker(watching, settings, deliver=deliver)
    revision = SiteRevision(
        worker.cameras,
        site=site,
        folder=folder,
        settings=settings,
        detector=detector,
        tell=outbox.put,
    )

    def hello() -> Hello:
        return Hello(
            worker=settings.worker,
            version=__version__,
            detector=detector.name,
            height_m=watching[0].observer.height_m,
            camera_ids=tuple(camera.id for camera in settings.cameras),
            revision=revision.number,
            content_hash=revision.content_hash,
        )

    worker.start()
    _LOG.info("edge: %d camera(s), detector %s", len(worker.cameras), detector.name)
    sending = asyncio.create_task(
        send(
            outbox,
            hub_url=settings.hub_url,
            token=settings.token.get_secret_value(),
            hello=hello,
            published=revision.publish,
        )
    )
    keeping_up = asyncio.create_task(revision.keep_up())
    try:
        await asyncio.wait({sending, keeping_up}, return_when=asyncio.FIRST_COMPLETED)
        for each in (keeping_up, sending):
            if each.done():
                each.result()
    finally:
        keeping_up.cancel()
        sending.cancel()
        await asyncio.wait({sending, keeping_up})
        await asyncio.to_thread(worker.stop)
