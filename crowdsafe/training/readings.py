"""What a model says of held-out pictures, beside what is true."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsafe.contract.model_file import CountFrom
from crowdsafe.training.data import Dataset, Picture, load_rgb
from crowdsafe.training.metrics import Matches, match_points
from crowdsafe.training.predictor import Answer, Predictor

LOWEST_SCORE = 0.05
"""Heads below this score are not kept, so no threshold below it can be tried."""


@dataclass(frozen=True)
class Reading:
    """One picture of a folder and the model's answer, heads from LOWEST_SCORE on."""

    folder: str
    picture: Picture
    answer: Answer

    @property
    def truth(self) -> int:
        """How many people there are."""
        return len(self.picture.heads_px)

    def matches(self, score_threshold: float) -> Matches:
        """Heads from the threshold on against the true ones."""
        return match_points(
            found_px=self.answer.above(score_threshold).centres_px(),
            truth_px=self.picture.heads_px.astype(np.float64),
            truth_sizes_px=self.picture.sizes_px.astype(np.float64),
        )


def read_held_out(
    *,
    predictor: Predictor,
    datasets: Iterable[Dataset],
    long_side_px: int | None = None,
    on_picture: Callable[[], None] = lambda: None,
) -> tuple[Reading, ...]:
    """Run the model over every folder's held-out pictures."""
    readings: list[Reading] = []
    for dataset in datasets:
        for picture in dataset.held_out():
            answer = predictor.run(
                load_rgb(picture), long_side_px=long_side_px, score_threshold=LOWEST_SCORE
            )
            readings.append(Reading(dataset.name, picture, answer))
            on_picture()
    return tuple(readings)


def by_folder(readings: Sequence[Reading]) -> dict[str, tuple[Reading, ...]]:
    """The readings of each folder, in the order in which folders first appear."""
    names = dict.fromkeys(reading.folder for reading in readings)
    return {
        name: tuple(reading for reading in readings if reading.folder == name) for name in names
    }


def true_counts(readings: Sequence[Reading]) -> NDArray[np.float64]:
    """(n,) true counts."""
    return np.array([reading.truth for reading in readings], dtype=np.float64)


def model_counts(
    readings: Sequence[Reading],
    *,
    count_from: CountFrom,
    score_threshold: float,
    density_factor: float = 1.0,
) -> NDArray[np.float64]:
    """(n,) counts by the detector, by the density map times `density_factor`, or their mean."""
    detector = np.array(
        [np.count_nonzero(reading.answer.scores >= score_threshold) for reading in readings],
        dtype=np.float64,
    )
    density = density_factor * np.array(
        [reading.answer.density_sum for reading in readings], dtype=np.float64
    )
    return {"detector": detector, "density": density, "mean": (detector + density) / 2}[count_from]
