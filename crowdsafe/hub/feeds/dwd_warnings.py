"""The DWD's ``warnings.json`` as a weather report of one district."""

import re

import pydantic_core
from pydantic import TypeAdapter, ValidationError

from crowdsafe.contract.strict import first_problem
from crowdsafe.contract.weather import DwdFile, DwdWarning, WeatherSourceSettings
from crowdsafe.domain.weather.report import Hazard, OfficialWarning, WeatherReport, Words
from crowdsafe.hub.feeds.source import FeedFailed

_JSONP = re.compile(rb"[\w.$]{1,80}\s*\((.*)\)\s*;?", re.DOTALL)
_WARNINGS = TypeAdapter(tuple[DwdWarning, ...])
_HAZARDS = {0: Hazard.THUNDERSTORM, 1: Hazard.WIND}
_WINDY = re.compile("BÖE|STURM|ORKAN|WIND")
# Heat and UV warnings were seen described with levels of their own above the scale.
_OTHER_SCALE_GRADE = 2
_SEVERE = "UNWETTERWARNUNG"
_LONGEST_WORDS = 160


def read_dwd_warnings(body: bytes, settings: WeatherSourceSettings) -> WeatherReport:
    """Return what the file says of the settings' district: none named there means no warning.

    Raises:
        FeedFailed: it is not such a file, or something about the district cannot be read.
    """
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    wrapped = _JSONP.fullmatch(text) if not text.startswith(b"{") else None
    try:
        content = pydantic_core.from_json(wrapped[1] if wrapped else text, allow_inf_nan=False)
    except ValueError as error:
        raise FeedFailed(f"{settings.source}: is not the DWD's JSON ({error})") from None
    cell = str(settings.cell_id)
    try:
        file = DwdFile.model_validate(content)
    except ValidationError as error:
        raise FeedFailed(f"{settings.source}: {first_problem(error)}") from None
    warnings = _read_cell(file.warnings.get(cell, ()), f"warnings.{cell}", settings)
    advance = _read_cell(file.advance.get(cell, ()), f"vorabInformation.{cell}", settings)
    read = [_official(each, settings, advance=False) for each in warnings]
    read += [_official(each, settings, advance=True) for each in advance]
    return WeatherReport(
        source_id=settings.id,
        at_s=file.time / 1000,
        warnings=tuple(each for each in read if each is not None),
    )


def _read_cell(
    content: object, field: str, settings: WeatherSourceSettings
) -> tuple[DwdWarning, ...]:
    try:
        return _WARNINGS.validate_python(content)
    except ValidationError as error:
        raise FeedFailed(f"{settings.source}: {field}.{first_problem(error)}") from None


def _official(
    warning: DwdWarning, settings: WeatherSourceSettings, *, advance: bool
) -> OfficialWarning | None:
    """Return a warning as the domain has it, None where it does not concern the site."""
    if not _at_altitude(warning, settings.altitude_m):
        return None
    if warning.end is not None and warning.end <= warning.start:
        return None
    headline = " ".join((warning.headline or warning.event).split())[:_LONGEST_WORDS]
    event = " ".join((warning.event or warning.headline).split())[:_LONGEST_WORDS]
    level = warning.level - settings.level_ahead
    if advance or level < 1:
        grade = settings.advance_grade
        words = Words(de=f"DWD, Vorabinformation: {headline}", en=f"DWD, advance notice: {event}")
    else:
        grade = level if level <= 4 else _OTHER_SCALE_GRADE
        # Never lower than the headline says, should the file's scale be another one.
        grade = max(grade, 3) if _SEVERE in headline.upper() else grade
        words = Words(
            de=f"DWD, Stufe {grade} von 4: {headline}",
            en=f"DWD, level {grade} of 4: {event}",
        )
    if grade == 0:
        return None
    return OfficialWarning(
        hazard=_hazard(warning),
        grade=grade,
        begins_s=warning.start / 1000,
        ends_s=None if warning.end is None else warning.end / 1000,
        words=words,
    )


def _hazard(warning: DwdWarning) -> Hazard:
    if warning.type is not None:
        return _HAZARDS.get(warning.type, Hazard.OTHER)
    said = (warning.event or warning.headline).upper()
    if "GEWITTER" in said:
        return Hazard.THUNDERSTORM
    return Hazard.WIND if _WINDY.search(said) else Hazard.OTHER


def _at_altitude(warning: DwdWarning, altitude_m: float | None) -> bool:
    if altitude_m is None:
        return True
    above = warning.altitude_start_m is None or altitude_m >= warning.altitude_start_m
    return above and (warning.altitude_end_m is None or altitude_m <= warning.altitude_end_m)
