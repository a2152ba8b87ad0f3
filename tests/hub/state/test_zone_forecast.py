"""A zone's forecast as readings come in: when it speaks, when it is silent, what it learns."""

from collections.abc import Callable

import numpy as np
import pytest

from crowdsafe.domain.forecast.outlook import TimeToLimit
from crowdsafe.domain.forecast.skill import Tally, Verification
from crowdsafe.hub.state.forecast_skill import ForecastSkill, Kind
from crowdsafe.hub.state.zone_forecast import ZoneForecast

LIMIT_PPM2 = 2.17
SLOPE = 0.08
BEGIN_S = 1_700_000_000.0


class _Watching(ForecastSkill):
    """Counts what is verified."""

    def __init__(self, prior: dict[Kind, Tally] | None = None) -> None:
        super().__init__() if prior is None else super().__init__(prior)
        self.verified: list[tuple[Kind, float, float]] = []

    def verify(self, zone_id: str, kind: Kind, verification: Verification) -> None:
        self.verified.append((kind, verification.expected_ppm2, verification.came_ppm2))
        super().verify(zone_id, kind, verification)


def _zone(skill: ForecastSkill | None = None) -> ZoneForecast:
    return ZoneForecast(
        "gate", limit_ppm2=LIMIT_PPM2, area_m2=100.0, skill=skill or ForecastSkill()
    )


def _said(forecast: ZoneForecast) -> tuple[TimeToLimit | None, bool]:
    return forecast.minutes_to_limit, forecast.useful


def _live(
    forecast: ZoneForecast,
    density: Callable[[float], float],
    *,
    minutes: float,
    from_min: float = 0.0,
    sd: float = 0.03,
    seed: int = 1,
) -> list[tuple[float, float | None, bool]]:
    """Return (minute, likely, useful) of every second."""
    rng = np.random.default_rng(seed)
    said = []
    for second in range(round(from_min * 60), round((from_min + minutes) * 60)):
        value = max(0.0, density(second / 60) + sd * float(rng.standard_normal()))
        forecast.take(at_s=BEGIN_S + second, density_ppm2=value, sd_ppm2=0.05, lines_watched=False)
        now = forecast.minutes_to_limit
        said.append((second / 60, None if now is None else now.likely_min, forecast.useful))
    return said


def _rising(minutes: float) -> float:
    return 1.0 + SLOPE * max(0.0, minutes - 5)


CROSSES_MIN = 5 + (LIMIT_PPM2 - 1.0) / SLOPE


def test_the_first_rise_is_foretold_minutes_before_it_crosses() -> None:
    said = _live(_zone(), _rising, minutes=CROSSES_MIN - 0.2)
    shown = [(minute, likely) for minute, likely, useful in said if useful and likely is not None]
    calls = [minute for minute, likely in shown if likely <= 5]
    assert CROSSES_MIN - min(calls) > 2
    for minute, likely in shown:
        if likely <= 3:
            assert likely == pytest.approx(CROSSES_MIN - minute, abs=1.5)


@pytest.mark.parametrize("level", [0.0, 0.4, 1.3, 2.1, 2.3, 4.0])
def test_what_does_not_rise_is_never_foretold(level: float) -> None:
    said = _live(_zone(), lambda _: level, minutes=30, sd=0.05)
    assert not any(useful for _, _, useful in said)


def test_it_says_nothing_over_the_limit() -> None:
    said = _live(_zone(), lambda m: 1.0 + 0.1 * m, minutes=25)
    after = [likely for minute, likely, _ in said if minute > 12.5]
    assert set(after) == {None}


def test_nothing_is_useful_before_it_was_verified_often_enough() -> None:
    skill = _Watching({})
    said = _live(_zone(skill), _rising, minutes=CROSSES_MIN)
    assert any(likely is not None for _, likely, _ in said)
    assert not any(useful for _, _, useful in said)


def _sawtooth(minutes: float) -> float:
    """Every quarter of an hour a rise of four minutes that ends at once."""
    since = minutes % 15 - 10
    return 0.9 + 0.15 * since if 0 < since < 4 else 0.9


def test_forecasts_that_fail_are_shown_no_more() -> None:
    skill = ForecastSkill()
    assert skill.is_useful("gate", (1, 0))
    _live(_zone(skill), _sawtooth, minutes=200)
    assert not skill.is_useful("gate", (1, 0))
    assert not skill.is_useful("other", (1, 0)), "nor where nothing was verified yet"
    assert skill.is_useful("other", (3, 1)), "other rises are judged by themselves"


def test_what_came_is_what_is_verified() -> None:
    skill = _Watching()
    _live(_zone(skill), lambda m: 0.8 + 0.02 * m, minutes=50, sd=0.01)
    horizons = {kind[1] for kind, _, _ in skill.verified}
    assert horizons == {0, 1, 2}
    for (_, place), expected, came in skill.verified[-20:]:
        assert expected == pytest.approx(came, abs=(0.03, 0.06, 0.12)[place])
    by_minute = len(skill.verified) / 3 / 50
    assert 0.4 < by_minute <= 1.0, "one forecast a minute"


def test_while_nothing_is_known_nothing_is_said_or_verified() -> None:
    skill = _Watching()
    forecast = _zone(skill)
    _live(forecast, _rising, minutes=CROSSES_MIN - 1)
    assert forecast.useful
    forecast.interrupt()
    assert _said(forecast) == (None, False)
    before = len(skill.verified)
    _live(forecast, lambda _: 0.2, minutes=0.3, from_min=CROSSES_MIN + 30)
    assert len(skill.verified) == before, "what was due meanwhile cannot be judged"
    assert _said(forecast) == (None, False)


def test_readings_from_the_past_change_nothing() -> None:
    forecast = _zone()
    _live(forecast, _rising, minutes=CROSSES_MIN - 1)
    before = forecast.minutes_to_limit
    for back_s in (20.0, 3600.0):
        forecast.take(
            at_s=BEGIN_S + 60 * (CROSSES_MIN - 1) - back_s,
            density_ppm2=9.0,
            sd_ppm2=0.1,
            lines_watched=False,
        )
    assert forecast.minutes_to_limit == before


def test_the_same_readings_say_the_same() -> None:
    assert _live(_zone(), _rising, minutes=15) == _live(_zone(), _rising, minutes=15)
