"""The loop: cameras' newest pictures to observations, as processor time allows, and to the hub."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from crowdsafe import __version__
from crowdsafe.contract.messages import CameraStatus, Hello, Observation, SourceStatus
from crowdsafe.contract.site import Site, SiteCamera
from crowdsafe.domain.lines import CountingLine
from crowdsafe.edge.camera import CameraAnalysis, Pace
from crowdsafe.edge.detector.base import Detector
from crowdsafe.edge.health.reference import Reference
from crowdsafe.edge.observe import Observer, observer, refuse_other_aspect
from crowdsafe.edge.pool import LookPool, cores_allowed
from crowdsafe.edge.sender import Outbox, send
from crowdsafe.edge.source import LiveSource
from crowdsafe.edge.still import read_still
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
        self._analysis = analysis
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

    @property
    def camera_id(self) -> str:
        """Which camera."""
        return self._analysis.camera_id

    def newest_at_s(self) -> float | None:
        """Return when the newest picture came that was not looked at."""
        return self.source.mailbox.newest_at_s()

    def look(self, *, achieved_per_s: float) -> float:
        """Look at the newest picture, deliver what is seen, and return how urgent the next is.

        What goes wrong is told once, as the camera's status, and so is that it is over.
        """
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
        self._deliver(observation)
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


def observers(site: Site, settings: EdgeSettings, detector: Detector) -> tuple[Observer, ...]:
    """Return the observer of each configured camera, in the settings' order.

    Raises:
        BadInput: no camera is configured, one twice, or one that the site does not know.
    """
    known: dict[str, SiteCamera] = {camera.id: camera for camera in site.cameras}
    if not settings.cameras:
        raise BadInput("edge.cameras: none is configured, expected at least one")
    ids = [camera.id for camera in settings.cameras]
    result = []
    for camera_id in ids:
        if ids.count(camera_id) > 1:
            raise BadInput(f"edge.cameras: '{camera_id}' is there twice, expected once")
        if camera_id not in known:
            raise BadInput(
                f"edge.cameras: '{camera_id}' has no calibration at the site, expected one of "
                f"{', '.join(sorted(known)) or 'none (cameras/ is empty)'}"
            )
        result.append(
            observer(
                camera_id=camera_id,
                camera=known[camera_id].camera,
                zones=[zone.zone for zone in site.zones],
                kind=detector.kind,
                head_height_m=settings.head_height_m,
                range_m=known[camera_id].range_m,
                min_px_per_m=known[camera_id].min_px_per_m,
                masks_px=known[camera_id].masks_px,
                count_error=detector.count_error,
                peak_radius_m=site.peak_radius_m,
            )
        )
    return tuple(result)


def analyses(site: Site, settings: EdgeSettings, detector: Detector) -> tuple[CameraAnalysis, ...]:
    """Return the analysis of each configured camera, in the settings' order.

    Raises:
        BadInput: as :func:`observers`, or a camera's calibration picture is of no use.
    """
    # Starting at the time keeps numbers rising over restarts without a state on disk.
    first_seq = int(time.time() * 1000)
    pictures = {camera.id: camera.picture for camera in site.cameras}
    lines = [CountingLine(line.id, line.points_m) for line in site.lines]
    return tuple(
        CameraAnalysis(
            observer=each,
            detector=detector,
            zones=site.zones,
            steady_s=settings.steady_s,
            first_seq=first_seq,
            lines=lines,
            reference=_reference(each, pictures[each.camera_id]),
        )
        for each in observers(site, settings, detector)
    )


def _reference(watching: Observer, picture: Path | None) -> Reference | None:
    if picture is None:
        return None
    try:
        still = read_still(picture)
        refuse_other_aspect(watching, (still.shape[1], still.shape[0]))
        return Reference.from_picture(still)
    except BadInput as error:
        told = str(error)
        raise BadInput(told if str(picture) in told else f"{picture}: {told}") from None


async def run_worker(site: Site, settings: EdgeSettings, detector: Detector) -> None:
    """Run until cancelled.

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
    hello = Hello(
        worker=settings.worker,
        version=__version__,
        detector=detector.name,
        height_m=watching[0].observer.height_m,
        camera_ids=tuple(camera.id for camera in settings.cameras),
    )
    worker.start()
    _LOG.info("edge: %d camera(s), detector %s", len(worker.cameras), detector.name)
    try:
        await send(
            outbox,
            hub_url=settings.hub_url,
            token=settings.token.get_secret_value(),
            hello=hello,
        )
    finally:
        await asyncio.to_thread(worker.stop)
