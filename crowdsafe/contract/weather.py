"""Weather from outside: the shapes of two kinds of file, and the settings of ``[hub.weather]``.

Kind ``dwd`` is the file ``warnings.json`` of the Deutscher Wetterdienst, by district; kind
``reading`` is our own, for a weather station. docs/weather.md says what was seen of the first.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from crowdsafe.contract.strict import Finite, NonNegative, Strict
from crowdsafe.contract.words import Text
from crowdsafe.domain.weather.report import Hazard, Words
from crowdsafe.domain.weather.rule import WeatherLimit, WeatherQuantity, WeatherRule

_MAX_MS = 10**14
_EpochMs = Annotated[int, Field(ge=0, lt=_MAX_MS, strict=True)]
_Line = Annotated[str, Field(max_length=20_000)]


class _Foreign(BaseModel):
    """A shape of others: what we do not know of it is left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class DwdWarning(_Foreign):
    """One warning of a district. Times are milliseconds since 1970 UTC, altitudes are metres."""

    start: _EpochMs
    end: _EpochMs | None = None
    type: Annotated[int | None, Field(ge=0, le=1000, strict=True)] = None
    level: Annotated[int, Field(ge=0, le=1000, strict=True)]
    event: _Line = ""
    headline: _Line = ""
    altitude_start_m: Annotated[Finite | None, Field(alias="altitudeStart")] = None
    altitude_end_m: Annotated[Finite | None, Field(alias="altitudeEnd")] = None

    @field_validator("event", "headline", mode="before")
    @classmethod
    def _null_is_empty(cls, text: Any) -> Any:
        return "" if text is None else text


class DwdFile(_Foreign):
    """The whole file. Only the site's district is looked into, so districts stay unchecked."""

    time: _EpochMs
    warnings: dict[str, Any]
    advance: Annotated[dict[str, Any], Field(alias="vorabInformation")] = {}


class WeatherReading(Strict):
    """What a weather station says: the whole file of kind ``reading``.

    A value that is missing or null is unknown, not calm. So ``thunderstorm`` is given as false
    where a lightning detector sees none.
    """

    version: Literal[1]
    time: Annotated[datetime, Field(description="ISO 8601 with its offset from UTC")]
    wind_m_s: Annotated[
        Finite | None, Field(ge=0, le=150, description="mean wind, as of 10 minutes")
    ] = None
    gust_m_s: Annotated[
        Finite | None, Field(ge=0, le=150, description="strongest gust since the last reading")
    ] = None
    thunderstorm: Annotated[
        bool | None, Field(strict=True, description="one is at the site; false: none is near")
    ] = None
    thunderstorm_km: Annotated[
        Finite | None, Field(ge=0, le=1000, description="distance of the nearest lightning")
    ] = None
    thunderstorm_in_min: Annotated[
        Finite | None, Field(ge=0, le=1440, description="until one is expected at the site")
    ] = None

    @field_validator("time", mode="before")
    @classmethod
    def _with_offset(cls, given: Any) -> Any:
        try:
            time = datetime.fromisoformat(given) if isinstance(given, str) else None
        except ValueError:
            time = None
        if time is None or time.tzinfo is None:
            raise ValueError("expected ISO 8601 with its offset, as 2026-08-01T18:30:00+02:00")
        return time


# --- settings ------------------------------------------------------------------------------


class WeatherLimitSettings(Strict):
    """One table of [[hub.weather.limits]]: from which measured value on it is how bad."""

    quantity: Annotated[
        WeatherQuantity,
        Field(description="`gust_m_s`, `wind_m_s`, `storm_km` or `storm_in_min`"),
    ]
    begins: Annotated[
        NonNegative, Field(le=1000, description="from here up; thunderstorms: from here down")
    ]
    grade: Annotated[int, Field(ge=1, le=4, description="1 warning to 4 extreme")]
    what: Annotated[Text, Field(description="what begins there, as: big wheel stops")]
    source: Annotated[
        str, Field(min_length=1, max_length=100, description="who says so, as: its test book")
    ]


class WeatherSourceSettings(Strict):
    """One table of [[hub.weather.sources]]."""

    id: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$", description="name in alarms, as `dwd`"),
    ]
    kind: Annotated[
        Literal["dwd", "reading"],
        Field(description="`dwd`: warnings.json of the DWD; `reading`: a weather station"),
    ]
    source: Annotated[str, Field(min_length=1, description="a file, or an https:// address")]
    cell_id: Annotated[
        str | None,
        Field(
            pattern=r"^[1-9][0-9]{8}$",
            description="of kind `dwd`: the district, 1 + AGS + 000, as 105916000 for Herne",
        ),
    ] = None
    every_s: Annotated[float, Field(ge=1, le=3600, description="how often it is looked at")] = 60.0
    stale_after_s: Annotated[
        float,
        Field(
            gt=0,
            le=86400,
            description="without newer news for so long the weather is unknown, and an alarm",
        ),
    ] = 1800.0
    timeout_s: Annotated[
        float, Field(gt=0, le=120, description="a fetch may take so long in all")
    ] = 20.0
    max_bytes: Annotated[
        int, Field(ge=1000, le=20_000_000, description="larger answers are refused")
    ] = 4_000_000
    allow_http: Annotated[
        bool, Field(description="also take http://, as from a station in the site's own network")
    ] = False
    level_ahead: Annotated[
        int,
        Field(
            ge=0,
            le=1,
            description="of kind `dwd`: by how much the file's levels are above the grades 1 to 4",
        ),
    ] = 1
    advance_grade: Annotated[
        int,
        Field(
            ge=0,
            le=4,
            description="of kind `dwd`: grade of an advance notice (Vorabinformation); 0: none",
        ),
    ] = 1
    altitude_m: Annotated[
        float | None,
        Field(
            ge=-100,
            le=5000,
            description="of kind `dwd`: the site's; warnings for other altitudes are left out. "
            "empty: none are",
        ),
    ] = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "WeatherSourceSettings":
        if self.kind == "dwd" and self.cell_id is None:
            raise ValueError("kind 'dwd' needs cell_id, the district's warn cell")
        if self.cell_id is not None and self.cell_id[0] in "78":
            raise ValueError(
                f"cell_id {self.cell_id} is a municipality's, but the file is by district and "
                "would never name it; expected 1 + AGS + 000, as 105916000 for Herne"
            )
        if "://" in self.source:
            _refuse_address(self.source, allow_http=self.allow_http)
        return self


def _refuse_address(address: str, *, allow_http: bool) -> None:
    try:
        parts = urlsplit(address)
        wrong = parts.scheme not in ("https", "http") or not parts.hostname or parts.port == 0
    except ValueError:
        wrong = True
    if wrong:
        raise ValueError(f"source {address!r}: expected a file or an https:// address")
    if parts.scheme == "http" and not allow_http:
        raise ValueError("source is http://, expected https:// (or allow_http)")


class WeatherSettings(Strict):
    """[hub.weather]: where weather comes from, and when it is an alarm."""

    sources: Annotated[
        tuple[WeatherSourceSettings, ...],
        Field(max_length=8, description="where it comes from, one table each"),
    ] = ()
    usual_limits: Annotated[
        bool, Field(description="take the limits of docs/weather.md, besides `limits`")
    ] = True
    limits: Annotated[
        tuple[WeatherLimitSettings, ...],
        Field(max_length=100, description="the organiser's: rides, tents; one table each"),
    ] = ()
    wind_alarm_from: Annotated[
        int, Field(ge=1, le=4, description="grade from which wind is an alarm")
    ] = 1
    storm_alarm_from: Annotated[
        int, Field(ge=1, le=4, description="grade from which a thunderstorm is an alarm")
    ] = 1
    other_alarm_from: Annotated[
        int, Field(ge=1, le=4, description="grade from which rain, snow, ice, fog, heat are one")
    ] = 2
    storm_grade: Annotated[
        int,
        Field(ge=1, le=4, description="of a thunderstorm that a station says is at the site"),
    ] = 4
    early_s: Annotated[
        float, Field(ge=0, le=86400, description="a warning counts so long before it begins")
    ] = 3600.0
    warning_hold_s: Annotated[
        float,
        Field(ge=0, le=86400, description="a warning taken back or lowered counts so much longer"),
    ] = 300.0
    wind_hold_s: Annotated[
        float,
        Field(ge=0, le=86400, description="a wind limit counts so long after it was last reached"),
    ] = 600.0
    storm_hold_s: Annotated[
        float,
        Field(ge=0, le=86400, description="a thunderstorm counts so long after it was last near"),
    ] = 1800.0

    @field_validator("sources")
    @classmethod
    def _once(cls, sources: tuple[WeatherSourceSettings, ...]) -> tuple[WeatherSourceSettings, ...]:
        ids = [source.id for source in sources]
        if twice := next((each for each in ids if ids.count(each) > 1), None):
            raise ValueError(f"source '{twice}' is there twice, expected once")
        return sources

    def rule(self) -> WeatherRule:
        """Return the settings as the domain takes them."""
        own = tuple(
            WeatherLimit(
                quantity=limit.quantity,
                begins=limit.begins,
                grade=limit.grade,
                words=Words(de=limit.what.de, en=limit.what.en),
                source=limit.source,
            )
            for limit in self.limits
        )
        return WeatherRule(
            limits=own + (USUAL_LIMITS if self.usual_limits else ()),
            alarm_from={
                Hazard.WIND: self.wind_alarm_from,
                Hazard.THUNDERSTORM: self.storm_alarm_from,
                Hazard.OTHER: self.other_alarm_from,
            },
            storm_grade=self.storm_grade,
            early_s=self.early_s,
            warning_hold_s=self.warning_hold_s,
            wind_hold_s=self.wind_hold_s,
            storm_hold_s=self.storm_hold_s,
            stale_after_s={source.id: source.stale_after_s for source in self.sources},
        )


def _usual(
    quantity: WeatherQuantity, begins: float, grade: int, de: str, en: str, source: str
) -> WeatherLimit:
    return WeatherLimit(
        quantity=quantity, begins=begins, grade=grade, words=Words(de=de, en=en), source=source
    )


_GUST, _KM, _MIN = WeatherQuantity.GUST, WeatherQuantity.STORM_KM, WeatherQuantity.STORM_IN_MIN
_DWD = "DWD-Warnkriterien"
_ASSUMED = "Annahme"

USUAL_LIMITS = (
    _usual(_GUST, 14, 1, "Windböen, Bft 7", "wind gusts, Bft 7", _DWD),
    _usual(_GUST, 18, 2, "Sturmböen, Bft 8", "gale-force gusts, Bft 8", _DWD),
    _usual(_GUST, 29, 3, "orkanartige Böen, Bft 11", "violent storm gusts, Bft 11", _DWD),
    _usual(_GUST, 39, 4, "extreme Orkanböen", "extreme hurricane-force gusts", _DWD),
    _usual(_KM, 30, 1, "Gewitter in der Umgebung", "thunderstorm in the region", _ASSUMED),
    _usual(_KM, 20, 2, "Gewitter nähert sich", "thunderstorm coming near", _ASSUMED),
    _usual(_KM, 10, 3, "Schutz suchen", "seek shelter", "30-30-Regel"),
    _usual(_KM, 3, 4, "Lebensgefahr", "danger to life", "VDE: unter 10 s bis zum Donner"),
    _usual(_MIN, 60, 1, "Gewitter erwartet", "thunderstorm expected", _ASSUMED),
    _usual(_MIN, 30, 2, "Gewitter erwartet", "thunderstorm expected", _ASSUMED),
    _usual(_MIN, 15, 3, "Gewitter erwartet", "thunderstorm expected", _ASSUMED),
)
"""Used unless the organiser says otherwise; docs/weather.md has where each comes from."""
