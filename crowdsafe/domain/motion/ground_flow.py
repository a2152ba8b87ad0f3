"""Optical flow in the picture to velocities of people on the ground."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crowdsafe.domain.crowd.points import Points
from crowdsafe.errors import BadInput

Array = NDArray[np.float64]

MAX_SPEED_M_S = 4.0
"""A faster place is a mistake of the flow: a bird, a light, a repeated pattern."""
MIN_CONFIDENCE = 0.5
FLOW_SD_PX = 0.7
"""Error of each component of a flow that is believed: ``benchmarks/motion.py``, walkers on PETS.

Most of it is no error of the flow, but that heads bob.
"""


@dataclass(frozen=True, eq=False)
class GroundFlow:
    """Velocities at those of n picture points where the flow can be believed.

    Attributes:
        places_m: (n, 2) on the ground, half way between both pictures; NaN where there is none.
        velocity_m_s: (n, 2); NaN where the flow is not believed.
        velocity_sd_m_s: (n,) of each component; NaN likewise.
        people: (n,) how many each stands for; 0 where it is not believed.
    """

    places_m: Points
    velocity_m_s: Points
    velocity_sd_m_s: Array
    people: Array

    @property
    def believed(self) -> NDArray[np.bool_]:
        """(n,) whether a point has a velocity."""
        return np.asarray(np.isfinite(self.velocity_m_s).all(axis=1))


def ground_flow(
    *,
    points_px: Points,
    flow_px: Points,
    confidence: ArrayLike,
    people: ArrayLike,
    since_s: float,
    to_ground: Callable[[Points], Points],
    flow_sd_px: float = FLOW_SD_PX,
) -> GroundFlow:
    """Project how picture points move between two pictures to the ground.

    Both ends of a movement go to the ground at the height of heads, v = (G(p + f) − G(p))/t, so
    that perspective needs no formula of its own. The error of a velocity is that of the flow times
    the greatest stretch of the projection there, over t: far away a px is more metres, most along
    the line of sight.

    A point without people says nothing of people: the ground between them stands still, and would
    drag the mean to 0. So give the people of a density map's cells as weights, or the heads.

    Args:
        points_px: (n, 2) in the earlier picture.
        flow_px: (n, 2) px to where each is in the later one.
        confidence: (n,) or one for all, 0 to 1; of less than ``MIN_CONFIDENCE`` nothing is believed
            (no texture, or backward flow does not lead back).
        people: (n,) or one for all, how many each point stands for.
        since_s: time between the pictures.
        to_ground: takes (n, 2) px to (n, 2) m at the height of heads, NaN above the horizon.
        flow_sd_px: error of each component of the flow.

    Raises:
        BadInput: the time is not above 0, a number of people is negative, or shapes do not fit.
    """
    if not 0 < since_s < np.inf:
        raise BadInput(f"flow: {since_s} s between two pictures, expected more than 0")
    points = np.asarray(points_px, dtype=np.float64)
    flow = np.asarray(flow_px, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or flow.shape != points.shape:
        raise BadInput(
            f"flow: points of shape {points.shape} and flow of shape {flow.shape}, expected (n, 2) "
            "each"
        )
    n = len(points)
    weights = np.broadcast_to(np.asarray(people, dtype=np.float64), (n,))
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise BadInput(
            f"flow: {weights.min()} people at a point, expected finite numbers from 0 up"
        )
    earlier, later = to_ground(points), to_ground(points + flow)
    velocity = (later - earlier) / since_s
    sd = flow_sd_px * _stretch_m_px(points, earlier, to_ground) / since_s
    # NaN compares as not slow.
    believed = np.hypot(velocity[:, 0], velocity[:, 1]) <= MAX_SPEED_M_S
    believed &= np.isfinite(sd) & (np.asarray(confidence) >= MIN_CONFIDENCE)
    return GroundFlow(
        places_m=(earlier + later) / 2,
        velocity_m_s=np.where(believed[:, None], velocity, np.nan),
        velocity_sd_m_s=np.where(believed, sd, np.nan),
        people=np.where(believed, weights, 0.0),
    )


def _stretch_m_px(
    points_px: Points, ground_m: Points, to_ground: Callable[[Points], Points]
) -> Array:
    """Return (n,) the metres that a px is at most, in whatever direction."""
    right = to_ground(points_px + np.array([1.0, 0.0])) - ground_m
    down = to_ground(points_px + np.array([0.0, 1.0])) - ground_m
    # Larger singular value of the 2 × 2 matrix [right, down].
    square = (right**2).sum(axis=1) + (down**2).sum(axis=1)
    area = right[:, 0] * down[:, 1] - right[:, 1] * down[:, 0]
    inner = np.sqrt(np.maximum(square**2 - 4 * area**2, 0.0))
    return np.asarray(np.sqrt((square + inner) / 2))
