"""What a detector found in one picture."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from crowdsafe.contract.model_file import CountFrom

Kind = Literal["head", "body"]
Picture = NDArray[np.uint8]
"""Shape (height, width, 3), blue-green-red."""


@dataclass(frozen=True)
class DensityMap:
    """People per cell; cell (row, column) covers ``cell_px`` × ``cell_px`` of the picture.

    Attributes:
        people: (rows, columns), not negative.
        cell_px: side of a cell in px of the picture.
    """

    people: NDArray[np.float32]
    cell_px: float


@dataclass(frozen=True)
class Detections:
    """Boxes of one class, in px of the picture that was given.

    Attributes:
        xyxy_px: (n, 4) left, top, right, bottom.
        score: (n,) 0 to 1.
        kind: heads, or whole bodies.
        density: of a detector that also has a density map.
        count_from: which of both the people are to be counted from.
    """

    xyxy_px: NDArray[np.float64]
    score: NDArray[np.float64]
    kind: Kind
    density: DensityMap | None = None
    count_from: CountFrom = "detector"

    def weighted_points_px(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return where people are in the picture, and how many each point stands for.

        A head counts at its centre, a body at the middle of its lower edge; a density cell at its
        centre.

        Returns:
            (n, 2) points and (n,) weights, whose sum is the count.
        """
        x = (self.xyxy_px[:, 0] + self.xyxy_px[:, 2]) / 2
        if self.kind == "head":
            y = (self.xyxy_px[:, 1] + self.xyxy_px[:, 3]) / 2
        else:
            y = self.xyxy_px[:, 3]
        points, weights = np.column_stack([x, y]), np.ones(len(x))
        if self.density is None or self.count_from == "detector":
            return points, weights
        rows, columns = np.nonzero(self.density.people > 0)
        cells = np.column_stack([columns, rows]).astype(np.float64) + 0.5
        cells *= self.density.cell_px
        people = self.density.people[rows, columns].astype(np.float64)
        if self.count_from == "density":
            return cells, people
        return np.vstack([points, cells]), np.concatenate([weights / 2, people / 2])
