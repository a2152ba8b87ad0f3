"""Who stands in which zone, and which zones are refused."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon

from crowdsafe.domain.crowd.zones import Zone, refuse_outside, refuse_repeated_ids
from crowdsafe.errors import BadInput

_N = 3
_offsets = st.lists(
    st.floats(-0.3, 0.3, allow_nan=False), min_size=2 * (_N + 1) ** 2, max_size=2 * (_N + 1) ** 2
)


def _warped_grid(offsets: list[float], *, turn: float) -> tuple[np.ndarray, list[Zone]]:
    """Return the (N+1, N+1, 2) corners of neighbouring four-cornered zones, and the zones."""
    rows, columns = np.mgrid[0 : _N + 1, 0 : _N + 1]
    corners = np.stack([columns, rows], axis=-1) + np.array(offsets).reshape(_N + 1, _N + 1, 2)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = corners @ rotation.T * 7.3
    zones = []
    for i in range(_N):
        for j in range(_N):
            ring = [corners[i, j], corners[i, j + 1], corners[i + 1, j + 1], corners[i + 1, j]]
            # Half of the outlines run the other way round, as drawn by hand.
            zones.append(Zone(f"z{i}{j}", Polygon(ring if (i + j) % 2 else ring[::-1])))
    return corners, zones


def _owners(zones: list[Zone], points: np.ndarray) -> np.ndarray:
    return np.sum([zone.contains(points) for zone in zones], axis=0)


@settings(max_examples=60)
@given(offsets=_offsets, turn=st.floats(0, 6.3), share=st.floats(0.001, 0.999))
def test_everybody_within_neighbouring_zones_is_in_exactly_one(
    offsets: list[float], turn: float, share: float
) -> None:
    corners, zones = _warped_grid(offsets, turn=turn)
    inner_corners = corners[1:-1, 1:-1].reshape(-1, 2)
    starts = np.concatenate([corners[1:-1, :-1].reshape(-1, 2), corners[:-1, 1:-1].reshape(-1, 2)])
    ends = np.concatenate([corners[1:-1, 1:].reshape(-1, 2), corners[1:, 1:-1].reshape(-1, 2)])
    on_edges = starts + share * (ends - starts)
    inside = np.array([shapely.get_coordinates(zone.polygon.centroid)[0] for zone in zones])
    points = np.concatenate([inner_corners, on_edges, inside])
    np.testing.assert_array_equal(_owners(zones, points), 1)


def test_on_a_square_grid_every_edge_and_corner_has_one_owner() -> None:
    _, zones = _warped_grid([0.0] * (2 * (_N + 1) ** 2), turn=0.0)
    steps = np.linspace(0, _N * 7.3, 31)[1:-1]
    points = np.array([(x, y) for x in steps for y in steps])
    np.testing.assert_array_equal(_owners(zones, points), 1)


def test_everybody_of_a_split_area_is_counted_once() -> None:
    _, zones = _warped_grid([0.0] * (2 * (_N + 1) ** 2), turn=0.0)
    points = np.random.default_rng(3).uniform(0, _N * 7.3, size=(5000, 2))
    np.testing.assert_array_equal(_owners(zones, points), 1)


def test_who_is_inside_agrees_with_shapely_off_the_edges() -> None:
    ring = [(0, 0), (9, 1), (6, 4), (10, 9), (4, 6), (1, 10), (2, 5)]
    zone = Zone("star", Polygon(ring, [[(3, 3), (5, 3), (4, 5)]]))
    points = np.random.default_rng(3).uniform(-1, 11, size=(5000, 2))
    np.testing.assert_array_equal(
        zone.contains(points), shapely.contains(zone.polygon, shapely.points(points))
    )


def test_nobody_stands_in_a_hole_and_the_zone_in_the_hole_has_them() -> None:
    hole = [(2, 2), (6, 2), (6, 6), (2, 6)]
    around = Zone("around", Polygon([(0, 0), (8, 0), (8, 8), (0, 8)], [hole]))
    within = Zone("within", Polygon(hole))
    points = np.array([(1.0, 1.0), (4.0, 4.0), (2.0, 3.0), (6.0, 3.0), (4.0, 2.0), (4.0, 6.0)])
    assert around.contains(points)[:2].tolist() == [True, False]
    np.testing.assert_array_equal(_owners([around, within], points), 1)
    assert around.area_m2 == 64 - 16


def test_who_stands_nowhere_is_in_no_zone() -> None:
    zone = Zone("a", shapely.box(0, 0, 1, 1))
    points = np.array([[np.nan, np.nan], [np.nan, 0.5], [0.5, np.nan], [np.inf, 0.5]])
    assert not zone.contains(points).any()
    assert zone.contains(np.zeros((0, 2))).shape == (0,)


@pytest.mark.parametrize(
    ("polygon", "says"),
    [
        (Polygon([(0, 0), (4, 4), (4, 0), (0, 3)]), "not simple.*does not cross itself"),
        (Polygon([(0, 0), (4, 4), (4, 0), (0, 4)]), "not simple.*does not cross itself"),
        (Polygon([(0, 0), (2, 2), (4, 4)]), "no area"),
        (Polygon(), "no area"),
        (Polygon([(0, 0), (4, 0), (4, 4)], [[(8, 8), (9, 8), (9, 9)]]), "not simple"),
    ],
)
def test_a_polygon_that_is_no_zone_is_refused(polygon: Polygon, says: str) -> None:
    with pytest.raises(BadInput, match=f"zone 'gate': .*{says}"):
        Zone("gate", polygon)


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_a_coordinate_that_is_no_number_is_refused(number: float) -> None:
    with np.errstate(invalid="ignore"):
        polygon = Polygon([(0, 0), (4, 0), (4, number)])
    with pytest.raises(BadInput, match="zone 'gate': a coordinate is not a finite number"):
        Zone("gate", polygon)


def test_an_id_that_is_used_twice_is_refused() -> None:
    zones = [Zone(name, shapely.box(0, 0, 1, 1)) for name in ("a", "b", "a")]
    with pytest.raises(BadInput, match="zone 'a': the id is used twice"):
        refuse_repeated_ids(zones)
    refuse_repeated_ids(zones[:2])


def test_a_zone_that_leaves_the_site_is_refused() -> None:
    site = shapely.box(0, 0, 10, 10)
    refuse_outside([Zone("in", shapely.box(0, 0, 10, 10.05))], site)
    with pytest.raises(BadInput, match=r"zone 'out': 50\.0 of its 100\.0 m² lie outside"):
        refuse_outside([Zone("out", shapely.box(5, 0, 15, 10))], site)
