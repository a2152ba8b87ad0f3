"""Pictures of a file or stream with their time stamps, decoded by PyAV."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError

from crowdsafe.contract.messages import SourceStatus
from crowdsafe.edge.detections import Picture
from crowdsafe.errors import BadInput, SourceLost

_LOG = logging.getLogger(__name__)
_OPEN_TIMEOUT_S = 5.0
_READ_TIMEOUT_S = 5.0
_RETRY_S = 1.0
_ASSUMED_FRAMES_PER_S = 25.0


@dataclass(frozen=True)
class Frame:
    """One picture. ``t_s`` counts from the recording's start, ``captured_at_s`` from 1970 UTC."""

    index: int
    t_s: float
    captured_at_s: float
    picture: Picture

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        return self.picture.shape[1], self.picture.shape[0]


def is_stream(source: str) -> bool:
    """Say whether a source is an address and not a file."""
    return "://" in source


def without_credentials(source: str) -> str:
    """Return a source as it may be shown: without the user and password of an address."""
    if not is_stream(source):
        return source
    parts = urlsplit(source)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"


def _open(source: str) -> InputContainer:
    shown = without_credentials(source)
    if not is_stream(source) and not Path(source).is_file():
        raise BadInput(f"{shown}: there is no such video file")
    options = {"rtsp_transport": "tcp"} if source.startswith("rtsp") else {}
    try:
        container = av.open(source, options=options, timeout=(_OPEN_TIMEOUT_S, _READ_TIMEOUT_S))
    except (FFmpegError, OSError) as error:
        reason = error.strerror or type(error).__name__
        if is_stream(source):
            raise SourceLost(f"{shown}: cannot be opened ({reason})") from None
        raise BadInput(f"{shown}: is not a video that can be read ({reason})") from None
    if not container.streams.video:
        container.close()
        raise BadInput(f"{shown}: has no picture track, expected a video")
    return container


def _frames(container: InputContainer) -> Iterator[av.VideoFrame]:
    """Decode without stopping at damaged packets; the stream's end or failure ends it."""
    stream = container.streams.video[0]
    stream.thread_type = "NONE"
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            continue


def _picture(frame: av.VideoFrame) -> Picture:
    return np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)


def recording(path: Path, *, every: int = 1) -> Iterator[Frame]:
    """Yield every ``every``-th picture of a recording; time counts from its start.

    Raises:
        BadInput: missing, not a video, or without a single picture.
    """
    if every < 1:
        raise BadInput(f"every: {every}, expected 1 or more")
    empty = True
    with _open(str(path)) as container:
        rate = float(container.streams.video[0].average_rate or _ASSUMED_FRAMES_PER_S)
        first_s: float | None = None
        try:
            for index, frame in enumerate(_frames(container)):
                empty = False
                t_s = index / rate if frame.pts is None else frame.time
                first_s = t_s if first_s is None else first_s
                if index % every == 0:
                    yield Frame(index, t_s - first_s, t_s - first_s, _picture(frame))
        except (FFmpegError, OSError) as error:
            raise BadInput(f"{path}: breaks off after it began ({error.strerror})") from None
    if empty:
        raise BadInput(f"{path}: has no pictures (zero frames), expected a video")


def recording_frames(path: Path) -> int:
    """Return how many pictures a recording says it has, 0 when it does not say."""
    with _open(str(path)) as container:
        return int(container.streams.video[0].frames)


class Mailbox:
    """Holds the newest due picture only, and counts those it had to let go."""

    def __init__(self) -> None:
        self._ready = threading.Condition()
        self._frame: Frame | None = None
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Due pictures that nobody took in time."""
        return self._dropped

    def put(self, frame: Frame) -> None:
        """Leave a picture; one that still lies there is dropped."""
        with self._ready:
            if self._frame is not None:
                self._dropped += 1
            self._frame = frame
            self._ready.notify()

    def take(self, *, timeout_s: float) -> Frame | None:
        """Return the picture that lies there, or wait for one; None after ``timeout_s``."""
        with self._ready:
            if self._frame is None:
                self._ready.wait(timeout_s)
            frame, self._frame = self._frame, None
            return frame


class LiveSource(threading.Thread):
    """Reads a stream, or plays a file in real time, and keeps the newest due picture.

    Opens again after a failure; ``status`` hears what becomes of the stream.
    """

    def __init__(
        self,
        source: str,
        *,
        loop: bool,
        analysed_per_s: float,
        status: Callable[[SourceStatus, str], None],
        stop: threading.Event,
    ) -> None:
        super().__init__(name=f"source {without_credentials(source)}", daemon=True)
        self.mailbox = Mailbox()
        self._source = source
        self._loop = loop
        self._due_every_s = 1.0 / analysed_per_s
        self._status = status
        self._stop_event = stop
        self._index = 0

    def run(self) -> None:
        """Play until stopped, or until a file that is not looped ends."""
        while not self._stop_event.is_set():
            self._status("connecting", "")
            try:
                self._play_once()
            except (BadInput, SourceLost) as error:
                _LOG.warning("%s", error)
                self._status("lost", str(error))
                self._stop_event.wait(_RETRY_S)
                continue
            if not is_stream(self._source) and not self._loop:
                self._status("ended", "the recording is over")
                return
            if is_stream(self._source):
                self._status("lost", "the stream ended")
                self._stop_event.wait(_RETRY_S)

    def _play_once(self) -> None:
        paced = not is_stream(self._source)
        next_due_s = float("-inf")
        first: tuple[float, float] | None = None
        pictures = 0
        with _open(self._source) as container:
            rate = float(container.streams.video[0].average_rate or _ASSUMED_FRAMES_PER_S)
            try:
                for frame in _frames(container):
                    t_s = pictures / rate if frame.pts is None else frame.time
                    pictures += 1
                    if pictures == 1:
                        self._status("running", "")
                    wall_s = time.time()
                    if paced:
                        first = first or (wall_s, t_s)
                        wall_s = first[0] + t_s - first[1]
                        if self._stop_event.wait(max(0.0, wall_s - time.time())):
                            return
                    if self._stop_event.is_set():
                        return
                    if wall_s >= next_due_s:
                        next_due_s = max(next_due_s + self._due_every_s, wall_s)
                        self.mailbox.put(Frame(self._index, t_s, wall_s, _picture(frame)))
                    self._index += 1
            except (FFmpegError, OSError) as error:
                shown = without_credentials(self._source)
                raise SourceLost(f"{shown}: broke off ({error.strerror})") from None
        if pictures == 0:
            shown = without_credentials(self._source)
            raise BadInput(f"{shown}: has no pictures (zero frames), expected a video")
