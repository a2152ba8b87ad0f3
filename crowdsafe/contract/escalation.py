"""Who hears of an alarm that nobody acknowledges, and when: ``[[hub.escalation]]``."""

from typing import Annotated

from pydantic import Field

from crowdsafe.contract.strict import Strict
from crowdsafe.domain.alarm.cause import Priority


class EscalationSettings(Strict):
    """One step; targets whose `from_step` it reaches are told."""

    after_s: Annotated[
        float,
        Field(gt=0, le=3600, description="unacknowledged for so long since the alarm called"),
    ]
    priorities: Annotated[
        tuple[Priority, ...], Field(min_length=1, description="the alarms that it is for")
    ] = ("high", "medium")
