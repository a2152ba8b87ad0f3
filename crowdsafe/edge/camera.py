"""What is made of one camera's pictures; when they are looked at is decided elsewhere."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from crowdsafe.contract.edge_messages import Observation, ZoneReading
from crowdsafe.contract.readings import PictureHealth
from crowdsafe.contract.site import SiteZone
from crowdsafe.domain.budget import urgency
from crowdsafe.domain.health.picture_health import Crowding, HealthState, Load, step_health
from crowdsafe.domain.motion.lines import CountingLine
from crowdsafe.edge.crowd_motion import CrowdMotion
from crowdsafe.edge.detections import Detections
from crowdsafe.edge.detector.base import Detector
from crowdsafe.edge.health.reference import Reference
from crowdsafe.edge.health.watch import PictureWatch
from crowdsafe.edge.observe import Observer, observe, refuse_other_aspect
from crowdsafe.edge.source import Frame
from crowdsafe.edge.steadiness import SteadyZones

# Chosen: in a sliver of a zone one person is a crowd.
_LEAST_SEEN_SHARE = 0.1
VALIDATED_CROWDING = 29.0
"""People in a square of 64 px up to which our model was measured: in nine of ten held-out pictures
of ShanghaiTech part A, the densest there are, nowhere are more."""


@dataclass(frozen=True)
class Pace:
    """How a camera's pictures were kept up with so far.

    Attributes:
        asked_per_s: looks a second that were asked for.
        achieved_per_s: looks a second, mean of the last seconds.
        frames_dropped: due pictures that nobody looked at in time.
        frames_out_of_order: pictures dated no later than one that was looked at.
    """

    asked_per_s: float
    achieved_per_s: float
    frames_dropped: int
    frames_out_of_order: int


class CameraAnalysis:
    """One camera's pictures to observations, with what has to be remembered between them.

    One thread at a time; which one does not matter.
    """

    def __init__(
        self,
        *,
        observer: Observer,
        detector: Detector,
        zones: Sequence[SiteZone],
        steady_s: float,
        first_seq: int,
        lines: Sequence[CountingLine] = (),
        reference: Reference | None = None,
    ) -> None:
        """Begin without a past.

        Args:
            observer: of the camera.
            detector: may be shared with other cameras.
            zones: of the site, for their thresholds.
            steady_s: as the setting.
            first_seq: number of the first observation.
            lines: of the site.
            reference: the picture of its calibration; without it, the first that can be believed.
        """
        self.observer = observer
        self._detector = detector
        self.judge_by(zones)
        self._steady = SteadyZones(observer, steady_s=steady_s)
        self._motion = CrowdMotion(observer, lines=lines)
        self._watch = PictureWatch(reference)
        self._health = HealthState()
        self._seq = first_seq
        self._urgency = 0.0

    @property
    def camera_id(self) -> str:
        """Which camera."""
        return self.observer.camera_id

    @property
    def urgency(self) -> float:
        """How near the worst zone of the last observation is to a threshold, 0 to 1."""
        return self._urgency

    def judge_by(self, zones: Sequence[SiteZone]) -> None:
        """Take other thresholds, by which looks are urgent."""
        self._begins_ppm2 = {zone.zone.id: zone.rule.begins_ppm2 for zone in zones}

    def succeed(self, before: "CameraAnalysis", *, same_picture: bool) -> None:
        """Number on from the analysis before of the same camera.

        Args:
            before: what looked at its pictures so far.
            same_picture: calibration and its picture are the same, so that what is known of the
                picture's health holds on.
        """
        self._seq = max(self._seq, before._seq)
        if same_picture:
            self._watch, self._health = before._watch, before._health

    def look(self, frame: Frame, pace: Pace) -> Observation:
        """Detect, observe, steady, follow, and judge whether the picture can be believed.

        Args:
            frame: later than all before it.
            pace: as of this picture.

        Raises:
            BadInput: the picture's shape does not fit the calibration.
        """
        # Before the detector takes its time.
        refuse_other_aspect(self.observer, frame.size_px)
        begun_s = time.perf_counter()
        measures = self._watch.step(frame.picture, captured_at_s=frame.t_s)
        detections = self._detector.detect(frame.picture, self.observer.view)
        self._health = step_health(
            self._health,
            measures,
            at_s=frame.captured_at_s,
            load=Load(asked_per_s=pace.asked_per_s, frames_dropped=pace.frames_dropped),
            crowding=_crowding(detections),
            camera=self.observer.camera,
        )
        observation = self._steady.step(
            observe(
                self.observer,
                detections,
                picture_size_px=frame.size_px,
                seq=self._seq,
                captured_at_s=frame.captured_at_s,
                analysis_ms=0.0,
                frames_dropped=pace.frames_dropped,
            )
        )
        moving = self._motion.step(
            frame,
            detections,
            density_ppm2={
                reading.zone_id: reading.density_ppm2
                for reading in observation.zones
                if reading.density_ppm2 is not None
            },
        )
        zones = tuple(
            _widened(reading, self._health.sd_factor).model_copy(
                update={"motion": moving.zones.get(reading.zone_id)}
            )
            for reading in observation.zones
        )
        observation = observation.model_copy(
            update={
                "zones": zones,
                "lines": moving.lines,
                "picture": _picture_health(self._health),
                "analysis_ms": 1000 * (time.perf_counter() - begun_s),
            }
        )
        self._seq += 1
        self._urgency = self._most_urgent(observation)
        return observation

    def _most_urgent(self, observation: Observation) -> float:
        urgencies = [
            urgency(reading.density_ppm2, begins_ppm2=self._begins_ppm2[reading.zone_id])
            for reading in observation.zones
            if reading.zone_id in self._begins_ppm2
            and reading.density_ppm2 is not None
            and reading.seen_share >= _LEAST_SEEN_SHARE
        ]
        return max(urgencies, default=0.0)


def _crowding(detections: Detections) -> tuple[Crowding, ...]:
    highest = max((float(part.crowding.max()) for part in detections.density), default=0.0)
    return (Crowding(highest=highest, validated_to=VALIDATED_CROWDING),)


def _picture_health(health: HealthState) -> PictureHealth:
    return PictureHealth(
        name=health.name,
        since_s=health.since_s,
        shift_px=health.shift_px,
        shift_m=health.shift_m,
    )


def _widened(reading: ZoneReading, sd_factor: float) -> ZoneReading:
    """Return a reading that is so much less certain."""
    if sd_factor == 1.0:
        return reading
    density_sd, peak = reading.density_sd_ppm2, reading.peak
    return reading.model_copy(
        update={
            "count_sd": reading.count_sd * sd_factor,
            "density_sd_ppm2": None if density_sd is None else density_sd * sd_factor,
            "peak": None
            if peak is None
            else peak.model_copy(update={"sd_ppm2": peak.sd_ppm2 * sd_factor}),
        }
    )
