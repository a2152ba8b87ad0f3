"""The arithmetic of evaluation: count errors, matched points, intervals."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsafe.domain.crowd.density import Z_90, CountError

MATCH_RADIUS_PX = 8.0
MATCH_OF_HEAD_SIZE = 0.5


@dataclass(frozen=True)
class CountErrors:
    """Mean absolute and root mean square error of counts, and their mean error, in people."""

    mae: float
    rmse: float
    bias: float


@dataclass(frozen=True)
class Matches:
    """Found heads against true ones: true positives, found, true."""

    hits: int
    found: int
    truth: int

    def __add__(self, other: Matches) -> Matches:
        return Matches(self.hits + other.hits, self.found + other.found, self.truth + other.truth)

    @property
    def precision(self) -> float:
        """Share of found heads that are heads; 1 if none was found."""
        return self.hits / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of true heads that were found; 1 if there are none."""
        return self.hits / self.truth if self.truth else 1.0


def count_error(*, counted: NDArray[np.float64], truth: NDArray[np.float64]) -> CountErrors:
    """Errors of (n,) counts against (n,) true counts.

    Raises ValueError if the shapes differ or are empty.
    """
    if counted.shape != truth.shape or counted.size == 0:
        raise ValueError(
            f"counted is {counted.shape}, truth {truth.shape}; expected equal, not empty"
        )
    error = counted - truth
    return CountErrors(
        mae=float(np.abs(error).mean()),
        rmse=float(np.sqrt((error**2).mean())),
        bias=float(error.mean()),
    )


def match_points(
    *,
    found_px: NDArray[np.float64],
    truth_px: NDArray[np.float64],
    truth_sizes_px: NDArray[np.float64],
) -> Matches:
    """Match found (m, 2) to true (n, 2) heads.

    A pair may match within 8 px or half the true head's size, whichever is more.
    """
    reach_px = np.maximum(MATCH_RADIUS_PX, MATCH_OF_HEAD_SIZE * truth_sizes_px)
    pairs = nearest_pairs(found_px=found_px, truth_px=truth_px, reach_px=reach_px)
    return Matches(len(pairs), len(found_px), len(truth_px))


def nearest_pairs(
    *,
    found_px: NDArray[np.float64],
    truth_px: NDArray[np.float64],
    reach_px: NDArray[np.float64],
) -> list[tuple[int, int]]:
    """Pair found (m, 2) with true (n, 2) points one to one, nearest first, within (n,) reach_px."""
    if not len(found_px) or not len(truth_px):
        return []
    distance_px = np.hypot(
        found_px[:, None, 0] - truth_px[None, :, 0], found_px[:, None, 1] - truth_px[None, :, 1]
    )
    near_found, near_truth = np.nonzero(distance_px <= reach_px[None, :])
    order = np.argsort(distance_px[near_found, near_truth], kind="stable")
    pairs: list[tuple[int, int]] = []
    used_found: set[int] = set()
    used_truth: set[int] = set()
    for one, other in zip(near_found[order].tolist(), near_truth[order].tolist(), strict=True):
        if one not in used_found and other not in used_truth:
            used_found.add(one)
            used_truth.add(other)
            pairs.append((one, other))
    return pairs


def hits_by_score(
    *,
    found_px: NDArray[np.float64],
    score: NDArray[np.float64],
    truth_px: NDArray[np.float64],
    truth_sizes_px: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Say for each found (m, 2) head whether it is a true one.

    The surest choose first, each the nearest true head that is left within the reach of
    `match_points`. So leaving out all below some score changes nothing for the others, and one
    answer serves all thresholds.
    """
    hits = np.zeros(len(found_px), dtype=np.bool_)
    if not len(found_px) or not len(truth_px):
        return hits
    reach_px = np.maximum(MATCH_RADIUS_PX, MATCH_OF_HEAD_SIZE * truth_sizes_px)
    left = np.ones(len(truth_px), dtype=np.bool_)
    for one in np.argsort(-score, kind="stable"):
        distance_px = np.hypot(*(truth_px - found_px[one]).T)
        distance_px[~left | (distance_px > reach_px)] = np.inf
        nearest = int(np.argmin(distance_px))
        if np.isfinite(distance_px[nearest]):
            hits[one], left[nearest] = True, False
    return hits


def coverage(
    *, counted: NDArray[np.float64], sd: NDArray[np.float64], truth: NDArray[np.float64]
) -> float:
    """Share of true counts inside the 90 % interval counted +- 1.645 sd, whose low end is >= 0."""
    return float((np.abs(counted - truth) <= Z_90 * sd).mean())


_SD_PARTS = (
    (0.3, 0.5, 0.75, 1.0, 1.5),
    (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.3),
    (0.0, 0.02, 0.04, 0.06, 0.09, 0.12, 0.16, 0.2),
    (0.0, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.14),
)
"""Tried values of constant, sqrt, relative and crowd."""


def fit_count_sd(
    *,
    counted: NDArray[np.float64],
    crowded: NDArray[np.float64],
    truth: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> CountError:
    """Fit the four parts of `CountError` to errors of counts n with sums m of root crowding.

    The parts have the smallest weighted normal log loss on a grid; then all are scaled by one
    factor so that 90 % of the weight lies within 1.645 sd (errors have heavier tails than a normal
    distribution). weights: (n,), positive, for instance the same total for each kind of scene.
    """
    error = np.abs(counted - truth)
    number = np.maximum(counted, 0.0)
    best: tuple[float, CountError] | None = None
    for constant, root, ratio, crowd in itertools.product(*_SD_PARTS):
        variance = constant**2 + root**2 * number + (ratio * number + crowd * crowded) ** 2
        loss = float((np.log(variance) + error**2 / variance) @ weights)
        if best is None or loss < best[0]:
            best = loss, CountError(constant, root, ratio, crowd)
    assert best is not None
    fitted = best[1]
    sd = np.array([fitted.sd(n, m) for n, m in zip(number, crowded, strict=True)])
    factor = max(_weighted_quantile(error / sd, weights, 0.9) / Z_90, 1e-3)
    return CountError(
        constant=fitted.constant * factor,
        sqrt=fitted.sqrt * factor,
        relative=fitted.relative * factor,
        crowd=fitted.crowd * factor,
    )


def _weighted_quantile(
    values: NDArray[np.float64], weights: NDArray[np.float64], share: float
) -> float:
    """The smallest value below or at which at least `share` of the weight lies."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) >= share * weights.sum() * (1 - 1e-12)
    return float(values[order][int(np.argmax(reached))])
