"""The arithmetic of evaluation: count errors, matched points, intervals. Numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MATCH_RADIUS_PX = 8.0
MATCH_OF_HEAD_SIZE = 0.5
Z_90 = 1.645
"""Standard deviations on either side of the mean that hold 90 % of a normal distribution."""


@dataclass(frozen=True)
class CountError:
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


def count_error(*, counted: NDArray[np.float64], truth: NDArray[np.float64]) -> CountError:
    """Errors of (n,) counts against (n,) true counts.

    Raises ValueError if the shapes differ or are empty.
    """
    if counted.shape != truth.shape or counted.size == 0:
        raise ValueError(
            f"counted is {counted.shape}, truth {truth.shape}; expected equal, not empty"
        )
    error = counted - truth
    return CountError(
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
    """Match found (m, 2) to true (n, 2) points one to one, nearest pairs first.

    A pair may match within 8 px or half the true head's size, whichever is more.
    """
    if not len(found_px) or not len(truth_px):
        return Matches(0, len(found_px), len(truth_px))
    radius_px = np.maximum(MATCH_RADIUS_PX, MATCH_OF_HEAD_SIZE * truth_sizes_px)
    distance_px = np.hypot(
        found_px[:, None, 0] - truth_px[None, :, 0], found_px[:, None, 1] - truth_px[None, :, 1]
    )
    near_found, near_truth = np.nonzero(distance_px <= radius_px[None, :])
    order = np.argsort(distance_px[near_found, near_truth], kind="stable")
    used_found = np.zeros(len(found_px), dtype=bool)
    used_truth = np.zeros(len(truth_px), dtype=bool)
    hits = 0
    for index in order:
        one, other = near_found[index], near_truth[index]
        if not used_found[one] and not used_truth[other]:
            used_found[one] = used_truth[other] = True
            hits += 1
    return Matches(hits, len(found_px), len(truth_px))


def coverage(
    *, counted: NDArray[np.float64], sd: NDArray[np.float64], truth: NDArray[np.float64]
) -> float:
    """Share of true counts inside the 90 % interval counted +- 1.645 sd, whose low end is >= 0."""
    return float((np.abs(counted - truth) <= Z_90 * sd).mean())


def fit_count_sd(
    *,
    counted: NDArray[np.float64],
    truth: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> tuple[float, float, float]:
    """Fit constant c, a and r of sd = sqrt(c^2 + a^2 n + (r n)^2) to errors of counts n.

    The three parts have the smallest weighted normal log loss on a grid; then all are scaled by one
    factor so that 90 % of the weight lies within 1.645 sd (errors have heavier tails than a normal
    distribution). weights: (n,), positive, for instance the same total for each kind of scene.
    """
    error = np.abs(counted - truth)
    number = np.maximum(counted, 0.0)
    constants, roots, ratios = np.meshgrid(
        (0.3, 0.5, 0.75, 1.0, 1.5, 2.0),
        (0.0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.4),
        (0.0, 0.03, 0.06, 0.09, 0.12, 0.16, 0.2, 0.25, 0.3, 0.4),
        indexing="ij",
    )
    grid = np.stack((constants, roots, ratios), axis=-1).reshape(-1, 3)
    variance = (
        grid[:, 0, None] ** 2 + grid[:, 1, None] ** 2 * number + (grid[:, 2, None] * number) ** 2
    )
    loss = (np.log(variance) + error**2 / variance) @ weights
    best = int(np.argmin(loss))
    factor = _weighted_quantile(error / np.sqrt(variance[best]), weights, 0.9) / Z_90
    constant, root, ratio = (float(value) for value in grid[best] * max(factor, 1e-3))
    return constant, root, ratio


def _weighted_quantile(
    values: NDArray[np.float64], weights: NDArray[np.float64], share: float
) -> float:
    """The smallest value below or at which at least `share` of the weight lies."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) >= share * weights.sum() * (1 - 1e-12)
    return float(values[order][int(np.argmax(reached))])
