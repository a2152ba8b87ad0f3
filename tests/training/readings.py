"""Made-up readings: what a model found in pictures whose people are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from crowdsafe.domain.crowd.hand_over import heads_only
from crowdsafe.edge.detections import DensityMap, Detections
from crowdsafe.training.data import Picture
from crowdsafe.training.readings import Reading

SPACING_PX = 20.0


def reading(
    folder: str, people: int, scores: list[float], density_sum: float, *, crowding: float = 1.0
) -> Reading:
    """People in a row; the first scores are of heads at their places, the rest beside the row.

    The density map is a row of cells that share ``density_sum``; crowding is the same everywhere.
    """
    heads = np.stack((np.arange(people) * SPACING_PX, np.full(people, 50.0)), axis=1)
    picture = Picture(
        path=Path("picture.png"),
        width_px=10_000,
        height_px=100,
        heads_px=heads.astype(np.float32),
        sizes_px=np.full(people, 10.0, dtype=np.float32),
    )
    boxes = np.zeros((len(scores), 4))
    boxes[:, [0, 2]] = np.arange(len(scores))[:, None] * SPACING_PX + np.array([-5.0, 5.0])
    boxes[:, [1, 3]] = (45.0, 55.0)
    cells = np.full((1, 10), density_sum / 10, dtype=np.float32)
    found = Detections(
        xyxy_px=boxes,
        score=np.array(scores, dtype=np.float64),
        kind="head",
        crowding=np.full(len(scores), crowding),
        density=(DensityMap(cells, np.full_like(cells, crowding), cell_px=8.0),),
        hand_over=heads_only(0.05),
    )
    return Reading(folder, picture, found, 1.0)
