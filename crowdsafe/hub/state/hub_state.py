"""What the hub knows now: ``apply`` takes an observation, ``tick`` lets time pass.

No clock, no store, no web: the same code runs live and in replay.
"""

import logging
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence

from crowdsafe.contract.edge_messages import CameraStatus, Hello, Observation
from crowdsafe.contract.page_messages import CameraState, LineState, ZoneHistory, ZoneState
from crowdsafe.contract.readings import NOT_BELIEVED, Cells
from crowdsafe.contract.site import Site
from crowdsafe.domain.alarm.alarm import Alarm, Evidence
from crowdsafe.domain.alarm.cause import ZONE_CAUSES, Cause
from crowdsafe.domain.alarm.escalation import EscalationStep
from crowdsafe.domain.alarm.levels import LevelState, interrupt
from crowdsafe.domain.camera.visible import VisibleGround
from crowdsafe.errors import BadInput
from crowdsafe.hub.state.alarm_list import AlarmList
from crowdsafe.hub.state.camera_record import CameraRecord, Outdated, ground_of
from crowdsafe.hub.state.changes import Changes, Gathered
from crowdsafe.hub.state.judge import Judge
from crowdsafe.hub.state.site_records import (
    SiteRecords,
    first_records,
    next_records,
    settle,
)
from crowdsafe.hub.state.worker_clocks import WorkerClocks
from crowdsafe.hub.state.worker_links import WorkerLinks
from crowdsafe.hub.state.zone_record import ZoneFigures

_LOG = logging.getLogger(__name__)


class HubState:
    """Zones, cameras, counting lines and alarms of one site."""

    def __init__(
        self,
        site: Site,
        *,
        unknown_after_s: float,
        max_clock_ahead_s: float,
        now_s: float,
        ladder: Sequence[EscalationStep] = (),
        revision: int | None = None,
    ) -> None:
        """Begin with nothing known.

        Args:
            site: the site.
            unknown_after_s: what is silent for longer is unknown.
            max_clock_ahead_s: observations may be dated so far ahead.
            now_s: the time.
            ladder: who comes next when nobody acknowledges.
            revision: of the site; observations of another one change nothing. None: any will do.

        Raises:
            BadInput: a camera hangs lower than a head.
        """
        self.revision = revision
        self._unknown_after_s = unknown_after_s
        self._max_clock_ahead_s = max_clock_ahead_s
        self._clocks = WorkerClocks()
        self._links = WorkerLinks()
        records = first_records(site, unknown_after_s=unknown_after_s, now_s=now_s)
        self.alarms = AlarmList(neighbours=records.neighbours, ladder=ladder)
        self._judge = Judge(self.alarms, self._links, records, unknown_after_s=unknown_after_s)
        self._take_up(records)

    def _take_up(self, records: SiteRecords) -> None:
        self._records = self._judge.records = records
        self._frame = records.site.frame
        self._lines = records.lines
        self._cameras = records.cameras
        self._zones = records.zones

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
        now_s: float,
    ) -> None:
        """Take up what was kept: open alarms, latched levels, the recent course of zones.

        Zones stay unknown until a camera shows them again, and workers that were missed are missed
        until they come.
        """
        self.alarms.restore(alarms, next_id=next_alarm_id)
        for _, alarm in self.alarms.items():
            if alarm.cause == "worker":
                self._links.miss(
                    alarm.subject_id,
                    since_s=alarm.raised_at_s - alarm.held_s if alarm.present else now_s,
                )
        for zone_id, level in levels:
            if zone_id in self._zones:
                self._zones[zone_id].level = interrupt(level)
        for zone_id, at_s, density_ppm2 in history:
            if zone_id in self._zones:
                self._zones[zone_id].remember(at_s, density_ppm2)

    # --- another revision --------------------------------------------------------------------

    def prepare(self, site: Site, *, now_s: float) -> SiteRecords:
        """Work out what :meth:`replace_site` needs; changes nothing, so do it in a thread.

        Raises:
            BadInput: a camera hangs lower than a head.
        """
        return next_records(self._records, site, unknown_after_s=self._unknown_after_s, now_s=now_s)

    def replace_site(self, records: SiteRecords, *, revision: int, now_s: float) -> Changes:
        """Go on with another revision of the site.

        Zones, lines and cameras that are the same keep what is known of them. A zone that is not,
        or that is seen by a camera that is not, is unknown until it is seen again; its alarms
        stand. The alarms of what is gone end.

        Args:
            records: as :meth:`prepare` made them.
            revision: number of the revision; observations of another one change nothing from now.
            now_s: the time.
        """
        before = self._records
        if any(
            camera_id in records.heights_m and records.heights_m[camera_id] != camera.height_m
            for camera_id, camera in before.cameras.items()
        ):
            # A worker said hello meanwhile, with another detector.
            records = self.prepare(records.site, now_s=now_s)
        settle(before, records)
        self._take_up(records)
        self.revision = revision
        self.alarms.neighbours = records.neighbours
        changes = Changes(
            zones=frozenset(self._zones),
            cameras=frozenset(self._cameras),
            lines=frozenset(self._lines),
            levels=frozenset(
                each for each, zone in self._zones.items() if before.zones.get(each) is not zone
            ),
        )
        return changes | self.tick(now_s=now_s)

    # --- what comes in -----------------------------------------------------------------------

    def apply(self, observation: Observation, *, now_s: float, worker: str = "") -> Changes:
        """Take one observation into account; one older than the newest changes no zone.

        Nor does one that was made under another revision of the site.

        Args:
            observation: of one camera.
            now_s: by the hub's clock.
            worker: who sent it, for its clock.

        Raises:
            BadInput: it cannot be true here.
        """
        offset_s = self._clocks.hear(worker, observation, now_s=now_s)
        self._refuse_ahead(observation.captured_at_s + offset_s, now_s=now_s)
        if self.revision is not None and observation.revision != self.revision:
            return self._pass_over(observation, now_s=now_s)
        self._refuse(observation)
        at_s = min(now_s, observation.captured_at_s + offset_s)
        camera = self._cameras[observation.camera_id]
        if camera.repeats(observation):
            return Changes()
        gathered = Gathered()
        gathered.add(self._count(observation, at_s=at_s, now_s=now_s))
        if not camera.take(observation, at_s=at_s):
            return gathered.all()
        if camera.believed:
            self._take_readings(observation, camera, at_s=at_s)
            zone_ids = [reading.zone_id for reading in observation.zones]
        else:
            for record in self._zones.values():
                record.doubt(observation.camera_id, at_s=at_s, picture=observation.picture.name)
            zone_ids = [each for each, zone in self._zones.items() if zone.sees(camera.camera.id)]
        for zone_id in zone_ids:
            self._judge.level(self._zones[zone_id], gathered, now_s=now_s)
        self._judge.camera(camera, gathered, now_s=now_s)
        gathered.cameras.add(observation.camera_id)
        return gathered.all()

    def _pass_over(self, observation: Observation, *, now_s: float) -> Changes:
        """Note that a camera is looked at by another revision; it may be of that one only."""
        camera = self._cameras.get(observation.camera_id)
        if camera is None:
            return Changes()
        camera.outdated = Outdated(observation.revision, self.revision, now_s)
        gathered = Gathered()
        self._judge.camera(camera, gathered, now_s=now_s)
        return gathered.all()

    def _refuse_ahead(self, at_s: float, *, now_s: float) -> None:
        ahead_s = at_s - now_s
        if ahead_s > self._max_clock_ahead_s:
            raise BadInput(
                f"captured_at_s: {ahead_s:.1f} s in the future, expected at most "
                f"{self._max_clock_ahead_s:g} s; set the worker's clock"
            )

    def _refuse(self, observation: Observation) -> None:
        if observation.camera_id not in self._cameras:
            raise BadInput(f"camera_id: '{observation.camera_id}' is not a camera of this site")
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

    def hear_hello(self, hello: Hello, *, now_s: float, connection: int = 0) -> Changes:
        """Note which detector a worker's cameras run, and how high it is what that finds.

        A worker that does not run the present revision may have cameras that are gone.

        Args:
            hello: of a worker.
            now_s: by the hub's clock.
            connection: a number of its own for each connection.

        Raises:
            BadInput: a camera is not one of the site, or hangs lower than that.
        """
        known = [camera_id for camera_id in hello.camera_ids if camera_id in self._cameras]
        outdated = self.revision is not None and hello.revision != self.revision
        if not outdated:
            for camera_id in hello.camera_ids:
                if camera_id not in known:
                    raise BadInput(f"camera_ids: '{camera_id}' is not a camera of this site")
        cameras = [self._cameras[camera_id] for camera_id in known]
        grounds = [
            camera.ground
            if camera.height_m == hello.height_m
            else ground_of(camera.camera, height_m=hello.height_m)
            for camera in cameras
        ]
        self._clocks.hear(hello.worker, hello, now_s=now_s)
        self._links.connect(hello.worker, connection, camera_ids=known)
        gathered = Gathered()
        gathered.cameras |= {*known}
        for camera, ground in zip(cameras, grounds, strict=True):
            camera.detector = hello.detector
            if ground is not camera.ground:
                camera.ground, camera.height_m = ground, hello.height_m
                self._look_through(camera)
            self._judge.camera(camera, gathered, now_s=now_s)
        self._judge.workers(gathered, now_s=now_s)
        return gathered.all()

    def lose_worker(self, worker: str, *, now_s: float, connection: int = 0) -> Changes:
        """Note that a worker's connection has ended."""
        self._links.lose(worker, connection, now_s=now_s)
        gathered = Gathered()
        self._judge.workers(gathered, now_s=now_s)
        return gathered.all()

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
        gathered = Gathered()
        self._judge.camera(camera, gathered, now_s=now_s)
        gathered.cameras.add(status.camera_id)
        return gathered.all()

    def tick(self, *, now_s: float) -> Changes:
        """Let time pass: what has been silent for too long becomes unknown."""
        gathered = Gathered()
        gathered.lines |= {each for each, line in self._lines.items() if line.tick(now_s=now_s)}
        self._judge.workers(gathered, now_s=now_s)
        for record in self._zones.values():
            self._judge.zone(record, gathered, now_s=now_s)
        for camera in self._cameras.values():
            self._judge.camera(camera, gathered, now_s=now_s)
        gathered.alarms += self.alarms.end_orphans(self._judge.exists, now_s=now_s)
        gathered.alarms += self.alarms.tick(now_s=now_s)
        return gathered.all()

    def judge_outside(
        self,
        cause: Cause,
        evidence: Mapping[str, Evidence],
        *,
        now_s: float,
        unknown: Collection[str] = (),
    ) -> Changes:
        """Take what stands now of a cause that is not of a zone or camera.

        Args:
            cause: ``weather`` or ``delivery``.
            evidence: by subject, of all that stand; what is not named has gone.
            now_s: the time.
            unknown: subjects that cannot be judged now: what stands of them stays.
        """
        alarms = tuple(
            change
            for subject_id, each in evidence.items()
            for change in self.alarms.judge(
                cause, subject_id, present=True, evidence=each, held_s=0.0, now_s=now_s
            )
        )
        for subject_id in sorted(set(self.alarms.subjects(cause)) - set(evidence) - set(unknown)):
            alarms += self.alarms.judge(
                cause, subject_id, present=False, evidence=Evidence(), held_s=0.0, now_s=now_s
            )
        return Changes(alarms=alarms)

    # --- what people do ----------------------------------------------------------------------

    def take_out_of_service(
        self, cause: Cause, subject_id: str, *, reason: str, by: str, now_s: float
    ) -> Changes:
        """Watch a cause and its subject no more, until it is put back.

        Raises:
            BadInput: there is no such zone, camera or worker, or no such alarm of weather or of
                delivery stands.
            WrongAlarmState: it is out of service already.
        """
        if not self._judge.exists(cause, subject_id):
            raise BadInput(f"subject_id: '{subject_id}' is nothing that '{cause}' can be about")
        change = self.alarms.take_out_of_service(
            cause, subject_id, reason=reason, by=by, now_s=now_s
        )
        return Changes(alarms=(change,))

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

    def alarmed_zones(self) -> frozenset[str]:
        """Zones with an alarm that is not normal."""
        return frozenset(
            alarm.subject_id for _, alarm in self.alarms.items() if alarm.cause in ZONE_CAUSES
        )

    def level_state(self, zone_id: str) -> LevelState:
        """The latches of a zone, to be kept over a restart."""
        return self._zones[zone_id].level

    def zone_state(self, zone_id: str) -> ZoneState:
        """What is known of a zone. Its last value stays readable, with its age, when unknown."""
        return self._zones[zone_id].state(self._frame)

    def zone_figures(self, zone_id: str) -> ZoneFigures:
        """What every reading changes of a zone."""
        return self._zones[zone_id].figures()

    def zone_mark(self, zone_id: str) -> Hashable:
        """Differs where a zone's state differs in more than its figures."""
        return self._zones[zone_id].mark()

    def zone_cells(self, zone_id: str) -> Cells:
        """Where the people of a zone are."""
        return self._zones[zone_id].cells()

    def camera_state(self, camera_id: str) -> CameraState:
        """What is known of a camera."""
        return self._cameras[camera_id].state()

    def line_state(self, line_id: str, *, now_s: float) -> LineState:
        """Who crossed a counting line."""
        return self._lines[line_id].state(now_s=now_s)

    def ground(self, camera_id: str) -> VisibleGround:
        """The ground on which a camera counts people."""
        return self._cameras[camera_id].ground

    def history(self, zone_id: str, *, step_s: float = 1.0) -> ZoneHistory:
        """The course of the last minutes, points at least so far apart."""
        return self._zones[zone_id].history(step_s=step_s)
