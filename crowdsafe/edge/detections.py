"""What a detector found in one picture."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from crowdsafe.domain.crowd.hand_over import HandOver, heads_only

Kind = Literal["head", "body"]
Picture = NDArray[np.uint8]
"""Shape (height, width, 3), blue-green-red."""
# Cells below this weigh nothing together: a 12 megapixel picture has 187,500 of them.
_NOBODY = 1e-8


@dataclass(frozen=True)
class DensityMap:
    """People per cell; cell (row, column) covers ``cell_px`` × ``cell_px`` of the picture.

    Attributes:
        people: (rows, columns), not negative.
        crowding: (rows, columns) people in a square around the cell, see ``HandOver``.
        cell_px: side of a cell in px of the picture.
        left_px: where the first column begins in the picture.
        top_px: where the first row begins.
    """

    people: NDArray[np.float32]
    crowding: NDArray[np.float32]
    cell_px: float
    left_px: float = 0.0
    top_px: float = 0.0

    def centres_px(self) -> NDArray[np.float64]:
        """Return (rows · columns, 2) centres of the cells, row by row."""
        rows, columns = np.indices(self.people.shape)
        x = (columns.ravel() + 0.5) * self.cell_px + self.left_px
        y = (rows.ravel() + 0.5) * self.cell_px + self.top_px
        return np.column_stack([x, y])


@dataclass(frozen=True)
class WeightedPoints:
    """Where people are in a picture.

    Attributes:
        xy_px: (n, 2).
        people: (n,) how many each point stands for; the sum is the count.
        crowding: (n,) at each point.
    """

    xy_px: NDArray[np.float64]
    people: NDArray[np.float64]
    crowding: NDArray[np.float64]

    def total(self, chosen: NDArray[np.bool_] | None = None) -> tuple[float, float]:
        """Return people and the sum of their roots of crowding, of all points or the chosen ones.

        These are what :meth:`crowdsafe.domain.crowd.density.CountError.sd` asks for.
        """
        people, crowding = self.people, self.crowding
        if chosen is not None:
            people, crowding = people[chosen], crowding[chosen]
        return float(people.sum()), float((people * np.sqrt(crowding)).sum())


@dataclass(frozen=True)
class Detections:
    """Boxes of one class, in px of the picture that was given.

    Attributes:
        xyxy_px: (n, 4) left, top, right, bottom.
        score: (n,) 0 to 1.
        kind: heads, or whole bodies.
        crowding: (n,) at each box, 0 of a detector without a density map.
        density: maps that cover the picture without overlap; none of such a detector.
        hand_over: how boxes and density share the count.
    """

    xyxy_px: NDArray[np.float64]
    score: NDArray[np.float64]
    kind: Kind
    crowding: NDArray[np.float64]
    density: tuple[DensityMap, ...]
    hand_over: HandOver

    def counted_by(self, hand_over: HandOver) -> "Detections":
        """Return the same with another hand-over: boxes that it does not accept are left out."""
        keep = hand_over.accepts(self.score, self.crowding)
        return replace(
            self,
            xyxy_px=self.xyxy_px[keep],
            score=self.score[keep],
            crowding=self.crowding[keep],
            hand_over=hand_over,
        )

    def points_px(self) -> NDArray[np.float64]:
        """Return (n, 2): a head's centre, the middle of a body's lower edge."""
        x = (self.xyxy_px[:, 0] + self.xyxy_px[:, 2]) / 2
        if self.kind == "head":
            return np.column_stack([x, (self.xyxy_px[:, 1] + self.xyxy_px[:, 3]) / 2])
        return np.column_stack([x, self.xyxy_px[:, 3]])

    def weighted_points(self) -> WeightedPoints:
        """Return where people are: boxes and density cells, each with its share of the count."""
        xy_px = [self.points_px()]
        people = [1.0 - self.hand_over.share(self.crowding)]
        crowding = [self.crowding]
        if self.hand_over.density_share > 0.0:
            for part in self.density:
                around = part.crowding.ravel().astype(np.float64)
                here = part.people.ravel() * self.hand_over.share(around)
                some = here > _NOBODY
                xy_px.append(part.centres_px()[some])
                people.append(here[some])
                crowding.append(around[some])
        return WeightedPoints(
            xy_px=np.concatenate(xy_px),
            people=np.concatenate(people),
            crowding=np.concatenate(crowding),
        )


def boxes_alone(
    xyxy_px: NDArray[np.float64], score: NDArray[np.float64], kind: Kind, score_threshold: float
) -> Detections:
    """Return the detections of a detector without a density map.

    Args:
        xyxy_px: (n, 4) boxes in px of the picture.
        score: (n,) from ``score_threshold`` on.
        kind: what the boxes are of.
        score_threshold: from which score a box counts.
    """
    return Detections(
        xyxy_px=xyxy_px,
        score=score,
        kind=kind,
        crowding=np.zeros(len(score)),
        density=(),
        hand_over=heads_only(score_threshold),
    )
