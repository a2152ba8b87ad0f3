"""The running hub: state and store held together, and pages told what changed.

Everything happens on one event loop. What changed is first written, then shown and acknowledged.
"""

import asyncio
import logging
import time
from collections.abc import Callable

import numpy as np
import shapely
from sqlalchemy.exc import SQLAlchemyError

from crowdsafe.contract.frame import SiteFrame
from crowdsafe.contract.messages import (
    Alarm as AlarmMessage,
)
from crowdsafe.contract.messages import (
    CameraInfo,
    CameraStatus,
    Change,
    GridInfo,
    Hello,
    LineInfo,
    Observation,
    SiteInfo,
    Snapshot,
    ZoneInfo,
)
from crowdsafe.contract.site import Site
from crowdsafe.domain.geometry import largest_polygon
from crowdsafe.domain.grid import CELL_M
from crowdsafe.errors import CrowdsafeError
from crowdsafe.hub.alarm_view import from_message, to_message
from crowdsafe.hub.changes import Changes
from crowdsafe.hub.state import HubState
from crowdsafe.hub.store import AlarmEventRow, Batch, Store
from crowdsafe.settings import HubSettings

_LOG = logging.getLogger(__name__)
_WRITE_EVERY_S = 0.1
_TICK_EVERY_S = 0.5
_FORGET_EVERY_S = 3600.0
_CLEARED_SHOWN = 50
_HISTORY_S = 600.0
# The grid's degrees are measured over this, to lose their rounding.
_GRID_OVER_M = 100.0


class StoreFailed(CrowdsafeError):
    """The store did not take what it was given."""


class Page:
    """What one page has not been told yet; many changes to one zone are told once."""

    def __init__(self) -> None:
        self._zones: set[str] = set()
        self._cameras: set[str] = set()
        self._lines: set[str] = set()
        self._alarms: dict[int, AlarmMessage] = {}
        self._something = asyncio.Event()

    def note(self, changes: Changes, alarms: dict[int, AlarmMessage]) -> None:
        """Note what is to be told."""
        self._zones |= changes.zones
        self._cameras |= changes.cameras
        self._lines |= changes.lines
        self._alarms |= alarms
        if changes.zones or changes.cameras or changes.lines or alarms:
            self._something.set()

    async def next_change(self, state: HubState, *, at_least_every_s: float) -> Change:
        """Wait for something to tell, or for ``at_least_every_s``."""
        try:
            await asyncio.wait_for(self._something.wait(), at_least_every_s)
        except TimeoutError:
            _LOG.debug("page: nothing changed, the time is told")
        self._something.clear()
        now_s = time.time()
        change = Change(
            now_s=now_s,
            zone_states=tuple(state.zone_state(zone_id) for zone_id in sorted(self._zones)),
            camera_states=tuple(state.camera_state(each) for each in sorted(self._cameras)),
            line_states=tuple(state.line_state(each, now_s=now_s) for each in sorted(self._lines)),
            alarms=tuple(self._alarms[alarm_id] for alarm_id in sorted(self._alarms)),
        )
        self._zones, self._cameras, self._lines, self._alarms = set(), set(), set(), {}
        return change


class Hub:
    """State, store and pages of one site."""

    def __init__(self, site: Site, settings: HubSettings, store: Store) -> None:
        self.site = site
        self.settings = settings
        self.store = store
        now_s = time.time()
        self.state = HubState(
            site,
            unknown_after_s=settings.unknown_after_s,
            max_clock_ahead_s=settings.max_clock_ahead_s,
            now_s=now_s,
        )
        self.state.restore(
            alarms=[(each.id, from_message(each)) for each in store.open_alarms()],
            levels=store.levels(),
            history=store.densities(from_s=now_s - _HISTORY_S),
            next_alarm_id=store.next_alarm_id(),
        )
        self._cleared = {each.id: each for each in store.cleared_alarms(newest=_CLEARED_SHOWN)}
        self._pages: set[Page] = set()
        self._changes = Changes()
        self._observations: list[Observation] = []
        self._alarm_rows: list[AlarmEventRow] = []
        self._stored: list[Callable[[], None]] = []
        self._written: asyncio.Future[None] | None = None

    # --- what comes in -----------------------------------------------------------------------

    def take_observation(
        self, observation: Observation, *, worker: str, stored: Callable[[], None]
    ) -> None:
        """Take a worker's observation into account now, and call ``stored`` once it is written.

        Raises:
            BadInput: it cannot be true here.
        """
        now_s = time.time()
        changes = self.state.apply(observation, now_s=now_s, worker=worker)
        self._note(changes, now_s=now_s)
        self._observations.append(observation)
        self._stored.append(stored)

    def hear_hello(self, hello: Hello) -> None:
        """Take up a worker. Raises BadInput for a camera that the site does not have."""
        now_s = time.time()
        self._note(self.state.hear_hello(hello, now_s=now_s), now_s=now_s)

    def hear_status(self, status: CameraStatus, *, worker: str) -> None:
        """Take up what a worker says of a camera's stream."""
        now_s = time.time()
        self._note(self.state.hear_status(status, now_s=now_s, worker=worker), now_s=now_s)

    async def acknowledge(self, alarm_id: int, *, by: str) -> AlarmMessage:
        """Acknowledge an alarm; returns when that is written.

        Raises:
            UnknownAlarm, WrongAlarmState: it is not to be acknowledged.
            StoreFailed: it was noted but could not be written yet.
        """
        now_s = time.time()
        changes = self.state.acknowledge(alarm_id, by=by, now_s=now_s)
        self._note(changes, now_s=now_s)
        if self._written is None:
            self._written = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._written)
        return to_message(alarm_id, changes.alarms[-1].alarm)

    def _note(self, changes: Changes, *, now_s: float) -> None:
        self._changes |= changes
        self._alarm_rows += [
            AlarmEventRow(
                message=to_message(change.id, change.alarm),
                event=change.event.value if change.event else None,
                at_s=now_s,
            )
            for change in changes.alarms
        ]

    # --- the loop ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Write, tell pages and let time pass, until cancelled."""
        next_tick_s = next_forget_s = 0.0
        while True:
            now_s = time.monotonic()
            if now_s >= next_tick_s:
                next_tick_s = now_s + _TICK_EVERY_S
                wall_s = time.time()
                self._note(self.state.tick(now_s=wall_s), now_s=wall_s)
            if now_s >= next_forget_s:
                next_forget_s = now_s + _FORGET_EVERY_S
                await self._forget()
            await self.flush()
            await asyncio.sleep(_WRITE_EVERY_S)

    async def flush(self) -> None:
        """Write what is waiting, then tell the pages and acknowledge to workers and people."""
        changes, self._changes = self._changes, Changes()
        observations, self._observations = self._observations, []
        alarm_rows, self._alarm_rows = self._alarm_rows, []
        stored, self._stored = self._stored, []
        written, self._written = self._written, None
        batch = Batch(
            observations=tuple(observations),
            alarms=tuple(alarm_rows),
            levels=tuple((each, self.state.level_state(each)) for each in sorted(changes.levels)),
        )
        if batch == Batch():
            self._tell(changes, {})
            return
        alarms = {row.message.id: row.message for row in alarm_rows}
        try:
            await asyncio.to_thread(self.store.write, batch)
        except SQLAlchemyError as error:
            _LOG.error("store: could not write, trying again (%s)", error.args)
            self._observations = observations + self._observations
            self._alarm_rows = alarm_rows + self._alarm_rows
            self._stored = stored + self._stored
            self._changes |= Changes(levels=changes.levels)
            if written is not None:
                written.set_exception(StoreFailed("the store is not writable at the moment"))
            # What is happening must be seen even while it cannot be kept.
            self._tell(changes, alarms)
            return
        self._tell(changes, alarms)
        for call in stored:
            call()
        if written is not None:
            written.set_result(None)

    def _tell(self, changes: Changes, alarms: dict[int, AlarmMessage]) -> None:
        self._cleared |= {each.id: each for each in alarms.values() if each.state == "cleared"}
        for alarm_id in sorted(self._cleared)[:-_CLEARED_SHOWN]:
            del self._cleared[alarm_id]
        for page in self._pages:
            page.note(changes, alarms)

    async def _forget(self) -> None:
        wall_s = time.time()
        try:
            await asyncio.to_thread(
                self.store.forget, before_s=wall_s - self.settings.keep_days * 86400, now_s=wall_s
            )
        except SQLAlchemyError as error:
            _LOG.error("store: could not delete old values (%s)", error.args)

    # --- pages -------------------------------------------------------------------------------

    def open_page(self) -> tuple[Page, Snapshot]:
        """Return a new page, and everything that it needs to begin."""
        page = Page()
        self._pages.add(page)
        return page, self.snapshot()

    def close_page(self, page: Page) -> None:
        """Forget a page."""
        self._pages.discard(page)

    def snapshot(self) -> Snapshot:
        """Return everything that is known now."""
        state, now_s = self.state, time.time()
        alarms = {each_id: to_message(each_id, alarm) for each_id, alarm in state.open_alarms()}
        return Snapshot(
            now_s=now_s,
            unknown_after_s=self.settings.unknown_after_s,
            site=self._site_info(),
            zones=self._zone_infos(),
            cameras=self._camera_infos(),
            lines=self._line_infos(),
            grid=grid_info(self.site.frame, peak_radius_m=self.site.peak_radius_m),
            zone_states=tuple(state.zone_state(zone_id) for zone_id in state.zone_ids),
            camera_states=tuple(state.camera_state(each) for each in state.camera_ids),
            line_states=tuple(state.line_state(each, now_s=now_s) for each in state.line_ids),
            alarms=tuple((self._cleared | alarms).values()),
            history=tuple(state.history(zone_id) for zone_id in state.zone_ids),
        )

    def _site_info(self) -> SiteInfo:
        site = self.site
        return SiteInfo(
            id=site.id,
            name=site.name,
            timezone=site.timezone,
            center=site.frame.origin,
            plan=site.plan,
        )

    def _zone_infos(self) -> tuple[ZoneInfo, ...]:
        frame = self.site.frame
        return tuple(
            ZoneInfo(
                id=each.zone.id,
                name=each.name,
                rings=frame.rings(each.zone.polygon),
                label_at=frame.to_lonlat(np.array(each.zone.polygon.representative_point().coords))[
                    0
                ],
                area_m2=each.zone.area_m2,
                thresholds=each.thresholds,
                thresholds_reason=each.thresholds_reason,
            )
            for each in self.site.zones
        )

    def _camera_infos(self) -> tuple[CameraInfo, ...]:
        frame = self.site.frame
        infos = []
        for each in self.site.cameras:
            view = largest_polygon(shapely.simplify(self.state.ground(each.id).polygon, 0.1))
            ring = shapely.get_coordinates(view.exterior)
            infos.append(
                CameraInfo(
                    id=each.id,
                    name=each.name,
                    position=frame.to_lonlat(np.array([each.camera.position_m]))[0],
                    height_m=each.camera.height_m,
                    view=frame.to_lonlat(ring),
                )
            )
        return tuple(infos)

    def _line_infos(self) -> tuple[LineInfo, ...]:
        return tuple(
            LineInfo(
                id=each.id,
                name=each.name,
                ends=self.site.frame.to_lonlat(each.points_m),
                length_m=each.length_m,
                zone_id=each.into_zone,
            )
            for each in self.site.lines
        )


def grid_info(frame: SiteFrame, *, peak_radius_m: float) -> GridInfo:
    """Return the site's grid as the page draws it, with straight degrees about the origin."""
    over_m = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]]) * _GRID_OVER_M
    east, west, north, south = np.array(frame.to_lonlat(over_m))
    per_cell = CELL_M / (2 * _GRID_OVER_M)
    to_east, to_north = (east - west) * per_cell, (north - south) * per_cell
    return GridInfo(
        cell_m=CELL_M,
        peak_radius_m=peak_radius_m,
        origin=frame.origin,
        east=(float(to_east[0]), float(to_east[1])),
        north=(float(to_north[0]), float(to_north[1])),
    )
