"""What a model says of held-out pictures, beside what is true."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from crowdsafe.domain.crowd.hand_over import HandOver
from crowdsafe.edge.detections import Detections
from crowdsafe.edge.detector.base import Detector
from crowdsafe.training.data import Dataset, Picture, load_rgb
from crowdsafe.training.furniture import furnish
from crowdsafe.training.metrics import Matches, match_points
from crowdsafe.training.things import UNSEEN_KINDS

LOWEST_SCORE = 0.05
"""Heads below this score are not kept, so no threshold below it can be tried."""


_MOST_UNSEEN_THINGS = 24


@dataclass(frozen=True)
class Reading:
    """One picture of a folder and the detections in it.

    Attributes:
        folder: name of the folder.
        picture: and who is in it.
        found: what the model says.
        ms: how long that took.
        things_px: (n, 4) boxes of things painted into it.
    """

    folder: str
    picture: Picture
    found: Detections
    ms: float
    things_px: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 4)))

    @property
    def truth(self) -> int:
        """How many people there are."""
        return len(self.picture.heads_px)

    def heads_on_things(self) -> int:
        """How many heads were found whose middle is on a thing."""
        heads, things = self.found.points_px()[:, None], self.things_px[None]
        inside = (heads >= things[..., :2]) & (heads <= things[..., 2:])
        return int(np.count_nonzero(inside.all(axis=-1).any(axis=-1)))

    def matches(self, hand_over: HandOver) -> Matches:
        """Heads that count by `hand_over` against the true ones."""
        return match_points(
            found_px=self.found.counted_by(hand_over).points_px(),
            truth_px=self.picture.heads_px.astype(np.float64),
            truth_sizes_px=self.picture.sizes_px.astype(np.float64),
        )


def look(detector: Detector, rgb: NDArray[np.uint8]) -> tuple[Detections, float]:
    """Detections in an (H, W, 3) RGB picture and the milliseconds they took."""
    picture = np.ascontiguousarray(rgb[:, :, ::-1])
    started_s = time.perf_counter()
    found = detector.detect(picture)
    return found, 1e3 * (time.perf_counter() - started_s)


def read_held_out(
    *,
    detector: Detector,
    datasets: Iterable[Dataset],
    on_picture: Callable[[], None] = lambda: None,
) -> tuple[Reading, ...]:
    """Run a detector over every folder's held-out pictures."""
    readings: list[Reading] = []
    for dataset in datasets:
        for picture in dataset.held_out():
            found, ms = look(detector, load_rgb(picture))
            readings.append(Reading(dataset.name, picture, found, ms))
            on_picture()
    return tuple(readings)


def read_furnished(
    *,
    detector: Detector,
    datasets: Iterable[Dataset],
    on_picture: Callable[[], None] = lambda: None,
) -> tuple[Reading, ...]:
    """The same pictures in the same order, with things in them that no training crop had."""
    readings: list[Reading] = []
    for dataset in datasets:
        for number, picture in enumerate(dataset.held_out()):
            furnished = furnish(
                np.random.default_rng(number),
                load_rgb(picture),
                heads_px=picture.heads_px,
                sizes_px=picture.sizes_px,
                kinds=UNSEEN_KINDS,
                most=_MOST_UNSEEN_THINGS,
            )
            found, ms = look(detector, furnished.image)
            readings.append(Reading(dataset.name, picture, found, ms, furnished.things_px))
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
