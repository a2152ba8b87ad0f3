"""Messages on the wire: edge to hub, hub to edge, hub to page.

Times are seconds since 1970 UTC (``_s`` with ``_at``) or spans in seconds (``_s``); densities are
persons per square metre (``_ppm2``); positions are WGS 84 longitude and latitude for the page, and
metres of the site frame (``_m``) between edge and hub.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from crowdsafe.contract.readings import (
    Cells,
    LineReading,
    Motion,
    Peak,
    PictureHealth,
    PictureHealthName,
)
from crowdsafe.contract.strict import (
    EpochSeconds,
    Finite,
    Identifier,
    NonNegative,
    Share,
    Strict,
)

LevelName = Literal["clear", "busy", "tight", "critical", "unknown"]
UnknownReason = Literal["no_camera", "silent", "not_seen", "frozen", "dark", "blinded", "moved"]
AlarmStateName = Literal["unacknowledged", "acknowledged", "returned", "cleared"]
AlarmCause = Literal["density", "silence"]
CameraHealthName = PictureHealthName | Literal["silent", "connecting", "lost", "ended"]
SourceStatus = Literal["connecting", "running", "lost", "ended"]
Role = Literal["viewer", "operator", "administrator"]

MAX_ZONES = 1000
MAX_MESSAGE_BYTES = 1_000_000
LonLat = tuple[Finite, Finite]


class Text(Strict):
    """One text in both languages of the product."""

    de: Annotated[str, Field(min_length=1, max_length=200)]
    en: Annotated[str, Field(min_length=1, max_length=200)]


# --- edge to hub ---------------------------------------------------------------------------


class Stamped(Strict):
    """A message that tells when it left, for the hub to see how far the worker's clock is off."""

    sent_at_s: Annotated[
        EpochSeconds | None, Field(description="by the worker's clock, when it left")
    ] = None
    ticks_s: Annotated[
        NonNegative | None, Field(description="the same on a clock that is never set")
    ] = None


class ZoneReading(Strict):
    """What one camera saw of one zone in its last pictures."""

    zone_id: Identifier
    count: Annotated[
        NonNegative,
        Field(description="people in the part of the zone it sees, median of the last seconds"),
    ]
    count_sd: Annotated[NonNegative, Field(description="standard deviation of the count")]
    density_ppm2: Annotated[
        Annotated[float, Field(ge=0, le=50, allow_inf_nan=False)] | None,
        Field(description="count over the area seen; null where nothing of the zone is seen"),
    ]
    density_sd_ppm2: NonNegative | None
    seen_share: Annotated[Share, Field(description="part of the zone's area the camera sees")]
    peak: Annotated[Peak | None, Field(description="null where nothing of the zone is seen")] = None
    motion: Annotated[
        Motion | None, Field(description="null where too few people or pictures tell it")
    ] = None
    cells: Annotated[Cells, Field(description="where the people of the newest picture are")] = (
        Cells()
    )


class Observation(Stamped):
    """One analysed picture of one camera."""

    type: Literal["observation"] = "observation"
    camera_id: Identifier
    seq: Annotated[
        int, Field(ge=0, le=2**53, description="counts up for each camera, also over restarts")
    ]
    captured_at_s: EpochSeconds
    analysis_ms: NonNegative
    frames_dropped: Annotated[int, Field(ge=0, description="due pictures skipped for overload")]
    people_in_view: NonNegative
    picture: Annotated[PictureHealth, Field(description="whether it can be believed")] = (
        PictureHealth()
    )
    cell_m: Annotated[float, Field(gt=0, le=10, description="side of a cell of the grid")] = 0.5
    lines: Annotated[tuple[LineReading, ...], Field(max_length=MAX_ZONES)] = ()
    zones: Annotated[tuple[ZoneReading, ...], Field(max_length=MAX_ZONES)]


class Hello(Stamped):
    """The first message of a worker."""

    type: Literal["hello"] = "hello"
    worker: Identifier
    version: Annotated[str, Field(max_length=40)]
    detector: Annotated[str, Field(max_length=100)]
    camera_ids: Annotated[tuple[Identifier, ...], Field(max_length=200)]
    height_m: Annotated[
        NonNegative, Field(description="over the ground, of what the detector finds; 0: feet")
    ] = 1.7


class CameraStatus(Stamped):
    """The worker's word about a camera's stream."""

    type: Literal["camera_status"] = "camera_status"
    camera_id: Identifier
    at_s: EpochSeconds
    status: SourceStatus
    detail: Annotated[str, Field(max_length=300)] = ""


EdgeMessage = Annotated[Hello | Observation | CameraStatus, Field(discriminator="type")]
EDGE_MESSAGE: TypeAdapter[Hello | Observation | CameraStatus] = TypeAdapter(EdgeMessage)

# --- hub to edge ---------------------------------------------------------------------------


class Welcome(Strict):
    """The hub knows the worker and its cameras."""

    type: Literal["welcome"] = "welcome"
    site_id: Identifier
    now_s: EpochSeconds


class Accepted(Strict):
    """This observation is stored, or was before."""

    type: Literal["accepted"] = "accepted"
    camera_id: Identifier
    seq: int


class Refused(Strict):
    """A message was not taken, and why."""

    type: Literal["refused"] = "refused"
    camera_id: Identifier | None
    seq: int | None
    reason: str


HubReply = Annotated[Welcome | Accepted | Refused, Field(discriminator="type")]
HUB_REPLY: TypeAdapter[Welcome | Accepted | Refused] = TypeAdapter(HubReply)

# --- hub to page ---------------------------------------------------------------------------


class Thresholds(Strict):
    """Where each level begins, how much lower it ends, and for how long either must hold."""

    busy_ppm2: Annotated[float, Field(gt=0, le=20)] = 1.08
    tight_ppm2: Annotated[float, Field(gt=0, le=20)] = 2.17
    critical_ppm2: Annotated[float, Field(gt=0, le=20)] = 3.57
    hysteresis_ppm2: Annotated[float, Field(ge=0, le=5)] = 0.2
    rise_s: Annotated[float, Field(ge=0, le=600)] = 5.0
    fall_s: Annotated[float, Field(ge=0, le=3600)] = 15.0


class ZoneInfo(Strict):
    """What does not change of a zone while the hub runs."""

    id: Identifier
    name: Text
    rings: Annotated[tuple[tuple[LonLat, ...], ...], Field(description="outer ring, then holes")]
    label_at: LonLat
    area_m2: NonNegative
    thresholds: Thresholds
    thresholds_reason: Text


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
    cells: Cells
    inside: Annotated[
        NonNegative | None,
        Field(description="people in it by its counting lines and its counts; null: no lines"),
    ]
    inside_sd: NonNegative | None
    trend_ppm2_per_min: Annotated[
        Finite | None, Field(description="slope over the last minute; null with too few values")
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


class Alarm(Strict):
    """One alarm: a zone or camera, a cause, and where it is in its life."""

    id: Annotated[int, Field(ge=1)]
    cause: AlarmCause
    zone_id: Identifier | None
    camera_id: Identifier | None
    state: AlarmStateName
    level: LevelName
    raised_at_s: EpochSeconds
    acknowledged_at_s: EpochSeconds | None
    acknowledged_by: str | None
    returned_at_s: EpochSeconds | None
    cleared_at_s: EpochSeconds | None
    value_ppm2: NonNegative | None
    value_sd_ppm2: NonNegative | None
    peak_ppm2: NonNegative | None
    threshold_ppm2: NonNegative | None
    held_s: NonNegative | None
    seen_share: Share | None
    times: Annotated[int, Field(ge=1, description="how often the cause came back meanwhile")]


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
        tuple[Alarm, ...], Field(description="all that are not cleared, and the last 50 cleared")
    ]
    history: tuple[ZoneHistory, ...]


class Change(Strict):
    """What changed since the last message; sent every second even when nothing did."""

    type: Literal["change"] = "change"
    now_s: EpochSeconds
    zone_states: tuple[ZoneState, ...] = ()
    camera_states: tuple[CameraState, ...] = ()
    line_states: tuple[LineState, ...] = ()
    alarms: tuple[Alarm, ...] = ()


PageMessage = Annotated[Snapshot | Change, Field(discriminator="type")]
PAGE_MESSAGE: TypeAdapter[Snapshot | Change] = TypeAdapter(PageMessage)

# --- HTTP ----------------------------------------------------------------------------------


class SignIn(Strict):
    """Body of POST /api/session."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    password: Annotated[str, Field(min_length=1, max_length=200)]


class Person(Strict):
    """Who is signed in: answer of GET and POST /api/session."""

    name: str
    role: Role


class Problem(Strict):
    """Body of every 4xx answer: one clear sentence."""

    error: str
