"""What is read back from the record: courses, past alarms, events, shifts."""

from typing import Annotated, Any, Literal

from pydantic import Field

from crowdsafe.contract.alarms import Alarm, AlarmLoad
from crowdsafe.contract.people import Duty
from crowdsafe.contract.strict import EpochSeconds, Identifier, NonNegative, Share, Strict


class CoursePoint(Strict):
    """One step of a zone's course."""

    at_s: EpochSeconds
    mean_ppm2: Annotated[NonNegative | None, Field(description="null: it was never known in it")]
    min_ppm2: NonNegative | None
    max_ppm2: NonNegative | None
    peak_ppm2: NonNegative | None
    people: NonNegative | None
    known_share: Annotated[Share, Field(description="part of the step in which it was known")]
    revision: Annotated[
        int | None,
        Field(
            description="of the site, that the hub ran: what the zone was then; null: not known. "
            "A step in which it changed is there once for each"
        ),
    ]


class ZoneCourse(Strict):
    """Answer of GET /api/zones/ID/history: in the shortest steps that are kept and not too many."""

    zone_id: Identifier
    step_s: Annotated[NonNegative, Field(description="1, 10, 60 or 900 seconds, or more of them")]
    points: Annotated[
        tuple[CoursePoint, ...], Field(description="a step that is left out was never known")
    ]


class PastAlarms(Strict):
    """Answer of GET /api/alarms: the newest first."""

    alarms: tuple[Alarm, ...]


class RecordEvent(Strict):
    """One entry of the record, which nobody can change unseen."""

    seq: int
    at_s: EpochSeconds
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    hash: str


EventKind = Literal["alarms", "measures", "people", "revisions", "weather", "deliveries", "record"]
"""What an entry is about; one may be of two kinds, as a measure's delivery is."""


class RecordEvents(Strict):
    """Answer of GET /api/record/events: in the order that was asked for."""

    events: tuple[RecordEvent, ...]
    reached: Annotated[
        int,
        Field(
            ge=0,
            description="the number of the last entry that was looked at: what to go on from, by "
            "`after`, or by `before` where the newest come first",
        ),
    ]
    more: Annotated[bool, Field(description="whether entries beyond it were not looked at")]
    head: Annotated[int, Field(ge=0, description="the number of the record's newest entry")]


class ShiftSummary(Strict):
    """What who takes over has to know: what stands, and what happened since the last hand-over."""

    from_s: EpochSeconds
    to_s: EpochSeconds
    standing: Annotated[
        tuple[Alarm, ...], Field(description="all that are not normal, those set aside among them")
    ]
    raised: Annotated[int, Field(ge=0, description="alarms raised since")]
    by_priority: dict[str, int]
    by_subject: Annotated[dict[str, int], Field(description="the ten that alarmed most")]
    acknowledged_after_s: Annotated[
        NonNegative | None, Field(description="median time until somebody did; null: none was")
    ]
    measures: Annotated[int, Field(ge=0, description="measures confirmed since")]
    unanswered: Annotated[
        tuple[str, ...], Field(description="measures whose message has not arrived")
    ]
    unknown_zones: tuple[Identifier, ...]
    load: AlarmLoad


class Shift(Strict):
    """Answer of GET and POST /api/shift."""

    duty: Annotated[Duty | None, Field(description="who is on duty; null: nobody took over yet")]
    summary: ShiftSummary


class TakeOver(Strict):
    """Body of POST /api/shift: the person who asks takes over."""

    note: Annotated[str, Field(max_length=1000, description="what the last one says besides")] = ""


class Waiting(Strict):
    """What waits for one target."""

    target_id: Identifier
    waiting: Annotated[int, Field(ge=0)]
    oldest_at_s: EpochSeconds
    error: Annotated[str, Field(description="of the last try")]


class WaitingMessages(Strict):
    """Answer of GET /api/outbox: the targets for which messages wait."""

    targets: tuple[Waiting, ...]
