"""All weather sources of a site together: runs their feeds, and says what stands now."""

import asyncio
import time
from dataclasses import dataclass

from crowdsafe.contract.weather import WeatherSettings
from crowdsafe.domain.alarm.alarm import Evidence
from crowdsafe.domain.weather.evidence import WeatherEvidence, weather_evidence
from crowdsafe.domain.weather.report import WeatherReport
from crowdsafe.domain.weather.weather import (
    WeatherState,
    begin_weather,
    note_trouble,
    step_weather,
    take_report,
)
from crowdsafe.hub.feeds.weather_feed import WeatherFeed


@dataclass(frozen=True)
class WeatherAlarms:
    """What the alarm cause "weather" has to know.

    Attributes:
        standing: evidence by subject, of all that stand.
        unknown: subjects of which nobody knows whether they stand: their alarms take no step.
        all: everything known, of every hazard and source.
    """

    standing: dict[str, Evidence]
    unknown: frozenset[str]
    all: tuple[WeatherEvidence, ...]


class WeatherWatch:
    """The weather at one site."""

    def __init__(self, settings: WeatherSettings, *, now_s: float) -> None:
        self._settings = settings
        self._rule = settings.rule()
        self._state = begin_weather(self._rule.stale_after_s, now_s=now_s)

    @property
    def state(self) -> WeatherState:
        """What is known."""
        return self._state

    async def run(self) -> None:
        """Run the feeds of all sources until cancelled; ends at once without any.

        Raises:
            BadInput: a source's address is none, in a group of errors.
        """
        async with asyncio.TaskGroup() as group:
            for source in self._settings.sources:
                feed = WeatherFeed(source, hand_over=self._take, tell_trouble=self._note)
                group.create_task(feed.run())

    def tick(self, *, now_s: float) -> WeatherAlarms:
        """Let time pass, and return what stands. Nothing does where there is no source."""
        if not self._settings.sources:
            return WeatherAlarms(standing={}, unknown=frozenset(), all=())
        self._state = step_weather(self._state, rule=self._rule, now_s=now_s)
        every = weather_evidence(self._state, rule=self._rule, now_s=now_s)
        return WeatherAlarms(
            standing={each.subject_id: _evidence(each) for each in every if each.present},
            unknown=frozenset(each.subject_id for each in every if each.present is None),
            all=every,
        )

    def _take(self, report: WeatherReport) -> None:
        self._state = take_report(self._state, report, now_s=time.time())

    def _note(self, source_id: str, trouble: str) -> None:
        self._state = note_trouble(self._state, source_id=source_id, trouble=trouble)


def _evidence(weather: WeatherEvidence) -> Evidence:
    return Evidence(
        grade=weather.grade,
        quantity=weather.quantity,
        value=weather.value,
        limit=weather.limit,
        at_s=weather.at_s,
        words=(weather.words.de, weather.words.en),
    )
