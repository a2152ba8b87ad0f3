"""How long each kind of data is kept."""

import math
from dataclasses import dataclass, fields
from itertools import pairwise

from crowdsafe.errors import BadInput


@dataclass(frozen=True)
class KeepDays:
    """Days that each kind of data is kept; docs/history.md says why so long, and what it takes.

    Attributes:
        readings: what each camera saw of each zone.
        zone_values: the fused value of each zone, about one a second.
        steps_10_s, steps_60_s, steps_900_s: its steps; longer ones at least as long as shorter.
        alarms: after they ended.
        audit: entries of the record.
        outbox: notices after they were delivered or given up.
    """

    readings: float = 1.0
    zone_values: float = 2.0
    steps_10_s: float = 14.0
    steps_60_s: float = 60.0
    steps_900_s: float = 730.0
    alarms: float = 3650.0
    audit: float = 3650.0
    outbox: float = 30.0

    def __post_init__(self) -> None:
        for field in fields(self):
            days = getattr(self, field.name)
            if not 0 < days < math.inf:
                raise BadInput(f"keep_days.{field.name}: {days}, expected a number above 0")
        kept = ("zone_values", "steps_10_s", "steps_60_s", "steps_900_s")
        for shorter, longer in pairwise(kept):
            if getattr(self, shorter) > getattr(self, longer):
                raise BadInput(
                    f"keep_days.{longer}: {getattr(self, longer)}, expected at least "
                    f"{shorter}, {getattr(self, shorter)}"
                )
