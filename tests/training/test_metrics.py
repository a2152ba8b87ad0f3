"""The arithmetic of evaluation, against answers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsafe.training.metrics import (
    Matches,
    count_error,
    coverage,
    fit_count_sd,
    match_points,
)


def test_count_error() -> None:
    error = count_error(counted=np.array([3.0, 10.0, 5.0]), truth=np.array([1.0, 14.0, 5.0]))
    assert error.mae == pytest.approx(2.0)
    assert error.rmse == pytest.approx(np.sqrt(20 / 3))
    assert error.bias == pytest.approx(-2 / 3)


def test_count_error_refuses_nothing_and_unequal() -> None:
    with pytest.raises(ValueError, match="expected equal, not empty"):
        count_error(counted=np.zeros(0), truth=np.zeros(0))
    with pytest.raises(ValueError, match="expected equal, not empty"):
        count_error(counted=np.zeros(2), truth=np.zeros(3))


def test_points_match_one_to_one_nearest_first() -> None:
    matches = match_points(
        found_px=np.array([[10.0, 10.0], [13.0, 10.0], [200.0, 10.0]]),
        truth_px=np.array([[12.0, 10.0], [100.0, 100.0]]),
        truth_sizes_px=np.array([6.0, 6.0]),
    )
    assert matches == Matches(hits=1, found=3, truth=2)
    assert matches.precision == pytest.approx(1 / 3)
    assert matches.recall == pytest.approx(1 / 2)


def test_a_large_head_may_be_missed_by_half_its_size() -> None:
    found = np.array([[29.0, 0.0]])
    truth = np.array([[0.0, 0.0]])
    assert match_points(found_px=found, truth_px=truth, truth_sizes_px=np.array([60.0])).hits == 1
    assert match_points(found_px=found, truth_px=truth, truth_sizes_px=np.array([40.0])).hits == 0


def test_nobody_found_and_nobody_there() -> None:
    none = np.zeros((0, 2))
    matches = match_points(found_px=none, truth_px=none, truth_sizes_px=np.zeros(0))
    assert (matches.precision, matches.recall) == (1.0, 1.0)
    assert matches + Matches(1, 2, 3) == Matches(1, 2, 3)


def test_coverage_counts_the_edge_as_inside() -> None:
    share = coverage(
        counted=np.array([10.0, 10.0]), sd=np.array([1.0, 1.0]), truth=np.array([11.645, 12.0])
    )
    assert share == pytest.approx(0.5)


def test_the_fitted_error_model_covers_nine_in_ten_and_grows_with_the_count() -> None:
    rng = np.random.default_rng(3)
    truth = rng.uniform(0.0, 400.0, size=4000)
    counted = np.maximum(truth + rng.normal(0.0, np.sqrt(1.0 + (0.12 * truth) ** 2)), 0.0)
    constant, root, relative = fit_count_sd(counted=counted, truth=truth, weights=np.ones(4000))
    sd = np.sqrt(constant**2 + root**2 * counted + (relative * counted) ** 2)
    assert coverage(counted=counted, sd=sd, truth=truth) == pytest.approx(0.9, abs=0.005)
    large = counted > 200
    assert np.median(sd[large]) == pytest.approx(0.12 * np.median(counted[large]), rel=0.2)


def test_weights_let_few_pictures_of_a_kind_count_as_much_as_many_of_another() -> None:
    counted = np.array([10.0] * 90 + [500.0] * 10)
    truth = counted + np.array([1.0] * 90 + [150.0] * 10)

    def sd_of_500(weights: list[float]) -> float:
        constant, root, relative = fit_count_sd(
            counted=counted, truth=truth, weights=np.array(weights)
        )
        return float(np.sqrt(constant**2 + root**2 * 500 + (relative * 500) ** 2))

    assert sd_of_500([1 / 90] * 90 + [1 / 10] * 10) * 1.645 >= 149.9
    assert sd_of_500([1 / 90] * 90 + [1 / 10] * 10) > sd_of_500([1.0] * 90 + [0.01] * 10)
