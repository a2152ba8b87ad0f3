"""What the hub knows of one camera."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Literal

from crowdsafe.contract.edge_messages import CameraStatus, Observation
from crowdsafe.contract.page_messages import CameraHealthName, CameraState
from crowdsafe.contract.readings import NOT_BELIEVED
from crowdsafe.contract.site import SiteCamera
from crowdsafe.domain.camera.visible import VisibleGround, visible_ground
from crowdsafe.errors import BadInput

HEAD_HEIGHT_M = 1.7
"""Until a worker tells how high over the ground it is what its detector finds."""

_RATE_OVER = 10
_CAME = 512


def ground_of(camera: SiteCamera, *, height_m: float) -> VisibleGround:
    """Return the ground on which a camera finds what is so high over it.

    Raises:
        BadInput: the camera hangs no higher.
    """
    try:
        return visible_ground(
            camera=camera.camera,
            height_m=height_m,
            range_m=camera.range_m,
            min_px_per_m=camera.min_px_per_m,
            masks_px=camera.masks_px,
        )
    except BadInput as error:
        raise BadInput(f"camera '{camera.id}': {error}") from None


@dataclass(frozen=True)
class Trouble:
    """Why a camera tells nothing, and for how long."""

    cause: Literal["silence", "picture"]
    for_s: float
    detail: str


@dataclass(frozen=True)
class Outdated:
    """A camera is looked at by another revision than the published one; at_s: last heard."""

    runs: int | None
    published: int | None
    at_s: float

    @property
    def sentence(self) -> str:
        """What is wrong, in words."""
        runs = "its own site folder" if self.runs is None else f"revision {self.runs}"
        return f"its worker runs {runs}, revision {self.published} is published"


@dataclass
class CameraRecord:
    """One camera: its last observation, what its worker says of it, and what follows.

    Attributes:
        camera: from the site.
        expected_from_s: silence counts from here while nothing came.
        ground: on which it counts people.
        height_m: over the ground, of what its detector finds.
        last: newest observation.
        at_s: when that was captured, by the hub's clock.
        status: what the worker said last of the stream.
        detector: which one its worker runs.
        health: as judged last.
        contradictions: by zone, where its seen share is not that of the hub's calibration.
        outdated: the last observation of another revision, None after one of the published.
    """

    camera: SiteCamera
    expected_from_s: float
    ground: VisibleGround
    height_m: float = HEAD_HEIGHT_M
    last: Observation | None = None
    at_s: float | None = None
    status: CameraStatus | None = None
    detector: str | None = None
    health: CameraHealthName = "silent"
    contradictions: dict[str, str] = field(default_factory=dict)
    outdated: Outdated | None = None
    _captured: deque[float] = field(default_factory=lambda: deque(maxlen=_RATE_OVER))
    # The last that came, oldest first; the values say nothing.
    _came: OrderedDict[tuple[int, float], None] = field(default_factory=OrderedDict)

    def succeed(self, before: "CameraRecord") -> None:
        """Take over what is known of the stream from the record before of this camera."""
        self.status, self.detector = before.status, before.detector
        self.outdated, self._came = before.outdated, before._came

    def repeats(self, observation: Observation) -> bool:
        """Say whether this one came already, and note it: workers send again what may be lost."""
        key = (observation.seq, observation.captured_at_s)
        if key in self._came:
            return True
        self._came[key] = None
        if len(self._came) > _CAME:
            self._came.popitem(last=False)
        return False

    def take(self, observation: Observation, *, at_s: float) -> bool:
        """Take an observation; say whether it is the newest."""
        if self.at_s is not None and at_s <= self.at_s:
            return False
        self.last, self.at_s, self.outdated = observation, at_s, None
        self._captured.append(at_s)
        return True

    @property
    def believed(self) -> bool:
        """Whether its last picture can be believed."""
        return self.last is None or self.last.picture.name not in NOT_BELIEVED

    def is_fresh(self, *, now_s: float, unknown_after_s: float) -> bool:
        """Say whether it was heard of lately."""
        return self.at_s is not None and now_s - self.at_s <= unknown_after_s

    def trouble(self, *, now_s: float, unknown_after_s: float) -> Trouble | None:
        """Return why it tells nothing, None when it tells or is not yet late."""
        silent_s = now_s - (self.expected_from_s if self.at_s is None else self.at_s)
        if silent_s > unknown_after_s:
            return Trouble("silence", silent_s, self._detail())
        if self.last is None or self.at_s is None or self.believed:
            return None
        since_s = self.last.picture.since_s
        before_s = 0.0 if since_s is None else self.last.captured_at_s - since_s
        return Trouble("picture", max(0.0, silent_s + before_s), self.last.picture.name)

    def judge(self, *, now_s: float, unknown_after_s: float) -> bool:
        """Bring the health up to date; say whether it changed."""
        before = self.health
        self.health = self._health(now_s=now_s, unknown_after_s=unknown_after_s)
        return self.health != before

    def _health(self, *, now_s: float, unknown_after_s: float) -> CameraHealthName:
        fresh = self.is_fresh(now_s=now_s, unknown_after_s=unknown_after_s)
        picture = self.last if fresh else None
        status = self.status
        # A word about the stream that is older than a fresh picture is out of date.
        newest = status is not None and (picture is None or status.at_s >= picture.captured_at_s)
        if status is not None and status.status != "running" and newest:
            return status.status
        if picture is None and self._is_outdated(now_s=now_s, unknown_after_s=unknown_after_s):
            return "old_revision"
        return "silent" if picture is None else picture.picture.name

    def _is_outdated(self, *, now_s: float, unknown_after_s: float) -> bool:
        return self.outdated is not None and now_s - self.outdated.at_s <= unknown_after_s

    def state(self) -> CameraState:
        """Return it for the page."""
        captured = self._captured
        span_s = captured[-1] - captured[0] if len(captured) > 1 else 0.0
        picture = self.last.picture if self.last else None
        return CameraState(
            camera_id=self.camera.id,
            health=self.health,
            detail=self._detail(),
            captured_at_s=self.at_s,
            analysed_per_s=(len(captured) - 1) / span_s if span_s > 0 else None,
            analysis_ms=self.last.analysis_ms if self.last else None,
            frames_dropped=self.last.frames_dropped if self.last else 0,
            detector=self.detector,
            shift_px=picture.shift_px if picture else None,
            shift_m=picture.shift_m if picture else None,
        )

    def _detail(self) -> str:
        if self.outdated is not None and self.health != "ok":
            return self.outdated.sentence
        if self.status is not None and self.status.detail and self.health != "ok":
            return self.status.detail
        return "; ".join(self.contradictions.values())
