"""Counting lines: which way is in, and nobody counted twice or lost."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.domain.crowd.points import Points
from crowdsafe.domain.motion.lines import CountingLine, line_flow
from crowdsafe.errors import BadInput

NORTH = CountingLine("gate", np.array([[0.0, 0.0], [0.0, 4.0]]))
Places = list[tuple[int, int]]


def _counts(line: CountingLine, *places: tuple[float, float]) -> tuple[int, int]:
    """In and out of somebody who goes from place to place."""
    way = np.array(list(pairwise(places)), dtype=np.float64).reshape(-1, 2, 2)
    crossings = line.crossings(way)
    return int(crossings.into.sum()), int(crossings.out.sum())


def _ring(points: Points) -> CountingLine:
    return CountingLine("ring", np.vstack([points, points[:1]]))


# --- which way -----------------------------------------------------------------------------


def test_in_is_from_the_left_of_the_direction_to_its_right() -> None:
    assert _counts(NORTH, (-1, 2), (1, 2)) == (1, 0)
    assert _counts(NORTH, (1, 2), (-1, 2)) == (0, 1)
    south = CountingLine("gate", NORTH.points_m[::-1])
    assert _counts(south, (-1, 2), (1, 2)) == (0, 1)


@pytest.mark.parametrize(
    "places",
    [
        [(-1, 5), (1, 5)],
        [(-1, -0.1), (1, -0.1)],
        [(-2, 1), (-1, 3)],
        [(-1, 2), (-1, 2)],
        [(0, 5), (0, 9)],
    ],
)
def test_who_passes_by_is_not_counted(places: list[tuple[float, float]]) -> None:
    assert _counts(NORTH, *places) == (0, 0)


def test_the_movements_of_many_are_counted_each() -> None:
    way = np.array([[(-1, 1), (1, 1)], [(1, 3), (-1, 3)], [(2, 2), (3, 3)], [(np.nan, 0), (1, 1)]])
    crossings = NORTH.crossings(way)
    assert crossings.into.tolist() == [1, 0, 0, 0]
    assert crossings.out.tolist() == [0, 1, 0, 0]
    assert NORTH.crossings(np.empty((0, 2, 2))).into.tolist() == []


def test_a_corner_that_is_cut_counts_in_and_out() -> None:
    corner = CountingLine("gate", np.array([[0.0, 0.0], [0.0, 4.0], [4.0, 4.0]]))
    # West of the upright part, through the triangle under the corner, and out over the top.
    assert _counts(corner, (-1, 2), (2, 5)) == (1, 1)
    assert _counts(corner, (-1, 2), (3, 2)) == (1, 0)


# --- nobody twice, nobody lost -------------------------------------------------------------


@pytest.mark.parametrize("y", [0.5, 2, 3.5])
@pytest.mark.parametrize("stops", [[0.0], [0.0, 0.0], [-0.5, 0.0, 0.5], [0.0, -1.0, 0.0]])
def test_who_stops_on_the_line_is_counted_once(y: float, stops: list[float]) -> None:
    into, out = _counts(NORTH, (-2, y), *((x, y) for x in stops), (2, y))
    assert into - out == 1
    back_into, back_out = _counts(NORTH, (2, y), *((x, y) for x in reversed(stops)), (-2, y))
    assert back_out - back_into == 1
    assert out == back_into


@pytest.mark.parametrize("bend", [(0.0, 2.0), (1.0, 2.0), (-1.0, 2.0), (1.0, 1.0)])
def test_who_walks_through_a_corner_of_the_line_is_counted_once(bend: tuple[float, float]) -> None:
    line = CountingLine("gate", np.array([[0.0, 0.0], bend, [0.0, 4.0]]))
    assert _counts(line, (bend[0] - 3, bend[1]), (bend[0] + 3, bend[1])) == (1, 0)
    into, out = _counts(line, (bend[0] - 3, bend[1]), bend, (bend[0] + 3, bend[1]))
    assert (into, out) == (1, 0)


_GRID = st.tuples(st.integers(-4, 4), st.integers(-4, 4))
_BENDS = st.lists(st.integers(-3, 3), min_size=1, max_size=7)


@given(bends=_BENDS, walk=st.lists(_GRID, max_size=12), scale=st.sampled_from([1.0, 0.3, 1 / 7]))
def test_from_one_side_to_the_other_is_one_whatever_the_way(
    bends: list[int], walk: Places, scale: float
) -> None:
    """All on a grid, so that points on the line and ways along it are common."""
    heights = np.linspace(-9, 9, len(bends) + 2).round()
    line = CountingLine("gate", np.column_stack([[0, *bends, 0], heights]) * scale)
    places = [(x * scale, y * scale) for x, y in [(-9, 0), *walk, (9, 1)]]
    into, out = _counts(line, *places)
    assert into - out == 1


_RINGS = [
    np.array([[-2, -2], [2, -2], [2, 2], [-2, 2]]),
    np.array([[0, -3], [3, 0], [0, 3], [-3, 0]]),
    np.array([[-3, -3], [3, -3], [3, 3], [0, 0], [-3, 3]]),
    np.array([[-3, -2], [-1, -2], [-1, 1], [1, 1], [1, -2], [3, -2], [3, 3], [-3, 3]]),
]


@given(ring=st.sampled_from(_RINGS), walk=st.lists(_GRID, max_size=15))
def test_who_comes_back_has_gone_out_of_a_ring_as_often_as_in(ring: Points, walk: Places) -> None:
    into, out = _counts(_ring(ring.astype(float)), (-9, 7), *walk, (-9, 7))
    assert into == out


@given(
    ring=st.sampled_from(_RINGS),
    there=st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=2, max_size=12),
)
def test_the_way_back_counts_the_opposite(ring: Points, there: list[tuple[float, float]]) -> None:
    line = _ring(ring.astype(float))
    into, out = _counts(line, *there)
    assert _counts(line, *reversed(there)) == (out, into)


# --- flow ----------------------------------------------------------------------------------


def test_a_flow_is_people_in_a_minute_and_over_a_metre() -> None:
    flow = line_flow(NORTH, into=30, out=6, span_s=20)
    assert (flow.into_per_min, flow.out_per_min) == (90, 18)
    assert (flow.into_per_min_m, flow.out_per_min_m) == (22.5, 4.5)
    assert flow.into_sd_per_min == pytest.approx(30**0.5 * 3)


def test_nobody_in_a_short_time_is_no_sure_nothing() -> None:
    flow = line_flow(NORTH, into=0, out=0, span_s=2)
    assert flow.into_per_min == 0
    assert flow.into_sd_per_min == 30


def test_the_length_is_along_all_corners() -> None:
    assert CountingLine("gate", np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 6.0]])).length_m == 7


# --- input ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "named"),
    [
        ([[0.0, 0.0]], r"shape \(1, 2\)"),
        ([[0.0, 0.0, 1.0], [1.0, 1.0, 1.0]], r"shape \(2, 3\)"),
        ([[0.0, 0.0], [np.nan, 1.0]], "within 4096 m"),
        # WGS 84 in a projection, not the site frame.
        ([[389_000.0, 5_819_000.0], [389_010.0, 5_819_000.0]], "within 4096 m"),
        ([[1.0, 1.0], [1.0, 1.0]], "repeats the one before"),
        ([[1.0, 1.0], [2.0, 2.0], [2.0, 2.00001]], "repeats the one before"),
        ([[0.0, 0.0], [2.0, 2.0], [2.0, 0.0], [0.0, 2.0]], "crosses or touches itself"),
        ([[0.0, 0.0], [2.0, 0.0], [1.0, 0.0]], "crosses or touches itself"),
    ],
)
def test_a_line_that_is_none_is_refused(points: list[list[float]], named: str) -> None:
    with pytest.raises(BadInput, match=f"counting line 'gate': .*{named}"):
        CountingLine("gate", np.array(points))


@pytest.mark.parametrize(
    ("into", "span_s", "named"), [(1, 0.0, "0.0 s"), (-1, 10.0, "-1 in"), (np.nan, 1.0, "nan in")]
)
def test_a_flow_that_makes_no_sense_is_refused(into: float, span_s: float, named: str) -> None:
    with pytest.raises(BadInput, match=named):
        line_flow(NORTH, into=into, out=0, span_s=span_s)
