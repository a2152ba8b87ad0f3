"""The slope of a density."""

from itertools import combinations
from statistics import median

import numpy as np
import pytest

from crowdsafe.domain.crowd.trend import median_slope_per_min


def test_a_straight_line_has_its_slope_and_an_outlier_does_not_count() -> None:
    at_s = np.arange(20.0)
    values = 1 + 0.01 * at_s
    assert median_slope_per_min(at_s, values) == pytest.approx(0.6)
    values[7] = 50.0
    assert median_slope_per_min(at_s, values) == pytest.approx(0.6, rel=0.05)


@pytest.mark.parametrize("number", [6, 7, 30, 61])
def test_it_is_the_median_of_the_slopes_of_all_pairs(number: int) -> None:
    rng = np.random.default_rng(number)
    at_s = np.cumsum(rng.uniform(1, 2, number)) + 1.7e9
    values = rng.uniform(0, 5, number)
    slopes = [
        (values[b] - values[a]) / (at_s[b] - at_s[a]) for a, b in combinations(range(number), 2)
    ]
    assert median_slope_per_min(at_s, values) == pytest.approx(60 * median(slopes), rel=1e-12)


def test_too_few_points_have_none() -> None:
    assert median_slope_per_min(np.arange(5.0), np.ones(5)) is None
    assert median_slope_per_min(np.full(10, 3.0), np.arange(10.0)) is None
    assert median_slope_per_min(np.zeros(0), np.zeros(0)) is None
