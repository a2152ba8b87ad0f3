"""The running hub: state and store held together, and pages told what changed.

Everything happens on one event loop. What changed is first written, then shown and acknowledged.
"""

import asyncio
import logging
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from crowdsafe.contract.alarms import Alarm as AlarmMessage
from crowdsafe.contract.edge_messages import (
    CameraStatus,
    Hello,
    NewRevision,
    Observation,
    RunsRevision,
    Welcome,
)
from crowdsafe.contract.people import Duty
from crowdsafe.contract.record import ShiftSummary
from crowdsafe.contract.site import Site
from crowdsafe.domain.alarm.alarm import Alarm
from crowdsafe.domain.alarm.cause import ZONE_CAUSES, Cause
from crowdsafe.domain.alarm.measure_choice import choose_measures
from crowdsafe.domain.alarm.measure_use import DeliveryState, MeasureUse
from crowdsafe.errors import BadInput, CrowdsafeError
from crowdsafe.hub.alarm_message import from_message, to_message
from crowdsafe.hub.feeds.weather_watch import WeatherWatch
from crowdsafe.hub.ledger import Ledger
from crowdsafe.hub.outbound.cap_message import CapMessage
from crowdsafe.hub.outbound.loop_lag import LoopLag
from crowdsafe.hub.outbound.warnings import ApproveWarning, DiscardWarning
from crowdsafe.hub.outside import Outside
from crowdsafe.hub.page_desk import ENDED_SHOWN, PageDesk
from crowdsafe.hub.revision_feed import RevisionFeed, WorkerLine
from crowdsafe.hub.revisions import Current, Revisions
from crowdsafe.hub.site_view import zone_infos
from crowdsafe.hub.state.changes import AlarmChange, Changes, Gathered
from crowdsafe.hub.state.hub_state import HubState
from crowdsafe.hub.store.batch import AlarmEventRow, AuditEntry
from crowdsafe.hub.store.keep_days import KeepDays
from crowdsafe.hub.store.store import Store
from crowdsafe.hub.threads import in_thread
from crowdsafe.hub.zone_values import ZoneValues
from crowdsafe.settings import HubSettings

_LOG = logging.getLogger(__name__)
_WRITE_EVERY_S = 0.025
_TICK_EVERY_S = 0.5
_LOAD_EVERY_S = 10.0
_LOOK_FOR_REVISION_EVERY_S = 1.0
# Each time touches every zone once, however much there is of it.
_DOWNSAMPLE_EVERY_S = 30.0
_FORGET_EVERY_S = 3600.0
_HISTORY_S = 600.0


class UnknownMeasure(CrowdsafeError):
    """The organiser approved no such measure for this alarm."""


class Hub:
    """State, store and pages of one site."""

    def __init__(
        self,
        site: Site,
        settings: HubSettings,
        store: Store,
        *,
        revisions: Revisions | None = None,
    ) -> None:
        """Begin with what the store kept.

        Args:
            site: to run, unless there are revisions.
            settings: of the hub.
            store: for all that is kept.
            revisions: of the site, one of them published; None: there is only this site.
        """
        current = None if revisions is None else revisions.published()
        site = site if current is None else current.site
        self.site = site
        self.settings = settings
        self.store = store
        self.revisions = revisions
        self.feed = None if current is None else RevisionFeed(current)
        self._switching = asyncio.Lock()
        now_s = time.time()
        self.state = HubState(
            site,
            revision=None if current is None else current.number,
            unknown_after_s=settings.unknown_after_s,
            max_clock_ahead_s=settings.max_clock_ahead_s,
            now_s=now_s,
            ladder=settings.ladder,
        )
        ended = store.alarms.ended_alarms(newest=ENDED_SHOWN)
        self.state.restore(
            alarms=[
                (each.id, from_message(each)) for each in (*ended, *store.alarms.open_alarms())
            ],
            levels=store.levels(),
            history=store.history.densities(
                from_s=now_s - _HISTORY_S, revision=None if current is None else current.number
            ),
            next_alarm_id=store.alarms.next_alarm_id(),
            now_s=now_s,
        )
        self.weather = WeatherWatch(settings.weather, now_s=now_s)
        self.outside = Outside(site, settings, store, on_delivery=self._hear_delivery)
        self._measures = {measure.id: measure for measure in site.measures}
        self._values = ZoneValues()
        shift = store.shifts.current()
        self.pages = PageDesk(
            site,
            settings,
            self.state,
            ended=ended,
            duty=None if shift is None else Duty(name=shift.name, since_s=shift.since_s),
            message=self._message,
        )
        self._changes = Gathered()
        self._alarms: dict[int, AlarmMessage] = {}
        self.taken = 0
        self.refused: Counter[str] = Counter()
        self.lag = LoopLag()
        self.ledger = Ledger(store, written=self.outside.wake)

    # --- what comes in -----------------------------------------------------------------------

    def take_observation(
        self, observation: Observation, *, worker: str, stored: Callable[[], None]
    ) -> None:
        """Take a worker's observation into account now, and call ``stored`` once it is written.

        Raises:
            BadInput: it cannot be true here.
        """
        now_s = time.time()
        try:
            changes = self.state.apply(observation, now_s=now_s, worker=worker)
        except BadInput as error:
            self.refused[str(error).partition(":")[0]] += 1
            raise
        self.taken += 1
        self._note(changes, now_s=now_s)
        self.ledger.observe(observation, stored=stored)

    def refuse_other_revision(self, observation: Observation) -> None:
        """Refuse what would change nothing: who keeps no connection is not told of revisions.

        Raises:
            BadInput: it was made under another revision of the site than the hub runs.
        """
        runs = self.state.revision
        if runs is not None and observation.revision != runs:
            said = "none" if observation.revision is None else observation.revision
            raise BadInput(f"revision: {said}, expected {runs}, the one that the hub runs")

    def hear_hello(self, hello: Hello, *, connection: int) -> None:
        """Take up a worker. Raises BadInput for a camera that the site does not have."""
        now_s = time.time()
        self._note(self.state.hear_hello(hello, now_s=now_s, connection=connection), now_s=now_s)

    def welcome(
        self, hello: Hello, send: Callable[[NewRevision], None]
    ) -> tuple[Welcome, WorkerLine | None]:
        """Return what a worker that was heard is told first, and its line, if there are revisions.

        Args:
            hello: what it said.
            send: takes what is published while it is connected.
        """
        now_s = time.time()
        if self.feed is None:
            return Welcome(site_id=self.site.id, now_s=now_s), None
        return self.feed.welcome(hello, send, site_id=self.site.id, now_s=now_s)

    def leave(self, line: WorkerLine | None) -> None:
        """Tell a worker's line no more."""
        if self.feed is not None and line is not None:
            self.feed.leave(line)

    def hear_runs(self, runs: RunsRevision, *, worker: str) -> None:
        """Note which revision of the site a worker runs."""
        if self.feed is not None:
            self.feed.hear(worker, runs, now_s=time.time())

    def lose_worker(self, worker: str, *, connection: int) -> None:
        """Note that a worker's connection has ended."""
        now_s = time.time()
        self._note(self.state.lose_worker(worker, now_s=now_s, connection=connection), now_s=now_s)

    def hear_status(self, status: CameraStatus, *, worker: str) -> None:
        """Take up what a worker says of a camera's stream."""
        now_s = time.time()
        self._note(self.state.hear_status(status, now_s=now_s, worker=worker), now_s=now_s)

    def _hear_delivery(
        self, notice_id: str, delivery: DeliveryState, detail: str, at_s: float
    ) -> None:
        """Note what became of a confirmed measure's message."""
        now_s = time.time()
        alarms = self.state.alarms.deliver(
            notice_id, delivery=delivery, detail=detail, at_s=at_s, now_s=now_s
        )
        if not alarms:
            return
        self._note(Changes(alarms=alarms), now_s=now_s)
        self.ledger.audit(
            AuditEntry(
                at_s=now_s,
                actor="hub",
                action=f"measure.{delivery}",
                subject=f"notice/{notice_id}",
                detail={"detail": detail} | _measure_of(alarms, notice_id),
            )
        )

    # --- another revision --------------------------------------------------------------------

    async def use_revision(self, current: Current) -> None:
        """Run a revision that was published, and tell workers and pages at once."""
        async with self._switching:
            if self.feed is None or current.number <= self.feed.current.number:
                return
            records = await asyncio.to_thread(self.state.prepare, current.site, now_s=time.time())
            now_s = time.time()
            self.site = current.site
            self._measures = {measure.id: measure for measure in current.site.measures}
            changes = self.state.replace_site(records, revision=current.number, now_s=now_s)
            # Of what is gone, the last word goes out under the name that it had.
            self._note(changes, now_s=now_s)
            self.outside.notices.take_up(current.site)
            self.feed.publish(current)
            self.pages.begin_anew(current.site)
            _LOG.info("revision %d runs", current.number)

    async def follow_revisions(self) -> None:
        """Take up what another process published, as the command line does, until cancelled."""
        while self.feed is not None and self.revisions is not None:
            try:
                newer = await in_thread(self.revisions.newer_than, self.feed.current.number)
                if newer is not None:
                    await self.use_revision(newer)
            except CrowdsafeError as error:
                _LOG.error("what is published cannot be run: %s", error)
            await asyncio.sleep(_LOOK_FOR_REVISION_EVERY_S)

    # --- what people do ----------------------------------------------------------------------

    async def acknowledge(self, alarm_id: int, *, by: str) -> AlarmMessage:
        """Acknowledge an alarm; returns when that is written.

        Raises:
            UnknownAlarm, WrongAlarmState: it is not to be acknowledged.
            StoreFailed: it was noted but could not be written yet.
        """
        now_s = time.time()
        return await self._done(
            self.state.alarms.acknowledge(alarm_id, by=by, now_s=now_s), now_s=now_s
        )

    async def shelve(self, alarm_id: int, *, for_s: float, reason: str, by: str) -> AlarmMessage:
        """Shelve an alarm. Raises UnknownAlarm, WrongAlarmState, StoreFailed."""
        now_s = time.time()
        change = self.state.alarms.shelve(
            alarm_id, until_s=now_s + for_s, reason=reason, by=by, now_s=now_s
        )
        return await self._done(change, now_s=now_s)

    async def unshelve(self, alarm_id: int, *, by: str) -> AlarmMessage:
        """Bring a shelved alarm back. Raises UnknownAlarm, WrongAlarmState, StoreFailed."""
        now_s = time.time()
        return await self._done(
            self.state.alarms.unshelve(alarm_id, by=by, now_s=now_s), now_s=now_s
        )

    async def take_out_of_service(
        self, cause: Cause, subject_id: str, *, reason: str, by: str
    ) -> AlarmMessage:
        """Watch a cause and subject no more. Raises BadInput, WrongAlarmState, StoreFailed."""
        now_s = time.time()
        changes = self.state.take_out_of_service(
            cause, subject_id, reason=reason, by=by, now_s=now_s
        )
        return await self._done(changes.alarms[0], now_s=now_s)

    async def put_in_service(self, alarm_id: int, *, by: str) -> AlarmMessage:
        """Watch it again. Raises UnknownAlarm, WrongAlarmState, StoreFailed."""
        now_s = time.time()
        return await self._done(
            self.state.alarms.put_in_service(alarm_id, by=by, now_s=now_s), now_s=now_s
        )

    async def confirm_measure(self, alarm_id: int, measure_id: str, *, by: str) -> AlarmMessage:
        """Confirm a measure for an alarm: it goes out, and all of it is in the record.

        Raises:
            UnknownAlarm, UnknownMeasure, WrongAlarmState: there is none, or it is on its way.
            StoreFailed: it was noted but could not be written yet; it goes out with that.
        """
        now_s = time.time()
        alarm = self.state.alarms.get(alarm_id)
        measure = self._measures.get(measure_id)
        if measure is None or measure_id not in self._offers(alarm):
            raise UnknownMeasure(
                f"measure_id: '{measure_id[:64]}' is none that was approved for alarm {alarm_id}"
            )
        notice_id = str(uuid.uuid4())
        use = MeasureUse(
            measure_id=measure_id,
            notice_id=notice_id,
            confirmed_at_s=now_s,
            confirmed_by=by,
            delivery="by_hand" if measure.target is None else "waiting",
        )
        change = self.state.alarms.confirm(alarm_id, use, now_s=now_s)
        self.outside.confirm(
            measure,
            self._message(alarm_id, alarm),
            notice_id=notice_id,
            by=by,
            now_s=now_s,
            ledger=self.ledger,
        )
        return await self._done(change, now_s=now_s)

    async def take_over(self, *, by: str, note: str, summary: ShiftSummary) -> Duty:
        """Note that a person takes over the shift; all pages are told. Raises StoreFailed."""
        now_s = time.time()
        await in_thread(
            self.store.shifts.hand_over, name=by, at_s=now_s, summary=summary.model_dump_json()
        )
        duty = Duty(name=by, since_s=now_s)
        self.ledger.audit(
            AuditEntry(
                at_s=now_s,
                actor=by,
                action="shift.taken_over",
                subject=f"person/{by}",
                detail={"note": note, "summary": summary.model_dump(mode="json")},
            )
        )
        self.pages.tell_duty(duty)
        await self.ledger.written()
        return duty

    async def approve_warning(self, alarm_id: int, asked: ApproveWarning, *, by: str) -> CapMessage:
        """Let a warning go out; returns when that is written.

        Raises:
            NothingToApprove: there is no draft, or it has changed since the person saw it.
            StoreFailed: it was noted but could not be written yet; it goes out with that.
        """
        message = self.outside.approve(
            alarm_id, asked, by=by, now_s=time.time(), ledger=self.ledger
        )
        await self.ledger.written()
        return message

    async def discard_warning(self, alarm_id: int, asked: DiscardWarning, *, by: str) -> None:
        """Throw a draft away. Raises NothingToApprove, StoreFailed."""
        self.outside.discard(alarm_id, asked, by=by, now_s=time.time(), ledger=self.ledger)
        await self.ledger.written()

    async def _done(self, change: AlarmChange, *, now_s: float) -> AlarmMessage:
        self._note(Changes(alarms=(change,)), now_s=now_s)
        await self.ledger.written()
        return self._message(change.id, change.alarm)

    def _note(self, changes: Changes, *, now_s: float) -> None:
        self._changes.add(changes)
        # Values are shown while they are written, alarms once they are.
        self.pages.note(changes)
        for zone_id in changes.levels:
            self.ledger.level(zone_id, self.state.level_state(zone_id))
        for change in changes.alarms:
            message = self._message(change.id, change.alarm)
            self._alarms[change.id] = message
            event = change.event.value if change.event else None
            self.ledger.alarm(AlarmEventRow(message=message, event=event, at_s=now_s, by=change.by))
            if change.event is not None:
                self.outside.tell(
                    message, change.event, by=change.by, now_s=now_s, ledger=self.ledger
                )

    def _offers(self, alarm: Alarm) -> tuple[str, ...]:
        chosen = choose_measures(
            self.site.measures,
            cause=alarm.cause,
            subject_id=alarm.subject_id,
            zone_id=alarm.subject_id if alarm.cause in ZONE_CAUSES else None,
            grade=alarm.evidence.grade,
        )
        return tuple(measure.id for measure in chosen)

    def _message(self, alarm_id: int, alarm: Alarm) -> AlarmMessage:
        return to_message(
            alarm_id,
            alarm,
            escalates_at_s=self.state.alarms.escalates_at_s(alarm),
            offers=self._offers(alarm),
        )

    # --- the loop ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Write, tell pages and let time pass, until cancelled."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._write_for_ever())
            both.create_task(self.pages.run())

    async def _write_for_ever(self) -> None:
        next_tick_s = next_load_s = 0.0
        while True:
            now_s = time.monotonic()
            if now_s >= next_tick_s:
                next_tick_s = now_s + _TICK_EVERY_S
                wall_s = time.time()
                self._tick(now_s=wall_s)
            await self.flush()
            if now_s >= next_load_s:
                next_load_s = now_s + _LOAD_EVERY_S
                self.pages.tell_load()
            await asyncio.sleep(_WRITE_EVERY_S)

    def _tick(self, *, now_s: float) -> None:
        weather = self.weather.tick(now_s=now_s)
        changes = self.state.tick(now_s=now_s) | self.state.judge_outside(
            "weather", weather.standing, unknown=weather.unknown, now_s=now_s
        )
        changes |= self.state.judge_outside("delivery", self.outside.stuck(now_s), now_s=now_s)
        self._note(changes, now_s=now_s)
        self.outside.tell_zones(
            lambda: zone_infos(self.site),
            lambda: [self.state.zone_state(each) for each in self.state.zone_ids],
            site_id=self.site.id,
            now_s=now_s,
            ledger=self.ledger,
        )

    async def tidy(self) -> None:
        """Make the longer steps of the history and forget what is old, until cancelled."""
        keep = KeepDays(**self.settings.keep.model_dump())
        next_forget_s = 0.0
        while True:
            try:
                await asyncio.to_thread(self.store.history.downsample, time.time())
                if time.monotonic() >= next_forget_s:
                    next_forget_s = time.monotonic() + _FORGET_EVERY_S
                    await asyncio.to_thread(self.store.forget, time.time(), keep)
            except SQLAlchemyError as error:
                _LOG.error("store: could not tidy up, trying again (%s)", error.args)
            await asyncio.sleep(_DOWNSAMPLE_EVERY_S)

    async def flush(self) -> None:
        """Write what is waiting, then tell the pages and acknowledge to workers and people.

        What is happening is told even while it cannot be kept.
        """
        gathered, self._changes = self._changes, Gathered()
        changes = gathered.all()
        alarms, self._alarms = self._alarms, {}
        standing = self.state.alarms.items()
        zone_ids = changes.zones & {*self.state.zone_ids}
        await self.ledger.write(self._values.of(self.state, zone_ids, now_s=time.time()))
        self.pages.tell_alarms(alarms, standing=standing)

    def alarms(self) -> tuple[AlarmMessage, ...]:
        """Return all alarms that are not normal."""
        return tuple(self._message(each, alarm) for each, alarm in self.state.alarms.items())


def _measure_of(alarms: Sequence[AlarmChange], notice_id: str) -> dict[str, Any]:
    """Return which measure, of which alarm, a message was of."""
    for change in alarms:
        for use in change.alarm.measures:
            if use.notice_id == notice_id:
                return {
                    "alarm_id": change.id,
                    "measure_id": use.measure_id,
                    "subject_id": change.alarm.subject_id,
                }
    return {}
