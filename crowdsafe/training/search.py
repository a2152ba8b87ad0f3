"""Every hand-over tried on held-out pictures, and the surest of those that are as good."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from crowdsafe.domain.crowd.hand_over import HandOver
from crowdsafe.training.evidence import Evidence, evidence_of
from crowdsafe.training.readings import Reading, true_counts

DENSITY_FACTORS = tuple(float(value) for value in np.arange(0.7, 1.501, 0.01).round(2))
OPEN_THRESHOLDS = tuple(float(value) for value in np.arange(0.16, 0.881, 0.04).round(2))
CROWD_THRESHOLDS = tuple(float(value) for value in np.arange(0.1, 0.421, 0.04).round(2))
DENSITY_SHARES = (0.0, 0.2, 0.4, 0.55, 0.7, 0.85, 1.0)
MIDDLE_PEOPLE = (0.2, 0.45, 0.9, 1.8)
THRESHOLD_MIDDLES = (0.45, 0.7, 1.0, 1.4, 2.0)
STEEPNESSES = (2.0, 4.0)
ALONE_CROWDING = 0.6
"""At the only person of a place: a Gaussian of half a CROWD_SQUARE_PX about the person's own of
8 px, so 64² / (2π·(32² + 8²)), see `HandOver`."""
_STEPS = 13
HEADS_WEIGHT = 0.25
"""What 1 − F1 of the heads costs beside the relative error of the count. Zones are counted by where
heads are, and an operator sees them: a count that is right since as many heads are missed as are
imagined is not."""


@dataclass(frozen=True)
class HeldOut:
    """What a model says of held-out pictures.

    Attributes:
        plain: readings of the pictures as they are.
        furnished: readings of the same pictures, in the same order, with things in them that the
            model never saw; none where nothing is known of them.
    """

    plain: Sequence[Reading]
    furnished: Sequence[Reading] = ()

    def fold(self, number: int) -> HeldOut:
        """Every other picture: fold 0 or 1."""
        return HeldOut(self.plain[number::2], self.furnished[number::2])

    def mapped(self, change: Callable[[Reading], Reading]) -> HeldOut:
        """The same with every reading changed."""
        return HeldOut(
            [change(reading) for reading in self.plain],
            [change(reading) for reading in self.furnished],
        )


def relative_error(readings: Sequence[Reading], counted: NDArray[np.float64]) -> float:
    """Mean over folders of MAE / mean true count: every kind of scene weighs the same."""
    return float(_relative_errors(readings, counted))


def best_density_factor(readings: Sequence[Reading], raw: Evidence) -> float:
    """The factor at which the density maps alone count best."""
    sums = raw.density_sums()
    return _flattest(DENSITY_FACTORS, lambda factor: relative_error(readings, sums * factor))


@dataclass(frozen=True)
class Search:
    """What all hand-overs cost.

    Attributes:
        hand_overs: n of them.
        costs: (n,).
        error: standard error of the least cost.
    """

    hand_overs: Sequence[HandOver]
    costs: NDArray[np.float64]
    error: float

    def surest(self) -> tuple[HandOver, float]:
        """The surest hand-over that is as good as the best, as far as so few pictures can say.

        As good is whose cost is within one standard error of the least (the one-standard-error rule
        of Breiman et al., Classification and Regression Trees, 1984); the surest asks for the
        highest score, on average, where the density map sees no more than one person: who is missed
        in one picture is found in the next, but a camera looks at the same post all night. Among
        equals it is the cheapest.

        Returns:
            The hand-over and its cost.
        """
        good = np.flatnonzero(self.costs <= self.costs.min() + self.error)
        alone = np.linspace(0.0, ALONE_CROWDING, _STEPS)
        sure = np.array(
            [float(self.hand_overs[one].threshold(alone).mean()) for one in good.tolist()]
        )
        first = int(good[np.lexsort((self.costs[good], -sure.round(6)))[0]])
        return self.hand_overs[first], float(self.costs[first])


def try_all(held_out: HeldOut, density_factor: float) -> Search:
    """Try every hand-over.

    Pictures as they are and with things in them cost the same, and the mean of both is taken. Costs
    are averaged with those of their neighbours: one that is low by luck is no reason.
    """
    axes = (THRESHOLD_MIDDLES, OPEN_THRESHOLDS, CROWD_THRESHOLDS, DENSITY_SHARES)
    ramps = tuple(product(MIDDLE_PEOPLE, STEEPNESSES))
    kinds = [readings for readings in (held_out.plain, held_out.furnished) if readings]
    costs = np.mean([_costs(readings, density_factor, ramps, axes) for readings in kinds], axis=0)
    hand_overs = [
        HandOver(opened, crowd, middle, steepness, share, threshold_middle)
        for (middle, steepness), threshold_middle, opened, crowd, share in product(ramps, *axes)
    ]
    best = hand_overs[int(np.argmin(costs))]
    counted = evidence_of(held_out.plain).scaled(density_factor).counts(best)
    return Search(hand_overs, costs.ravel(), _standard_error(held_out.plain, counted))


def _standard_error(readings: Sequence[Reading], counted: NDArray[np.float64]) -> float:
    """Standard error of `relative_error`, each folder being a sample of its kind."""
    truth = true_counts(readings)
    variances = []
    masks = _folder_masks(readings)
    for here in masks:
        error = np.abs(counted[here] - truth[here]) / max(float(truth[here].mean()), 1.0)
        variances.append(float(error.var()) / len(error))
    return float(np.sqrt(np.sum(variances))) / len(masks)


def _costs(
    readings: Sequence[Reading],
    density_factor: float,
    ramps: Sequence[tuple[float, float]],
    axes: Sequence[Sequence[float]],
) -> NDArray[np.float64]:
    """Cost of each ramp and value of each axis; one dimension for each."""
    evidence = evidence_of(readings).scaled(density_factor)
    costs = []
    for middle, steepness in ramps:
        tried = [
            HandOver(opened, crowd, middle, steepness, 0.0, threshold_middle)
            for threshold_middle, opened, crowd in product(*axes[:3])
        ]
        counts, (found, hits) = evidence.counts_by_share(tried, axes[3])
        cost = _relative_errors(readings, counts)
        cost += HEADS_WEIGHT * (1.0 - _f1(readings, found, hits))[:, None]
        cost = cost.reshape([len(axis) for axis in axes])
        for axis in (1, 2, 3):
            cost = _smoothed(cost, axis)
        costs.append(cost)
    return np.array(costs)


def _f1(
    readings: Sequence[Reading], found: NDArray[np.float64], hits: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n,) mean over folders of F1 of (n, pictures) heads found and true ones among them."""
    truth = true_counts(readings)
    parts = []
    for here in _folder_masks(readings):
        together = found[:, here].sum(axis=1) + truth[here].sum()
        parts.append(2.0 * hits[:, here].sum(axis=1) / np.maximum(together, 1.0))
    return np.asarray(np.mean(parts, axis=0), dtype=np.float64)


def _relative_errors(
    readings: Sequence[Reading], counted: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(...) relative errors of (..., pictures) counts."""
    truth = true_counts(readings)
    parts = []
    for here in _folder_masks(readings):
        error = np.abs(counted[..., here] - truth[here]).mean(axis=-1)
        parts.append(error / max(float(truth[here].mean()), 1.0))
    return np.asarray(np.mean(parts, axis=0), dtype=np.float64)


def _folder_masks(readings: Sequence[Reading]) -> list[NDArray[np.bool_]]:
    """(pictures,) for each folder, which are its own."""
    names = np.array([reading.folder for reading in readings])
    return [names == name for name in dict.fromkeys(names.tolist())]


def _flattest(values: Iterable[float], error: Callable[[float], float]) -> float:
    """The value of the smallest error, after averaging each with its two neighbours.

    Held-out slices are small; an error that is low at one value by luck is no reason to choose it.
    """
    tried = list(values)
    return tried[int(np.argmin(_smoothed(np.array([error(value) for value in tried]), 0)))]


def _smoothed(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Means of three neighbours along an axis, the ends repeated."""
    around = np.moveaxis(values, axis, 0)
    padded = np.concatenate([around[:1], around, around[-1:]])
    return np.moveaxis((padded[:-2] + padded[1:-1] + padded[2:]) / 3, 0, axis)
