"""Who stands in which zone: exactly one of two neighbours, also on the common edge."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import rotate
from shapely.geometry import Polygon, box

from crowdsafe.domain.zones import Zone, refuse_outside, refuse_repeated_ids
from crowdsafe.errors import BadInput

_GRID = [
    Zone(id=f"{column}-{row}", polygon=box(column, row, column + 1, row + 1))
    for column in range(4)
    for row in range(4)
]
_quarters = st.integers(0, 15).map(lambda quarters: quarters / 4)


@given(st.tuples(_quarters, _quarters))
def test_on_an_edge_or_corner_a_person_stands_in_one_zone(point: tuple[float, float]) -> None:
    inside = [zone.id for zone in _GRID if zone.contains(np.array([point]))[0]]
    assert len(inside) == 1


@given(
    angle=st.floats(0, 360, allow_nan=False),
    along=st.floats(0, 1, allow_nan=False),
    reverse=st.booleans(),
)
def test_a_common_edge_in_any_direction_has_one_owner(
    angle: float, along: float, reverse: bool
) -> None:
    left, right = (
        rotate(shape, angle, origin=(0, 0)) for shape in (box(-2, -1, 0, 1), box(0, -1, 2, 1))
    )
    # Neighbours come from an editor with the very same corners, but in any order.
    corners = list(right.exterior.coords)
    common = [corner for corner in left.exterior.coords if corner in set(corners)]
    if len(set(common)) != 2:
        return
    right = Polygon(corners[::-1] if reverse else corners)
    a, b = (np.array(corner) for corner in dict.fromkeys(common))
    point = (a + along * (b - a))[None]
    owners = [Zone("left", left).contains(point)[0], Zone("right", right).contains(point)[0]]
    # The ends of the edge are corners of the whole, where a half-open rule may exclude both.
    assert sum(owners) == 1 or (along in (0.0, 1.0) and sum(owners) == 0) or _is_near_end(along)


def _is_near_end(along: float) -> bool:
    return min(along, 1 - along) < 1e-9


def test_every_point_of_a_split_area_is_counted_once() -> None:
    rng = np.random.default_rng(3)
    points = rng.uniform(0, 4, (5000, 2))
    counts = np.sum([zone.contains(points) for zone in _GRID], axis=0)
    assert (counts == 1).all()


def test_nobody_stands_in_a_hole_and_nobody_without_a_place() -> None:
    zone = Zone("ring", Polygon(box(0, 0, 4, 4).exterior, [box(1, 1, 3, 3).exterior]))
    points = np.array([[0.5, 0.5], [2.0, 2.0], [5.0, 5.0], [np.nan, np.nan]])
    assert zone.contains(points).tolist() == [True, False, False, False]
    assert zone.area_m2 == 12


@pytest.mark.parametrize(
    ("polygon", "says"),
    [
        (Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]), "does not cross itself"),
        (Polygon([(0, 0), (1, 1), (2, 2)]), "has no area"),
        (Polygon(), "has no area"),
        (Polygon([(0, 0), (1, float("inf")), (1, 0)]), "not a finite number"),
    ],
)
def test_a_polygon_that_is_no_area_is_refused(polygon: Polygon, says: str) -> None:
    with pytest.raises(BadInput, match=f"zone 'gate': .*{says}"):
        Zone("gate", polygon)


def test_an_id_twice_and_a_zone_outside_are_refused() -> None:
    with pytest.raises(BadInput, match="zone 'a': the id is used twice"):
        refuse_repeated_ids([Zone("a", box(0, 0, 1, 1)), Zone("a", box(1, 0, 2, 1))])
    with pytest.raises(BadInput, match=r"zone 'a': 2\.0 of its 4\.0 m² lie outside"):
        refuse_outside([Zone("a", box(0, 0, 2, 2))], box(0, 0, 1, 5))
    refuse_outside([Zone("a", box(0, 0, 2, 2))], box(0, 0, 2, 2))
