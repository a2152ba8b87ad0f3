"""Everybody at a seam is counted once, whatever side two looks put him on."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from crowdsafe.edge.detector.seams import REACH_HEADS, Heads, counted_once
from crowdsafe.edge.detector.tiles import Rect, Tile, Tiles

Array = NDArray[np.float64]
_SIDE_PX = 10.0
_WIDTH = 400


def _bands(*cuts: int, context: int = 40) -> Tiles:
    """Bands between the cuts of a picture 300 px tall, each with a scale of its own."""
    edges = [0, *cuts, 300]
    return tuple(
        Tile(
            Rect(0, max(0, top - context), _WIDTH, min(300, bottom + context)),
            Rect(0, top, _WIDTH, bottom),
            2.0 / (1 + number),
        )
        for number, (top, bottom) in enumerate(pairwise(edges))
    )


_TWO = _bands(100)


def _heads(middles: object, *, score: float = 0.9, side_px: float = _SIDE_PX) -> Heads:
    middle = np.asarray(middles, dtype=np.float64).reshape(-1, 2)
    half = side_px / 2
    return Heads(np.column_stack([middle - half, middle + half]), np.full(len(middle), score))


def _look(tile: Tile, middles: Array, sides_px: Array) -> Heads:
    """All heads that a tile sees."""
    seen = tile.seen.holds(middles)
    half = sides_px[seen, None] / 2
    return Heads(
        np.column_stack([middles[seen] - half, middles[seen] + half]), np.full(seen.sum(), 0.8)
    )


def _count(tiles: Tiles, *found: Heads) -> list[list[bool]]:
    return [kept.tolist() for kept in counted_once(tiles, found)]


@pytest.mark.parametrize("upper_y", [93.0, 99.0, 99.9, 100.0, 101.0, 107.0])
@pytest.mark.parametrize("moved", [-7.0, -3.0, 0.0, 3.0, 7.0])
def test_a_head_that_two_looks_see_a_little_apart_counts_once(upper_y: float, moved: float) -> None:
    upper, lower = _heads([50, upper_y]), _heads([50, upper_y + moved])
    assert sum(map(sum, _count(_TWO, upper, lower))) == 1


def test_of_two_owners_the_surer_counts() -> None:
    upper, lower = _heads([50, 98], score=0.5), _heads([50, 102], score=0.6)
    assert _count(_TWO, upper, lower) == [[False], [True]]
    assert _count(_TWO, _heads([50, 98], score=0.7), lower) == [[True], [False]]


def test_of_a_pair_on_one_side_its_owners_head_counts_though_the_other_is_surer() -> None:
    assert _count(_TWO, _heads([50, 97], score=0.5), _heads([50, 98], score=0.9)) == [
        [True],
        [False],
    ]


def test_a_head_that_each_look_leaves_to_the_other_counts() -> None:
    assert _count(_TWO, _heads([50, 102], score=0.6), _heads([50, 98], score=0.5)) == [
        [True],
        [False],
    ]


@pytest.mark.parametrize(("y", "by_upper"), [(99.0, True), (101.0, False)])
def test_a_head_of_one_look_is_its_owners_business(y: float, by_upper: bool) -> None:
    assert _count(_TWO, _heads([50, y]), _heads([])) == [[by_upper], []]
    assert _count(_TWO, _heads([]), _heads([50, y])) == [[], [not by_upper]]


def test_two_people_stay_two() -> None:
    # 9 px apart over the seam, both seen by both looks, each a little moved.
    upper, lower = _heads([[50, 96], [51, 105]]), _heads([[51, 94], [50, 103]])
    counted = _count(_TWO, upper, lower)
    assert sum(map(sum, counted)) == 2


def test_a_look_that_takes_two_for_one_takes_nobody_from_the_other() -> None:
    counted = _count(_TWO, _heads([[50, 95], [50, 104]]), _heads([50, 101]))
    assert sum(map(sum, counted)) == 2


def test_far_from_the_seam_looks_do_not_meddle() -> None:
    upper, lower = _heads([[50, 80], [50, 120]]), _heads([[50, 81], [50, 119]])
    assert _count(_TWO, upper, lower) == [[True, False], [False, True]]


def test_a_head_beside_the_picture_is_nobodys_even_as_a_pair() -> None:
    assert _count(_TWO, _heads([-1, 99]), _heads([-1, 101])) == [[False], [False]]


def test_one_tile_and_no_heads_are_fine() -> None:
    one = _bands()
    assert _count(one, _heads([[50, 10], [60, 299]])) == [[True, True]]
    assert _count(_TWO, _heads([]), _heads([])) == [[], []]


@given(
    seed=st.integers(0, 2**32 - 1),
    cuts=st.sampled_from([(100,), (100, 160), (60, 90, 125, 240)]),
    sides_px=st.tuples(st.floats(4.0, 20.0), st.floats(4.0, 20.0)),
)
def test_a_crowd_at_seams_is_counted_exactly(
    seed: int, cuts: tuple[int, ...], sides_px: tuple[float, float]
) -> None:
    """Heads that grow down the picture, on and near the seams, drawn a little apart by each look.

    They stand two sides apart, so that no two of them can be taken for one.
    """
    rng = np.random.default_rng(seed)
    top_px, bottom_px = sorted(sides_px)
    people: list[tuple[float, float, float]] = []
    for cut in cuts:
        side_px = float(np.interp(cut, [0, 300], [top_px, bottom_px]))
        step_px = 2.2 * side_px
        x = np.arange(step_px / 2, _WIDTH - step_px / 2, step_px)
        y = cut + rng.uniform(-1.5, 1.5, len(x)) * side_px
        people += [(at, row, side_px) for at, row in zip(x, y, strict=True) if 0 <= row < 300]
    table = np.array(people)
    # Neighbouring seams may have put two at one place.
    apart = np.linalg.norm(table[:, None, :2] - table[None, :, :2], axis=2)
    crowded = np.triu(apart < 2.0 * table[:, 2].max(), k=1).any(axis=0)
    table = table[~crowded]
    tiles = _bands(*cuts)
    looks = []
    for tile in tiles:
        angle = rng.uniform(0, 2 * np.pi, len(table))
        # Two looks are apart by REACH_HEADS at most; sizes differ by a tenth.
        far = 0.45 * REACH_HEADS * table[:, 2] * rng.uniform(0, 1, len(table))
        moved = table[:, :2] + far[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
        looks.append(_look(tile, moved, table[:, 2] * rng.uniform(0.95, 1.05, len(table))))
    counted = sum(int(kept.sum()) for kept in counted_once(tiles, looks))
    assert counted == len(table)
