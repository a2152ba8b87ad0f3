"""Which of the approved measures fit an alarm."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from crowdsafe.domain.alarm.cause import CRITICAL_GRADE, ZONE_CAUSES, Cause

_SOURCE = "source"
_EXTREME_GRADE = 4


class Fitting(Protocol):
    """What decides whether a measure fits."""

    @property
    def causes(self) -> Sequence[Cause]:
        """The causes that it is for."""

    @property
    def zones(self) -> Sequence[str]:
        """The zones that it is for; none: every zone, or no zone."""

    @property
    def from_grade(self) -> int:
        """The grade from which on it is for an alarm."""

    @property
    def weather(self) -> Sequence[str]:
        """The weather that it is for; none: every weather, but not a silent source."""


_Measure = TypeVar("_Measure", bound=Fitting)


def worst_grade(cause: Cause) -> int:
    """Return the highest grade that an alarm of a cause can have."""
    if cause == "weather":
        return _EXTREME_GRADE
    return CRITICAL_GRADE if cause == "density" else 1


def choose_measures(
    measures: Sequence[_Measure], *, cause: Cause, subject_id: str, zone_id: str | None, grade: int
) -> tuple[_Measure, ...]:
    """Return the measures that fit an alarm, those made for its zone and grade first.

    Args:
        measures: all of the site, in the organiser's order, which else stays.
        cause: the alarm's.
        subject_id: the alarm's: of weather the hazard, or "source." and a source's id.
        zone_id: the alarm's zone, None where it has none.
        grade: how bad it is.
    """
    fitting = [
        measure
        for measure in measures
        if cause in measure.causes
        and grade >= measure.from_grade
        and (not measure.zones or zone_id in measure.zones)
        and (cause != "weather" or _fits_weather(measure.weather, subject_id))
    ]
    return tuple(sorted(fitting, key=lambda measure: (not measure.zones, -measure.from_grade)))


def _fits_weather(wanted: Sequence[str], subject_id: str) -> bool:
    subject = _SOURCE if subject_id.startswith(f"{_SOURCE}.") else subject_id
    return subject in wanted if wanted else subject != _SOURCE


def has_zone(cause: Cause) -> bool:
    """Return whether alarms of a cause have a zone."""
    return cause in ZONE_CAUSES
