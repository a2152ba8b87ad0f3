"""Alarms as they go to pages, to targets outside and into the record.

The states are those of EN 62682 / ISA-18.2.
"""

from typing import Annotated, Literal

from pydantic import Field

from crowdsafe.contract.strict import EpochSeconds, Finite, Identifier, NonNegative, Share, Strict
from crowdsafe.contract.words import Text
from crowdsafe.domain.alarm.cause import Cause, Priority, Quantity
from crowdsafe.domain.alarm.load import LoadName
from crowdsafe.domain.alarm.measure_use import DeliveryState

AlarmCause = Cause
AlarmStateName = Literal[
    "normal",
    "unacknowledged",
    "acknowledged",
    "returned",
    "shelved",
    "suppressed",
    "out_of_service",
]
AlarmEventName = Literal[
    "raised",
    "worsened",
    "came_back",
    "returned",
    "acknowledged",
    "ended",
    "shelved",
    "unshelved",
    "suppressed",
    "unsuppressed",
    "out_of_service",
    "in_service",
    "escalated",
]
Reason = Annotated[str, Field(min_length=3, max_length=300)]
MAX_SHELVED_S = 8 * 3600.0


class Aside(Strict):
    """Why an alarm is set aside: shelved, suppressed by design or out of service."""

    since_s: EpochSeconds
    until_s: Annotated[EpochSeconds | None, Field(description="null: until somebody ends it")]
    by: Annotated[str | None, Field(description="who; null: a rule of the design")]
    reason: str


class MeasureUse(Strict):
    """A measure that a person confirmed for an alarm, and what became of it."""

    measure_id: Identifier
    notice_id: Annotated[str, Field(description="of the message by which it goes out")]
    confirmed_at_s: EpochSeconds
    confirmed_by: str
    delivery: DeliveryState
    delivered_at_s: EpochSeconds | None = None
    detail: Annotated[str, Field(max_length=300, description="receipt, or what went wrong")] = ""


class Alarm(Strict):
    """One alarm: a zone, camera, worker or target, a cause, and where it is in its life."""

    id: Annotated[int, Field(ge=1)]
    cause: AlarmCause
    subject_id: Identifier
    zone_id: Identifier | None
    camera_id: Annotated[
        Identifier | None, Field(description="the camera itself, or the main one of the zone")
    ]
    state: AlarmStateName
    priority: Priority
    grade: Annotated[
        int,
        Field(
            ge=0,
            le=9,
            description="how bad it is, the worst so far: density 2 tight and 3 critical, weather "
            "1 to 4, else 1",
        ),
    ]
    present: Annotated[bool, Field(description="whether the cause is there now")]
    first_raised_at_s: EpochSeconds
    raised_at_s: Annotated[EpochSeconds, Field(description="of the present or last stretch")]
    called_at_s: Annotated[EpochSeconds, Field(description="when it last called an operator")]
    times: Annotated[int, Field(ge=1, description="how often the cause came so far")]
    acknowledged_at_s: EpochSeconds | None
    acknowledged_by: str | None
    returned_at_s: Annotated[EpochSeconds | None, Field(description="when the cause went")]
    ended_at_s: EpochSeconds | None
    quantity: Quantity | None
    value: Finite | None
    value_sd: NonNegative | None
    limit: Finite | None
    worst: Finite | None
    value_at_s: Annotated[EpochSeconds | None, Field(description="when the value was measured")]
    held_s: Annotated[
        NonNegative, Field(description="how long the cause had held before it was raised")
    ]
    seen_share: Share | None
    detail: Annotated[
        str, Field(max_length=300, description="of picture: frozen, dark, blinded or moved")
    ]
    words: Annotated[Text | None, Field(description="what the weather's source says")]
    aside: Aside | None
    first_out_id: Annotated[
        int | None,
        Field(description="the alarm of a neighbouring zone that came first; null: none did"),
    ]
    escalated: Annotated[int, Field(ge=0, description="how many steps it was escalated")]
    escalates_at_s: Annotated[
        EpochSeconds | None, Field(description="when the next step comes; null: none comes")
    ]
    offers: Annotated[
        tuple[Identifier, ...], Field(description="measures that the organiser approved for it")
    ]
    measures: tuple[MeasureUse, ...]


class AlarmLoad(Strict):
    """How much the alarms ask of the people on duty, after EEMUA 191."""

    last_10_min: Annotated[int, Field(ge=0, description="alarms that called, over the site")]
    last_hour: Annotated[int, Field(ge=0)]
    operators: Annotated[int, Field(ge=0, description="people on duty who may acknowledge")]
    per_operator_10_min: Annotated[NonNegative | None, Field(description="null: nobody is on duty")]
    name: Annotated[
        LoadName,
        Field(description="by alarms for each operator in 10 minutes: 1, 2 to 4, 5 to 9, from 10"),
    ]
    high_share: Annotated[Share | None, Field(description="of the last hour; null: no alarms")]
    medium_share: Share | None


# --- what people ask for -------------------------------------------------------------------


class Shelve(Strict):
    """Body of POST /api/alarms/ID/shelve."""

    for_s: Annotated[float, Field(gt=0, le=MAX_SHELVED_S, allow_inf_nan=False)]
    reason: Reason


class Because(Strict):
    """Body of a request that has to give its reason."""

    reason: Reason


class TakeOutOfService(Strict):
    """Body of POST /api/out-of-service: no alarm of this cause and subject until it is back."""

    cause: AlarmCause
    subject_id: Identifier
    reason: Reason
