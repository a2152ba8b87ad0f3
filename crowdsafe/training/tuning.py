"""Choosing one hand-over, one input size and the error model, on held-out pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsafe.contract.model_file import CountSd, HandOverSettings, LookSettings
from crowdsafe.domain.crowd.hand_over import HandOver
from crowdsafe.errors import BadInput
from crowdsafe.training.evidence import evidence_of
from crowdsafe.training.metrics import fit_count_sd
from crowdsafe.training.readings import Reading, by_folder, true_counts
from crowdsafe.training.search import HeldOut, best_density_factor, try_all

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


def tune(
    held_out: HeldOut,
    long_side_px: int,
    *,
    density_factor: float | None = None,
) -> Choice:
    """Choose density factor (unless it is given), hand-over and error model for one input size.

    Raises BadInput if there are no readings.
    """
    readings = held_out.plain
    if not readings:
        raise BadInput("no held-out pictures to choose a threshold on; expected at least one")
    raw = evidence_of(readings)
    if density_factor is None:
        density_factor = best_density_factor(readings, raw)
    evidence = raw.scaled(density_factor)
    hand_over, cost = try_all(held_out, density_factor).surest()
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


def choose_size(held_out_by_size: Mapping[int, HeldOut]) -> Choice:
    """The smallest input size beyond which a larger one pays too little for its time."""
    sizes = sorted(held_out_by_size)
    best = tune(held_out_by_size[sizes[0]], sizes[0])
    for size in sizes[1:]:
        choice = tune(held_out_by_size[size], size)
        if choice.cost < LARGER_PAYS * best.cost:
            best = choice
    return best


@dataclass(frozen=True)
class CrossValidated:
    """One folder, everything chosen on the other half: its errors and the share in the interval."""

    mae: float
    rmse: float
    coverage: float


def cross_validate(held_out: HeldOut, long_side_px: int) -> dict[str, CrossValidated]:
    """Each folder's figures when everything is chosen on the other half of the pictures."""
    errors: dict[str, list[float]] = {}
    inside: dict[str, list[bool]] = {}
    for fold in (0, 1):
        here, there = held_out.fold(fold).plain, held_out.fold(1 - fold)
        if not here or not there.plain:
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


def _even_weights(readings: Sequence[Reading]) -> NDArray[np.float64]:
    """(n,) weights with the sum 1 over each folder."""
    sizes = {name: len(part) for name, part in by_folder(readings).items()}
    return np.array([1.0 / sizes[reading.folder] for reading in readings])
