"""Choosing one threshold, one input size and the error model, on held-out pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsafe.contract.model_file import CountFrom, CountSd
from crowdsafe.errors import BadInput
from crowdsafe.training.metrics import fit_count_sd
from crowdsafe.training.readings import (
    LOWEST_SCORE,
    Reading,
    by_folder,
    model_counts,
    true_counts,
)

THRESHOLDS = tuple(float(value) for value in np.arange(LOWEST_SCORE, 0.651, 0.01).round(2))
DENSITY_FACTORS = tuple(float(value) for value in np.arange(0.7, 1.501, 0.01).round(2))
CLEARLY_BETTER = 0.9
"""Another way to count replaces the detector, which also says where people are, only if its error
is below this fraction of the detector's."""
LARGER_PAYS = 0.97
"""A larger input replaces a smaller one only if its error is below this fraction."""


@dataclass(frozen=True)
class Choice:
    """What was chosen and the relative error there (see `relative_error`)."""

    long_side_px: int
    score_threshold: float
    density_factor: float
    count_from: CountFrom
    count_sd: CountSd
    error: float


def relative_error(readings: Sequence[Reading], counted: NDArray[np.float64]) -> float:
    """Mean over folders of MAE / mean true count: every kind of scene weighs the same."""
    truth = true_counts(readings)
    names = np.array([reading.folder for reading in readings])
    parts = []
    for name in dict.fromkeys(names.tolist()):
        here = names == name
        parts.append(np.abs(counted - truth)[here].mean() / max(truth[here].mean(), 1.0))
    return float(np.mean(parts))


def tune(readings: Sequence[Reading], long_side_px: int) -> Choice:
    """Choose threshold, density factor, way of counting and error model for one input size.

    Raises BadInput if there are no readings.
    """
    if not readings:
        raise BadInput("no held-out pictures to choose a threshold on; expected at least one")

    def error_of(count_from: CountFrom, threshold: float, factor: float) -> float:
        counted = model_counts(
            readings,
            count_from=count_from,
            score_threshold=threshold,
            density_factor=factor,
        )
        return relative_error(readings, counted)

    threshold = _flattest(THRESHOLDS, lambda value: error_of("detector", value, 1.0))
    factor = _flattest(DENSITY_FACTORS, lambda value: error_of("density", threshold, value))
    error = error_of("detector", threshold, factor)
    count_from: CountFrom = "detector"
    others: tuple[CountFrom, ...] = ("mean", "density")
    for other in others:
        if (other_error := error_of(other, threshold, factor)) < CLEARLY_BETTER * error:
            count_from, error = other, other_error
    counted = model_counts(
        readings, count_from=count_from, score_threshold=threshold, density_factor=factor
    )
    constant, root, relative = fit_count_sd(
        counted=counted, truth=true_counts(readings), weights=_even_weights(readings)
    )
    return Choice(
        long_side_px=long_side_px,
        score_threshold=threshold,
        density_factor=factor,
        count_from=count_from,
        count_sd=CountSd(
            constant=round(constant, 3), sqrt=round(root, 3), relative=round(relative, 4)
        ),
        error=error,
    )


def choose_size(readings_by_size: Mapping[int, Sequence[Reading]]) -> Choice:
    """The smallest input size beyond which a larger one pays too little for its time."""
    sizes = sorted(readings_by_size)
    best = tune(readings_by_size[sizes[0]], sizes[0])
    for size in sizes[1:]:
        choice = tune(readings_by_size[size], size)
        if choice.error < LARGER_PAYS * best.error:
            best = choice
    return best


def cross_validated_mae(readings: Sequence[Reading], long_side_px: int) -> dict[str, float]:
    """Each folder's MAE when everything is chosen on the other half of the held-out pictures."""
    errors: dict[str, list[float]] = {}
    for fold in (0, 1):
        here = [reading for number, reading in enumerate(readings) if number % 2 == fold]
        there = [reading for number, reading in enumerate(readings) if number % 2 != fold]
        if not here or not there:
            continue
        choice = tune(there, long_side_px)
        for name, part in by_folder(here).items():
            counted = model_counts(
                part,
                count_from=choice.count_from,
                score_threshold=choice.score_threshold,
                density_factor=choice.density_factor,
            )
            errors.setdefault(name, []).extend(np.abs(counted - true_counts(part)).tolist())
    return {name: float(np.mean(values)) for name, values in errors.items()}


def _even_weights(readings: Sequence[Reading]) -> NDArray[np.float64]:
    """(n,) weights with the sum 1 over each folder."""
    sizes = {name: len(part) for name, part in by_folder(readings).items()}
    return np.array([1.0 / sizes[reading.folder] for reading in readings])


def _flattest(values: Iterable[float], error: Callable[[float], float]) -> float:
    """The value of the smallest error, after averaging each with its two neighbours.

    Held-out slices are small; an error that is low at one value by luck is no reason to choose it.
    """
    tried = list(values)
    errors = np.array([error(value) for value in tried])
    padded = np.pad(errors, 1, mode="edge")
    smooth = (padded[:-2] + padded[1:-1] + padded[2:]) / 3
    return tried[int(np.argmin(smooth))]
