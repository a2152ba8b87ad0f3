"""How the people in one camera's pictures move, zone by zone, and who crosses which line."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, sqrt

import numpy as np
import shapely

from crowdsafe.contract.readings import LineReading, Motion
from crowdsafe.domain.camera.position_error import position_error
from crowdsafe.domain.camera.visible import VisibleZone
from crowdsafe.domain.crowd.points import Points
from crowdsafe.domain.motion.ground_flow import GroundFlow, ground_flow
from crowdsafe.domain.motion.lines import CountingLine
from crowdsafe.domain.motion.pressure import peak_pressure
from crowdsafe.domain.motion.separability import MAX_DENSITY_PPM2, is_separable, separable
from crowdsafe.domain.motion.tracks import TRACK_RULE, Tracks, no_tracks, step_tracks
from crowdsafe.domain.motion.zone_motion import (
    Standing,
    ZoneMotion,
    better_motion,
    step_standing,
    stop_and_go_share,
    zone_motion,
)
from crowdsafe.edge.detections import Detections
from crowdsafe.edge.observe import Observer, ground_points
from crowdsafe.edge.optical_flow import picture_flow, points_flow
from crowdsafe.edge.source import Frame

# Of a line of which less is seen, many who cross it are missed.
_LEAST_OF_LINE = 0.9
# Where a head's middle is found from picture to picture, as a standard deviation.
_HEAD_SD_PX = 1.5


@dataclass(frozen=True)
class PictureMotion:
    """What one picture, beside those before, tells of motion.

    Attributes:
        zones: motion by zone id; a zone without one is left out.
        lines: who crossed which line since the picture before.
    """

    zones: dict[str, Motion]
    lines: tuple[LineReading, ...]


@dataclass(frozen=True, eq=False)
class _Moving:
    """People with velocities: places (n, 2), velocities (n, 2), their errors (n,), people (n,)."""

    places_m: Points
    velocity_m_s: Points
    velocity_sd_m_s: np.ndarray[tuple[int], np.dtype[np.float64]]
    people: np.ndarray[tuple[int], np.dtype[np.float64]]


class CrowdMotion:
    """Follows the people of one camera's pictures."""

    def __init__(self, observer: Observer, *, lines: Sequence[CountingLine]) -> None:
        """Begin without a past.

        Args:
            observer: of the camera.
            lines: of the site; those of which the camera sees too little are left to others.
        """
        self._observer = observer
        self._lines = tuple(line for line in lines if _sees(observer, line))
        self._tracks = no_tracks()
        self._standing: dict[str, tuple[Standing, ...]] = {}

    def step(
        self, frame: Frame, detections: Detections, *, density_ppm2: dict[str, float]
    ) -> PictureMotion:
        """Take one picture into account.

        Args:
            frame: later than all before it.
            detections: in it.
            density_ppm2: of each zone that is seen.
        """
        at_s, before_s = frame.captured_at_s, self._tracks.at_s
        heads_px = detections.points_px()
        calibrated = self._to_calibrated(heads_px, frame)
        heads_m = self._observer.camera.to_ground(calibrated, height_m=self._observer.height_m)
        sd_m = self._position_sd_m(calibrated)
        flow = self._head_flow(frame, heads_px)
        self._tracks = step_tracks(
            self._tracks,
            points_m=heads_m,
            at_s=at_s,
            position_sd_m=sd_m,
            velocity_m_s=None if flow is None else flow.velocity_m_s,
            velocity_sd_m_s=inf if flow is None else np.nan_to_num(flow.velocity_sd_m_s, nan=1e3),
        )
        wait_s = inf if before_s is None or at_s <= before_s else at_s - before_s
        tracked = _of_tracks(self._tracks)
        apart = separable(
            points_m=heads_m,
            wait_s=min(wait_s, TRACK_RULE.lost_after_s),
            position_sd_m=sd_m,
            velocity_known=flow is not None,
        )
        by_heads = None if flow is None else _of_flow([flow])
        # The picture's flow is dear, and only looked for where heads hide each other.
        by_all: _Moving | None = None
        zones: dict[str, Motion] = {}
        for visible in self._observer.zones:
            if not visible.seen_m2:
                continue
            density = density_ppm2.get(visible.zone.id, 0.0)
            here = visible.zone.contains(heads_m)
            told_apart = is_separable(apart[here], density_ppm2=density)
            if density > MAX_DENSITY_PPM2 and by_all is None:
                by_all = self._all_flow(frame, detections, flow)
            by_flow = by_all if density > MAX_DENSITY_PPM2 else by_heads
            moving = tracked if told_apart else by_flow
            motion = better_motion(
                tracks=_motion_of(visible, tracked, by_flow=False),
                flow=_motion_of(visible, by_flow, by_flow=True),
                separable=told_apart,
            )
            if told_apart and motion is not None and motion.by == "flow":
                moving = by_flow
            if motion is not None and moving is not None:
                zones[visible.zone.id] = self._message(visible, motion, moving, at_s=at_s)
        return PictureMotion(zones=zones, lines=self._crossed(wait_s))

    def _to_calibrated(self, points_px: Points, frame: Frame) -> Points:
        return points_px * (np.array(self._observer.camera.image_size_px) / frame.size_px)

    def _position_sd_m(self, calibrated_px: Points) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        # A wrong calibration, or a tall person, is as wrong in the next picture.
        error = position_error(
            self._observer.camera,
            calibrated_px,
            height_m=self._observer.height_m,
            height_sd_m=0.0,
            pixel_sd_px=_HEAD_SD_PX,
            residual_m=0.0,
        )
        return np.nan_to_num(error.sd_m / sqrt(2.0), nan=1.0, posinf=1e3)

    def _head_flow(self, frame: Frame, heads_px: Points) -> GroundFlow | None:
        """Velocities of heads, found again in the earlier picture."""
        earlier = frame.earlier
        if earlier is None:
            return None
        flow_px, confidence = points_flow(frame.picture, earlier.picture, heads_px)
        return _backward(
            self._ground_flow(
                frame, heads_px, flow_px, confidence=confidence, people=np.ones(len(heads_px))
            )
        )

    def _all_flow(
        self, frame: Frame, detections: Detections, of_heads: GroundFlow | None
    ) -> _Moving | None:
        """Velocities of heads, and of those whom only the density map finds by the picture's."""
        earlier = frame.earlier
        if earlier is None or of_heads is None:
            return None
        _, found = ground_points(self._observer, detections, frame.size_px)
        heads = len(of_heads.people)
        parts = [replace(of_heads, people=of_heads.people * found.people[:heads])]
        if len(found.people) > heads:
            cells_px = found.xy_px[heads:]
            flow_px, confidence = picture_flow(frame.picture, earlier.picture).at(cells_px)
            parts.append(
                _backward(
                    self._ground_flow(
                        frame,
                        cells_px,
                        flow_px,
                        confidence=confidence,
                        people=found.people[heads:],
                    )
                )
            )
        return _of_flow(parts)

    def _ground_flow(
        self,
        frame: Frame,
        points_px: Points,
        flow_px: Points,
        *,
        confidence: np.ndarray[tuple[int], np.dtype[np.float64]],
        people: np.ndarray[tuple[int], np.dtype[np.float64]],
    ) -> GroundFlow:
        observer = self._observer
        assert frame.earlier is not None
        return ground_flow(
            points_px=points_px,
            flow_px=flow_px,
            confidence=confidence,
            people=people,
            since_s=frame.captured_at_s - frame.earlier.captured_at_s,
            to_ground=lambda points: observer.camera.to_ground(
                self._to_calibrated(points, frame), height_m=observer.height_m
            ),
        )

    def _message(
        self, visible: VisibleZone, motion: ZoneMotion, moving: _Moving, *, at_s: float
    ) -> Motion:
        zone_id = visible.zone.id
        self._standing[zone_id] = step_standing(
            self._standing.get(zone_id, ()),
            Standing(at_s=at_s, share=min(motion.standing_share, 1.0), people=motion.people),
        )
        pressure = peak_pressure(
            visible.zone,
            places_m=moving.places_m,
            velocity_m_s=moving.velocity_m_s,
            velocity_sd_m_s=moving.velocity_sd_m_s,
            people=moving.people,
        )
        return Motion(
            by=motion.by,
            people=motion.people,
            speed_m_s=motion.speed_m_s,
            speed_sd_m_s=motion.speed_sd_m_s,
            velocity_m_s=motion.velocity_m_s,
            counter_flow_share=min(motion.counter_flow_share, 1.0),
            standing_share=min(motion.standing_share, 1.0),
            stop_and_go_share=stop_and_go_share(self._standing[zone_id]),
            pressure_per_s2=None if pressure is None else pressure.per_s2,
        )

    def _crossed(self, wait_s: float) -> tuple[LineReading, ...]:
        # Whoever crossed while nobody was followed is not known of.
        span_s = wait_s if wait_s <= TRACK_RULE.lost_after_s else 0.0
        readings = []
        for line in self._lines:
            crossings = line.crossings(self._tracks.way_m)
            readings.append(
                LineReading(
                    line_id=line.id,
                    into=float(crossings.into.sum()),
                    out=float(crossings.out.sum()),
                    span_s=span_s,
                )
            )
        return tuple(readings)


def _sees(observer: Observer, line: CountingLine) -> bool:
    seen = shapely.intersection(
        shapely.LineString(line.points_m), observer.in_view.ground.polygon
    ).length
    return bool(seen >= _LEAST_OF_LINE * line.length_m)


def _of_tracks(tracks: Tracks) -> _Moving:
    moving = tracks.measured
    return _Moving(
        places_m=tracks.place_m[moving],
        velocity_m_s=tracks.velocity_m_s[moving],
        velocity_sd_m_s=tracks.velocity_sd_m_s[moving],
        people=np.ones(int(moving.sum())),
    )


def _motion_of(visible: VisibleZone, moving: _Moving | None, *, by_flow: bool) -> ZoneMotion | None:
    if moving is None:
        return None
    return zone_motion(
        visible.zone,
        by="flow" if by_flow else "tracks",
        places_m=moving.places_m,
        velocity_m_s=moving.velocity_m_s,
        velocity_sd_m_s=moving.velocity_sd_m_s,
        people=moving.people,
    )


def _of_flow(parts: Sequence[GroundFlow]) -> _Moving:
    """Return those whose flow is believed."""
    some = [part.believed & (part.people > 0) for part in parts]
    return _Moving(
        *(
            np.concatenate(
                [getattr(part, name)[here] for part, here in zip(parts, some, strict=True)]
            )
            for name in ("places_m", "velocity_m_s", "velocity_sd_m_s", "people")
        )
    )


def _backward(flow: GroundFlow) -> GroundFlow:
    """Return the velocities of a flow that was followed from the later picture to the earlier."""
    return replace(flow, velocity_m_s=-flow.velocity_m_s)
