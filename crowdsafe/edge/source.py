"""Pictures of a file or stream with their time stamps, decoded by PyAV."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError

from crowdsafe.contract.edge_messages import SourceStatus
from crowdsafe.edge.detections import Picture
from crowdsafe.errors import BadInput, SourceLost

_LOG = logging.getLogger(__name__)
_OPEN_TIMEOUT_S = 5.0
_READ_TIMEOUT_S = 5.0
_RETRY_S = 1.0
_ASSUMED_FRAMES_PER_S = 25.0
# An earlier picture for optical flow: people walk 0.1 to 0.5 m in this time.
_EARLIER_AT_LEAST_S = 0.08
_EARLIER_AT_MOST_S = 0.35
_EARLIER_KEPT = 16
# Time stamps are exact to the clock of the stream: 1/90,000 s.
_INSTANT_S = 1e-3
_OUT_OF_ORDER_S = 2.0


@dataclass(frozen=True)
class Earlier:
    """What the camera showed shortly before another picture of the same size."""

    captured_at_s: float
    picture: Picture


@dataclass(frozen=True)
class Frame:
    """One picture. ``t_s`` counts from the recording's start, ``captured_at_s`` from 1970 UTC.

    ``earlier`` is the nearest picture that a live source showed 0.08 to 0.35 s before, if any; both
    times are by the stream's own clock.
    """

    index: int
    t_s: float
    captured_at_s: float
    picture: Picture
    earlier: Earlier | None = None

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


@dataclass(frozen=True)
class Decoded:
    """A picture as the decoder gave it, with the earlier one that belongs to it.

    It becomes one of colours when somebody looks at it: most pictures nobody looks at.
    """

    index: int
    t_s: float
    captured_at_s: float
    video: av.VideoFrame
    earlier: "Decoded | None" = None

    def frame(self) -> Frame:
        """Return it in colours."""
        earlier = None
        if self.earlier is not None:
            earlier = Earlier(self.earlier.captured_at_s, _picture(self.earlier.video))
        return Frame(self.index, self.t_s, self.captured_at_s, _picture(self.video), earlier)


class _Recent:
    """The last decoded pictures, as many as are needed to find the earlier one of a pair."""

    def __init__(self) -> None:
        self._kept: deque[Decoded] = deque(maxlen=_EARLIER_KEPT)

    def pair(self, decoded: Decoded) -> Decoded:
        """Return a picture with its earlier one, and keep it for those that follow."""
        kept = self._kept
        if kept and decoded.t_s <= kept[-1].t_s:
            kept.clear()
        at_least_s = _EARLIER_AT_LEAST_S - _INSTANT_S
        kept.append(decoded)
        while len(kept) > 1 and decoded.t_s - kept[1].t_s >= at_least_s:
            kept.popleft()
        first = kept[0]
        before_s = decoded.t_s - first.t_s
        same_size = (first.video.width, first.video.height) == (
            decoded.video.width,
            decoded.video.height,
        )
        if not (at_least_s <= before_s <= _EARLIER_AT_MOST_S + _INSTANT_S and same_size):
            return decoded
        # A stream's pictures arrive in bursts; between two of them its own clock is right.
        captured_at_s = decoded.captured_at_s - before_s
        return replace(decoded, earlier=replace(first, captured_at_s=captured_at_s))


class Mailbox:
    """Holds the newest picture only, and counts the due ones that nobody took in time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: tuple[Decoded, float] | None = None
        self._taken_s = float("-inf")
        self._owed = 0
        self._dropped = 0
        self._out_of_order = 0

    @property
    def dropped(self) -> int:
        """Due pictures that nobody took in time."""
        return self._dropped

    @property
    def out_of_order(self) -> int:
        """Pictures dated no later than one that was taken."""
        return self._out_of_order

    def newest_at_s(self) -> float | None:
        """Return when the picture that lies there came, None without one."""
        held = self._held
        return held[1] if held is not None else None

    def behind_s(self, captured_at_s: float) -> float:
        """Return how long before the last picture that was taken another one is dated."""
        return self._taken_s - captured_at_s

    def put(self, decoded: Decoded, *, at_s: float, due: bool) -> bool:
        """Leave a picture in place of the one that lies there.

        One dated no later than the last that was taken is counted and not left: readings over time
        would go back with it.

        Args:
            decoded: the picture.
            at_s: when it came, by the monotonic clock.
            due: whether one of the looks that were asked for is owed from now on.

        Returns:
            Whether it lies there now.
        """
        with self._lock:
            # Said this way round, no time at all (NaN) is out of order too.
            if not decoded.captured_at_s > self._taken_s:
                self._out_of_order += 1
                return False
            self._held = decoded, at_s
            # One look is always owed or just paid; more than one will not be made up for.
            self._owed += due
            if self._owed > 1:
                self._dropped += 1
                self._owed = 1
            return True

    def take(self) -> Decoded | None:
        """Return the picture that lies there, None without one."""
        with self._lock:
            if self._held is None:
                return None
            decoded, _ = self._held
            self._held = None
            self._taken_s = decoded.captured_at_s
            # An urgent camera is looked at more often than is owed, which is no credit.
            self._owed = max(self._owed - 1, -1)
            return decoded


class LiveSource(threading.Thread):
    """Reads a stream, or plays a file in real time, and keeps the newest picture.

    Opens again after a failure; ``status`` hears what becomes of the stream, ``came`` when each
    picture came, by the monotonic clock.
    """

    def __init__(
        self,
        source: str,
        *,
        loop: bool,
        analysed_per_s: float,
        status: Callable[[SourceStatus, str], None],
        stop: threading.Event,
        came: Callable[[float], None] = lambda _at_s: None,
    ) -> None:
        super().__init__(name=f"source {without_credentials(source)}", daemon=True)
        self.mailbox = Mailbox()
        self._source = source
        self._loop = loop
        self._due_every_s = 1.0 / analysed_per_s
        self._next_due_s: float | None = None
        self._status = status
        self._came = came
        self._stop_event = stop
        self._index = 0
        self._out_of_order_since_s: float | None = None
        self._said_out_of_order = False

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
            except Exception as error:  # noqa: BLE001 a thread that ends in silence is a blind camera
                shown = without_credentials(self._source)
                _LOG.exception("%s: cannot be decoded", shown)
                self._status("lost", f"{shown}: cannot be decoded ({type(error).__name__})")
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
        first: tuple[float, float] | None = None
        pictures = 0
        recent = _Recent()
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
                        first = first or (time.monotonic(), t_s)
                        shown_s = first[0] + t_s - first[1]
                        if self._stop_event.wait(max(0.0, shown_s - time.monotonic())):
                            return
                        # The file plays on when the clock is set.
                        wall_s = time.time() + shown_s - time.monotonic()
                    if self._stop_event.is_set():
                        return
                    self._leave(recent.pair(Decoded(self._index, t_s, wall_s, frame)))
                    self._index += 1
            except (FFmpegError, OSError) as error:
                shown = without_credentials(self._source)
                raise SourceLost(f"{shown}: broke off ({error.strerror})") from None
        if pictures == 0:
            shown = without_credentials(self._source)
            raise BadInput(f"{shown}: has no pictures (zero frames), expected a video")

    def _leave(self, decoded: Decoded) -> None:
        now_s = time.monotonic()
        expected_s = now_s if self._next_due_s is None else self._next_due_s
        due = now_s >= expected_s
        if due:
            # As the budget counts: a late picture leaves the next one where it was.
            self._next_due_s = max(expected_s + self._due_every_s, now_s)
        if self.mailbox.put(decoded, at_s=now_s, due=due):
            self._out_of_order_since_s = None
            if self._said_out_of_order:
                self._said_out_of_order = False
                self._status("running", "")
            self._came(now_s)
            return
        if self._out_of_order_since_s is None:
            self._out_of_order_since_s = now_s
        if not self._said_out_of_order and now_s - self._out_of_order_since_s >= _OUT_OF_ORDER_S:
            self._said_out_of_order = True
            behind_s = self.mailbox.behind_s(decoded.captured_at_s)
            self._status(
                "lost",
                f"its clock went back: pictures are dated {behind_s:.1f} s before one that was "
                "looked at, and are skipped until then",
            )
