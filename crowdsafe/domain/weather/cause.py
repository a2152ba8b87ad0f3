"""Single causes for a grade: a warning that holds, a limit that is reached."""

from dataclasses import dataclass

from crowdsafe.domain.weather.report import Hazard, Measured, WeatherReport, Words
from crowdsafe.domain.weather.rule import WeatherLimit, WeatherQuantity, WeatherRule

_UNITS = {
    WeatherQuantity.GUST: ("Böen {} m/s", "gusts {} m/s"),
    WeatherQuantity.WIND: ("Wind {} m/s", "wind {} m/s"),
    WeatherQuantity.STORM_KM: ("Blitze in {} km", "lightning at {} km"),
    WeatherQuantity.STORM_IN_MIN: ("Gewitter in {} min", "thunderstorm in {} min"),
}


@dataclass(frozen=True)
class Cause:
    """Why a hazard has a grade.

    Attributes:
        seen_at_s: when it was last there.
        begins_s: of a warning: when the weather is expected to begin.
        ends_s: of a warning: when it ends by itself.
        hold_s: it counts so long after it was last there.
    """

    source_id: str
    hazard: Hazard
    grade: int
    official: bool
    seen_at_s: float
    begins_s: float | None
    ends_s: float | None
    hold_s: float
    words: Words

    @property
    def key(self) -> tuple[str, Hazard, bool, int]:
        """One cause for each of these: a newer one takes the older one's place."""
        return self.source_id, self.hazard, self.official, self.grade

    def over(self, *, now_s: float) -> bool:
        """Return whether it does not count any more."""
        if self.ends_s is not None and now_s >= self.ends_s:
            return True
        return now_s > self.seen_at_s + self.hold_s


def causes_of(report: WeatherReport, *, rule: WeatherRule, now_s: float) -> tuple[Cause, ...]:
    """Return what a report gives cause for now; of several alike the one that ends last."""
    found: dict[tuple[str, Hazard, bool, int], Cause] = {}
    for warning in report.warnings:
        if not warning.holds(now_s=now_s, early_s=rule.early_s):
            continue
        cause = Cause(
            source_id=report.source_id,
            hazard=warning.hazard,
            grade=warning.grade,
            official=True,
            seen_at_s=now_s,
            begins_s=warning.begins_s,
            ends_s=warning.ends_s,
            hold_s=rule.warning_hold_s,
            words=warning.words,
        )
        before = found.get(cause.key)
        if before is None or _ends_later(cause, before):
            found[cause.key] = cause
    for hazard, grade, words in _measured(report.measured, rule):
        cause = Cause(
            source_id=report.source_id,
            hazard=hazard,
            grade=grade,
            official=False,
            seen_at_s=now_s,
            begins_s=None,
            ends_s=None,
            hold_s=rule.measured_hold_s(hazard),
            words=words,
        )
        found.setdefault(cause.key, cause)
    return tuple(found.values())


def _ends_later(cause: Cause, than: Cause) -> bool:
    return than.ends_s is not None and (cause.ends_s is None or cause.ends_s > than.ends_s)


def _measured(
    measured: Measured | None, rule: WeatherRule
) -> tuple[tuple[Hazard, int, Words], ...]:
    if measured is None:
        return ()
    found = []
    for limit in sorted(rule.limits, key=_strictness, reverse=True):
        value = limit.quantity.of(measured)
        if value is not None and limit.reached(value):
            found.append((limit.quantity.hazard, limit.grade, _words(limit, value)))
    if measured.storm:
        here = Words(de="Gewitter am Gelände gemeldet", en="thunderstorm reported at the site")
        found.append((Hazard.THUNDERSTORM, rule.storm_grade, here))
    return tuple(found)


def _strictness(limit: WeatherLimit) -> float:
    """Order limits so that of those of one grade the hardest to reach is named."""
    falling = limit.quantity.hazard is Hazard.THUNDERSTORM
    return -limit.begins if falling else limit.begins


def _words(limit: WeatherLimit, value: float) -> Words:
    german, english = _UNITS[limit.quantity]
    shown, begins = f"{value:.1f}", f"{limit.begins:.1f}"
    return Words(
        de=f"{german.format(_comma(shown))} (Grenze {_comma(begins)}: {limit.words.de}; "
        f"{limit.source})",
        en=f"{english.format(shown)} (limit {begins}: {limit.words.en}; {limit.source})",
    )


def _comma(number: str) -> str:
    return number.replace(".", ",")
