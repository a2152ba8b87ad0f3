"""Whether people can be followed one by one from picture to picture, or are one mass."""

from math import pi

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from crowdsafe.domain.crowd.points import Points
from crowdsafe.domain.motion.tracks import TRACK_RULE, TrackRule
from crowdsafe.errors import BadInput

FREE_SPEED_M_S = 1.34
"""Mean free walking speed: Weidmann, Transporttechnik der Fussgänger, 1993."""
MAX_DENSITY_PPM2 = 2.0
"""In a denser crowd heads hide each other, and who is found changes from picture to picture."""
MIN_SEPARABLE_SHARE = 0.8
"""Of a zone's people; with fewer, the zone's motion is not told by tracks."""

# Two neighbours change places in the assignment when their errors differ by more than they are
# apart: one time in twenty at 1.645·√2 standard deviations.
_APART_SD = 2.33
_DISC_M = 1.0


def separable(
    *,
    points_m: Points,
    wait_s: float,
    position_sd_m: ArrayLike,
    velocity_known: bool,
    rule: TrackRule = TRACK_RULE,
) -> NDArray[np.bool_]:
    """Say for each person whether a track can tell him or her from the nearest other.

    Nobody is who stands where more than ``MAX_DENSITY_PPM2`` are within a metre. Of the others,
    the nearest neighbour must be farther than

    - 2.33·s, with s² = 6·r² + ⅔·q·t³ the variance of a second difference of places r apart in
      error, taken every t seconds, of a velocity that wanders with q (``jerkiness_m2_s3``): how
      far off the extrapolation of two pictures is from the third;
    - twice the way that people walk from one picture to the next, unless a velocity was measured
      with each point: in a stream that moves on by more than half of its spacing, everybody's
      nearest point is the next person's.

    Args:
        points_m: (n, 2), all people in view; NaN is nobody.
        wait_s: time t from a picture to the next.
        position_sd_m: (n,) or one for all, r of each coordinate.
        velocity_known: whether :func:`crowdsafe.domain.motion.tracks.step_tracks` gets velocities.
        rule: of the tracks.

    Returns:
        (n,) of bool, False for NaN.

    Raises:
        BadInput: the time is not above 0, or an error is negative.
    """
    if not 0 < wait_s < np.inf:
        raise BadInput(f"separability: {wait_s} s between pictures, expected more than 0")
    points = np.asarray(points_m, dtype=np.float64)
    sd_m = np.broadcast_to(np.asarray(position_sd_m, dtype=np.float64), (len(points),))
    result = np.zeros(len(points), dtype=np.bool_)
    real = np.flatnonzero(np.isfinite(points).all(axis=1))
    if (sd_m[real] < 0).any():
        raise BadInput(
            f"separability: a position error of {sd_m[real].min()} m, expected 0 or more"
        )
    if len(real) == 0:
        return result
    tree = cKDTree(points[real])
    # With nobody else there, the distance to the nearest is infinite.
    nearest_m = tree.query(points[real], k=[2])[0][:, 0]
    crowd = tree.query_ball_point(points[real], _DISC_M, return_length=True)
    extrapolated_m2 = 6 * sd_m[real] ** 2 + rule.jerkiness_m2_s3 * wait_s**3 * 2 / 3
    apart_m = _APART_SD * np.sqrt(extrapolated_m2)
    if not velocity_known:
        apart_m = np.maximum(apart_m, 2 * FREE_SPEED_M_S * wait_s)
    result[real] = (nearest_m > apart_m) & (crowd <= MAX_DENSITY_PPM2 * pi * _DISC_M**2)
    return result


def is_separable(people: NDArray[np.bool_], *, density_ppm2: float | None = None) -> bool:
    """Say whether a zone's motion may be told by tracks.

    Args:
        people: (n,) of :func:`separable`, of the zone's people alone.
        density_ppm2: of the zone where it is known otherwise than by these people: a density map
            counts those, too, who are not found one by one.
    """
    if density_ppm2 is not None and density_ppm2 > MAX_DENSITY_PPM2:
        return False
    return bool(len(people) == 0 or np.mean(people) >= MIN_SEPARABLE_SHARE)
