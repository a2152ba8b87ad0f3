"""What leaves the hub for the outside: to webhooks, MQTT, e-mail, CAP and the event stream."""

from typing import Annotated, Literal

from pydantic import Field

from crowdsafe.contract.alarms import Alarm, AlarmEventName
from crowdsafe.contract.measures import Measure
from crowdsafe.contract.strict import EpochSeconds, Finite, Identifier, Strict
from crowdsafe.contract.words import Text

LonLat = tuple[Finite, Finite]


class NoticeSubject(Strict):
    """The zone, camera or other thing that a notice is about."""

    id: Identifier
    name: Text
    rings: Annotated[
        tuple[tuple[LonLat, ...], ...], Field(description="a zone's outer ring, then its holes")
    ] = ()


class AlarmNotice(Strict):
    """Something happened to an alarm."""

    type: Literal["alarm"] = "alarm"
    id: Annotated[str, Field(description="the same however often it is sent")]
    at_s: EpochSeconds
    site_id: Identifier
    exercise: bool
    event: AlarmEventName
    by: Annotated[str | None, Field(description="the person who did it")]
    subject: NoticeSubject
    sentence: Annotated[Text, Field(description="what a colleague would say")]
    alarm: Alarm


class MeasureNotice(Strict):
    """A person confirmed a measure; the target carries it out and may answer with a receipt."""

    type: Literal["measure"] = "measure"
    id: str
    at_s: EpochSeconds
    site_id: Identifier
    exercise: bool
    by: str
    subject: NoticeSubject
    alarm_id: int
    measure: Measure


Notice = Annotated[AlarmNotice | MeasureNotice, Field(discriminator="type")]
