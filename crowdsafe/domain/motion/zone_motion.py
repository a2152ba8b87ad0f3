"""How the people of a zone move: speed, direction, against each other, by fits and starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, degrees, hypot, isfinite, sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crowdsafe.domain.crowd.points import Points
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.errors import BadInput

Array = NDArray[np.float64]
MotionBy = Literal["tracks", "flow"]

STANDS_M_S = 0.2
"""Who is slower stands."""
AGAINST_DEG = 120.0
"""Who moves at a wider angle to the main direction moves against it."""


@dataclass(frozen=True)
class ZoneMotion:
    """Motion of the people in a zone at one moment.

    Attributes:
        by: what the velocities come from.
        people: how many they are of; of a dense crowd it is a sum of densities, not whole.
        speed_m_s: mean of the people's speeds |v|.
        speed_sd_m_s: its standard error.
        velocity_m_s: mean of the people's velocities v, east and north; in a two-way stream it is
            far shorter than the speed.
        velocity_sd_m_s: standard error of each component of it.
        counter_flow_share: people who move against the main direction, of those who move; 0 to 0.5.
        standing_share: of all, who stand.
    """

    by: MotionBy
    people: float
    speed_m_s: float
    speed_sd_m_s: float
    velocity_m_s: tuple[float, float]
    velocity_sd_m_s: float
    counter_flow_share: float
    standing_share: float

    @property
    def heading_deg(self) -> float | None:
        """Where the mean velocity points, clockwise from north; None if that is not sure.

        Sure is what differs from no velocity by two standard errors.
        """
        east, north = self.velocity_m_s
        if hypot(east, north) <= 2 * self.velocity_sd_m_s:
            return None
        return degrees(atan2(east, north)) % 360

    @property
    def heading_sd_deg(self) -> float | None:
        """Standard error of the heading."""
        if self.heading_deg is None:
            return None
        return degrees(atan2(self.velocity_sd_m_s, hypot(*self.velocity_m_s)))


def zone_motion(
    zone: Zone,
    *,
    by: MotionBy,
    places_m: Points,
    velocity_m_s: Points,
    velocity_sd_m_s: ArrayLike,
    people: ArrayLike = 1.0,
) -> ZoneMotion | None:
    """Return the motion of those who stand in a zone, None where none has a velocity.

    The mean speed is PedPy's: (1/N)·Σ |v_i| over the people in the measurement area. Errors of the
    velocities make it too high where people stand: of nobody's motion with errors s in each
    component the mean is √(π/2)·s.

    With weights w (people at each place), n = min(Σ w, (Σ w)²/Σ w²) and at least 1, the standard
    error of a mean is √((spread² + error²)/n): spread is the people's standard deviation, error
    the mean square of ``velocity_sd_m_s``, which the spread holds as well wherever n is large.

    Who stands is slower than ``STANDS_M_S``, or would be without his or her error s:
    |v|² < 0.2² + 2·s². Of the others the main direction is the mean axis of their headings
    (mean of doubled angles: Mardia and Jupp, Directional Statistics, 2000, section 9.4), in that
    sense in which fewer move against it, so that two streams of equal strength have a counter-flow
    of 0.5. In a crowd that mills about in all directions it is about a third.

    Args:
        zone: which.
        by: what the velocities come from.
        places_m: (n, 2) people, those outside the zone as well; NaN is nobody.
        velocity_m_s: (n, 2) of each; NaN is unknown, and leaves the person out.
        velocity_sd_m_s: (n,) or one for all, of each component.
        people: (n,) how many each place stands for, or one for all; 0 is nobody.

    Raises:
        BadInput: an error or a number of people is negative or not finite.
    """
    n = len(places_m)
    weights = np.broadcast_to(np.asarray(people, dtype=np.float64), (n,))
    sd = np.broadcast_to(np.asarray(velocity_sd_m_s, dtype=np.float64), (n,))
    chosen = zone.contains(places_m) & np.isfinite(velocity_m_s).all(axis=1) & (weights != 0)
    weights, sd, velocity = weights[chosen], sd[chosen], velocity_m_s[chosen]
    for name, values in (("people", weights), ("velocity_sd_m_s", sd)):
        if not (np.isfinite(values) & (values >= 0)).all():
            raise BadInput(f"motion: {name} of {values.min()}, expected finite numbers from 0 up")
    total = float(weights.sum())
    if total <= 0:
        return None
    share = weights / total
    speed = np.hypot(velocity[:, 0], velocity[:, 1])
    mean_speed = float(share @ speed)
    mean = share @ velocity
    error2 = float(share @ sd**2)
    independent = max(1.0, min(total, 1.0 / float(share @ share)))
    spread2 = float(share @ (speed - mean_speed) ** 2)
    scatter2 = float(share @ ((velocity - mean) ** 2).sum(axis=1)) / 2
    stands = speed**2 < STANDS_M_S**2 + 2 * sd**2
    return ZoneMotion(
        by=by,
        people=total,
        speed_m_s=mean_speed,
        speed_sd_m_s=sqrt((spread2 + error2) / independent),
        velocity_m_s=(float(mean[0]), float(mean[1])),
        velocity_sd_m_s=sqrt((scatter2 + error2) / independent),
        counter_flow_share=_counter_flow(velocity[~stands], weights[~stands]),
        standing_share=float(share[stands].sum()),
    )


def _counter_flow(velocity_m_s: Points, weights: Array) -> float:
    if not len(weights):
        return 0.0
    heading = np.arctan2(velocity_m_s[:, 1], velocity_m_s[:, 0])
    axis = np.angle((weights * np.exp(2j * heading)).sum()) / 2
    along = np.cos(heading - axis)
    wide = np.cos(np.radians(AGAINST_DEG))
    against = float(weights[along < wide].sum()), float(weights[along > -wide].sum())
    return min(against) / float(weights.sum())


def better_motion(
    *, tracks: ZoneMotion | None, flow: ZoneMotion | None, separable: bool
) -> ZoneMotion | None:
    """Return the motion by tracks where people are separable, else by flow, else nothing.

    Tracks in a crowd that is not separable jump from one person to the next. They look like a
    motion and may even have the wrong sign, so nothing is told rather than that.
    """
    return (tracks or flow) if separable else flow


STANDING_WINDOW_S = 10.0
"""Stop-and-go waves come by every few seconds to tens of seconds."""
STANDING_MIN_PEOPLE = 5.0
"""With fewer, one who stops is a wave."""
# One picture in which nobody seems to move is no stop.
_EVEN_OUT_S = 1.0
_INSTANT_S = 1e-3


@dataclass(frozen=True)
class Standing:
    """The part of a zone's people that stood at a moment, and of how many it is."""

    at_s: float
    share: float
    people: float

    def __post_init__(self) -> None:
        if not (isfinite(self.at_s) and 0 <= self.share <= 1 and 0 <= self.people < np.inf):
            raise BadInput(f"motion: {self}, expected a share of 0 to 1 of 0 or more people")


def step_standing(
    course: Sequence[Standing], standing: Standing, *, window_s: float = STANDING_WINDOW_S
) -> tuple[Standing, ...]:
    """Add the newest moment, and forget what is older than the window.

    A clock that was set back forgets all; a moment of the same millisecond is ignored.
    """
    if course and 0 <= standing.at_s - course[-1].at_s < _INSTANT_S:
        return tuple(course)
    if course and standing.at_s < course[-1].at_s:
        return (standing,)
    return (*(each for each in course if standing.at_s - each.at_s < window_s), standing)


def stop_and_go_share(
    course: Sequence[Standing], *, window_s: float = STANDING_WINDOW_S
) -> float | None:
    """Return how much of a crowd stopped and went on, or went on and stopped, in the window.

    The standing share, evened out over a second, is s(t). The result is the deepest there and
    back of it: the greatest, over all moments b, of the smaller of the two ways from s(b) to the
    highest s before and to the highest s after b, and the same of the lowest. 0 is a crowd of which
    the same part stands all the time, or that only comes to rest or only sets off; 1 is one that
    stood, walked and stood again as one.

    Args:
        course: from :func:`step_standing`, oldest first.
        window_s: as there.

    Returns:
        0 to 1; None where the course does not fill half the window, or is of fewer than
        ``STANDING_MIN_PEOPLE`` on average.
    """
    if not course or course[-1].at_s - course[0].at_s < window_s / 2:
        return None
    if sum(each.people for each in course) < STANDING_MIN_PEOPLE * len(course):
        return None
    at_s = np.array([each.at_s for each in course])
    share = np.array([each.share for each in course])
    near = np.abs(at_s[:, None] - at_s) <= _EVEN_OUT_S / 2 + _INSTANT_S
    even = near @ share / near.sum(axis=1)
    return max(_there_and_back(even), _there_and_back(-even))


def _there_and_back(values: Array) -> float:
    before = np.maximum.accumulate(values)
    after = np.maximum.accumulate(values[::-1])[::-1]
    return float((np.minimum(before, after) - values).max())
