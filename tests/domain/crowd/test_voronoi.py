"""Voronoi cells and densities with known answers."""

import numpy as np
import pytest
import shapely
from numpy.typing import ArrayLike

from crowdsafe.domain.camera.geometry import Points
from crowdsafe.domain.crowd.voronoi import voronoi_cells, voronoi_density
from crowdsafe.errors import BadInput

GROUND = shapely.box(0, 0, 10, 10)


def _points(points: ArrayLike) -> Points:
    return np.asarray(points, dtype=np.float64).reshape(-1, 2)


def test_on_a_square_lattice_every_cell_is_a_square() -> None:
    x, y = np.meshgrid(np.arange(0.5, 10), np.arange(0.5, 10))
    people = np.column_stack([x.ravel(), y.ravel()])
    np.testing.assert_allclose(shapely.area(voronoi_cells(people, ground=GROUND)), 1.0)
    assert voronoi_density(people, area=shapely.box(2.3, 1.7, 6.1, 4.4), ground=GROUND) == (
        pytest.approx(1.0)
    )


def test_two_people_share_the_ground_at_the_line_between_them() -> None:
    cells = voronoi_cells(_points([(2, 5), (4, 5)]), ground=GROUND)
    assert shapely.area(cells) == pytest.approx([30.0, 70.0])
    # Of the left one's cell all is in the area, of the right one's a seventh.
    density = voronoi_density(
        _points([(2, 5), (4, 5)]), area=shapely.box(0, 0, 4, 10), ground=GROUND
    )
    assert density == pytest.approx((1 + 1 / 7) / 40)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 50])
def test_over_all_ground_it_is_people_per_area(n: int) -> None:
    people = np.random.default_rng(n).uniform(0, 10, size=(n, 2))
    assert voronoi_density(people, area=GROUND, ground=GROUND) == pytest.approx(n / 100)


def test_people_in_a_row_and_on_the_edge_have_cells() -> None:
    people = _points([(0, 0), (5, 5), (10, 10), (2.5, 2.5)])
    assert shapely.area(voronoi_cells(people, ground=GROUND)).sum() == pytest.approx(100.0)


def test_a_cut_off_makes_those_who_stand_alone_denser_in_a_small_area() -> None:
    alone = _points([(5, 5)])
    area = shapely.box(4, 4, 6, 6)
    assert voronoi_density(alone, area=area, ground=GROUND) == pytest.approx(0.01)
    assert voronoi_density(alone, area=area, ground=GROUND, cut_off_m=0.5) == pytest.approx(0.25)
    cell = voronoi_cells(alone, ground=GROUND, cut_off_m=2.0)[0]
    assert cell.area == pytest.approx(np.pi * 4, rel=0.002)


def test_of_a_cell_around_a_corner_the_person_has_their_own_side() -> None:
    # A wall from the south up to y = 8 parts the ground.
    ground = GROUND - shapely.box(4.9, 0, 5.1, 8)
    west = voronoi_cells(_points([(4, 9.5), (4, 1)]), ground=ground)
    east = voronoi_cells(_points([(6, 9.5), (6, 1)]), ground=ground)
    assert shapely.get_type_id([*west, *east]).tolist() == [3, 3, 3, 3]
    assert west[1].bounds[2] == pytest.approx(4.9)
    assert east[1].bounds[0] == pytest.approx(5.1)


@pytest.mark.parametrize(
    ("people", "numbers", "says"),
    [
        ([(5, 5), (11, 5)], {}, "not on the ground"),
        ([(5, 5), (5, 5)], {}, "two people are at the same place"),
        ([(5, 5), (np.nan, 5)], {}, "not a finite number"),
        ([(5, 5)], {"cut_off_m": 0.0}, "cut_off_m: 0.0"),
        ([(5, 5)], {"cut_off_m": float("nan")}, "cut_off_m: nan"),
        ([(5, 5)], {"area": shapely.Polygon()}, "the area is 0 m²"),
    ],
)
def test_what_has_no_voronoi_density_is_refused(
    people: ArrayLike, numbers: dict[str, object], says: str
) -> None:
    given = {"area": GROUND, "ground": GROUND} | numbers
    with pytest.raises(BadInput, match=says):
        voronoi_density(_points(people), **given)
