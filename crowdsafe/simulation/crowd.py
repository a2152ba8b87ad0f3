"""People who walk about in an area, with their exact places at every moment."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Polygon

from crowdsafe.domain.camera.geometry import Points
from crowdsafe.errors import BadInput

FREE_SPEED_M_S = 1.34
"""Mean free walking speed: Weidmann 1993."""


@dataclass(frozen=True)
class Walkers:
    """Where everybody is at each moment.

    Attributes:
        t_s: (moments,) times from 0.
        places_m: (moments, people, 2) ground metres.
    """

    t_s: np.ndarray[tuple[int], np.dtype[np.float64]]
    places_m: np.ndarray[tuple[int, int, int], np.dtype[np.float64]]


def scatter(*, people: int, area: Polygon, seed: int) -> Points:
    """Return (people, 2) places, equally likely everywhere in an area.

    Raises:
        BadInput: the area is empty or people is negative.
    """
    if area.is_empty or area.area == 0:
        raise BadInput("simulation: the area is empty")
    if people < 0:
        raise BadInput(f"simulation: {people} people, expected 0 or more")
    rng = np.random.default_rng(seed)
    west, south, east, north = area.bounds
    places = np.empty((0, 2))
    while len(places) < people:
        tried = rng.uniform((west, south), (east, north), (2 * people + 16, 2))
        inside = shapely.contains_xy(area, tried[:, 0], tried[:, 1])
        places = np.vstack([places, tried[inside]])
    return np.asarray(places[:people], dtype=np.float64)


def walk(
    *,
    people: int,
    area: Polygon,
    seconds: float,
    per_s: float,
    seed: int,
    speed_m_s: float = FREE_SPEED_M_S,
) -> Walkers:
    """Let people walk straight, each in a direction of their own, turning where the area ends.

    The same arguments give the same walk.
    """
    places = scatter(people=people, area=area, seed=seed)
    rng = np.random.default_rng((seed, 1))
    heading = rng.uniform(0, 2 * np.pi, people)
    t_s = np.arange(0, seconds, 1 / per_s)
    course = np.empty((len(t_s), people, 2))
    for moment in range(len(t_s)):
        course[moment] = places
        step = np.column_stack([np.cos(heading), np.sin(heading)]) * speed_m_s / per_s
        ahead = places + step
        stays = shapely.contains_xy(area, ahead[:, 0], ahead[:, 1])
        places = np.where(stays[:, None], ahead, places)
        heading = np.where(stays, heading, rng.uniform(0, 2 * np.pi, people))
    return Walkers(t_s=t_s, places_m=course)
