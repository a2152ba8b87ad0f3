"""Turns what is known of zones, cameras and workers into alarms."""

from crowdsafe.domain.alarm.alarm import AlarmState, Evidence
from crowdsafe.domain.alarm.cause import CAMERA_CAUSES, ZONE_CAUSES, Cause
from crowdsafe.hub.state.alarm_list import AlarmList
from crowdsafe.hub.state.camera_alarms import camera_judgements, hiding
from crowdsafe.hub.state.camera_record import CameraRecord
from crowdsafe.hub.state.changes import AlarmChange, Gathered
from crowdsafe.hub.state.site_records import SiteRecords
from crowdsafe.hub.state.worker_links import WorkerLinks
from crowdsafe.hub.state.zone_alarms import Judgement, suppressed_by_design
from crowdsafe.hub.state.zone_record import ZoneRecord


class Judge:
    """The rules of one hub's alarms.

    Attributes:
        records: of the present revision of the site.
    """

    def __init__(
        self,
        alarms: AlarmList,
        links: WorkerLinks,
        records: SiteRecords,
        *,
        unknown_after_s: float,
    ) -> None:
        self.records = records
        self._alarms = alarms
        self._links = links
        self._unknown_after_s = unknown_after_s

    def exists(self, cause: Cause, subject_id: str) -> bool:
        """Say whether there is something that a cause can be about."""
        if cause in ZONE_CAUSES:
            zone = self.records.zones.get(subject_id)
            return zone is not None and (
                cause == "density" or cause in zone.zone.zone_limits.limits
            )
        if cause in CAMERA_CAUSES:
            return subject_id in self.records.cameras
        if cause == "worker":
            return self._links.knows(subject_id)
        return subject_id in self._alarms.subjects(cause)

    def level(self, record: ZoneRecord, gathered: Gathered, *, now_s: float) -> None:
        """Bring a zone and the alarm of its density up to date."""
        step = record.judge(now_s=now_s)
        if not step.told:
            return
        zone_id = record.zone.zone.id
        gathered.zones.add(zone_id)
        if step.latches:
            gathered.levels.add(zone_id)
        if not step.density or record.fused is None:
            return
        # Most zones most of the time: nothing stands, and nothing begins.
        if record.is_calm and self._alarms.of("density", zone_id) is None:
            return
        judgement = self.records.zone_alarms[zone_id].of_density(record, record.fused)
        gathered.alarms += self._take(zone_id, judgement, now_s=now_s)

    def zone(self, record: ZoneRecord, gathered: Gathered, *, now_s: float) -> None:
        """Bring a zone and all its alarms up to date."""
        self.level(record, gathered, now_s=now_s)
        zone_id, forecast = record.zone.zone.id, record.forecast
        stands = any(self._alarms.of(cause, zone_id) is not None for cause in ZONE_CAUSES)
        for judgement in self.records.zone_alarms[zone_id].of_the_rest(
            record, minutes_to_tight=forecast.likely_min if forecast else None, stands=stands
        ):
            gathered.alarms += self._take(zone_id, judgement, now_s=now_s)

    def _take(self, zone_id: str, judgement: Judgement, *, now_s: float) -> tuple[AlarmChange, ...]:
        density = self._alarms.of("density", zone_id)
        # One that is out of service tells nobody.
        stands = (
            density is not None
            and density.present
            and density.state is not AlarmState.OUT_OF_SERVICE
        )
        return self._alarms.judge(
            judgement.cause,
            zone_id,
            present=judgement.present,
            evidence=judgement.evidence,
            held_s=judgement.held_s,
            now_s=now_s,
            suppressed=suppressed_by_design(judgement.cause, density_stands=stands),
        )

    def camera(self, camera: CameraRecord, gathered: Gathered, *, now_s: float) -> None:
        """Bring a camera and its alarms up to date."""
        camera_id = camera.camera.id
        if camera.judge(now_s=now_s, unknown_after_s=self._unknown_after_s):
            gathered.cameras.add(camera_id)
        trouble = camera.trouble(now_s=now_s, unknown_after_s=self._unknown_after_s)
        if trouble is None and camera.at_s is None:
            return
        if trouble is None and all(
            self._alarms.of(cause, camera_id) is None for cause in CAMERA_CAUSES
        ):
            return
        if trouble is not None and trouble.cause == "silence":
            picture = self._alarms.of("picture", camera_id)
            # A bad picture that falls silent is still the one trouble it was.
            if picture is not None and picture.present:
                return
        for judgement in camera_judgements(camera, trouble, zones=self.records.zones.values()):
            gathered.alarms += self._alarms.judge(
                judgement.cause,
                camera_id,
                present=judgement.present,
                evidence=judgement.evidence,
                held_s=judgement.held_s,
                now_s=now_s,
                suppressed=self._links.why_away(camera_id),
            )

    def workers(self, gathered: Gathered, *, now_s: float) -> None:
        """Bring the alarms of workers up to date."""
        for worker, away_s in self._links.away(now_s=now_s):
            gathered.alarms += self._alarms.judge(
                "worker",
                worker,
                present=away_s is not None and away_s > self._unknown_after_s,
                evidence=Evidence()
                if away_s is None
                else hiding(self._links.cameras_of(worker), self.records.zones.values()),
                held_s=away_s or 0.0,
                now_s=now_s,
            )
