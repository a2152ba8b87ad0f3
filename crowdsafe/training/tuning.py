"""Choosing one hand-over, one input size and the error model, on held-out pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from crowdsafe.contract.model_file import CountSd, HandOverSettings, LookSettings
from crowdsafe.domain.hand_over import HandOver
from crowdsafe.errors import BadInput
from crowdsafe.training.evidence import Evidence, evidence_of
from crowdsafe.training.metrics import fit_count_sd
from crowdsafe.training.readings import Reading, by_folder, true_counts

DENSITY_FACTORS = tuple(float(value) for value in np.arange(0.7, 1.501, 0.01).round(2))
OPEN_THRESHOLDS = tuple(float(value) for value in np.arange(0.16, 0.641, 0.04).round(2))
CROWD_THRESHOLDS = tuple(float(value) for value in np.arange(0.1, 0.421, 0.04).round(2))
DENSITY_SHARES = (0.0, 0.2, 0.4, 0.55, 0.7, 0.85, 1.0)
MIDDLE_PEOPLE = (0.2, 0.45, 0.9, 1.8)
THRESHOLD_MIDDLES = (0.45, 0.7, 1.0, 1.4, 2.0)
STEEPNESSES = (2.0, 4.0)
HEADS_WEIGHT = 0.25
"""What 1 − F1 of the heads costs beside the relative error of the count. Zones are counted by where
heads are, and an operator sees them: a count that is right since as many heads are missed as are
imagined is not."""
DOUBTFUL_CROWDING = 0.5
"""Half way between the crowding at the only person of a place, 0.64, and that of half a person, who
counts as nobody: there the density map is in doubt, and posts and signs are. Chosen of 0.35 to 0.64
with a look at PETS, see the model's card: a clean choice is still to be made."""
LARGER_PAYS = 0.97
"""A larger input replaces a smaller one only if its error is below this fraction."""


@dataclass(frozen=True)
class Choice:
    """What was chosen and the cost there: relative error of the count and of the heads."""

    long_side_px: int
    hand_over: HandOver
    density_factor: float
    count_sd: CountSd
    cost: float

    def settings(self) -> LookSettings:
        """The same as it is stored in the model's file."""
        chosen = self.hand_over
        return LookSettings(
            score_threshold=chosen.open_threshold,
            input_long_side_px=self.long_side_px,
            count_sd=self.count_sd,
            hand_over=HandOverSettings(
                crowd_threshold=chosen.crowd_threshold,
                middle_people=chosen.middle_people,
                steepness=chosen.steepness,
                density_share=chosen.density_share,
                threshold_middle_people=chosen.threshold_middle_people,
            ),
        )


def relative_error(readings: Sequence[Reading], counted: NDArray[np.float64]) -> float:
    """Mean over folders of MAE / mean true count: every kind of scene weighs the same."""
    return float(_relative_errors(readings, counted))


def tune(
    readings: Sequence[Reading], long_side_px: int, density_factor: float | None = None
) -> Choice:
    """Choose density factor (unless it is given), hand-over and error model for one input size.

    Raises BadInput if there are no readings.
    """
    if not readings:
        raise BadInput("no held-out pictures to choose a threshold on; expected at least one")
    raw = evidence_of(readings)
    if density_factor is None:
        sums = raw.density_sums()
        density_factor = _flattest(
            DENSITY_FACTORS, lambda factor: relative_error(readings, sums * factor)
        )
    evidence = raw.scaled(density_factor)
    hand_over, cost = _best_hand_over(readings, evidence)
    counted = evidence.counts(hand_over)
    fitted = fit_count_sd(
        counted=counted,
        crowded=evidence.crowded(hand_over),
        truth=true_counts(readings),
        weights=_even_weights(readings),
    )
    return Choice(
        long_side_px=long_side_px,
        hand_over=hand_over,
        density_factor=density_factor,
        count_sd=CountSd(
            constant=round(fitted.constant, 3),
            sqrt=round(fitted.sqrt, 3),
            relative=round(fitted.relative, 4),
            crowd=round(fitted.crowd, 4),
        ),
        cost=cost,
    )


def choose_size(readings_by_size: Mapping[int, Sequence[Reading]]) -> Choice:
    """The smallest input size beyond which a larger one pays too little for its time."""
    sizes = sorted(readings_by_size)
    best = tune(readings_by_size[sizes[0]], sizes[0])
    for size in sizes[1:]:
        choice = tune(readings_by_size[size], size)
        if choice.cost < LARGER_PAYS * best.cost:
            best = choice
    return best


@dataclass(frozen=True)
class CrossValidated:
    """One folder, everything chosen on the other half: its errors and the share in the interval."""

    mae: float
    rmse: float
    coverage: float


def cross_validate(readings: Sequence[Reading], long_side_px: int) -> dict[str, CrossValidated]:
    """Each folder's figures when everything is chosen on the other half of the pictures."""
    errors: dict[str, list[float]] = {}
    inside: dict[str, list[bool]] = {}
    for fold in (0, 1):
        here = [reading for number, reading in enumerate(readings) if number % 2 == fold]
        there = [reading for number, reading in enumerate(readings) if number % 2 != fold]
        if not here or not there:
            continue
        choice = tune(there, long_side_px)
        for name, part in by_folder(here).items():
            evidence = evidence_of(part).scaled(choice.density_factor)
            counted, truth = evidence.counts(choice.hand_over), true_counts(part)
            errors.setdefault(name, []).extend(np.abs(counted - truth).tolist())
            error = choice.count_sd.error
            for count, crowded, true in zip(
                counted, evidence.crowded(choice.hand_over), truth, strict=True
            ):
                low, high = error.interval_90(count, crowded)
                inside.setdefault(name, []).append(low <= true <= high)
    return {
        name: CrossValidated(
            mae=float(np.mean(values)),
            rmse=float(np.sqrt(np.mean(np.square(values)))),
            coverage=float(np.mean(inside[name])),
        )
        for name, values in errors.items()
    }


def _best_hand_over(readings: Sequence[Reading], evidence: Evidence) -> tuple[HandOver, float]:
    """The surest hand-over that is as good as the best, as far as so few pictures can say.

    As good is whose cost is within one standard error of the smallest (the one-standard-error rule
    of Breiman et al., Classification and Regression Trees, 1984); the surest asks for the highest
    score where the density map is in doubt. Held-out pictures are full of people and say little of
    posts and signs, but a camera looks at the same post all night. Costs are averaged with those of
    their neighbours: one that is low by luck is no reason.

    Returns:
        The hand-over and its cost.
    """
    axes = (THRESHOLD_MIDDLES, OPEN_THRESHOLDS, CROWD_THRESHOLDS, DENSITY_SHARES)
    shape = tuple(len(axis) for axis in axes)
    ramps = tuple(product(MIDDLE_PEOPLE, STEEPNESSES))
    costs, counted = [], []
    for middle, steepness in ramps:
        tried = [
            HandOver(opened, crowd, middle, steepness, 0.0, threshold_middle)
            for threshold_middle, opened, crowd in product(*axes[:3])
        ]
        counts, (found, hits) = evidence.counts_by_share(tried, DENSITY_SHARES)
        cost = _relative_errors(readings, counts)
        cost += HEADS_WEIGHT * (1.0 - _f1(readings, found, hits))[:, None]
        cost = cost.reshape(shape)
        for axis in (1, 2, 3):
            cost = _smoothed(cost, axis)
        costs.append(cost)
        counted.append(counts.reshape(*shape, -1))
    table = np.array(costs)
    best = np.unravel_index(int(np.argmin(table)), table.shape)
    error = _standard_error(readings, counted[int(best[0])][best[1:]])
    choices = [
        (
            HandOver(
                OPEN_THRESHOLDS[opened],
                CROWD_THRESHOLDS[crowd],
                *ramps[ramp],
                DENSITY_SHARES[share],
                THRESHOLD_MIDDLES[threshold_middle],
            ),
            float(table[ramp, threshold_middle, opened, crowd, share]),
        )
        for ramp, threshold_middle, opened, crowd, share in np.argwhere(
            table <= table[best] + error
        ).tolist()
    ]
    doubtful = np.array(DOUBTFUL_CROWDING)
    return max(choices, key=lambda choice: (float(choice[0].threshold(doubtful)), -choice[1]))


def _standard_error(readings: Sequence[Reading], counted: NDArray[np.float64]) -> float:
    """Standard error of `relative_error`, each folder being a sample of its kind."""
    truth = true_counts(readings)
    variances = []
    masks = _folder_masks(readings)
    for here in masks:
        error = np.abs(counted[here] - truth[here]) / max(float(truth[here].mean()), 1.0)
        variances.append(float(error.var()) / len(error))
    return float(np.sqrt(np.sum(variances))) / len(masks)


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


def _even_weights(readings: Sequence[Reading]) -> NDArray[np.float64]:
    """(n,) weights with the sum 1 over each folder."""
    sizes = {name: len(part) for name, part in by_folder(readings).items()}
    return np.array([1.0 / sizes[reading.folder] for reading in readings])


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
