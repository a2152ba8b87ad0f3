"""Where each state of a camera's health begins, and what a sign of one is."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import isfinite
from types import MappingProxyType
from typing import Final, Literal

from crowdsafe.errors import BadInput

HealthName = Literal[
    "ok", "frozen", "dark", "blinded", "moved", "unsharp", "saturated", "overloaded"
]
SEVERITY: Final[tuple[HealthName, ...]] = (
    "frozen",
    "dark",
    "blinded",
    "moved",
    "unsharp",
    "saturated",
    "overloaded",
)
"""Most severe first; where several hold, the first names the health."""
NOT_BELIEVABLE: Final[frozenset[HealthName]] = frozenset({"frozen", "dark", "blinded", "moved"})
TOO_FEW: Final[frozenset[HealthName]] = frozenset({"unsharp", "saturated"})
"""States in which people are missed but not imagined: the count is a lower bound."""

SD_FACTOR: Final[Mapping[HealthName, float]] = MappingProxyType(
    {"unsharp": 3.0, "saturated": 2.0, "overloaded": 1.25}
)
"""How much larger the standard deviation of a count is while a believable state holds.

unsharp: with our model on the PETS clip the root mean square error of a zone's count is 0.42
people as recorded, 0.70 blurred to a sharpness ratio of 0.30 and 1.21 at 0.23; at 0.17 nobody is
found, which is ``blind_sharpness``.
saturated: chosen. Denser than it was validated for the detector misses more, nobody knows how much.
overloaded: one picture instead of a window of five is 1.17 by ``domain.steadiness``; the rest for
the age of the count.
"""

Quantity = Literal[
    "same_picture_s",
    "same_time_s",
    "brightest_level",
    "one_colour_share",
    "clipped_share",
    "veiled_share",
    "sharpness_ratio",
    "shift_px",
    "shift_m",
    "not_found_s",
    "crowding",
    "analysed_share",
    "dropped_share",
]


@dataclass(frozen=True)
class HealthSign:
    """Why a state holds: a quantity, its value and the limit that it broke."""

    quantity: Quantity
    value: float
    limit: float


@dataclass(frozen=True)
class HealthRule:
    """Where each state begins. Shares are 0 to 1.

    Attributes:
        frozen_s: a lively picture that stands still for so long is frozen.
        quiet_frozen_s: the same of a quiet scene, see :mod:`crowdsafe.domain.health.standstill`.
        lively_share: a picture of which so many squares change is lively.
        moving_share: a picture in so many squares of which something moves is busy.
        dark_level: a picture of which 2 % reach no higher, of 255, is dark. Under 0.06 of daylight
            our model misses most people, at 0.1 few.
        one_colour_share: a picture of which so much has one colour shows nothing.
        clipped_share: so much of the picture newly at full white blinds.
        veiled_share: so much of its texture without contrast blinds.
        blind_sharpness: under this sharpness ratio our model finds nobody, which blinds as well.
        sharpness: under this sharpness ratio a picture is unsharp.
        moved_share: a shift of so many picture widths is a move; 4 px at 768.
        moved_m: a shift of so many metres as well; None asks only for px.
        lost_s: a background that is suddenly not found any more, for so long, has moved.
        never_found_s: one that was not found from the start, in like light, likewise.
        analysed_share: a rate under this share of the one asked is an overload.
        dropped_share: so many of the due pictures dropped is one as well.

    Raises:
        BadInput: a value is not finite or not above 0.
    """

    frozen_s: float = 3.0
    quiet_frozen_s: float = 12.0
    lively_share: float = 0.10
    moving_share: float = 0.02
    dark_level: float = 20.0
    one_colour_share: float = 0.9
    clipped_share: float = 0.3
    veiled_share: float = 0.5
    blind_sharpness: float = 0.2
    sharpness: float = 0.45
    moved_share: float = 4.0 / 768.0
    moved_m: float | None = None
    lost_s: float = 10.0
    never_found_s: float = 30.0
    analysed_share: float = 0.7
    dropped_share: float = 0.2

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if value is not None and not (isfinite(value) and value > 0):
                raise BadInput(f"health rule: {each.name} is {value}, expected more than 0")


@dataclass(frozen=True)
class Hold:
    """How long signs of a state must last before it holds, and be absent before it ends."""

    set_s: float
    clear_s: float


HOLDS: Final[Mapping[HealthName, Hold]] = MappingProxyType(
    {
        "dark": Hold(2.0, 3.0),
        # A lorry that passes hides the background for some seconds, and so do its headlights.
        "blinded": Hold(6.0, 3.0),
        "moved": Hold(1.0, 3.0),
        "unsharp": Hold(6.0, 3.0),
        "saturated": Hold(2.0, 5.0),
        "overloaded": Hold(1.0, 5.0),
    }
)
"""Of all but frozen, whose times follow from the picture."""
