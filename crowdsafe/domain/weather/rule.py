"""From which measured values and for how long weather counts, as the organiser set it."""

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from crowdsafe.domain.weather.report import Hazard, Measured, Words
from crowdsafe.errors import BadInput


class WeatherQuantity(StrEnum):
    """What a limit is of, with its unit. Lightning counts the more, the nearer it is."""

    GUST = "gust_m_s"
    WIND = "wind_m_s"
    STORM_KM = "storm_km"
    STORM_IN_MIN = "storm_in_min"

    @property
    def hazard(self) -> Hazard:
        """What threatens where it is reached."""
        if self in (WeatherQuantity.GUST, WeatherQuantity.WIND):
            return Hazard.WIND
        return Hazard.THUNDERSTORM

    def of(self, measured: Measured) -> float | None:
        """Return its value."""
        return {
            WeatherQuantity.GUST: measured.gust_m_s,
            WeatherQuantity.WIND: measured.wind_m_s,
            WeatherQuantity.STORM_KM: measured.storm_km,
            WeatherQuantity.STORM_IN_MIN: measured.storm_in_min,
        }[self]


@dataclass(frozen=True)
class WeatherLimit:
    """From ``begins`` on (for thunderstorms: from there down) it is so bad.

    Attributes:
        words: what the limit stands for: gale gusts, the big wheel.
        source: who says so.
    """

    quantity: WeatherQuantity
    begins: float
    grade: int
    words: Words
    source: str

    def __post_init__(self) -> None:
        if not (isfinite(self.begins) and self.begins >= 0):
            raise BadInput(f"weather limit: {self.quantity} {self.begins}, expected 0 or more")
        if not 1 <= self.grade <= 4:
            raise BadInput(f"weather limit: grade {self.grade}, expected 1 to 4")

    def reached(self, value: float) -> bool:
        """Return whether a value reaches it."""
        if self.quantity.hazard is Hazard.THUNDERSTORM:
            return value <= self.begins
        return value >= self.begins


@dataclass(frozen=True)
class WeatherRule:
    """The whole rule of a site.

    Attributes:
        limits: of measured values.
        alarm_from: grade from which a hazard is an alarm.
        storm_grade: of a thunderstorm that a source says is at the site, without a distance.
        early_s: a warning counts so long before it begins.
        warning_hold_s: a warning that was taken back, or lowered, counts so long after it.
        wind_hold_s: a measured wind counts so long after it was last reached.
        storm_hold_s: the same for a measured thunderstorm.
        stale_after_s: by source, after how long without news it is not believed any more.
    """

    limits: tuple[WeatherLimit, ...]
    alarm_from: dict[Hazard, int]
    storm_grade: int
    early_s: float
    warning_hold_s: float
    wind_hold_s: float
    storm_hold_s: float
    stale_after_s: dict[str, float]

    def measured_hold_s(self, hazard: Hazard) -> float:
        """Return how long a measured hazard counts after it was last seen."""
        return self.storm_hold_s if hazard is Hazard.THUNDERSTORM else self.wind_hold_s
