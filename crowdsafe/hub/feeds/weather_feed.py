"""A weather source looked at again and again, beside everything else that the hub does."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from crowdsafe.contract.weather import WeatherSourceSettings
from crowdsafe.domain.weather.report import WeatherReport
from crowdsafe.hub.feeds.dwd_warnings import read_dwd_warnings
from crowdsafe.hub.feeds.source import FeedFailed, Source, open_source
from crowdsafe.hub.feeds.weather_reading import read_weather_reading

_LOG = logging.getLogger(__name__)
_READERS = {"dwd": read_dwd_warnings, "reading": read_weather_reading}


class WeatherFeed:
    """One source: fetches, reads, hands over.

    A bad answer changes nothing but the trouble that is told; what was said last stays, and gets
    old. How old it may get is the domain's: without newer news the weather becomes unknown.
    """

    def __init__(
        self,
        settings: WeatherSourceSettings,
        *,
        hand_over: Callable[[WeatherReport], None],
        tell_trouble: Callable[[str, str], None],
    ) -> None:
        """Keep what is needed.

        Args:
            settings: of the source.
            hand_over: called on the event loop with each new report.
            tell_trouble: called with the source's id and what is wrong, "" when nothing is.
        """
        self._settings = settings
        self._hand_over = hand_over
        self._tell_trouble = tell_trouble
        self._mark: Any = None
        self._trouble = ""
        self._fresh_at_s = time.time()
        self._stale = False

    async def run(self) -> None:
        """Look again and again, until cancelled.

        Raises:
            BadInput: the source's address is none.
        """
        source = await asyncio.to_thread(open_source, self._settings)
        try:
            while True:
                await self.look(source)
                await asyncio.sleep(self._settings.every_s)
        finally:
            await source.close()

    async def look(self, source: Source) -> None:
        """Look once."""
        try:
            await self._fetch(source)
        except FeedFailed as error:
            self._note_trouble(str(error))
        else:
            self._note_trouble("")
        self._note_age()

    async def _fetch(self, source: Source) -> None:
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                fetched = await source.fetch(since=self._mark)
        except TimeoutError:
            raise FeedFailed(
                f"{self._settings.source}: no answer within {self._settings.timeout_s:g} s"
            ) from None
        if fetched is None:
            return
        read = _READERS[self._settings.kind]
        report = await asyncio.to_thread(read, fetched.body, self._settings)
        # Only what could be read is not asked for again.
        self._mark = fetched.mark
        self._fresh_at_s = min(report.at_s, time.time())
        self._hand_over(report)

    def _note_trouble(self, trouble: str) -> None:
        if trouble == self._trouble:
            return
        if trouble:
            _LOG.warning("weather '%s': %s", self._settings.id, trouble)
        else:
            _LOG.info("weather '%s': heard again", self._settings.id)
        self._trouble = trouble
        self._tell_trouble(self._settings.id, trouble)

    def _note_age(self) -> None:
        age_s = time.time() - self._fresh_at_s
        stale = age_s > self._settings.stale_after_s
        if stale and not self._stale:
            _LOG.error(
                "weather '%s': no news for %.0f min, the weather is unknown (%s)",
                self._settings.id,
                age_s / 60,
                self._trouble or "the source answers with old news",
            )
        self._stale = stale
