"""The loop: newest picture, detector, observation, hub; one thread for each camera."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable

from crowdsafe import __version__
from crowdsafe.contract.messages import CameraStatus, Hello, Observation, SourceStatus
from crowdsafe.contract.site import Site, SiteCamera
from crowdsafe.edge.detector.base import Detector
from crowdsafe.edge.observe import Observer, observe, observer
from crowdsafe.edge.sender import Outbox, send
from crowdsafe.edge.source import LiveSource
from crowdsafe.edge.steadiness import SteadyZones
from crowdsafe.errors import BadInput
from crowdsafe.settings import CameraSettings, EdgeSettings

_LOG = logging.getLogger(__name__)
_TAKE_TIMEOUT_S = 0.5

Deliver = Callable[[Observation | CameraStatus], None]


class CameraLoop(threading.Thread):
    """Analyses one camera's pictures until stopped or its recording is over."""

    def __init__(
        self,
        *,
        observer: Observer,
        detector: Detector,
        settings: CameraSettings,
        analysed_per_s: float,
        steady_s: float,
        deliver: Deliver,
        stop: threading.Event,
    ) -> None:
        super().__init__(name=f"camera {observer.camera_id}", daemon=True)
        self._observer = observer
        self._steady = SteadyZones(observer, steady_s=steady_s)
        self._detector = detector
        self._deliver = deliver
        self._stop_event = stop
        self._source = LiveSource(
            settings.source,
            loop=settings.loop,
            analysed_per_s=analysed_per_s,
            status=self._tell,
            stop=stop,
        )
        # Starting at the time keeps numbers rising over restarts without a state on disk.
        self._seq = int(time.time() * 1000)

    def run(self) -> None:
        """Take, detect, observe, steady, deliver."""
        self._source.start()
        mailbox = self._source.mailbox
        while not self._stop_event.is_set():
            frame = mailbox.take(timeout_s=_TAKE_TIMEOUT_S)
            if frame is None:
                if not self._source.is_alive():
                    return
                continue
            begun_s = time.perf_counter()
            detections = self._detector.detect(frame.picture, self._observer.view)
            self._seq += 1
            try:
                observation = observe(
                    self._observer,
                    detections,
                    picture_size_px=frame.size_px,
                    seq=self._seq,
                    captured_at_s=frame.captured_at_s,
                    analysis_ms=1000 * (time.perf_counter() - begun_s),
                    frames_dropped=mailbox.dropped,
                )
            except BadInput as error:
                self._tell("lost", str(error))
                continue
            self._deliver(self._steady.step(observation))

    def _tell(self, status: SourceStatus, detail: str) -> None:
        self._deliver(
            CameraStatus(
                camera_id=self._observer.camera_id,
                at_s=time.time(),
                status=status,
                detail=detail[:300],
            )
        )


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
                count_error=detector.count_error,
            )
        )
    return tuple(result)


async def run_worker(site: Site, settings: EdgeSettings, detector: Detector) -> None:
    """Run until cancelled.

    Raises:
        BadInput: the settings do not fit the site.
        HubRefused: the hub does not know this worker or one of its cameras.
    """
    loop = asyncio.get_running_loop()
    outbox = Outbox(size=settings.outbox_size)
    stop = threading.Event()

    def deliver(message: Observation | CameraStatus) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(outbox.put, message)

    cameras = [
        CameraLoop(
            observer=each,
            detector=detector,
            settings=camera,
            analysed_per_s=settings.analysed_per_s,
            steady_s=settings.steady_s,
            deliver=deliver,
            stop=stop,
        )
        for each, camera in zip(observers(site, settings, detector), settings.cameras, strict=True)
    ]
    hello = Hello(
        worker=settings.worker,
        version=__version__,
        detector=detector.name,
        camera_ids=tuple(camera.id for camera in settings.cameras),
    )
    for camera in cameras:
        camera.start()
    _LOG.info("edge: %d camera(s), detector %s", len(cameras), detector.name)
    try:
        await send(
            outbox,
            hub_url=settings.hub_url,
            token=settings.token.get_secret_value(),
            hello=hello,
        )
    finally:
        stop.set()
        for camera in cameras:
            await asyncio.to_thread(camera.join, 2.0)
