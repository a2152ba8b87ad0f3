"""What the hub knows now: ``apply`` takes an observation, ``tick`` lets time pass.

No clock, no store, no web: the same code runs live and in replay.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from crowdsafe.contract.messages import (
    CameraHealthName,
    CameraState,
    CameraStatus,
    Hello,
    LevelName,
    Observation,
    TrendPoint,
    UnknownReason,
    ZoneHistory,
    ZoneReading,
    ZoneState,
)
from crowdsafe.contract.site import Site, SiteZone
from crowdsafe.domain.alarms import Alarm, Evidence
from crowdsafe.domain.fusion import View, owner
from crowdsafe.domain.levels import Level, LevelState, interrupt, slope_per_min, step_level
from crowdsafe.errors import BadInput
from crowdsafe.hub.alarm_list import AlarmList
from crowdsafe.hub.changes import AlarmChange, Changes

ALARM_FROM = Level.TIGHT
_TREND_S = 60.0
_HISTORY_S = 600.0
_HISTORY_STEP_S = 1.0
_RATE_OVER = 10


@dataclass
class _ZoneRecord:
    zone: SiteZone
    level: LevelState = field(default_factory=LevelState)
    views: dict[str, tuple[float, ZoneReading]] = field(default_factory=dict)
    owner_id: str | None = None
    known: bool = False
    since_s: float | None = None
    reason: UnknownReason = "no_camera"
    history: deque[tuple[float, float]] = field(default_factory=deque)


@dataclass
class _CameraRecord:
    captured: deque[float] = field(default_factory=lambda: deque(maxlen=_RATE_OVER))
    last: Observation | None = None
    status: CameraStatus | None = None
    detector: str | None = None
    health: CameraHealthName = "silent"
    first_expected_s: float | None = None


class HubState:
    """Zones, cameras and open alarms of one site."""

    def __init__(
        self, site: Site, *, unknown_after_s: float, max_clock_ahead_s: float, now_s: float
    ) -> None:
        self._unknown_after_s = unknown_after_s
        self._max_clock_ahead_s = max_clock_ahead_s
        self._zones = {zone.zone.id: _ZoneRecord(zone) for zone in site.zones}
        self._cameras = {
            camera.id: _CameraRecord(first_expected_s=now_s) for camera in site.cameras
        }
        self._alarms = AlarmList()

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
                self._zones[zone_id].history.append((at_s, density_ppm2))

    # --- what comes in -----------------------------------------------------------------------

    def refuse(self, observation: Observation, *, now_s: float) -> None:
        """Raise BadInput when an observation cannot be true here."""
        if observation.camera_id not in self._cameras:
            raise BadInput(f"camera_id: '{observation.camera_id}' is not a camera of this site")
        ahead_s = observation.captured_at_s - now_s
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

    def apply(self, observation: Observation, *, now_s: float) -> Changes:
        """Take one observation into account; one older than the newest changes nothing.

        Raises:
            BadInput: as :meth:`refuse`.
        """
        self.refuse(observation, now_s=now_s)
        camera = self._cameras[observation.camera_id]
        if camera.last is not None and observation.captured_at_s <= camera.last.captured_at_s:
            return Changes()
        camera.last = observation
        camera.captured.append(observation.captured_at_s)
        changes = Changes(cameras=frozenset({observation.camera_id}))
        for reading in observation.zones:
            record = self._zones[reading.zone_id]
            record.views[observation.camera_id] = (observation.captured_at_s, reading)
            changes |= self._judge_zone(record, now_s=now_s, new_from=observation.camera_id)
        return changes | self._judge_camera(observation.camera_id, now_s=now_s)

    def hear_hello(self, hello: Hello, *, now_s: float) -> Changes:
        """Note which detector a worker's cameras run.

        Raises:
            BadInput: a camera is not one of the site.
        """
        for camera_id in hello.camera_ids:
            if camera_id not in self._cameras:
                raise BadInput(f"camera_ids: '{camera_id}' is not a camera of this site")
        changes = Changes()
        for camera_id in hello.camera_ids:
            self._cameras[camera_id].detector = hello.detector
            changes |= self._judge_camera(camera_id, now_s=now_s)
        return changes | Changes(cameras=frozenset(hello.camera_ids))

    def hear_status(self, status: CameraStatus, *, now_s: float) -> Changes:
        """Note what a worker says of a camera's stream.

        Raises:
            BadInput: the camera is not one of the site.
        """
        if status.camera_id not in self._cameras:
            raise BadInput(f"camera_id: '{status.camera_id}' is not a camera of this site")
        self._cameras[status.camera_id].status = status
        changes = self._judge_camera(status.camera_id, now_s=now_s)
        return changes | Changes(cameras=frozenset({status.camera_id}))

    def tick(self, *, now_s: float) -> Changes:
        """Let time pass: what has been silent for too long becomes unknown."""
        changes = Changes()
        for record in self._zones.values():
            changes |= self._judge_zone(record, now_s=now_s, new_from=None)
        for camera_id in self._cameras:
            changes |= self._judge_camera(camera_id, now_s=now_s)
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

    def _judge_zone(self, record: _ZoneRecord, *, now_s: float, new_from: str | None) -> Changes:
        zone_id = record.zone.zone.id
        views = [
            View(camera_id, captured_at_s, reading.seen_share)
            for camera_id, (captured_at_s, reading) in record.views.items()
        ]
        owned = owner(views, now_s=now_s, unknown_after_s=self._unknown_after_s)
        reason: UnknownReason | None = None
        if owned is None:
            reason = self._why_unknown(views)
        elif owned.seen_share < record.zone.min_seen_share:
            reason = "not_seen"
        if owned is None or reason is not None:
            if not record.known and record.reason == reason and record.since_s is not None:
                return Changes()
            record.level = interrupt(record.level)
            record.known, record.reason, record.since_s = False, reason or "silent", now_s
            record.owner_id = owned.camera_id if owned else record.owner_id
            return Changes(zones=frozenset({zone_id}))
        changes = Changes()
        if not record.known or record.owner_id != owned.camera_id:
            changes = Changes(zones=frozenset({zone_id}))
        if not record.known:
            record.known, record.since_s = True, now_s
        record.owner_id = owned.camera_id
        if new_from != owned.camera_id:
            return changes
        return changes | self._take_density(record, now_s=now_s)

    @staticmethod
    def _why_unknown(views: list[View]) -> UnknownReason:
        if not views:
            return "no_camera"
        return "silent" if any(view.seen_share > 0 for view in views) else "not_seen"

    def _take_density(self, record: _ZoneRecord, *, now_s: float) -> Changes:
        zone_id = record.zone.zone.id
        captured_at_s, reading = record.views[record.owner_id or ""]
        density_ppm2 = reading.density_ppm2
        if density_ppm2 is None:
            return Changes()
        before = record.level
        record.level = step_level(
            before, density_ppm2=density_ppm2, rule=record.zone.rule, now_s=captured_at_s
        )
        if record.level.level != before.level:
            record.since_s = captured_at_s
        self._remember(record, captured_at_s, density_ppm2)
        level = record.level.level
        evidence = Evidence(
            level=level if level >= ALARM_FROM else None,
            value_ppm2=density_ppm2,
            value_sd_ppm2=reading.density_sd_ppm2,
            threshold_ppm2=record.zone.rule.begins_ppm2[max(level, ALARM_FROM) - 1],
            seen_share=reading.seen_share,
            camera_id=record.owner_id,
        )
        alarms = self._alarms.judge(
            "density",
            zone_id,
            present=level >= ALARM_FROM,
            evidence=evidence,
            held_s=record.zone.rule.rise_s,
            now_s=now_s,
        )
        changed = record.level != before
        return Changes(
            zones=frozenset({zone_id}),
            alarms=alarms,
            levels=frozenset({zone_id}) if changed else frozenset(),
        )

    @staticmethod
    def _remember(record: _ZoneRecord, at_s: float, density_ppm2: float) -> None:
        history = record.history
        history.append((at_s, density_ppm2))
        while history and history[0][0] < at_s - _HISTORY_S:
            history.popleft()

    def _judge_camera(self, camera_id: str, *, now_s: float) -> Changes:
        camera = self._cameras[camera_id]
        heard_s = camera.last.captured_at_s if camera.last else camera.first_expected_s
        silent_s = now_s - (heard_s if heard_s is not None else now_s)
        fresh = camera.last is not None and silent_s <= self._unknown_after_s
        if fresh:
            health: CameraHealthName = "ok"
        elif camera.status is not None and camera.status.status != "running":
            health = camera.status.status
        else:
            health = "silent"
        changed = health != camera.health
        camera.health = health
        alarms: tuple[AlarmChange, ...] = ()
        if fresh or silent_s > self._unknown_after_s:
            alarms = self._alarms.judge(
                "silence",
                camera_id,
                present=not fresh,
                evidence=Evidence(level=None, camera_id=camera_id),
                held_s=max(0.0, silent_s),
                now_s=now_s,
            )
        return Changes(cameras=frozenset({camera_id}) if changed else frozenset(), alarms=alarms)

    # --- what goes out -----------------------------------------------------------------------

    @property
    def zone_ids(self) -> tuple[str, ...]:
        """All zones."""
        return tuple(self._zones)

    @property
    def camera_ids(self) -> tuple[str, ...]:
        """All cameras."""
        return tuple(self._cameras)

    def open_alarms(self) -> tuple[tuple[int, Alarm], ...]:
        """All alarms that are not cleared, with their numbers."""
        return self._alarms.items()

    def level_state(self, zone_id: str) -> LevelState:
        """The latches of a zone, to be kept over a restart."""
        return self._zones[zone_id].level

    def zone_state(self, zone_id: str) -> ZoneState:
        """What is known of a zone. Its last value stays readable, with its age, when unknown."""
        record = self._zones[zone_id]
        view = record.views.get(record.owner_id or "")
        captured_at_s, reading = view if view else (None, None)
        return ZoneState(
            zone_id=zone_id,
            level=_level_name(record.level.level) if record.known else "unknown",
            level_since_s=record.since_s,
            unknown_reason=None if record.known else record.reason,
            count=reading.count if reading else None,
            count_sd=reading.count_sd if reading else None,
            density_ppm2=reading.density_ppm2 if reading else None,
            density_sd_ppm2=reading.density_sd_ppm2 if reading else None,
            seen_share=reading.seen_share if reading else None,
            captured_at_s=captured_at_s,
            camera_id=record.owner_id if reading else None,
            trend_ppm2_per_min=_trend(record) if record.known else None,
        )

    def camera_state(self, camera_id: str) -> CameraState:
        """What is known of a camera."""
        record = self._cameras[camera_id]
        captured = record.captured
        span_s = captured[-1] - captured[0] if len(captured) > 1 else 0.0
        return CameraState(
            camera_id=camera_id,
            health=record.health,
            detail=record.status.detail if record.status and record.health != "ok" else "",
            captured_at_s=record.last.captured_at_s if record.last else None,
            analysed_per_s=(len(captured) - 1) / span_s if span_s > 0 else None,
            analysis_ms=record.last.analysis_ms if record.last else None,
            frames_dropped=record.last.frames_dropped if record.last else 0,
            detector=record.detector,
        )

    def history(self, zone_id: str) -> ZoneHistory:
        """The course of the last minutes, one point a second at most."""
        points: list[TrendPoint] = []
        for at_s, density_ppm2 in self._zones[zone_id].history:
            if not points or at_s - points[-1].at_s >= _HISTORY_STEP_S:
                points.append(TrendPoint(at_s=at_s, density_ppm2=density_ppm2))
        return ZoneHistory(zone_id=zone_id, points=tuple(points))


def _level_name(level: Level) -> LevelName:
    names: tuple[LevelName, ...] = ("clear", "busy", "tight", "critical")
    return names[level]


def _trend(record: _ZoneRecord) -> float | None:
    if not record.history:
        return None
    from_s = record.history[-1][0] - _TREND_S
    return slope_per_min([point for point in record.history if point[0] >= from_s][::2])
