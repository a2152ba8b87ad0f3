"""Heads where people stand apart, density where they hide each other, and a smooth way between."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CROWD_SQUARE_PX = 64.0
"""Crowding is measured in people per square of this side, in px of the network's input.

Chosen: two to eight heads wide at the sizes at which the network is good.
"""


@dataclass(frozen=True)
class HandOver:
    """How much of each place of a picture is counted by heads and how much by density.

    The crowding of a place is the number of people by the density map in a square of
    ``CROWD_SQUARE_PX``, averaged around it with a Gaussian of half that side. With
    c = 1 / (1 + (middle / crowding)^steepness), which rises from 0 where nobody is to 1 in a
    crush, the density map counts for ``density_share``·c of the people there and the heads for
    the rest.

    The square is one of the network's input, not of the picture or the ground: how hard heads are
    to tell apart depends on the px between them that the network gets. Of the same people, a look
    that enlarges twice has a quarter of the crowding, and goes by its heads the more.

    Attributes:
        open_threshold: score from which a head counts where nobody else is.
        crowd_threshold: the same in a crush, where heads are small and half hidden.
        middle_people: crowding at which c is one half.
        steepness: how sudden the change is.
        density_share: share of the density map in a crush, 0 to 1.
        threshold_middle_people: crowding at which the threshold is half way between both; as
            ``middle_people`` where it is None. Where few people stand the density map counts well
            already, while a head had better be certain still: a post is there all night.
    """

    open_threshold: float
    crowd_threshold: float
    middle_people: float
    steepness: float
    density_share: float
    threshold_middle_people: float | None = None

    def crowdedness(self, crowding: Array) -> Array:
        """Return c, 0 to 1, for crowding of any shape in people per square."""
        return self._rise(crowding, self.middle_people)

    def threshold(self, crowding: Array) -> Array:
        """Return from which score a head counts, for crowding of any shape."""
        own = self.threshold_middle_people
        rise = self._rise(crowding, self.middle_people if own is None else own)
        step = self.crowd_threshold - self.open_threshold
        return np.asarray(self.open_threshold + step * rise, dtype=np.float64)

    def accepts(self, score: Array, crowding: Array) -> NDArray[np.bool_]:
        """Say for each head, (n,) scores and the crowding there, whether it counts."""
        return np.asarray(score >= self.threshold(crowding), dtype=np.bool_)

    def share(self, crowding: Array) -> Array:
        """Return the density map's share, 0 to 1, for crowding of any shape."""
        return self.density_share * self.crowdedness(crowding)

    def _rise(self, crowding: Array, middle_people: float) -> Array:
        # Where nobody is, the ratio is infinite and c is 0.
        with np.errstate(divide="ignore", over="ignore"):
            ratio = middle_people / np.maximum(crowding, 0.0)
            return np.asarray(1.0 / (1.0 + ratio**self.steepness), dtype=np.float64)


def heads_only(threshold: float) -> HandOver:
    """Return the hand-over of a detector without a density map: every head from one score on."""
    return HandOver(
        open_threshold=threshold,
        crowd_threshold=threshold,
        middle_people=1.0,
        steepness=1.0,
        density_share=0.0,
    )
