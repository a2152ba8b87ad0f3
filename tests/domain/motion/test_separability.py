"""Who can be followed one by one, and who is one of a mass."""

import numpy as np
import pytest

from crowdsafe.domain.crowd.points import Points
from crowdsafe.domain.motion.separability import is_separable, separable
from crowdsafe.errors import BadInput

SD_M = 0.05


def _square(*, apart_m: float, side: int = 12) -> Points:
    x, y = (each.ravel() for each in np.meshgrid(np.arange(side), np.arange(side)))
    return np.column_stack([x, y]) * apart_m


@pytest.mark.parametrize(
    ("apart_m", "wait_s", "velocity_known", "expected"),
    [
        (1.0, 0.1, False, True),
        (1.0, 0.5, True, True),
        # A row that walks on by 0.67 m of its metre seems to walk backwards.
        (1.0, 0.5, False, False),
        (1.5, 0.5, False, True),
        # 4 p/m².
        (0.5, 0.1, True, False),
        # In two seconds everybody can be anywhere.
        (1.5, 2.0, True, False),
    ],
)
def test_the_closer_people_are_the_faster_pictures_must_come(
    apart_m: float, wait_s: float, velocity_known: bool, expected: bool
) -> None:
    people = separable(
        points_m=_square(apart_m=apart_m),
        wait_s=wait_s,
        position_sd_m=SD_M,
        velocity_known=velocity_known,
    )
    assert is_separable(people) is expected


def test_who_stands_alone_is_separable_beside_a_mass() -> None:
    points = np.vstack([_square(apart_m=0.4), [[50.0, 50.0]], [[np.nan, np.nan]]])
    people = separable(points_m=points, wait_s=0.2, position_sd_m=SD_M, velocity_known=True)
    assert people[:-2].mean() < 0.3
    assert people[-2:].tolist() == [True, False]


def test_far_away_where_places_are_unsure_neighbours_are_not() -> None:
    points = np.array([[0.0, 0.0], [1.0, 0.0], [100.0, 0.0], [101.0, 0.0]])
    people = separable(
        points_m=points, wait_s=0.2, position_sd_m=[0.05, 0.05, 0.3, 0.3], velocity_known=True
    )
    assert people.tolist() == [True, True, False, False]


def test_a_density_map_that_counts_more_than_are_found_decides() -> None:
    found = np.ones(6, dtype=np.bool_)
    assert is_separable(found, density_ppm2=1.9)
    assert not is_separable(found, density_ppm2=2.1)


def test_one_in_five_may_stand_too_close() -> None:
    assert is_separable(np.array([True] * 8 + [False] * 2))
    assert not is_separable(np.array([True] * 7 + [False] * 3))


@pytest.mark.parametrize("points", [np.empty((0, 2)), np.full((3, 2), np.nan)])
def test_nobody_is_separable(points: Points) -> None:
    people = separable(points_m=points, wait_s=0.2, position_sd_m=SD_M, velocity_known=False)
    assert not people.any()
    assert is_separable(people[:0])


@pytest.mark.parametrize(
    ("wait_s", "sd_m", "named"),
    [(0.0, 0.1, "0.0 s between"), (float("nan"), 0.1, "nan s"), (0.5, -0.1, "-0.1 m")],
)
def test_what_makes_no_sense_is_refused(wait_s: float, sd_m: float, named: str) -> None:
    with pytest.raises(BadInput, match=named):
        separable(points_m=np.zeros((2, 2)), wait_s=wait_s, position_sd_m=sd_m, velocity_known=True)
