"""All open pages: what they are told, and what a new one begins with."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from crowdsafe.contract.alarms import Alarm as AlarmMessage
from crowdsafe.contract.alarms import AlarmLoad
from crowdsafe.contract.page_messages import Snapshot
from crowdsafe.contract.people import Duty, Person
from crowdsafe.contract.site import Site
from crowdsafe.domain.alarm.alarm import Alarm
from crowdsafe.domain.camera.visible import VisibleGround
from crowdsafe.hub.page_feed import Page, PageFeed
from crowdsafe.hub.site_view import camera_infos, grid_info, line_infos, site_info, zone_infos
from crowdsafe.hub.state.changes import Changes
from crowdsafe.hub.state.hub_state import HubState
from crowdsafe.settings import HubSettings

ENDED_SHOWN = 50
_TELL_EVERY_S = 0.15
_HISTORY_STEP_S = 10.0


class PageDesk:
    """The pages of one hub.

    Attributes:
        duty: who took over last; None: nobody yet.
    """

    def __init__(
        self,
        site: Site,
        settings: HubSettings,
        state: HubState,
        *,
        ended: Iterable[AlarmMessage],
        duty: Duty | None,
        message: Callable[[int, Alarm], AlarmMessage],
    ) -> None:
        """Begin without a page.

        Args:
            site: to show.
            settings: of the hub.
            state: what is known of the site.
            ended: alarms that ended last, oldest first.
            duty: who took over last.
            message: makes an alarm's message.
        """
        self.duty = duty
        self._site = site
        self._settings = settings
        self._state = state
        self._message = message
        self._ended = {each.id: each for each in ended}
        self._standing = state.alarms.items()
        self._pages: set[Page] = set()
        self._load: AlarmLoad | None = None
        self._feed = PageFeed(state)
        self._stepped = asyncio.Event()
        self._infos_of: tuple[Any, dict[str, Any]] | None = None

    # --- what there is to tell ---------------------------------------------------------------

    def note(self, changes: Changes) -> None:
        """Tell what changed of zones, cameras and lines; alarms are told once they are written."""
        self._feed.note(zones=changes.zones, cameras=changes.cameras, lines=changes.lines)

    def tell_alarms(
        self, alarms: dict[int, AlarmMessage], *, standing: tuple[tuple[int, Alarm], ...]
    ) -> None:
        """Tell alarms that changed.

        Args:
            alarms: those that were written.
            standing: all that stood when that began, for a page that opens before the next time.
        """
        self._standing = standing
        for alarm_id, alarm in alarms.items():
            if alarm.state == "normal":
                self._ended[alarm_id] = alarm
            else:
                self._ended.pop(alarm_id, None)
        by_end = sorted(self._ended, key=lambda each: self._ended[each].ended_at_s or 0.0)
        for alarm_id in by_end[:-ENDED_SHOWN]:
            del self._ended[alarm_id]
        self._feed.note(alarms=alarms.values())
        if alarms:
            self.tell_load()

    def tell_load(self) -> None:
        """Tell how much the alarms ask, if that is another than was told."""
        load = self.load()
        if load == self._load:
            return
        self._load = load
        self._feed.note(load=load)

    def tell_duty(self, duty: Duty) -> None:
        """Tell who has taken over."""
        self.duty = duty
        self._feed.note(duty=duty)

    def begin_anew(self, site: Site) -> None:
        """Let every page begin anew with another revision of the site."""
        self._site = site
        self._feed.begin_anew()

    async def run(self) -> None:
        """Tell pages what is new, until cancelled."""
        while True:
            if self._feed.close_step(now_s=time.time()):
                self._stepped.set()
                self._stepped = asyncio.Event()
            await asyncio.sleep(_TELL_EVERY_S)

    # --- pages -------------------------------------------------------------------------------

    def open(self, person: Person) -> Page:
        """Return a new page of a person."""
        page = Page(person)
        self._pages.add(page)
        return page

    def close(self, page: Page) -> None:
        """Forget a page."""
        self._pages.discard(page)

    async def messages(self, page: Page) -> tuple[bytes, ...]:
        """Wait for something to tell a page, and return it: a snapshot first, then changes."""
        while not page.is_behind(self._feed):
            await self._stepped.wait()
        return page.take(self._feed, self.snapshot, now_s=time.time())

    def load(self) -> AlarmLoad:
        """Return how much the alarms ask of those who have a page open and may acknowledge."""
        on_duty = {page.person.name for page in self._pages if "acknowledge" in page.person.rights}
        load = self._state.alarms.load(operators=len(on_duty), now_s=time.time())
        return AlarmLoad.model_validate(asdict(load))

    def snapshot(self) -> Snapshot:
        """Return everything that is known now."""
        state, now_s, site = self._state, time.time(), self._site
        alarms = {each: self._message(each, alarm) for each, alarm in self._standing}
        return Snapshot(
            now_s=now_s,
            unknown_after_s=self._settings.unknown_after_s,
            site=site_info(site),
            **self._infos(),
            grid=grid_info(site.frame, peak_radius_m=site.peak_radius_m),
            zone_states=tuple(state.zone_state(zone_id) for zone_id in state.zone_ids),
            camera_states=tuple(state.camera_state(each) for each in state.camera_ids),
            line_states=tuple(state.line_state(each, now_s=now_s) for each in state.line_ids),
            alarms=tuple((self._ended | alarms).values()),
            load=self.load(),
            duty=self.duty,
            measures=site.measures,
            exercise=self._settings.exercise,
            history=tuple(
                state.history(zone_id, step_s=_HISTORY_STEP_S) for zone_id in state.zone_ids
            ),
        )

    def _infos(self) -> dict[str, Any]:
        """Return what only another revision, or another detector of a camera, changes."""
        key = self._site, [self._state.ground(each) for each in self._state.camera_ids]
        if self._infos_of is None or not _same(self._infos_of[0], key):
            infos = {
                "zones": zone_infos(self._site),
                "cameras": camera_infos(self._site, self._state),
                "lines": line_infos(self._site),
            }
            self._infos_of = key, infos
        return self._infos_of[1]


def _same(one: tuple[Site, list[VisibleGround]], other: tuple[Site, list[VisibleGround]]) -> bool:
    return one[0] is other[0] and all(a is b for a, b in zip(one[1], other[1], strict=True))
