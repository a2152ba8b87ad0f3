"""What the alarm cause "weather" needs: the numbers and words of each hazard and source."""

from dataclasses import dataclass
from typing import Literal

from crowdsafe.domain.weather.report import Hazard, Words
from crowdsafe.domain.weather.rule import WeatherRule
from crowdsafe.domain.weather.weather import WeatherState, silent_sources

_NAMES = {
    Hazard.WIND: Words(de="Wind", en="Wind"),
    Hazard.THUNDERSTORM: Words(de="Gewitter", en="Thunderstorm"),
    Hazard.OTHER: Words(de="Anderes Wetter", en="Other weather"),
}
_LONGEST = 300


@dataclass(frozen=True)
class WeatherEvidence:
    """Why there is, or is no, weather alarm of one subject.

    Attributes:
        subject_id: the hazard; or "source." and the source's id, for a source that is silent.
        name: of the subject, as its alarm is headed.
        present: whether it is an alarm now; None: unknown, so the alarm takes no step.
        value: the grade, or for how long the source has been silent.
        limit: from where on it is an alarm.
        grade: 0 to 4.
        at_s: of when the value is.
        words: at most 300 characters.
    """

    subject_id: str
    name: Words
    present: bool | None
    quantity: Literal["weather_level", "waiting_s"]
    value: float | None
    limit: float
    grade: int
    at_s: float
    words: Words


def weather_evidence(
    state: WeatherState, *, rule: WeatherRule, now_s: float
) -> tuple[WeatherEvidence, ...]:
    """Return the evidence of every hazard, then of every source."""
    hazards = tuple(_of_hazard(state, hazard, rule) for hazard in Hazard)
    silent = silent_sources(state, rule=rule, now_s=now_s)
    sources = tuple(
        _of_source(state, source_id, rule, silent=source_id in silent, now_s=now_s)
        for source_id in state.sources
    )
    return hazards + sources


def _of_hazard(state: WeatherState, hazard: Hazard, rule: WeatherRule) -> WeatherEvidence:
    known, limit = state.hazards[hazard], rule.alarm_from[hazard]
    return WeatherEvidence(
        subject_id=hazard.value,
        name=_NAMES[hazard],
        present=None if known.grade is None else known.grade >= limit,
        quantity="weather_level",
        value=None if known.grade is None else float(known.grade),
        limit=float(limit),
        grade=known.grade or 0,
        at_s=max((source.fresh_at_s for source in state.sources.values()), default=known.since_s),
        words=_cut(known.words.de, known.words.en),
    )


def _of_source(
    state: WeatherState, source_id: str, rule: WeatherRule, *, silent: bool, now_s: float
) -> WeatherEvidence:
    source = state.sources[source_id]
    why = f": {source.trouble}" if source.trouble else ""
    words = (
        _cut(
            f"schweigt{why}. Wetter anders beobachten.",
            f"is silent{why}. Watch the weather by other means.",
        )
        if silent
        else Words(de="wird gehört", en="is heard")
    )
    return WeatherEvidence(
        subject_id=f"source.{source_id}",
        name=Words(de=f"Wetterquelle {source_id}", en=f"Weather source {source_id}"),
        present=silent,
        quantity="waiting_s",
        value=max(0.0, now_s - source.fresh_at_s),
        limit=rule.stale_after_s[source_id],
        grade=1 if silent else 0,
        at_s=now_s,
        words=words,
    )


def _cut(german: str, english: str) -> Words:
    def short(text: str) -> str:
        return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"

    return Words(de=short(german), en=short(english))
