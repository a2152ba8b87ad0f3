"""The arithmetic of evaluation, against answers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsafe.training.metrics import (
    Matches,
    count_error,
    coverage,
    fit_count_sd,
    hits_by_score,
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


def test_the_surest_head_takes_the_true_one() -> None:
    found = np.array([[10.0, 10.0], [13.0, 10.0], [40.0, 10.0], [16.0, 10.0]])
    score = np.array([0.5, 0.9, 0.8, 0.7])
    truth = np.array([[11.0, 10.0], [41.0, 10.0]])
    sizes = np.array([6.0, 6.0])

    def hits(lowest: float) -> list[bool]:
        keep = score >= lowest
        return hits_by_score(
            found_px=found[keep], score=score[keep], truth_px=truth, truth_sizes_px=sizes
        ).tolist()

    assert hits(0.0) == [False, True, True, False]
    # Leaving out the unsure changes nothing for the sure.
    assert hits(0.6) == [True, True, False]
    none = np.zeros((0, 2))
    assert (
        hits_by_score(
            found_px=none, score=np.zeros(0), truth_px=truth, truth_sizes_px=sizes
        ).tolist()
        == []
    )


def test_the_fitted_error_model_covers_nine_in_ten_and_grows_with_the_count() -> None:
    rng = np.random.default_rng(3)
    truth = rng.uniform(0.0, 400.0, size=4000)
    counted = np.maximum(truth + rng.normal(0.0, np.sqrt(1.0 + (0.12 * truth) ** 2)), 0.0)
    error = fit_count_sd(
        counted=counted, crowded=np.zeros(4000), truth=truth, weights=np.ones(4000)
    )
    sd = np.array([error.sd(count) for count in counted])
    assert coverage(counted=counted, sd=sd, truth=truth) == pytest.approx(0.9, abs=0.005)
    large = counted > 200
    assert np.median(sd[large]) == pytest.approx(0.12 * np.median(counted[large]), rel=0.2)


def test_crowding_tells_the_sure_from_the_unsure_at_the_same_count() -> None:
    rng = np.random.default_rng(5)
    truth = rng.uniform(50.0, 150.0, size=4000)
    crush = rng.random(4000) < 0.5
    error_sd = np.where(crush, 0.14, 0.02) * truth
    counted = truth + rng.normal(0.0, error_sd)
    crowded = np.where(crush, 2.0, 0.3) * counted
    error = fit_count_sd(counted=counted, crowded=crowded, truth=truth, weights=np.ones(4000))
    assert error.crowd > 0.0
    for here in (crush, ~crush):
        sd = np.array([error.sd(n, m) for n, m in zip(counted[here], crowded[here], strict=True)])
        inside = coverage(counted=counted[here], sd=sd, truth=truth[here])
        assert inside == pytest.approx(0.9, abs=0.06)


def test_weights_let_few_pictures_of_a_kind_count_as_much_as_many_of_another() -> None:
    counted = np.array([10.0] * 90 + [500.0] * 10)
    truth = counted + np.array([1.0] * 90 + [150.0] * 10)

    def sd_of_500(weights: list[float]) -> float:
        error = fit_count_sd(
            counted=counted, crowded=np.zeros(100), truth=truth, weights=np.array(weights)
        )
        return error.sd(500.0)

    assert sd_of_500([1 / 90] * 90 + [1 / 10] * 10) * 1.645 >= 149.9
    assert sd_of_500([1 / 90] * 90 + [1 / 10] * 10) > sd_of_500([1.0] * 90 + [0.01] * 10)
