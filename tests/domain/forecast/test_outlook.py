"""From a rise to minutes: answers that can be worked out by hand."""

from dataclasses import replace
from math import e, exp, log

import pytest

from crowdsafe.domain.forecast.outlook import (
    HORIZONS_MIN,
    Band,
    band_ppm2,
    expected_ppm2,
    horizon_of,
    kind_of,
    spread_ppm2,
    time_to_limit,
)
from crowdsafe.domain.forecast.prior import BANDS, PRIOR
from crowdsafe.domain.forecast.rise import WINDOWS_MIN, Rise
from crowdsafe.errors import BadInput

RISE = Rise(
    at_s=0.0,
    level_ppm2=1.0,
    level_sd_ppm2=0.05,
    ahead_ppm2=0.0,
    slope_ppm2_per_min=0.1,
    slope_sd_ppm2_per_min=0.01,
    lasted_min=8.0,
    z=10.0,
)
BAND = Band(below=(-2.0, -2.0, -2.0), above=(2.0, 2.0, 2.0))


def test_a_rise_goes_on_for_about_as_long_as_it_lasted() -> None:
    assert expected_ppm2(RISE, 0) == 1.0
    assert expected_ppm2(RISE, 8) == pytest.approx(1 + 0.8 * (1 - 1 / e))
    assert expected_ppm2(RISE, 1e6) == pytest.approx(1.8)


def test_the_likely_time_is_where_the_expected_density_is_the_limit() -> None:
    found = time_to_limit(RISE, BAND, limit_ppm2=1.4)
    assert found is not None
    assert found.likely_min == pytest.approx(8 * log(2))
    assert expected_ppm2(RISE, found.likely_min) == pytest.approx(1.4)
    assert found.earliest_min < found.likely_min
    assert found.latest_min is None or found.latest_min > found.likely_min


def test_the_ends_of_the_time_are_where_the_band_reaches_the_limit() -> None:
    sure = replace(RISE, slope_sd_ppm2_per_min=0.001, level_sd_ppm2=0.01)
    narrow = Band(below=(-0.2,) * 3, above=(0.2,) * 3)
    found = time_to_limit(sure, narrow, limit_ppm2=1.3)
    assert found is not None
    assert found.latest_min is not None
    for minutes, sign in ((found.earliest_min, 1), (found.latest_min, -1)):
        end = expected_ppm2(sure, minutes) + sign * 0.2 * spread_ppm2(sure, minutes)
        assert end == pytest.approx(1.3, abs=0.03)


def test_a_wider_band_is_earlier_and_later() -> None:
    narrow = time_to_limit(RISE, Band((-0.3,) * 3, (0.3,) * 3), limit_ppm2=1.3)
    wide = time_to_limit(RISE, Band((-4.0,) * 3, (4.0,) * 3), limit_ppm2=1.3)
    assert narrow is not None
    assert wide is not None
    assert wide.earliest_min < narrow.earliest_min
    assert wide.likely_min == narrow.likely_min
    assert narrow.latest_min is not None
    assert wide.latest_min is None, "perhaps never"


@pytest.mark.parametrize(
    "rise",
    [
        replace(RISE, level_ppm2=1.4),
        replace(RISE, level_ppm2=2.0),
        replace(RISE, z=2.9),
        replace(RISE, slope_ppm2_per_min=0.0),
        replace(RISE, slope_ppm2_per_min=0.049),
        replace(RISE, lasted_min=2.0),
    ],
)
def test_no_time_for_what_is_over_not_clear_or_too_slow(rise: Rise) -> None:
    assert time_to_limit(rise, BAND, limit_ppm2=1.4) is None


def test_a_limit_beyond_ten_minutes_has_no_time() -> None:
    slow = replace(RISE, lasted_min=16.0, slope_ppm2_per_min=0.05)
    reached = 1 + 0.05 * 16 * (1 - exp(-10 / 16))
    assert time_to_limit(slow, BAND, limit_ppm2=reached - 0.01) is not None
    assert time_to_limit(slow, BAND, limit_ppm2=reached + 0.01) is None


def test_seconds_old_levels_are_brought_up_to_now() -> None:
    ahead = replace(RISE, ahead_ppm2=0.1)
    later, sooner = (time_to_limit(each, BAND, limit_ppm2=1.4) for each in (RISE, ahead))
    assert later is not None
    assert sooner is not None
    assert sooner.likely_min < later.likely_min
    at_once = time_to_limit(replace(RISE, ahead_ppm2=0.5), BAND, limit_ppm2=1.4)
    assert at_once is not None
    assert (at_once.earliest_min, at_once.likely_min) == (0, 0)


def test_the_band_at_a_horizon() -> None:
    low, high = band_ppm2(RISE, BAND, horizon=1)
    middle, half = expected_ppm2(RISE, 5.0), 2 * spread_ppm2(RISE, 5.0)
    assert (low, high) == pytest.approx((middle - half, middle + half))


@pytest.mark.parametrize(
    ("minutes", "place"), [(0.0, 0), (2.0, 0), (2.1, 1), (5.0, 1), (7.0, 2), (10.0, 2), (99.0, 2)]
)
def test_a_time_is_judged_by_the_next_horizon(minutes: float, place: int) -> None:
    assert horizon_of(minutes) == place


@pytest.mark.parametrize(
    ("below", "above"),
    [((1.0, -1.0, -1.0), (1.0,) * 3), ((-1.0,) * 3, (-1.0, 1.0, 1.0)), ((-1.0,) * 2, (1.0,) * 3)],
)
def test_a_band_that_is_none_is_refused(below: tuple[float, ...], above: tuple[float, ...]) -> None:
    with pytest.raises(BadInput, match="forecast: Band"):
        Band(below, above)


def test_the_prior_knows_every_kind() -> None:
    kinds = {(a, b) for a in range(len(WINDOWS_MIN)) for b in range(len(HORIZONS_MIN))}
    assert set(PRIOR) == kinds
    assert len(BANDS) == len(WINDOWS_MIN)
    assert [kind_of(replace(RISE, lasted_min=each)) for each in WINDOWS_MIN] == [0, 1, 2, 3]
