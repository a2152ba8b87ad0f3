"""What makes a forecast useful, and a band as wide as it has to be."""

from collections.abc import Iterable

import numpy as np
import pytest

from crowdsafe.domain.forecast.outlook import Band
from crowdsafe.domain.forecast.skill import (
    LEAST,
    MARGIN,
    MEMORY,
    Tally,
    Verification,
    is_useful,
    step_tally,
    widened,
)
from crowdsafe.errors import BadInput


def _verified(
    expected: float, before: float = 1.0, came: float = 2.0, half: float = 0.5
) -> Verification:
    return Verification(expected, before, (expected - half, expected + half), came)


def _tally(verifications: Iterable[Verification], tally: Tally | None = None) -> Tally:
    tally = tally or Tally()
    for each in verifications:
        tally = step_tally(tally, each)
    return tally


@pytest.mark.parametrize(
    ("expected", "skill"), [(2.0, 1.0), (1.5, 0.5), (1.0, 0.0), (3.0, 0.0), (0.0, -1.0)]
)
def test_skill_is_the_share_of_error_that_is_saved(expected: float, skill: float) -> None:
    assert _tally([_verified(expected)] * 30).skill == pytest.approx(skill)


def test_without_any_change_there_is_no_skill() -> None:
    assert _tally([_verified(1.0, before=1.0, came=1.0)] * 30).skill == 0
    assert Tally().skill == 0


def test_too_few_verifications_are_never_useful() -> None:
    for number in range(1, 3 * LEAST):
        tally = _tally([_verified(2.0)] * number)
        assert is_useful(zone=Tally(), all_zones=tally, was=False) is (tally.number >= LEAST)


def test_it_has_to_be_better_by_a_margin_to_be_shown_and_no_worse_to_stay() -> None:
    enough = 3 * LEAST
    good = _tally([_verified(1.0 + 1.1 * MARGIN)] * enough)
    fair = _tally([_verified(1.0 + 0.5 * MARGIN)] * enough)
    bad = _tally([_verified(1.0 - 0.1 * MARGIN)] * enough)
    shown = [is_useful(zone=Tally(), all_zones=each, was=False) for each in (good, fair, bad)]
    assert shown == [True, False, False]
    stays = [is_useful(zone=Tally(), all_zones=each, was=True) for each in (good, fair, bad)]
    assert stays == [True, True, False]


def test_a_zone_in_which_they_fail_loses_them_though_others_keep_theirs() -> None:
    everywhere = _tally([_verified(1.6)] * 200)
    assert is_useful(zone=Tally(), all_zones=everywhere, was=True)
    failing = _tally([_verified(0.0)] * 25)
    assert not is_useful(zone=failing, all_zones=everywhere, was=True)
    assert not is_useful(zone=failing, all_zones=Tally(), was=True)


def test_a_good_past_is_outlived_by_a_bad_present() -> None:
    tally = _tally([_verified(1.9)] * 1000)
    tally = _tally([_verified(0.5)] * 2 * MEMORY, tally)
    assert tally.number <= MEMORY + 1
    assert not is_useful(zone=Tally(), all_zones=tally, was=True)


@pytest.mark.parametrize("true_sd", [0.3, 1.0, 2.0])
def test_the_band_holds_nine_of_ten_however_it_was_made(true_sd: float) -> None:
    rng = np.random.default_rng(5)
    tally, inside = Tally(), []
    for _ in range(6000):
        half = tally.width * 1.645
        came = float(true_sd * rng.standard_normal())
        each = Verification(0.0, 0.0, (-half, half), came)
        inside.append(each.in_band)
        tally = step_tally(tally, each)
    if 0.5 < true_sd < 4:
        assert np.mean(inside[1000:]) == pytest.approx(0.9, abs=0.02)
    assert 0.5 <= tally.width <= 4


def test_a_band_is_widened_for_each_horizon() -> None:
    band = Band((-1.0, -2.0, -3.0), (1.0, 2.0, 3.0))
    assert widened(band, (1.0, 2.0, 0.5)) == Band((-1.0, -4.0, -1.5), (1.0, 4.0, 1.5))


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -1.0])
def test_a_tally_that_cannot_be_is_refused(bad: float) -> None:
    with pytest.raises(BadInput, match="forecast: Tally"):
        Tally(forecast_ppm2=bad)
