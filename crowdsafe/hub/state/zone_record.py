"""What the hub knows of one zone, from all cameras that see it."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from crowdsafe.contract.edge_messages import ZoneReading
from crowdsafe.contract.frame import SiteFrame
from crowdsafe.contract.page_messages import (
    Forecast,
    LevelName,
    TrendPoint,
    UnknownReason,
    ZoneHistory,
    ZoneState,
)
from crowdsafe.contract.readings import MAX_CELLS, NOT_BELIEVED, Motion, PictureHealthName
from crowdsafe.contract.readings import Cells as CellsMessage
from crowdsafe.contract.site import SiteZone
from crowdsafe.domain.alarm.levels import Level, LevelState, interrupt, step_level
from crowdsafe.domain.camera.geometry import GroundCamera
from crowdsafe.domain.camera.visible import VisibleGround
from crowdsafe.domain.crowd.fusion import FusedReading, Look, ReportedPeak, ZoneFusion
from crowdsafe.domain.crowd.grid import CELL_M, Cells, cells_of
from crowdsafe.domain.crowd.patches import sight, zone_patches
from crowdsafe.hub.state.forecast_skill import ForecastSkill
from crowdsafe.hub.state.inside import Inside
from crowdsafe.hub.state.line_record import LineRecord
from crowdsafe.hub.state.recent_course import STEP_S, RecentCourse
from crowdsafe.hub.state.zone_forecast import ZoneForecast

# Less of a person in a cell is not worth the bytes.
_LEAST_IN_CELL = 0.005
_CELL_PLACES = 3
# Two ways to the same area differ by less: another calibration is behind a larger difference.
_SAME_SHARE = 0.05


@dataclass(slots=True)
class _Told:
    """What a camera said last: None for nothing that counts."""

    at_s: float
    reading: ZoneReading | None
    picture: PictureHealthName


@dataclass(frozen=True)
class ZoneStep:
    """What one judgement changed: what is told of the zone, its density, its latches."""

    told: bool = False
    density: bool = False
    latches: bool = False


_NOTHING = ZoneStep()
_TOLD = ZoneStep(told=True)
_READ = ZoneStep(told=True, density=True)
_LATCHED = ZoneStep(told=True, density=True, latches=True)


@dataclass(frozen=True, slots=True)
class ZoneFigures:
    """What every reading changes of a zone; None for what is not known.

    Attributes:
        known: whether it is known now; if not, the figures are the last that were.
        is_close: it is tight, or has counting lines: all that is known of it is of interest.
        captured_at_s: how new the oldest part of it is.
    """

    known: bool
    is_close: bool
    captured_at_s: float | None
    count: float | None
    count_sd: float | None
    density_ppm2: float | None
    density_sd_ppm2: float | None
    seen_share: float | None
    peak_ppm2: float | None
    trend_ppm2_per_min: float | None


class ZoneRecord:
    """One zone: the cameras' looks at it, its level and its recent course."""

    def __init__(
        self,
        zone: SiteZone,
        *,
        unknown_after_s: float,
        lines: Sequence[LineRecord],
        skill: ForecastSkill,
    ) -> None:
        self.zone = zone
        self.level = LevelState()
        self.fused: FusedReading | None = None
        self.known = False
        self.forecast: Forecast | None = None
        self._unknown_after_s = unknown_after_s
        self._patches = zone_patches(zone.zone)
        self._fusion = ZoneFusion(self._patches, (), unknown_after_s=unknown_after_s)
        self._shares: dict[str, float] = {}
        self._told: dict[str, _Told] = {}
        self._lines = tuple(lines)
        self._inside = Inside(lines) if lines else None
        self._since_s: float | None = None
        self._reason: UnknownReason = "no_camera"
        self._course = RecentCourse()
        self._ahead = ZoneForecast(
            zone.zone.id,
            limit_ppm2=zone.rule.begins_ppm2[Level.TIGHT - 1],
            area_m2=zone.zone.area_m2,
            skill=skill,
        )
        self._bounds_m = zone.zone.polygon.bounds
        self._figures: ZoneFigures | None = None
        # A level at which no latch is on or about to turn.
        self._resting: LevelState | None = None

    def rename(self, zone: SiteZone, *, lines: Sequence[LineRecord]) -> None:
        """Go on as the same zone with other words about it, and maybe other lines into it."""
        self.zone = zone
        if tuple(lines) != self._lines:
            self._lines = tuple(lines)
            self._inside = Inside(lines) if lines else None
            self._figures = None

    # --- what comes in -----------------------------------------------------------------------

    def see_through(
        self, camera_id: str, camera: GroundCamera, ground: VisibleGround, *, height_m: float
    ) -> None:
        """Work out what a camera sees of the zone; what it said so far is forgotten."""
        if not _meet(self._bounds_m, ground.polygon.bounds):
            self._fusion.drop_sight(camera_id)
            self._told.pop(camera_id, None)
            self._shares[camera_id] = 0.0
            return
        view = sight(
            self._patches, camera_id=camera_id, camera=camera, height_m=height_m, ground=ground
        )
        self._fusion.put_sight(view)
        self._told.pop(camera_id, None)
        self._shares[camera_id] = float(view.seen_m2.sum()) / self.zone.zone.area_m2

    def sees(self, camera_id: str) -> bool:
        """Say whether a camera sees anything of the zone."""
        return self._fusion.is_seen_by(camera_id)

    def contradiction(self, camera_id: str, reading: ZoneReading) -> str | None:
        """Say in words when a camera tells another seen share than its calibration here gives."""
        share = min(1.0, self._shares.get(camera_id, 0.0))
        if abs(reading.seen_share - share) <= _SAME_SHARE:
            return None
        return (
            f"zone '{reading.zone_id}': the worker sees {reading.seen_share:.0%} of it, by the "
            f"hub's calibration it is {share:.0%}; give both the same site folder"
        )

    def take(
        self,
        reading: ZoneReading,
        *,
        camera_id: str,
        at_s: float,
        picture: PictureHealthName,
        cell_m: float,
    ) -> None:
        """Take what a camera that can be believed says of the zone."""
        self._told[camera_id] = _Told(at_s, reading, picture)
        if reading.density_ppm2 is None:
            self._fusion.forget(camera_id)
            return
        self._fusion.take(
            Look(
                camera_id=camera_id,
                at_s=at_s,
                count=reading.count,
                count_sd=reading.count_sd,
                cells=partial(_cells, reading.cells, cell_m),
                peak=None
                if reading.peak is None
                else ReportedPeak(reading.peak.ppm2, reading.peak.sd_ppm2, reading.peak.at_m),
                degraded=picture == "unsharp",
            )
        )

    def doubt(self, camera_id: str, *, at_s: float, picture: PictureHealthName) -> None:
        """Take the word from a camera whose picture cannot be believed."""
        if self.sees(camera_id):
            self._fusion.forget(camera_id)
            self._told[camera_id] = _Told(at_s, None, picture)

    def cross(self, *, into: float, out: float) -> None:
        """Note who crossed one of its lines."""
        self._ahead.cross(into=into, out=out)
        if self._inside is not None:
            self._inside.cross(into=into, out=out)

    def remember(self, at_s: float, density_ppm2: float) -> None:
        """Add a point to its course, unless there is one from just before."""
        self._course.add(at_s, density_ppm2)

    # --- what follows ------------------------------------------------------------------------

    def judge(self, *, now_s: float) -> ZoneStep:
        """Bring what is known up to date with all that came and with the time."""
        fused = self._fusion.reading(now_s=now_s)
        new = fused is not None and fused is not self.fused
        if fused is not None:
            self.fused = fused
        if self._inside is not None and (new or fused is None):
            self._inside.step(fused=fused, now_s=now_s)
        reason = self._why_unknown(fused, now_s=now_s)
        if fused is None or reason is not None:
            return self._lose(reason or "silent", now_s=now_s)
        found = not self.known
        if found:
            self.known, self._since_s = True, now_s
        if not new:
            if found:
                self._figures = None
                return _TOLD
            return _NOTHING
        self._figures = None
        self._course.add(fused.at_s, fused.density_ppm2)
        self._look_ahead(fused, now_s=now_s)
        before, rule = self.level, self.zone.rule
        if before is self._resting and fused.density_ppm2 < rule.begins_ppm2[0]:
            return _READ
        self.level = step_level(
            before, density_ppm2=fused.density_ppm2, rule=rule, now_s=fused.at_s
        )
        self._resting = self.level if _rests(self.level) else None
        if self.level.level != before.level:
            self._since_s = fused.at_s
        return _READ if _on(self.level) == _on(before) else _LATCHED

    def _look_ahead(self, fused: FusedReading, *, now_s: float) -> None:
        self._ahead.take(
            at_s=fused.at_s,
            density_ppm2=fused.density_ppm2,
            sd_ppm2=fused.density_sd_ppm2,
            lines_watched=bool(self._lines)
            and all(line.is_fresh(now_s=now_s) for line in self._lines),
        )
        minutes = self._ahead.minutes_to_limit if self._ahead.useful else None
        self.forecast = (
            None
            if minutes is None
            else Forecast(
                earliest_min=minutes.earliest_min,
                likely_min=minutes.likely_min,
                latest_min=minutes.latest_min,
            )
        )

    def _lose(self, reason: UnknownReason, *, now_s: float) -> ZoneStep:
        if not self.known and self._reason == reason and self._since_s is not None:
            return _NOTHING
        self.level = interrupt(self.level)
        self._ahead.interrupt()
        self.forecast = None
        if self.known or self._since_s is None:
            self._since_s = now_s
        self.known, self._reason, self._figures = False, reason, None
        return _TOLD

    def _why_unknown(self, fused: FusedReading | None, *, now_s: float) -> UnknownReason | None:
        if fused is not None and fused.seen_share >= self.zone.min_seen_share:
            return None
        if not self._told:
            return "no_camera"
        doubted = [
            (-self._shares[camera_id], camera_id, told.picture)
            for camera_id, told in self._told.items()
            if told.picture in NOT_BELIEVED and now_s - told.at_s <= self._unknown_after_s
        ]
        if doubted:
            return _reason(min(doubted)[2])
        if fused is not None:
            return "not_seen"
        counted = any(
            self.sees(camera_id) and (told.reading is None or told.reading.density_ppm2 is not None)
            for camera_id, told in self._told.items()
        )
        return "silent" if counted else "not_seen"

    # --- what goes out -----------------------------------------------------------------------

    def _main(self) -> _Told | None:
        return self._told.get(self.fused.main_camera_id) if self.fused else None

    @property
    def is_calm(self) -> bool:
        """Whether its level is the lowest, and nothing asks for another."""
        return self.level is self._resting

    @property
    def motion(self) -> Motion | None:
        """How its people move, by the camera that sees most of it."""
        main = self._main()
        return main.reading.motion if main and main.reading else None

    @property
    def inside(self) -> tuple[float, float] | None:
        """People in it by its counting lines, and their standard deviation; None: no lines."""
        return self._inside.people if self._inside else None

    def figures(self) -> ZoneFigures:
        """Return what every reading changes; cheaper than the whole state.

        Until something changes, the same object is returned again.
        """
        if self._figures is None:
            self._figures = self._figured()
        return self._figures

    def _figured(self) -> ZoneFigures:
        fused = self.fused
        is_close = self._inside is not None or (
            not self.is_calm and self.level.level >= Level.TIGHT
        )
        if fused is None:
            return ZoneFigures(self.known, is_close, *(None,) * 8)
        return ZoneFigures(
            known=self.known,
            is_close=is_close,
            captured_at_s=fused.oldest_at_s,
            count=fused.count,
            count_sd=fused.count_sd,
            density_ppm2=fused.density_ppm2,
            density_sd_ppm2=fused.density_sd_ppm2,
            seen_share=fused.seen_share,
            peak_ppm2=fused.peak.ppm2 if fused.peak else None,
            trend_ppm2_per_min=self._course.trend_ppm2_per_min() if self.known else None,
        )

    def mark(self) -> Hashable:
        """Return what tells two states apart that differ in more than :meth:`figures`."""
        fused, main = self.fused, self._main()
        return (
            self.known,
            self._since_s,
            self._reason,
            self.level.level,
            main.picture if main else None,
            fused.seen_share if fused else None,
            tuple([each.camera_id for each in fused.contributions]) if fused else (),
            self.forecast,
        )

    def cells(self) -> CellsMessage:
        """Return where its people are; nobody while it is unknown."""
        return _cells_message(self._fusion.cells()) if self.known else CellsMessage()

    def state(self, frame: SiteFrame) -> ZoneState:
        """Return it for the page. Its last value stays readable, with its age, when unknown."""
        fused = self.fused
        main = self._main()
        doubt = main.picture if main and self.known and main.picture != "ok" else None
        peak = fused.peak if fused else None
        inside = self.inside
        parts = sorted(fused.contributions, key=lambda each: -each.seen_m2) if fused else []
        return ZoneState(
            zone_id=self.zone.zone.id,
            level=_level_name(self.level.level) if self.known else "unknown",
            level_since_s=self._since_s,
            unknown_reason=None if self.known else self._reason,
            count=fused.count if fused else None,
            count_sd=fused.count_sd if fused else None,
            density_ppm2=fused.density_ppm2 if fused else None,
            density_sd_ppm2=fused.density_sd_ppm2 if fused else None,
            seen_share=fused.seen_share if fused else None,
            captured_at_s=fused.oldest_at_s if fused else None,
            camera_id=fused.main_camera_id if fused else None,
            camera_ids=tuple(each.camera_id for each in parts),
            doubt=doubt,
            peak_ppm2=peak.ppm2 if peak else None,
            peak_sd_ppm2=peak.sd_ppm2 if peak else None,
            peak_at=frame.to_lonlat([peak.at_m])[0] if peak else None,
            motion=self.motion,
            inside=inside[0] if inside else None,
            inside_sd=inside[1] if inside else None,
            trend_ppm2_per_min=self.trend_ppm2_per_min() if self.known else None,
            forecast=self.forecast if self.known else None,
        )

    def history(self, *, step_s: float = STEP_S) -> ZoneHistory:
        """Return the course of the last minutes, points at least ``step_s`` apart."""
        return ZoneHistory(
            zone_id=self.zone.zone.id,
            points=tuple(
                TrendPoint(at_s=at_s, density_ppm2=density_ppm2)
                for at_s, density_ppm2 in self._course.points(step_s=step_s)
            ),
        )

    def trend_ppm2_per_min(self) -> float | None:
        """Return the slope of the last minute, None with too few values."""
        return self._course.trend_ppm2_per_min()


def _on(state: LevelState) -> tuple[bool, ...]:
    """What of a level outlives a restart: not the delays that are running."""
    return tuple([latch.on for latch in state.latches])


def _rests(state: LevelState) -> bool:
    """Whether a density below all thresholds leaves a level as it is."""
    return state.since_s is not None and not any(latch.on or latch.runs for latch in state.latches)


def _meet(one_m: tuple[float, ...], other_m: tuple[float, ...]) -> bool:
    """Whether two boxes (west, south, east, north) have a point in common."""
    return (
        one_m[0] <= other_m[2]
        and other_m[0] <= one_m[2]
        and one_m[1] <= other_m[3]
        and other_m[1] <= one_m[3]
    )


def _reason(picture: PictureHealthName) -> UnknownReason:
    match picture:
        case "frozen" | "dark" | "blinded" | "moved":
            return picture
    return "silent"


def _level_name(level: Level) -> LevelName:
    names: tuple[LevelName, ...] = ("clear", "busy", "tight", "critical")
    return names[level]


def _cells(message: CellsMessage, cell_m: float) -> Cells:
    cells = Cells(
        columns=np.asarray(message.columns, dtype=np.int64),
        rows=np.asarray(message.rows, dtype=np.int64),
        people=np.asarray(message.people, dtype=np.float64),
    )
    return cells if cell_m == CELL_M else cells_of(cells.centres_m(cell_m), cells.people)


def _cells_message(cells: Cells) -> CellsMessage:
    kept = np.flatnonzero(cells.people >= _LEAST_IN_CELL)
    if len(kept) > MAX_CELLS:
        kept = np.sort(kept[np.argsort(-cells.people[kept], kind="stable")[:MAX_CELLS]])
    return CellsMessage(
        columns=tuple(cells.columns[kept].tolist()),
        rows=tuple(cells.rows[kept].tolist()),
        people=tuple(np.round(cells.people[kept], _CELL_PLACES).tolist()),
    )
