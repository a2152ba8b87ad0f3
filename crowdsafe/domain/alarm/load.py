"""How much the alarms ask of the people on duty, by the numbers of EEMUA 191."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from crowdsafe.domain.alarm.cause import Priority

LoadName = Literal["quiet", "manageable", "excessive", "flood"]
TEN_MIN_S = 600.0
HOUR_S = 3600.0


@dataclass(frozen=True)
class Call:
    """An alarm called the operators."""

    at_s: float
    priority: Priority


@dataclass(frozen=True)
class Load:
    """How often alarms called; shares are of the last hour, None without alarms."""

    last_10_min: int
    last_hour: int
    operators: int
    per_operator_10_min: float | None
    name: LoadName
    high_share: float | None
    medium_share: float | None


def load_of(calls: Iterable[Call], *, operators: int, now_s: float) -> Load:
    """Return the load of the last 10 minutes and hour.

    For one operator 1 alarm in 10 minutes is the target, 2 manageable, 5 excessive, 10 a flood
    (EEMUA 191). With nobody on duty it is counted as for one.
    """
    hour = [call for call in calls if now_s - HOUR_S < call.at_s <= now_s]
    last_10_min = sum(call.at_s > now_s - TEN_MIN_S for call in hour)
    each = last_10_min / max(1, operators)
    name: LoadName = "quiet"
    if each >= 10:
        name = "flood"
    elif each >= 5:
        name = "excessive"
    elif each > 1:
        name = "manageable"
    shares = {
        priority: sum(call.priority == priority for call in hour) / len(hour) if hour else None
        for priority in ("high", "medium")
    }
    return Load(
        last_10_min=last_10_min,
        last_hour=len(hour),
        operators=operators,
        per_operator_10_min=each if operators else None,
        name=name,
        high_share=shares["high"],
        medium_share=shares["medium"],
    )
