"""A weather station's file of kind ``reading`` as a weather report."""

import pydantic_core
from pydantic import ValidationError

from crowdsafe.contract.strict import first_problem
from crowdsafe.contract.weather import WeatherReading, WeatherSourceSettings
from crowdsafe.domain.weather.report import Hazard, Measured, WeatherReport
from crowdsafe.hub.feeds.source import FeedFailed


def read_weather_reading(body: bytes, settings: WeatherSourceSettings) -> WeatherReport:
    """Return what a station measured.

    Raises:
        FeedFailed: it is not such a file.
    """
    try:
        content = pydantic_core.from_json(body.removeprefix(b"\xef\xbb\xbf"), allow_inf_nan=False)
    except ValueError as error:
        raise FeedFailed(f"{settings.source}: is not valid JSON ({error})") from None
    try:
        reading = WeatherReading.model_validate(content)
    except ValidationError as error:
        raise FeedFailed(f"{settings.source}: {first_problem(error)}") from None
    measured = Measured(
        gust_m_s=reading.gust_m_s,
        wind_m_s=reading.wind_m_s,
        storm_km=reading.thunderstorm_km,
        storm_in_min=reading.thunderstorm_in_min,
        storm=reading.thunderstorm,
    )
    return WeatherReport(
        source_id=settings.id,
        at_s=reading.time.timestamp(),
        measured=measured,
        covers=_covers(measured),
    )


def _covers(measured: Measured) -> frozenset[Hazard]:
    covers = set()
    if measured.gust_m_s is not None or measured.wind_m_s is not None:
        covers.add(Hazard.WIND)
    storm = (measured.storm, measured.storm_km, measured.storm_in_min)
    if any(value is not None for value in storm):
        covers.add(Hazard.THUNDERSTORM)
    return frozenset(covers)
