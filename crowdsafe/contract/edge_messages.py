"""Messages between an edge worker and the hub.

Times are seconds since 1970 UTC (``_s`` with ``_at``) or spans in seconds (``_s``); densities are
persons per square metre (``_ppm2``); positions are metres of the site frame (``_m``).
"""

from typing import Annotated, Any, Literal

from pydantic import FailFast, Field, TypeAdapter

from crowdsafe.contract.readings import Cells, LineReading, Measured, Motion, Peak, PictureHealth
from crowdsafe.contract.strict import EpochSeconds, Identifier, Share, Strict

SourceStatus = Literal["connecting", "running", "lost", "ended"]

MAX_ZONES = 1000
MAX_MESSAGE_BYTES = 1_000_000
MAX_REPLY_BYTES = 9_000_000
"""Of a message from the hub, which may hold a whole site."""

RevisionNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]

# --- edge to hub ---------------------------------------------------------------------------


class Stamped(Strict):
    """A message that tells when it left, for the hub to see how far the worker's clock is off."""

    sent_at_s: Annotated[
        EpochSeconds | None, Field(description="by the worker's clock, when it left")
    ] = None
    ticks_s: Annotated[
        Measured | None, Field(description="the same on a clock that is never set")
    ] = None


class ZoneReading(Strict):
    """What one camera saw of one zone in its last pictures."""

    zone_id: Identifier
    count: Annotated[
        Measured,
        Field(description="people in the part of the zone it sees, median of the last seconds"),
    ]
    count_sd: Annotated[Measured, Field(description="standard deviation of the count")]
    density_ppm2: Annotated[
        Annotated[float, Field(ge=0, le=50, allow_inf_nan=False)] | None,
        Field(description="count over the area seen; null where nothing of the zone is seen"),
    ]
    density_sd_ppm2: Measured | None
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
    revision: Annotated[
        RevisionNumber | None,
        Field(description="of the site, under which it was made; null: that is not known"),
    ] = None
    analysis_ms: Measured
    frames_dropped: Annotated[int, Field(ge=0, description="due pictures skipped for overload")]
    people_in_view: Measured
    picture: Annotated[PictureHealth, Field(description="whether it can be believed")] = (
        PictureHealth()
    )
    cell_m: Annotated[float, Field(gt=0, le=10, description="side of a cell of the grid")] = 0.5
    # The first wrong one is enough: a list of all that is wrong in a million would take seconds.
    lines: Annotated[tuple[LineReading, ...], FailFast(), Field(max_length=MAX_ZONES)] = ()
    zones: Annotated[tuple[ZoneReading, ...], FailFast(), Field(max_length=MAX_ZONES)]


class Hello(Stamped):
    """The first message of a worker."""

    type: Literal["hello"] = "hello"
    worker: Identifier
    version: Annotated[str, Field(max_length=40)]
    detector: Annotated[str, Field(max_length=100)]
    camera_ids: Annotated[tuple[Identifier, ...], FailFast(), Field(max_length=200)]
    revision: Annotated[
        RevisionNumber | None,
        Field(description="of the site, that it runs; null: its own site folder"),
    ] = None
    content_hash: Annotated[
        str | None,
        Field(pattern=r"^[0-9a-f]{64}$", description="of the site document that it runs"),
    ] = None
    height_m: Annotated[
        Measured, Field(description="over the ground, of what the detector finds; 0: feet")
    ] = 1.7


class CameraStatus(Stamped):
    """The worker's word about a camera's stream."""

    type: Literal["camera_status"] = "camera_status"
    camera_id: Identifier
    at_s: EpochSeconds
    status: SourceStatus
    detail: Annotated[str, Field(max_length=300)] = ""


class RunsRevision(Stamped):
    """Which revision of the site a worker runs, told whenever it was sent another."""

    type: Literal["runs_revision"] = "runs_revision"
    revision: RevisionNumber | None
    content_hash: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None
    refused: Annotated[RevisionNumber | None, Field(description="newer one that it cannot use")] = (
        None
    )
    wrong: Annotated[str, Field(max_length=300, description="why it cannot, or what it lacks")] = ""


EdgeMessage = Annotated[
    Hello | Observation | CameraStatus | RunsRevision, Field(discriminator="type")
]
EDGE_MESSAGE: TypeAdapter[Hello | Observation | CameraStatus | RunsRevision] = TypeAdapter(
    EdgeMessage
)

# --- hub to edge ---------------------------------------------------------------------------


class Welcome(Strict):
    """The hub knows the worker and its cameras."""

    type: Literal["welcome"] = "welcome"
    site_id: Identifier
    now_s: EpochSeconds
    revision: Annotated[
        RevisionNumber | None, Field(description="that is published; null: there are none")
    ] = None
    document: Annotated[
        dict[str, Any] | None,
        Field(description="the site document of it; null: the worker runs it already"),
    ] = None


class NewRevision(Strict):
    """Another revision of the site was published; the worker is to run it from now on.

    The document is checked by the worker, which says so when it cannot use it.
    """

    type: Literal["new_revision"] = "new_revision"
    revision: RevisionNumber
    document: dict[str, Any]


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


HubReply = Annotated[Welcome | NewRevision | Accepted | Refused, Field(discriminator="type")]
HUB_REPLY: TypeAdapter[Welcome | NewRevision | Accepted | Refused] = TypeAdapter(HubReply)
