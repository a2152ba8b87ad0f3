"""What each open page has not been told yet."""

import asyncio
import contextlib
import time

from crowdsafe.contract.alarms import Alarm, AlarmLoad
from crowdsafe.contract.page_messages import Change
from crowdsafe.contract.people import Duty, Person
from crowdsafe.hub.state.changes import Changes
from crowdsafe.hub.state.hub_state import HubState


class Page:
    """One page of one person; many changes to one zone are told once."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self._zones: set[str] = set()
        self._cameras: set[str] = set()
        self._lines: set[str] = set()
        self._alarms: dict[int, Alarm] = {}
        self._load: AlarmLoad | None = None
        self._duty: Duty | None = None
        self._begins_anew = False
        self._something = asyncio.Event()

    def note(
        self,
        changes: Changes,
        alarms: dict[int, Alarm],
        *,
        load: AlarmLoad | None = None,
        duty: Duty | None = None,
    ) -> None:
        """Note what is to be told."""
        self._zones |= changes.zones
        self._cameras |= changes.cameras
        self._lines |= changes.lines
        self._alarms |= alarms
        self._load = load or self._load
        self._duty = duty or self._duty
        if changes.zones or changes.cameras or changes.lines or alarms or load or duty:
            self._something.set()

    def begin_anew(self) -> None:
        """Note that the site itself is another: a change would not tell it."""
        self._begins_anew = True
        self._something.set()

    def takes_anew(self) -> bool:
        """Say, once, whether everything is to be told instead of the next change."""
        anew, self._begins_anew = self._begins_anew, False
        return anew

    async def next_change(self, state: HubState, *, at_least_every_s: float) -> Change:
        """Wait for something to tell, or for ``at_least_every_s``."""
        # Not wait_for, which on Python 3.11 may swallow that it was cancelled.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(at_least_every_s):
                await self._something.wait()
        self._something.clear()
        now_s = time.time()
        change = Change(
            now_s=now_s,
            zone_states=tuple(map(state.zone_state, sorted(self._zones & {*state.zone_ids}))),
            camera_states=tuple(
                map(state.camera_state, sorted(self._cameras & {*state.camera_ids}))
            ),
            line_states=tuple(
                state.line_state(each, now_s=now_s)
                for each in sorted(self._lines & {*state.line_ids})
            ),
            alarms=tuple(self._alarms[alarm_id] for alarm_id in sorted(self._alarms)),
            load=self._load,
            duty=self._duty,
        )
        self._zones, self._cameras, self._lines, self._alarms = set(), set(), set(), {}
        self._load, self._duty = None, None
        return change
