"""Messages from the hub to a page, and what a page says back.

A message to a page is its JSON as UTF-8, deflated without a header (RFC 1951), in one binary frame.

Times are seconds since 1970 UTC (``_s`` with ``_at``) or spans in seconds (``_s``); densities are
persons per square metre (``_ppm2``); positions are WGS 84 longitude and latitude.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from crowdsafe.contract.alarms import Alarm, AlarmLoad
from crowdsafe.contract.measures import Measure
from crowdsafe.contract.page_columns import ZoneCells, ZoneColumns
from crowdsafe.contract.people import Duty
from crowdsafe.contract.readings import Motion, PictureHealthName
from crowdsafe.contract.strict import (
    EpochSeconds,
    Finite,
    Identifier,
    NonNegative,
    Share,
    Strict,
)
from crowdsafe.contract.thresholds import Limits, Thresholds
from crowdsafe.contract.words import Text

LevelName = Literal["clear", "busy", "tight", "critical", "unknown"]
UnknownReason = Literal["no_camera", "silent", "not_seen", "frozen", "dark", "blinded", "moved"]
CameraHealthName = (
    PictureHealthName | Literal["silent", "connecting", "lost", "ended", "old_revision"]
)
LonLat = tuple[Finite, Finite]


class ZoneInfo(Strict):
    """What does not change of a zone while the hub runs."""

    id: Identifier
    name: Text
    rings: Annotated[tuple[tuple[LonLat, ...], ...], Field(description="outer ring, then holes")]
    label_at: LonLat
    area_m2: NonNegative
    thresholds: Thresholds
    thresholds_reason: Text
    limits: Limits


class Forecast(Strict):
    """When a zone is likely to be tight; told only where that is worth telling."""

    earliest_min: NonNegative
    likely_min: NonNegative
    latest_min: Annotated[NonNegative | None, Field(description="null: perhaps never")]


class TrendPoint(Strict):
    """One point of a zone's recent course."""

    at_s: EpochSeconds
    density_ppm2: NonNegative | None


class ZoneState(Strict):
    """What is known of a zone now."""

    zone_id: Identifier
    level: LevelName
    level_since_s: EpochSeconds | None
    unknown_reason: UnknownReason | None
    count: NonNegative | None
    count_sd: NonNegative | None
    density_ppm2: NonNegative | None
    density_sd_ppm2: NonNegative | None
    seen_share: Share | None
    captured_at_s: EpochSeconds | None
    camera_id: Identifier | None
    camera_ids: Annotated[
        tuple[Identifier, ...], Field(description="all that have a part in it, the largest first")
    ]
    doubt: Annotated[
        PictureHealthName | None,
        Field(description="why its uncertainty is larger than usual; null: it is not"),
    ]
    peak_ppm2: NonNegative | None
    peak_sd_ppm2: NonNegative | None
    peak_at: LonLat | None
    motion: Motion | None
    inside: Annotated[
        NonNegative | None,
        Field(description="people in it by its counting lines and its counts; null: no lines"),
    ]
    inside_sd: NonNegative | None
    trend_ppm2_per_min: Annotated[
        Finite | None, Field(description="slope over the last minute; null with too few values")
    ]
    forecast: Annotated[
        Forecast | None,
        Field(
            description="until it is tight; null: not within the horizon, or "
            "nothing that is worth telling"
        ),
    ]


class CameraInfo(Strict):
    """What does not change of a camera while the hub runs."""

    id: Identifier
    name: Text
    position: LonLat
    height_m: NonNegative
    view: Annotated[tuple[LonLat, ...], Field(description="ring of the ground that it sees")]


class CameraState(Strict):
    """What is known of a camera now."""

    camera_id: Identifier
    health: CameraHealthName
    detail: str
    captured_at_s: EpochSeconds | None
    analysed_per_s: NonNegative | None
    analysis_ms: NonNegative | None
    frames_dropped: int
    detector: str | None
    shift_px: Annotated[
        NonNegative | None, Field(description="of its picture against the calibration's")
    ]
    shift_m: Annotated[NonNegative | None, Field(description="the same on the ground")]


class LineInfo(Strict):
    """What does not change of a counting line while the hub runs."""

    id: Identifier
    name: Text
    ends: Annotated[tuple[LonLat, ...], Field(description="from its beginning to its end")]
    length_m: NonNegative
    zone_id: Annotated[
        Identifier | None, Field(description="the zone that is entered from its left to its right")
    ]


class LineState(Strict):
    """Who crossed a counting line in the last minute, and since the hub began."""

    line_id: Identifier
    into_per_min: NonNegative | None
    out_per_min: NonNegative | None
    into: NonNegative
    out: NonNegative
    counted_at_s: EpochSeconds | None


class GridInfo(Strict):
    """The grid that cells are of: a cell's corner is origin + column · east + row · north."""

    cell_m: NonNegative
    peak_radius_m: Annotated[
        NonNegative, Field(description="of the disc in which a zone's peak is looked for")
    ]
    origin: LonLat
    east: Annotated[LonLat, Field(description="one cell farther east, in degrees")]
    north: Annotated[LonLat, Field(description="one cell farther north, in degrees")]


class SiteInfo(Strict):
    """The place."""

    id: Identifier
    name: Text
    timezone: str
    center: LonLat
    plan: Annotated[tuple["PlanFeature", ...], Field(description="site plan drawn under the zones")]


class PlanFeature(Strict):
    """One shape of the site plan."""

    what: Literal["boundary", "path", "building", "water", "green", "line"]
    name: Text | None
    rings: tuple[tuple[LonLat, ...], ...]


class ZoneHistory(Strict):
    """The recent course of one zone."""

    zone_id: Identifier
    points: tuple[TrendPoint, ...]


class Snapshot(Strict):
    """Everything a new page needs."""

    type: Literal["snapshot"] = "snapshot"
    now_s: EpochSeconds
    unknown_after_s: NonNegative
    site: SiteInfo
    zones: tuple[ZoneInfo, ...]
    cameras: tuple[CameraInfo, ...]
    lines: tuple[LineInfo, ...]
    grid: GridInfo
    zone_states: tuple[ZoneState, ...]
    camera_states: tuple[CameraState, ...]
    line_states: tuple[LineState, ...]
    alarms: Annotated[
        tuple[Alarm, ...], Field(description="all that are not normal, and the last 50 that ended")
    ]
    load: AlarmLoad
    duty: Annotated[Duty | None, Field(description="who took over last; null: nobody yet")]
    measures: Annotated[tuple[Measure, ...], Field(description="all that the organiser approved")]
    exercise: Annotated[bool, Field(description="nothing of it is real")]
    history: tuple[ZoneHistory, ...]


class Change(Strict):
    """What changed since the last message; sent every second even when nothing did.

    A zone of which only figures changed is in the columns, not in ``zone_states``.
    """

    type: Literal["change"] = "change"
    now_s: EpochSeconds
    zone_states: tuple[ZoneState, ...] = ()
    camera_states: tuple[CameraState, ...] = ()
    line_states: tuple[LineState, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    load: Annotated[AlarmLoad | None, Field(description="null: as it was")] = None
    duty: Annotated[Duty | None, Field(description="null: as it was")] = None
    zone_columns: Annotated[ZoneColumns | None, Field(description="null: none")] = None


class CellsChange(Strict):
    """Where people are, of zones in which that changed; for a page that watches cells."""

    type: Literal["cells"] = "cells"
    now_s: EpochSeconds
    zones: tuple[ZoneCells, ...]


PageMessage = Annotated[Snapshot | Change | CellsChange, Field(discriminator="type")]
PAGE_MESSAGE: TypeAdapter[Snapshot | Change | CellsChange] = TypeAdapter(PageMessage)

MAX_WATCH_BYTES = 1000


class Watch(Strict):
    """What a page shows that not every page does. Said by the page whenever that changes."""

    type: Literal["watch"] = "watch"
    zone_id: Annotated[
        Identifier | None, Field(description="told whole with each change; null: none")
    ] = None
    cells: Annotated[bool, Field(description="of all zones")] = False


class Problem(Strict):
    """Body of every 4xx answer: one clear sentence."""

    error: str
