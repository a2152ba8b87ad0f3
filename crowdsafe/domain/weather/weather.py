"""The weather at a site: step by step from the sources' reports. Silence is not calm."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crowdsafe.domain.weather.cause import Cause, causes_of
from crowdsafe.domain.weather.report import Hazard, WeatherReport, Words
from crowdsafe.domain.weather.rule import WeatherRule

_CALM = Words(de="keine Warnung", en="no warning")
_NOT_YET = Words(de="noch keine Meldung", en="no news yet")
_NOBODY = Words(de="unbekannt, keine Quelle sagt etwas dazu", en="unknown, no source tells of it")


@dataclass(frozen=True)
class SourceState:
    """What is known of a source.

    Attributes:
        report: its newest; None: none came yet.
        fresh_at_s: of when its newest news is; before the first: when the hub began to wait.
        covers: the hazards that it is expected to speak of: those that it ever spoke of.
        trouble: why nothing newer came; empty: nothing is wrong.
    """

    report: WeatherReport | None
    fresh_at_s: float
    covers: frozenset[Hazard] = frozenset(Hazard)
    trouble: str = ""

    def says_nothing_of(self, hazard: Hazard) -> bool:
        """Return whether it should speak of a hazard and does not."""
        heard = self.report is not None and hazard in self.report.covers
        return hazard in self.covers and not heard


@dataclass(frozen=True)
class HazardState:
    """How bad one hazard is.

    Attributes:
        grade: 0 nothing to 4 extreme; None: unknown, a source is silent.
        since_s: since when it is that grade.
        begins_s: when the weather is expected to begin, by the warning that gives the grade.
        until_s: when that warning ends by itself; None: nobody can say.
    """

    grade: int | None
    since_s: float
    begins_s: float | None
    until_s: float | None
    words: Words


@dataclass(frozen=True)
class WeatherState:
    """Everything that is known of the weather."""

    sources: Mapping[str, SourceState]
    hazards: Mapping[Hazard, HazardState]
    causes: tuple[Cause, ...] = field(default=())


def begin_weather(source_ids: Iterable[str], *, now_s: float) -> WeatherState:
    """Return the state before any source said anything: all of it unknown."""
    return WeatherState(
        sources={each: SourceState(report=None, fresh_at_s=now_s) for each in source_ids},
        hazards={
            hazard: HazardState(
                grade=None,
                since_s=now_s,
                begins_s=None,
                until_s=None,
                words=_NOT_YET,
            )
            for hazard in Hazard
        },
    )


def note_trouble(state: WeatherState, *, source_id: str, trouble: str) -> WeatherState:
    """Return the state with why a source gives nothing new. What it last said stays."""
    source = replace(state.sources[source_id], trouble=trouble)
    return replace(state, sources={**state.sources, source_id: source})


def take_report(state: WeatherState, report: WeatherReport, *, now_s: float) -> WeatherState:
    """Return the state with a source's report; follow it with :func:`step_weather`.

    A report replaces the one before of its source as a whole, so a warning that is not in it any
    more was taken back. One that is older than the one before is left aside, and one that is
    dated ahead is taken as of now.
    """
    source = state.sources[report.source_id]
    fresh_at_s = min(report.at_s, now_s)
    if source.report is not None and fresh_at_s < source.fresh_at_s:
        return state
    covers = report.covers if source.report is None else source.covers | report.covers
    taken = SourceState(report=report, fresh_at_s=fresh_at_s, covers=covers)
    return replace(state, sources={**state.sources, report.source_id: taken})


def step_weather(state: WeatherState, *, rule: WeatherRule, now_s: float) -> WeatherState:
    """Let time pass: warnings begin and end, limits are left, sources fall silent.

    A grade rises at once. It falls when its cause has been gone for the rule's hold, or at the
    warning's own end. A hazard for which nothing speaks is 0 only where every source is heard,
    and else unknown.
    """
    causes = {cause.key: cause for cause in state.causes if not cause.over(now_s=now_s)}
    silent = silent_sources(state, rule=rule, now_s=now_s)
    for source_id, source in state.sources.items():
        if source.report is not None and source_id not in silent:
            found = causes_of(source.report, rule=rule, now_s=now_s)
            causes |= {cause.key: cause for cause in found}
    believed = [cause for cause in causes.values() if cause.source_id not in silent]
    hazards = {}
    for hazard in Hazard:
        worst = max(
            (cause for cause in believed if cause.hazard is hazard), key=_worth, default=None
        )
        unheard = [
            source_id
            for source_id, source in state.sources.items()
            if (source_id in silent and hazard in source.covers) or source.says_nothing_of(hazard)
        ]
        covered = any(hazard in source.covers for source in state.sources.values())
        hazards[hazard] = _step_hazard(
            state.hazards[hazard], worst, unheard=unheard, covered=covered, now_s=now_s
        )
    return replace(state, hazards=hazards, causes=tuple(causes.values()))


def silent_sources(state: WeatherState, *, rule: WeatherRule, now_s: float) -> tuple[str, ...]:
    """Return the sources without news for longer than they may be."""
    return tuple(
        source_id
        for source_id, source in state.sources.items()
        if now_s - source.fresh_at_s > rule.stale_after_s[source_id]
    )


def _step_hazard(
    before: HazardState,
    worst: Cause | None,
    *,
    unheard: Sequence[str],
    covered: bool,
    now_s: float,
) -> HazardState:
    if worst is not None:
        now = HazardState(worst.grade, now_s, worst.begins_s, worst.ends_s, worst.words)
    elif unheard or not covered:
        words = _unknown(unheard, before) if covered else _NOBODY
        now = HazardState(None, now_s, None, None, words)
    else:
        now = HazardState(0, now_s, None, None, _CALM)
    return now if now.grade != before.grade else replace(now, since_s=before.since_s)


def _worth(cause: Cause) -> tuple[int, float, bool]:
    return cause.grade, cause.seen_at_s, cause.official


def _unknown(unheard: Sequence[str], before: HazardState) -> Words:
    if before.grade is None:
        # What was known last is told for as long as nothing newer is known.
        return before.words
    names = ", ".join(unheard)
    return Words(
        de=f"unbekannt, nichts von {names}; zuletzt: {before.words.de}",
        en=f"unknown, nothing from {names}; last known: {before.words.en}",
    )
