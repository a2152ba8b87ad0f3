"""What the hub knows now: ``apply`` takes an observation, ``tick`` lets time pass.

No clock, no store, no web: the same code runs live and in replay.
"""

import logging
from collections.abc import Iterable

from crowdsafe.contract.messages import (
    CameraState,
    CameraStatus,
    Hello,
    LineState,
    Observation,
    ZoneHistory,
    ZoneState,
)
from crowdsafe.contract.readings import NOT_BELIEVED
from crowdsafe.contract.site import Site
from crowdsafe.domain.alarms import Alarm, Evidence
from crowdsafe.domain.levels import Level, LevelState, interrupt
from crowdsafe.domain.visible import VisibleGround
from crowdsafe.errors import BadInput
from crowdsafe.hub.alarm_list import AlarmList
from crowdsafe.hub.camera_record import HEAD_HEIGHT_M, CameraRecord, ground_of
from crowdsafe.hub.changes import Changes
from crowdsafe.hub.line_record import LineRecord
from crowdsafe.hub.worker_clocks import WorkerClocks
from crowdsafe.hub.zone_record import ZoneRecord

_LOG = logging.getLogger(__name__)
ALARM_FROM = Level.TIGHT


class HubState:
    """Zones, cameras, counting lines and open alarms of one site."""

    def __init__(
        self, site: Site, *, unknown_after_s: float, max_clock_ahead_s: float, now_s: float
    ) -> None:
        """Begin with nothing known.

        Raises:
            BadInput: a camera hangs lower than a head.
        """
        self._frame = site.frame
        self._unknown_after_s = unknown_after_s
        self._max_clock_ahead_s = max_clock_ahead_s
        self._clocks = WorkerClocks()
        self._lines = {
            line.id: LineRecord(line, unknown_after_s=unknown_after_s) for line in site.lines
        }
        self._zones = {
            zone.zone.id: ZoneRecord(
                zone,
                unknown_after_s=unknown_after_s,
                lines=[
                    each for each in self._lines.values() if each.line.into_zone == zone.zone.id
                ],
            )
            for zone in site.zones
        }
        self._cameras = {
            camera.id: CameraRecord(
                camera, expected_from_s=now_s, ground=ground_of(camera, height_m=HEAD_HEIGHT_M)
            )
            for camera in site.cameras
        }
        for camera in self._cameras.values():
            self._look_through(camera)
        self._alarms = AlarmList()

    def _look_through(self, camera: CameraRecord) -> None:
        for record in self._zones.values():
            record.see_through(
                camera.camera.id, camera.camera.camera, camera.ground, height_m=camera.height_m
            )

    # --- after a restart ---------------------------------------------------------------------

    def restore(
        self,
        *,
        alarms: Iterable[tuple[int, Alarm]],
        levels: Iterable[tuple[str, LevelState]],
        history: Iterable[tuple[str, float, float]],
        next_alarm_id: int,
    ) -> None:
        """Take up what was kept: open alarms, latched levels, the recent course of zones.

        Zones stay unknown until a camera shows them again.
        """
        self._alarms.restore(alarms, next_id=next_alarm_id)
        for zone_id, level in levels:
            if zone_id in self._zones:
                self._zones[zone_id].level = interrupt(level)
        for zone_id, at_s, density_ppm2 in history:
            if zone_id in self._zones:
                self._zones[zone_id].remember(at_s, density_ppm2)

    # --- what comes in -----------------------------------------------------------------------

    def apply(self, observation: Observation, *, now_s: float, worker: str = "") -> Changes:
        """Take one observation into account; one older than the newest changes no zone.

        Args:
            observation: of one camera.
            now_s: by the hub's clock.
            worker: who sent it, for its clock.

        Raises:
            BadInput: it cannot be true here.
        """
        offset_s = self._clocks.hear(worker, observation, now_s=now_s)
        self._refuse(observation, at_s=observation.captured_at_s + offset_s, now_s=now_s)
        at_s = min(now_s, observation.captured_at_s + offset_s)
        camera = self._cameras[observation.camera_id]
        if camera.repeats(observation):
            return Changes()
        changes = self._count(observation, at_s=at_s, now_s=now_s)
        if not camera.take(observation, at_s=at_s):
            return changes
        if camera.believed:
            self._take_readings(observation, camera, at_s=at_s)
            zone_ids = [reading.zone_id for reading in observation.zones]
        else:
            for record in self._zones.values():
                record.doubt(observation.camera_id, at_s=at_s, picture=observation.picture.name)
            zone_ids = [each for each, zone in self._zones.items() if zone.sees(camera.camera.id)]
        for zone_id in zone_ids:
            changes |= self._judge_zone(self._zones[zone_id], now_s=now_s)
        changes |= self._judge_camera(camera, now_s=now_s)
        return changes | Changes(cameras=frozenset({observation.camera_id}))

    def _refuse(self, observation: Observation, *, at_s: float, now_s: float) -> None:
        if observation.camera_id not in self._cameras:
            raise BadInput(f"camera_id: '{observation.camera_id}' is not a camera of this site")
        ahead_s = at_s - now_s
        if ahead_s > self._max_clock_ahead_s:
            raise BadInput(
                f"captured_at_s: {ahead_s:.1f} s in the future, expected at most "
                f"{self._max_clock_ahead_s:g} s; set the worker's clock"
            )
        seen: set[str] = set()
        for reading in observation.zones:
            if reading.zone_id not in self._zones:
                raise BadInput(f"zones: '{reading.zone_id}' is not a zone of this site")
            if reading.zone_id in seen:
                raise BadInput(f"zones: '{reading.zone_id}' is there twice, expected once")
            if (reading.density_ppm2 is None) != (reading.seen_share == 0):
                raise BadInput(
                    f"zones: '{reading.zone_id}': density_ppm2 is {reading.density_ppm2} while "
                    f"seen_share is {reading.seen_share:g}, expected null exactly for 0"
                )
            seen.add(reading.zone_id)
        counted: set[str] = set()
        for line in observation.lines:
            if line.line_id not in self._lines:
                raise BadInput(f"lines: '{line.line_id}' is not a counting line of this site")
            if line.line_id in counted:
                raise BadInput(f"lines: '{line.line_id}' is there twice, expected once")
            counted.add(line.line_id)

    def _count(self, observation: Observation, *, at_s: float, now_s: float) -> Changes:
        """Take who crossed the counting lines; a picture that came late counts too."""
        camera_id = observation.camera_id
        if observation.picture.name in NOT_BELIEVED:
            for line in self._lines.values():
                line.leave(camera_id)
            return Changes()
        counted = []
        for reading in observation.lines:
            line = self._lines[reading.line_id]
            if not line.take(reading, camera_id=camera_id, at_s=at_s, now_s=now_s):
                continue
            counted.append(reading.line_id)
            if line.line.into_zone is not None:
                self._zones[line.line.into_zone].cross(into=reading.into, out=reading.out)
        return Changes(lines=frozenset(counted))

    def _take_readings(
        self, observation: Observation, camera: CameraRecord, *, at_s: float
    ) -> None:
        for reading in observation.zones:
            record = self._zones[reading.zone_id]
            record.take(
                reading,
                camera_id=observation.camera_id,
                at_s=at_s,
                picture=observation.picture.name,
                cell_m=observation.cell_m,
            )
            says = record.contradiction(observation.camera_id, reading)
            if says is None:
                camera.contradictions.pop(reading.zone_id, None)
            elif reading.zone_id not in camera.contradictions:
                camera.contradictions[reading.zone_id] = says
                _LOG.warning("camera '%s': %s", observation.camera_id, says)

    def hear_hello(self, hello: Hello, *, now_s: float) -> Changes:
        """Note which detector a worker's cameras run, and how high it is what that finds.

        Raises:
            BadInput: a camera is not one of the site, or hangs lower than that.
        """
        for camera_id in hello.camera_ids:
            if camera_id not in self._cameras:
                raise BadInput(f"camera_ids: '{camera_id}' is not a camera of this site")
        self._clocks.hear(hello.worker, hello, now_s=now_s)
        cameras = [self._cameras[camera_id] for camera_id in hello.camera_ids]
        grounds = [
            camera.ground
            if camera.height_m == hello.height_m
            else ground_of(camera.camera, height_m=hello.height_m)
            for camera in cameras
        ]
        changes = Changes(cameras=frozenset(hello.camera_ids))
        for camera, ground in zip(cameras, grounds, strict=True):
            camera.detector = hello.detector
            if ground is not camera.ground:
                camera.ground, camera.height_m = ground, hello.height_m
                self._look_through(camera)
            changes |= self._judge_camera(camera, now_s=now_s)
        return changes

    def hear_status(self, status: CameraStatus, *, now_s: float, worker: str = "") -> Changes:
        """Note what a worker says of a camera's stream.

        Raises:
            BadInput: the camera is not one of the site.
        """
        if status.camera_id not in self._cameras:
            raise BadInput(f"camera_id: '{status.camera_id}' is not a camera of this site")
        self._clocks.hear(worker, status, now_s=now_s)
        camera = self._cameras[status.camera_id]
        camera.status = status
        changes = self._judge_camera(camera, now_s=now_s)
        return changes | Changes(cameras=frozenset({status.camera_id}))

    def tick(self, *, now_s: float) -> Changes:
        """Let time pass: what has been silent for too long becomes unknown."""
        changes = Changes(
            lines=frozenset(each for each, line in self._lines.items() if line.tick(now_s=now_s))
        )
        for record in self._zones.values():
            changes |= self._judge_zone(record, now_s=now_s)
        for camera in self._cameras.values():
            changes |= self._judge_camera(camera, now_s=now_s)
        orphans = self._alarms.end_orphans(
            zone_ids=self._zones, camera_ids=self._cameras, now_s=now_s
        )
        return changes | Changes(alarms=orphans)

    def acknowledge(self, alarm_id: int, *, by: str, now_s: float) -> Changes:
        """Acknowledge an alarm for a person.

        Raises:
            UnknownAlarm: there is no open alarm with this number.
            WrongAlarmState: it is acknowledged already.
        """
        return Changes(alarms=(self._alarms.acknowledge(alarm_id, by=by, now_s=now_s),))

    # --- rules -------------------------------------------------------------------------------

    def _judge_zone(self, record: ZoneRecord, *, now_s: float) -> Changes:
        step = record.judge(now_s=now_s)
        zones = frozenset({record.zone.zone.id})
        changes = Changes(
            zones=zones if step.told else frozenset(),
            levels=zones if step.latches else frozenset(),
        )
        if not step.density or record.fused is None:
            return changes
        level, fused = record.level.level, record.fused
        alarms = self._alarms.judge(
            "density",
            record.zone.zone.id,
            present=level >= ALARM_FROM,
            evidence=Evidence(
                level=level if level >= ALARM_FROM else None,
                value_ppm2=fused.density_ppm2,
                value_sd_ppm2=fused.density_sd_ppm2,
                threshold_ppm2=record.zone.rule.begins_ppm2[max(level, ALARM_FROM) - 1],
                seen_share=fused.seen_share,
                camera_id=fused.main_camera_id,
            ),
            held_s=record.zone.rule.rise_s,
            now_s=now_s,
        )
        return changes | Changes(alarms=alarms)

    def _judge_camera(self, camera: CameraRecord, *, now_s: float) -> Changes:
        camera_id = camera.camera.id
        changed = camera.judge(now_s=now_s, unknown_after_s=self._unknown_after_s)
        changes = Changes(cameras=frozenset({camera_id}) if changed else frozenset())
        failed_for_s = camera.failed_for_s(now_s=now_s, unknown_after_s=self._unknown_after_s)
        if failed_for_s is None and camera.at_s is None:
            return changes
        alarms = self._alarms.judge(
            "silence",
            camera_id,
            present=failed_for_s is not None,
            evidence=Evidence(level=None, camera_id=camera_id),
            held_s=failed_for_s or 0.0,
            now_s=now_s,
        )
        return changes | Changes(alarms=alarms)

    # --- what goes out -----------------------------------------------------------------------

    @property
    def zone_ids(self) -> tuple[str, ...]:
        """All zones."""
        return tuple(self._zones)

    @property
    def camera_ids(self) -> tuple[str, ...]:
        """All cameras."""
        return tuple(self._cameras)

    @property
    def line_ids(self) -> tuple[str, ...]:
        """All counting lines."""
        return tuple(self._lines)

    def open_alarms(self) -> tuple[tuple[int, Alarm], ...]:
        """All alarms that are not cleared, with their numbers."""
        return self._alarms.items()

    def level_state(self, zone_id: str) -> LevelState:
        """The latches of a zone, to be kept over a restart."""
        return self._zones[zone_id].level

    def zone_state(self, zone_id: str) -> ZoneState:
        """What is known of a zone. Its last value stays readable, with its age, when unknown."""
        return self._zones[zone_id].state(self._frame)

    def camera_state(self, camera_id: str) -> CameraState:
        """What is known of a camera."""
        return self._cameras[camera_id].state()

    def line_state(self, line_id: str, *, now_s: float) -> LineState:
        """Who crossed a counting line."""
        return self._lines[line_id].state(now_s=now_s)

    def ground(self, camera_id: str) -> VisibleGround:
        """The ground on which a camera counts people."""
        return self._cameras[camera_id].ground

    def history(self, zone_id: str) -> ZoneHistory:
        """The course of the last minutes, one point a second at most."""
        return self._zones[zone_id].history()
