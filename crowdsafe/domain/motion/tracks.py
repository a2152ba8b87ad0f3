"""Short anonymous tracks of people on the ground, made of their places alone.

A track is a place and a velocity. It has a running number only so that two pictures can be told
apart; it knows nothing of what a person looks like, and who is lost comes back as somebody new.
"""

from dataclasses import dataclass, replace
from math import isfinite, log, sqrt
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]
from scipy.spatial import cKDTree  # type: ignore[import-untyped]

from crowdsafe.domain.crowd.points import Points
from crowdsafe.errors import BadInput

Array = NDArray[np.float64]

# As in steadiness: seconds since 1970 come in steps of 0.2 µs, shorter times mean nothing.
_INSTANT_S = 1e-3
# Stands for a velocity that was not measured: far above every speed, and its square still exact.
_UNKNOWN_M_S = 1e3


@dataclass(frozen=True)
class TrackRule:
    """How points become tracks.

    Attributes:
        max_speed_m_s: nobody is faster.
        lost_after_s: a track that is not seen for longer is forgotten.
        min_sights: pictures after which a velocity counts and a way can cross a line.
        min_age_s: time after which they do.
        jerkiness_m2_s3: spectral density q of the acceleration, white noise: in t seconds a
            velocity changes by √(q·t) in each axis.
        birth_speed_sd_m_s: standard deviation of each component of a newcomer's velocity.
        births_per_m2: newcomers and false points in a picture.
        missed_share: of the people in view, who is not found in a picture.
        gate_d2: squared Mahalanobis distance of a point that may still be a track's, with two
            degrees of freedom; 13.8 keeps 99.9 %.
        stride_m: a way is handed on in strides of at least this length, so that somebody who
            stands on a line and sways does not cross it.

    Raises:
        BadInput: a value that is not finite and above 0, a share outside 0 to 1.
    """

    max_speed_m_s: float = 3.0
    lost_after_s: float = 1.5
    min_sights: int = 3
    min_age_s: float = 0.4
    jerkiness_m2_s3: float = 0.2
    birth_speed_sd_m_s: float = 0.8
    births_per_m2: float = 0.01
    missed_share: float = 0.2
    gate_d2: float = 13.8
    stride_m: float = 0.5

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (isfinite(value) and value > 0):
                raise BadInput(f"tracks: {name} of {value}, expected a number above 0")
        if self.missed_share >= 1:
            raise BadInput(f"tracks: missed_share of {self.missed_share}, expected below 1")


TRACK_RULE = TrackRule()
"""Chosen. ``jerkiness_m2_s3`` weighs how soon a stop shows against noise: of 0.05 to 0.4, with
places 0.1 m off, it makes the mean speed on the PETS clip 1 to 4 % too high. The other values
matter less."""


@dataclass(frozen=True, eq=False)
class Tracks:
    """The people that are followed in one camera's pictures, n of them.

    Position errors are alike in both axes, so that both share one 2 × 2 covariance.

    Attributes:
        at_s: time of the newest picture, None before the first.
        number: (n,) running number, never used twice.
        place_m: (n, 2) where each is now.
        velocity_m_s: (n, 2).
        covariance: (n, 2, 2) of place and velocity, in either axis.
        born_s: (n,) first sight.
        seen_s: (n,) latest sight.
        seen_m: (n, 2) place at the latest sight.
        sights: (n,) pictures in which it was found.
        point: (n,) index of its point in the newest picture, -1 where it was not found.
        way_m: (n, 2, 2) from and to of the stride that the newest picture completed; both the
            same where it completed none.
        next_number: of the next newcomer.
        rule: by which they were made.
    """

    at_s: float | None
    number: NDArray[np.int64]
    place_m: Points
    velocity_m_s: Points
    covariance: Array
    born_s: Array
    seen_s: Array
    seen_m: Points
    sights: NDArray[np.int64]
    point: NDArray[np.int64]
    way_m: Array
    next_number: int
    rule: TrackRule

    def __len__(self) -> int:
        return len(self.number)

    @property
    def velocity_sd_m_s(self) -> Array:
        """(n,) standard deviation of each component of the velocity."""
        return np.sqrt(self.covariance[:, 1, 1])

    @property
    def settled(self) -> NDArray[np.bool_]:
        """(n,) whether a track is old enough for its velocity to count."""
        old_enough = self.seen_s - self.born_s >= self.rule.min_age_s - _INSTANT_S
        return old_enough & (self.sights >= self.rule.min_sights)

    @property
    def measured(self) -> NDArray[np.bool_]:
        """(n,) whether a velocity is known of somebody who is in the newest picture."""
        return self.settled & (self.point >= 0)


def no_tracks(rule: TrackRule = TRACK_RULE) -> Tracks:
    """Return the tracks before the first picture."""
    return _newcomers(_nothing(), at_s=None, next_number=0, rule=rule)


@dataclass(frozen=True, eq=False)
class _Seen:
    """Points of one picture, velocities and squared errors; index is of the points as given."""

    place_m: Points
    velocity_m_s: Points
    place_var: Array
    velocity_var: Array
    index: NDArray[np.int64]

    def only(self, chosen: NDArray[np.bool_]) -> "_Seen":
        return _Seen(*(each[chosen] for each in vars(self).values()))


def _nothing() -> _Seen:
    none = np.empty(0)
    return _Seen(np.empty((0, 2)), np.empty((0, 2)), none, none, np.empty(0, dtype=np.int64))


def step_tracks(
    tracks: Tracks,
    *,
    points_m: Points,
    at_s: float,
    position_sd_m: ArrayLike,
    velocity_m_s: Points | None = None,
    velocity_sd_m_s: ArrayLike = np.inf,
) -> Tracks:
    """Carry tracks on with the points of one picture.

    Each track is a Kalman filter of nearly constant velocity (continuous white noise acceleration:
    Bar-Shalom, Li and Kirubarajan, Estimation with Applications to Tracking and Navigation,
    section 6.2). Points go to tracks by the assignment that is the most likely altogether (global
    nearest neighbour): a pair's cost is -2·ln of how likely the point is that track's, over how
    likely the track was missed and the point is somebody new; what costs more than nothing, lies
    outside the gate or would need more than the maximum speed is no pair.

    A clock that was set back forgets all: nobody knows how long ago the last picture was. A
    picture of the same millisecond as the one before is ignored.

    Args:
        tracks: from the step before, or :func:`no_tracks`.
        points_m: (n, 2) where people are; NaN (above the horizon) is nobody.
        at_s: when the picture was taken.
        position_sd_m: (n,) or one for all, of each coordinate.
        velocity_m_s: (n, 2) of each point where it was measured as well (optical flow), NaN where
            it was not. At few pictures per second it tells neighbours in a stream apart.
        velocity_sd_m_s: (n,) or one for all, of each component.

    Returns:
        New tracks; those given stay as they are.

    Raises:
        BadInput: a time that is not finite, an error that is not above 0, shapes that do not fit.
    """
    if not isfinite(at_s):
        raise BadInput(f"tracks: a picture at {at_s} s, expected a finite number")
    seen = _checked(points_m, position_sd_m, velocity_m_s, velocity_sd_m_s)
    if tracks.at_s is None or at_s < tracks.at_s:
        return _newcomers(seen, at_s=at_s, next_number=tracks.next_number, rule=tracks.rule)
    if at_s - tracks.at_s < _INSTANT_S:
        standing = tracks.way_m.copy()
        standing[:, 0] = standing[:, 1]
        return replace(tracks, way_m=standing)
    kept = _predicted(tracks, at_s)
    track, point = _pairs(kept, seen)
    found = _updated(kept, seen, track, point)
    new = np.ones(len(seen.index), dtype=np.bool_)
    new[point] = False
    born = _newcomers(seen.only(new), at_s=at_s, next_number=tracks.next_number, rule=tracks.rule)
    return _joined(found, born)


def _checked(
    points_m: Points, position_sd_m: ArrayLike, velocity_m_s: Points | None, velocity_sd: ArrayLike
) -> _Seen:
    places = np.asarray(points_m, dtype=np.float64)
    if places.ndim != 2 or places.shape[1] != 2:
        raise BadInput(f"tracks: points of shape {places.shape}, expected (n, 2)")
    n = len(places)
    velocities = np.full((n, 2), np.nan) if velocity_m_s is None else np.asarray(velocity_m_s)
    if velocities.shape != (n, 2):
        raise BadInput(f"tracks: velocities of shape {velocities.shape}, expected {(n, 2)}")
    place_sd = _one_each("position_sd_m", position_sd_m, n)
    speed_sd = _one_each("velocity_sd_m_s", velocity_sd, n)
    real = np.asarray(np.isfinite(places).all(axis=1))
    known = np.isfinite(velocities).all(axis=1) & np.isfinite(speed_sd)
    if not (np.isfinite(place_sd[real]) & (place_sd[real] > 0)).all():
        raise BadInput(
            f"tracks: position_sd_m from {place_sd[real].min()} to {place_sd[real].max()}, "
            "expected finite numbers above 0"
        )
    if not (speed_sd[known] > 0).all():
        raise BadInput("tracks: velocity_sd_m_s of 0 or less, expected above 0")
    return _Seen(
        place_m=places,
        velocity_m_s=np.where(known[:, None], velocities, 0.0),
        place_var=place_sd**2,
        velocity_var=np.where(known, speed_sd, _UNKNOWN_M_S) ** 2,
        index=np.arange(n),
    ).only(real)


def _one_each(name: str, values: ArrayLike, n: int) -> Array:
    array = np.asarray(values, dtype=np.float64)
    if array.shape not in ((), (n,)):
        raise BadInput(f"tracks: {name} of shape {array.shape}, expected one or ({n},)")
    return np.broadcast_to(array, (n,))


def _predicted(tracks: Tracks, at_s: float) -> Tracks:
    """Move all on to ``at_s``, without those that are lost by then."""
    since_s = at_s - cast(float, tracks.at_s)
    kept = at_s - tracks.seen_s <= tracks.rule.lost_after_s + _INSTANT_S
    moves = np.array([[1.0, since_s], [0.0, 1.0]])
    noise = tracks.rule.jerkiness_m2_s3 * np.array(
        [[since_s**3 / 3, since_s**2 / 2], [since_s**2 / 2, since_s]]
    )
    velocity = tracks.velocity_m_s[kept]
    ends = tracks.way_m[kept, 1]
    return Tracks(
        at_s=at_s,
        number=tracks.number[kept],
        place_m=tracks.place_m[kept] + velocity * since_s,
        velocity_m_s=velocity,
        covariance=moves @ tracks.covariance[kept] @ moves.T + noise,
        born_s=tracks.born_s[kept],
        seen_s=tracks.seen_s[kept],
        seen_m=tracks.seen_m[kept],
        sights=tracks.sights[kept],
        point=np.full(np.count_nonzero(kept), -1, dtype=np.int64),
        way_m=np.stack([ends, ends], axis=1),
        next_number=tracks.next_number,
        rule=tracks.rule,
    )


def _pairs(tracks: Tracks, seen: _Seen) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which track gets which point, as two arrays of indices."""
    rule = tracks.rule
    none = np.empty(0, dtype=np.int64)
    if not len(tracks) or not len(seen.index):
        return none, none
    place_var = tracks.covariance[:, 0, 0]
    reach_m = sqrt(rule.gate_d2 * (place_var.max() + seen.place_var.max()))
    near = cKDTree(tracks.place_m).sparse_distance_matrix(
        cKDTree(seen.place_m), reach_m, output_type="ndarray"
    )
    track, point, off_m2 = near["i"], near["j"], near["v"] ** 2
    gone_m = np.hypot(*(seen.place_m[point] - tracks.seen_m[track]).T)
    unseen_s = cast(float, tracks.at_s) - tracks.seen_s[track]
    # Both ends of the way are off by about as much: 4 is 3 standard deviations of their difference.
    error_m = 4 * np.sqrt(seen.place_var[point])
    possible = gone_m <= rule.max_speed_m_s * unseen_s + error_m
    possible &= off_m2 <= rule.gate_d2 * (place_var[track] + seen.place_var[point])
    track, point, off_m2 = track[possible], point[possible], off_m2[possible]
    # The innovation's covariance [[a, b], [b, c]] in either axis, for each pair.
    a = place_var[track] + seen.place_var[point]
    b = tracks.covariance[track, 0, 1]
    c = tracks.covariance[track, 1, 1] + seen.velocity_var[point]
    determinant = a * c - b * b
    off_m = seen.place_m[point] - tracks.place_m[track]
    off_m_s = seen.velocity_m_s[point] - tracks.velocity_m_s[track]
    squares = c * off_m2 + a * (off_m_s**2).sum(axis=1)
    d2 = (squares - 2 * b * (off_m * off_m_s).sum(axis=1)) / determinant
    new_var = rule.birth_speed_sd_m_s**2 + seen.velocity_var
    newcomer = (
        (seen.velocity_m_s**2).sum(axis=1) / new_var
        + 2 * np.log(new_var)
        - 2 * log(2 * np.pi * rule.births_per_m2)
    )
    missed = -2 * log(rule.missed_share / (1 - rule.missed_share))
    cost = np.zeros((len(tracks), len(seen.index)))
    gain = d2 + 2 * np.log(determinant) - newcomer[point] - missed
    cost[track, point] = np.minimum(gain, 0.0)
    track, point = linear_sum_assignment(cost)
    real = cost[track, point] < 0
    return track[real], point[real]


def _updated(
    tracks: Tracks, seen: _Seen, track: NDArray[np.int64], point: NDArray[np.int64]
) -> Tracks:
    rule = tracks.rule
    at_s = cast(float, tracks.at_s)
    place, velocity = tracks.place_m.copy(), tracks.velocity_m_s.copy()
    covariance, way_m = tracks.covariance.copy(), tracks.way_m.copy()
    seen_s, seen_m = tracks.seen_s.copy(), tracks.seen_m.copy()
    sights, index = tracks.sights.copy(), tracks.point.copy()
    before = covariance[track]
    innovation = before.copy()
    innovation[:, 0, 0] += seen.place_var[point]
    innovation[:, 1, 1] += seen.velocity_var[point]
    gain = before @ np.linalg.inv(innovation)
    off = np.stack(
        [seen.place_m[point] - place[track], seen.velocity_m_s[point] - velocity[track]], axis=1
    )
    correction = gain @ off
    after = before - gain @ before
    covariance[track] = (after + after.swapaxes(1, 2)) / 2
    place[track] += correction[:, 0]
    velocity[track] += correction[:, 1]
    speed = np.hypot(velocity[:, 0], velocity[:, 1])
    velocity *= np.minimum(1.0, rule.max_speed_m_s / np.maximum(speed, 1e-9))[:, None]
    seen_s[track], seen_m[track] = at_s, place[track]
    sights[track] += 1
    index[track] = seen.index[point]
    result = replace(
        tracks,
        place_m=place,
        velocity_m_s=velocity,
        covariance=covariance,
        seen_s=seen_s,
        seen_m=seen_m,
        sights=sights,
        point=index,
    )
    gone_m = np.hypot(*(place - way_m[:, 0]).T)
    sways_m = np.maximum(rule.stride_m, 4 * np.sqrt(covariance[:, 0, 0]))
    strides = result.measured & (gone_m >= sways_m)
    way_m[strides, 1] = place[strides]
    return replace(result, way_m=way_m)


def _newcomers(seen: _Seen, *, at_s: float | None, next_number: int, rule: TrackRule) -> Tracks:
    """Begin a track at each point, standing unless its velocity was measured."""
    n = len(seen.index)
    unknown = rule.birth_speed_sd_m_s**2
    gain = unknown / (unknown + seen.velocity_var)
    covariance = np.zeros((n, 2, 2))
    covariance[:, 0, 0] = seen.place_var
    covariance[:, 1, 1] = unknown * (1 - gain)
    times = np.full(n, np.nan if at_s is None else at_s)
    return Tracks(
        at_s=at_s,
        number=np.arange(next_number, next_number + n),
        place_m=seen.place_m,
        velocity_m_s=gain[:, None] * seen.velocity_m_s,
        covariance=covariance,
        born_s=times,
        seen_s=times,
        seen_m=seen.place_m,
        sights=np.ones(n, dtype=np.int64),
        point=seen.index,
        way_m=np.stack([seen.place_m, seen.place_m], axis=1),
        next_number=next_number + n,
        rule=rule,
    )


def _joined(one: Tracks, other: Tracks) -> Tracks:
    arrays: dict[str, Any] = {
        name: np.concatenate([value, getattr(other, name)])
        for name, value in vars(one).items()
        if isinstance(value, np.ndarray)
    }
    return replace(other, **arrays)
