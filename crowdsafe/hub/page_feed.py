"""What pages are told: each message is made once, for all pages that were told as much before.

Time goes in numbered steps. Of each zone, camera, line and alarm only the step is kept in which it
changed last, so a page that was slow is told the newest of everything, and nothing piles up.
"""

import zlib
from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Protocol

from pydantic import BaseModel

from crowdsafe.contract.alarms import Alarm, AlarmLoad
from crowdsafe.contract.page_columns import ZoneCells, ZoneColumns
from crowdsafe.contract.page_messages import (
    CameraState,
    CellsChange,
    Change,
    LineState,
    ZoneState,
)
from crowdsafe.contract.people import Duty, Person
from crowdsafe.contract.readings import Cells
from crowdsafe.hub.state.zone_record import ZoneFigures

# Nothing is new, and yet the time is told.
_TOLD_EVERY_S = 1.0
# What is not urgent of a state that changes all the time.
_CAMERA_EVERY_S = 2.0
_LINE_EVERY_S = 1.0
_ZONE_EVERY_S = 1.0
_CELLS_EVERY_S = 1.0
# An alarm that ended is forgotten after so many steps; a page that was told less begins anew.
_REMEMBERED = 500
# Deflating further costs more time than it saves bytes.
_DEFLATE_LEVEL = 4


class PageSource(Protocol):
    """Where the feed looks up what it tells: the hub's state."""

    @property
    def zone_ids(self) -> tuple[str, ...]:
        """All zones, in the order of the snapshot."""

    @property
    def camera_ids(self) -> tuple[str, ...]:
        """All cameras."""

    @property
    def line_ids(self) -> tuple[str, ...]:
        """All counting lines."""

    def alarmed_zones(self) -> Collection[str]:
        """Zones with an alarm that is not normal."""

    def zone_figures(self, zone_id: str) -> ZoneFigures:
        """What every reading changes of a zone."""

    def zone_mark(self, zone_id: str) -> Hashable:
        """Differs where a zone's state differs in more than its figures."""

    def zone_state(self, zone_id: str) -> ZoneState:
        """The whole state of a zone."""

    def zone_cells(self, zone_id: str) -> Cells:
        """Where the people of a zone are."""

    def camera_state(self, camera_id: str) -> CameraState:
        """The state of a camera."""

    def line_state(self, line_id: str, *, now_s: float) -> LineState:
        """The state of a counting line."""


class _Steps:
    """In which step each of some subjects was to be told last, and when that was."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[int, float, Hashable]] = {}

    def is_due(self, subject_id: str, mark: Hashable, *, every_s: float, now_s: float) -> bool:
        """Say whether it is told: its mark is another, or it was not told for so long."""
        told = self._told.get(subject_id)
        return told is None or told[2] != mark or now_s - told[1] >= every_s

    def note(self, subject_id: str, mark: Hashable, *, step: int, now_s: float) -> None:
        """Tell it in this step."""
        self._told[subject_id] = step, now_s, mark

    def after(self, step: int) -> set[str]:
        """Return what was told in later steps."""
        return {each for each, told in self._told.items() if told[0] > step}


class PageFeed:
    """Makes messages for pages. Knows no clock and no connection.

    Attributes:
        step: number of the step that was closed last.
        era: counts up whenever all pages must begin with a snapshot again.
    """

    def __init__(self, source: PageSource) -> None:
        self.step = 0
        self.era = 0
        self._source = source
        self._begin()

    def _begin(self) -> None:
        self._numbers = {zone_id: each for each, zone_id in enumerate(self._source.zone_ids)}
        self._camera_ids = frozenset(self._source.camera_ids)
        self._line_ids = frozenset(self._source.line_ids)
        self._noted_zones: set[str] = set()
        self._noted_cameras: set[str] = set()
        self._noted_lines: set[str] = set()
        self._figures: dict[str, int] = {}
        self._cells: dict[str, int] = {}
        self._zones = _Steps()
        self._cameras = _Steps()
        self._lines = _Steps()
        self._alarms: dict[int, tuple[int, Alarm]] = {}
        self._load: tuple[int, AlarmLoad] | None = None
        self._duty: tuple[int, Duty] | None = None
        self._urgent = False
        self._at_s = 0.0
        self._made: dict[Hashable, bytes] = {}

    def begin_anew(self) -> None:
        """Let every page begin with a snapshot again: the site is another."""
        self._begin()
        self.step += 1
        self.era += 1

    # --- what changed ------------------------------------------------------------------------

    def note(
        self,
        *,
        zones: Iterable[str] = (),
        cameras: Iterable[str] = (),
        lines: Iterable[str] = (),
        alarms: Iterable[Alarm] = (),
        load: AlarmLoad | None = None,
        duty: Duty | None = None,
    ) -> None:
        """Note what the next step has to tell; what is not of the site any more is left out."""
        self._noted_zones.update(self._numbers.keys() & set(zones))
        self._noted_cameras.update(self._camera_ids & set(cameras))
        self._noted_lines.update(self._line_ids & set(lines))
        step = self.step + 1
        for alarm in alarms:
            self._alarms[alarm.id] = step, alarm
            self._urgent = True
        if load is not None:
            self._load, self._urgent = (step, load), True
        if duty is not None:
            self._duty, self._urgent = (step, duty), True
        if self._urgent:
            # Who opens a page now is not to wait for the next step.
            self._made.pop("snapshot", None)

    def close_step(self, *, now_s: float) -> bool:
        """Close a step, if there is something to tell; say whether it was closed."""
        cameras = self._due_cameras(now_s=now_s)
        lines = self._due_lines(now_s=now_s)
        silent_s = now_s - self._at_s
        if not (
            self._noted_zones
            or cameras
            or lines
            or self._urgent
            or not 0 <= silent_s < _TOLD_EVERY_S
        ):
            return False
        self.step += 1
        self._at_s, self._urgent = now_s, False
        self._made.clear()
        alarmed = self._source.alarmed_zones()
        for zone_id in self._noted_zones:
            self._close_zone(zone_id, is_alarmed=zone_id in alarmed, now_s=now_s)
        self._noted_zones.clear()
        for noted, steps, due in (
            (self._noted_cameras, self._cameras, cameras),
            (self._noted_lines, self._lines, lines),
        ):
            for subject_id, mark in due.items():
                steps.note(subject_id, mark, step=self.step, now_s=now_s)
            noted.difference_update(due)
        self._forget_ended()
        return True

    def _close_zone(self, zone_id: str, *, is_alarmed: bool, now_s: float) -> None:
        figures = self._source.zone_figures(zone_id)
        mark = self._source.zone_mark(zone_id)
        # What an alarm is about is read on in the whole state.
        every_s = _ZONE_EVERY_S if figures.is_close or is_alarmed else float("inf")
        self._cells[zone_id] = self.step
        if self._zones.is_due(zone_id, mark, every_s=every_s, now_s=now_s):
            self._zones.note(zone_id, mark, step=self.step, now_s=now_s)
        elif figures.known:
            self._figures[zone_id] = self.step

    def _due_cameras(self, *, now_s: float) -> dict[str, Hashable]:
        due: dict[str, Hashable] = {}
        for camera_id in self._noted_cameras:
            state = self._source.camera_state(camera_id)
            mark = state.health, state.detail, state.detector
            if self._cameras.is_due(camera_id, mark, every_s=_CAMERA_EVERY_S, now_s=now_s):
                due[camera_id] = mark
        return due

    def _due_lines(self, *, now_s: float) -> dict[str, Hashable]:
        return {
            line_id: None
            for line_id in self._noted_lines
            if self._lines.is_due(line_id, None, every_s=_LINE_EVERY_S, now_s=now_s)
        }

    def _forget_ended(self) -> None:
        old = self.step - _REMEMBERED
        for alarm_id, (step, alarm) in tuple(self._alarms.items()):
            if step <= old and alarm.state == "normal":
                del self._alarms[alarm_id]

    # --- what is told ------------------------------------------------------------------------

    def reaches(self, step: int, *, era: int) -> bool:
        """Say whether a page that was told up to a step can be told the rest without a snapshot."""
        return era == self.era and step >= self.step - _REMEMBERED

    def snapshot(self, make: Callable[[], BaseModel]) -> bytes:
        """Return a snapshot of what is known, the same bytes to all that ask in one step."""
        return self._once("snapshot", make)

    def change(self, after: int) -> bytes:
        """Return all that changed after a step."""
        return self._once(("change", after), lambda: self._change(after))

    def zone(self, zone_id: str) -> bytes | None:
        """Return a zone's whole state, for a page that watches it; None: there is no such zone."""
        if zone_id not in self._numbers:
            return None
        return self._once(
            ("zone", zone_id),
            lambda: Change(now_s=self._at_s, zone_states=(self._source.zone_state(zone_id),)),
        )

    def cells(self, after: int) -> bytes | None:
        """Return the cells of zones that changed after a step, None when none did."""
        changed = sorted(each for each, step in self._cells.items() if step > after)
        if not changed:
            return None
        return self._once(
            ("cells", after),
            lambda: CellsChange(
                now_s=self._at_s,
                zones=tuple(
                    ZoneCells(zone_id=each, cells=self._source.zone_cells(each)) for each in changed
                ),
            ),
        )

    def _once(self, key: Hashable, make: Callable[[], BaseModel]) -> bytes:
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = packed(make())
        return made

    def _change(self, after: int) -> Change:
        source, now_s = self._source, self._at_s
        whole = self._zones.after(after)
        figures = {each for each, step in self._figures.items() if step > after} - whole
        return Change(
            now_s=now_s,
            zone_states=tuple(source.zone_state(each) for each in sorted(whole)),
            camera_states=tuple(
                _rounded(source.camera_state(each)) for each in sorted(self._cameras.after(after))
            ),
            line_states=tuple(
                source.line_state(each, now_s=now_s) for each in sorted(self._lines.after(after))
            ),
            alarms=tuple(
                alarm for _, (step, alarm) in sorted(self._alarms.items()) if step > after
            ),
            load=self._load[1] if self._load and self._load[0] > after else None,
            duty=self._duty[1] if self._duty and self._duty[0] > after else None,
            zone_columns=self._columns(figures) if figures else None,
        )

    def _columns(self, zone_ids: Iterable[str]) -> ZoneColumns:
        rows = []
        for zone_id in zone_ids:
            each = self._source.zone_figures(zone_id)
            if each.captured_at_s is None or each.count is None or each.count_sd is None:
                continue
            if each.density_ppm2 is None or each.density_sd_ppm2 is None:
                continue
            rows.append(
                (
                    self._numbers[zone_id],
                    max(0, round((self._at_s - each.captured_at_s) * 1000)),
                    round(each.count, 1),
                    round(each.count_sd, 1),
                    round(each.density_ppm2, 4),
                    round(each.density_sd_ppm2, 4),
                    None if each.peak_ppm2 is None else round(each.peak_ppm2, 2),
                    None if each.trend_ppm2_per_min is None else round(each.trend_ppm2_per_min, 2),
                )
            )
        rows.sort()
        names = tuple(ZoneColumns.model_fields)
        return ZoneColumns.model_validate(
            dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else {}
        )


class Page:
    """One page of one person: how far it was told, and what it watches.

    Attributes:
        person: who looks at it.
        watch_zone: the zone that is told whole with each change.
        watch_cells: whether cells are told.
    """

    def __init__(self, person: Person) -> None:
        self.person = person
        self.watch_zone: str | None = None
        self.watch_cells = False
        self._step = 0
        self._cells_step = 0
        self._cells_at_s = 0.0
        self._era = -1

    def watch(self, *, zone_id: str | None, cells: bool) -> None:
        """Take what the page shows now; cells are told from the beginning."""
        if cells and not self.watch_cells:
            self._cells_step, self._cells_at_s = 0, 0.0
        self.watch_zone, self.watch_cells = zone_id, cells

    def is_behind(self, feed: PageFeed) -> bool:
        """Say whether there is something to tell."""
        return self._era != feed.era or self._step < feed.step

    def take(
        self, feed: PageFeed, snapshot: Callable[[], BaseModel], *, now_s: float
    ) -> tuple[bytes, ...]:
        """Return the messages that bring the page up to date, and take them as told."""
        if feed.reaches(self._step, era=self._era):
            messages = [feed.change(self._step)]
        else:
            messages = [feed.snapshot(snapshot)]
            self._cells_step, self._cells_at_s = 0, 0.0
        self._step, self._era = feed.step, feed.era
        if self.watch_zone is not None:
            whole = feed.zone(self.watch_zone)
            messages += () if whole is None else (whole,)
        if self.watch_cells and not 0 <= now_s - self._cells_at_s < _CELLS_EVERY_S:
            cells = feed.cells(self._cells_step)
            messages += () if cells is None else (cells,)
            self._cells_step, self._cells_at_s = feed.step, now_s
        return tuple(messages)


def packed(message: BaseModel) -> bytes:
    """Return a message as it goes to pages: JSON, deflated."""
    deflate = zlib.compressobj(_DEFLATE_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflate.compress(message.model_dump_json().encode()) + deflate.flush()


def unpacked(data: bytes) -> bytes:
    """Return the JSON of a message."""
    return zlib.decompress(data, -zlib.MAX_WBITS)


def _rounded(state: CameraState) -> CameraState:
    """Return a camera's state without decimals that nobody reads."""
    changes = {
        name: round(value, places)
        for name, places in (
            ("captured_at_s", 2),
            ("analysed_per_s", 1),
            ("analysis_ms", 0),
            ("shift_px", 1),
            ("shift_m", 2),
        )
        if (value := getattr(state, name)) is not None
    }
    return state.model_copy(update=changes)
