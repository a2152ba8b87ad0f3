"""What the hub knows of one zone, from all cameras that see it."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from crowdsafe.contract.frame import SiteFrame
from crowdsafe.contract.messages import (
    LevelName,
    TrendPoint,
    UnknownReason,
    ZoneHistory,
    ZoneReading,
    ZoneState,
)
from crowdsafe.contract.readings import MAX_CELLS, NOT_BELIEVED, PictureHealthName
from crowdsafe.contract.readings import Cells as CellsMessage
from crowdsafe.contract.site import SiteZone
from crowdsafe.domain.fusion import FusedReading, Look, ReportedPeak, ZoneFusion
from crowdsafe.domain.geometry import GroundCamera
from crowdsafe.domain.grid import CELL_M, Cells, cells_of
from crowdsafe.domain.levels import Level, LevelState, interrupt, slope_per_min, step_level
from crowdsafe.domain.patches import sight, zone_patches
from crowdsafe.domain.visible import VisibleGround
from crowdsafe.hub.inside import Inside
from crowdsafe.hub.line_record import LineRecord

_TREND_S = 60.0
_HISTORY_S = 600.0
_HISTORY_STEP_S = 1.0
# Ten cameras make twenty readings a second; the course of minutes needs fewer.
_REMEMBER_STEP_S = 0.25
# Less of a person in a cell is not worth the bytes.
_LEAST_IN_CELL = 0.005
_CELL_PLACES = 3
# Two ways to the same area differ by less: another calibration is behind a larger difference.
_SAME_SHARE = 0.05


@dataclass(frozen=True)
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


class ZoneRecord:
    """One zone: the cameras' looks at it, its level and its recent course."""

    def __init__(
        self, zone: SiteZone, *, unknown_after_s: float, lines: Sequence[LineRecord]
    ) -> None:
        self.zone = zone
        self.level = LevelState()
        self.fused: FusedReading | None = None
        self.known = False
        self._unknown_after_s = unknown_after_s
        self._patches = zone_patches(zone.zone)
        self._fusion = ZoneFusion(self._patches, (), unknown_after_s=unknown_after_s)
        self._shares: dict[str, float] = {}
        self._told: dict[str, _Told] = {}
        self._inside = Inside(lines) if lines else None
        self._since_s: float | None = None
        self._reason: UnknownReason = "no_camera"
        self._history: deque[tuple[float, float]] = deque()

    # --- what comes in -----------------------------------------------------------------------

    def see_through(
        self, camera_id: str, camera: GroundCamera, ground: VisibleGround, *, height_m: float
    ) -> None:
        """Work out what a camera sees of the zone; what it said so far is forgotten."""
        view = sight(
            self._patches, camera_id=camera_id, camera=camera, height_m=height_m, ground=ground
        )
        self._fusion.put_sight(view)
        self._told.pop(camera_id, None)
        self._shares[camera_id] = float(view.seen_m2.sum()) / self.zone.zone.area_m2

    def sees(self, camera_id: str) -> bool:
        """Say whether a camera sees anything of the zone."""
        return camera_id in self._fusion.camera_ids

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
                cells=_cells(reading.cells, cell_m),
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
        if self._inside is not None:
            self._inside.cross(into=into, out=out)

    def remember(self, at_s: float, density_ppm2: float) -> None:
        """Add a point to its course, unless there is one from just before."""
        history = self._history
        if history and 0 <= at_s - history[-1][0] < _REMEMBER_STEP_S:
            return
        history.append((at_s, density_ppm2))
        while history[0][0] < at_s - _HISTORY_S:
            history.popleft()

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
            return ZoneStep(told=found)
        before = self.level
        self.level = step_level(
            before, density_ppm2=fused.density_ppm2, rule=self.zone.rule, now_s=fused.at_s
        )
        if self.level.level != before.level:
            self._since_s = fused.at_s
        self.remember(fused.at_s, fused.density_ppm2)
        return ZoneStep(told=True, density=True, latches=self.level != before)

    def _lose(self, reason: UnknownReason, *, now_s: float) -> ZoneStep:
        if not self.known and self._reason == reason and self._since_s is not None:
            return ZoneStep()
        self.level = interrupt(self.level)
        if self.known or self._since_s is None:
            self._since_s = now_s
        self.known, self._reason = False, reason
        return ZoneStep(told=True)

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

    def state(self, frame: SiteFrame) -> ZoneState:
        """Return it for the page. Its last value stays readable, with its age, when unknown."""
        fused = self.fused
        main = self._told.get(fused.main_camera_id) if fused else None
        doubt = main.picture if main and self.known and main.picture != "ok" else None
        peak = fused.peak if fused else None
        inside = self._inside.people if self._inside else None
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
            motion=main.reading.motion if main and main.reading else None,
            cells=_cells_message(self._fusion.cells()) if self.known else CellsMessage(),
            inside=inside[0] if inside else None,
            inside_sd=inside[1] if inside else None,
            trend_ppm2_per_min=self._trend() if self.known else None,
        )

    def history(self) -> ZoneHistory:
        """Return the course of the last minutes, one point a second at most."""
        return ZoneHistory(
            zone_id=self.zone.zone.id,
            points=tuple(
                TrendPoint(at_s=at_s, density_ppm2=density_ppm2)
                for at_s, density_ppm2 in _a_second_apart(self._history)
            ),
        )

    def _trend(self) -> float | None:
        if not self._history:
            return None
        from_s = self._history[-1][0] - _TREND_S
        return slope_per_min(_a_second_apart(each for each in self._history if each[0] >= from_s))


def _a_second_apart(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    kept: list[tuple[float, float]] = []
    for point in points:
        if not kept or point[0] - kept[-1][0] >= _HISTORY_STEP_S:
            kept.append(point)
    return kept


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
