"""What one source says of the weather at one time: warnings of a service, values of a station."""

from dataclasses import dataclass
from enum import StrEnum
from math import inf, isfinite

from crowdsafe.errors import BadInput


class Hazard(StrEnum):
    """What threatens."""

    WIND = "wind"
    THUNDERSTORM = "thunderstorm"
    OTHER = "other"


@dataclass(frozen=True)
class Words:
    """One text in both languages of the product."""

    de: str
    en: str


@dataclass(frozen=True)
class OfficialWarning:
    """A warning of a weather service for the site's district.

    Attributes:
        grade: 1 weather warning, 2 marked weather, 3 severe weather, 4 extreme weather.
        begins_s: when the weather is expected to begin.
        ends_s: when the warning ends by itself; None: when the service takes it back.
    """

    hazard: Hazard
    grade: int
    begins_s: float
    ends_s: float | None
    words: Words

    def __post_init__(self) -> None:
        if not 1 <= self.grade <= 4:
            raise BadInput(f"warning: grade {self.grade}, expected 1 to 4")
        if not isfinite(self.begins_s) or (self.ends_s is not None and not isfinite(self.ends_s)):
            raise BadInput(f"warning: from {self.begins_s} to {self.ends_s}, expected times")
        if self.ends_s is not None and self.ends_s <= self.begins_s:
            raise BadInput(f"warning: it ends at {self.ends_s}, not after it begins")

    def holds(self, *, now_s: float, early_s: float) -> bool:
        """Return whether it counts now, which it does ``early_s`` before it begins already."""
        ends_s = inf if self.ends_s is None else self.ends_s
        return self.begins_s - early_s <= now_s < ends_s


@dataclass(frozen=True)
class Measured:
    """What was measured at the site; None where a source has no such value.

    Attributes:
        gust_m_s: strongest gust of the last minutes.
        wind_m_s: mean wind.
        storm_km: distance of the nearest lightning.
        storm_in_min: time until a thunderstorm is expected at the site.
        storm: there is a thunderstorm at the site, or there is none.
    """

    gust_m_s: float | None = None
    wind_m_s: float | None = None
    storm_km: float | None = None
    storm_in_min: float | None = None
    storm: bool | None = None


@dataclass(frozen=True)
class WeatherReport:
    """Everything that a source says at one time. What is not in it does not hold any more.

    Attributes:
        at_s: the source's own time of it, not when it was fetched.
        covers: the hazards that it speaks of; of the others it says nothing, which is not calm.
    """

    source_id: str
    at_s: float
    warnings: tuple[OfficialWarning, ...] = ()
    measured: Measured | None = None
    covers: frozenset[Hazard] = frozenset(Hazard)
