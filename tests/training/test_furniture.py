"""Things as large as heads stand where nobody is, and never over a head."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsafe.training.furniture import MOST_THINGS, furnish
from crowdsafe.training.things import LEARNED_KINDS, UNSEEN_KINDS, thing

SIDE_PX = 160
GREY = 117


def plain() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((SIDE_PX, SIDE_PX, 3), GREY, dtype=np.uint8)


@pytest.mark.parametrize("seed", range(40))
def test_heads_stay_as_they_are(seed: int) -> None:
    rng = np.random.default_rng(seed)
    heads = rng.uniform(0, SIDE_PX, size=(6, 2)).astype(np.float32)
    sizes = np.full(6, 12.0, dtype=np.float32)
    image = plain()
    furnished = furnish(rng, image, heads_px=heads, sizes_px=sizes).image
    assert furnished.shape == image.shape
    assert (image == GREY).all()
    rows, columns = np.mgrid[0:SIDE_PX, 0:SIDE_PX] + 0.5
    for x_px, y_px in heads:
        head = np.hypot(columns - x_px, rows - y_px) < 6.0
        assert (furnished[head] == GREY).all()


def test_things_are_painted_and_no_larger_than_heads_with_what_is_under_them() -> None:
    painted = []
    for seed in range(20):
        furnished = furnish(
            np.random.default_rng(seed),
            plain(),
            heads_px=np.array([[-20.0, -20.0]], dtype=np.float32),
            sizes_px=np.array([8.0], dtype=np.float32),
        ).image
        painted.append(float((furnished != GREY).any(axis=2).sum()))
    # 2.2 heads wide, three times as tall.
    largest_px = (2.2 * 8) * (3 * 2.2 * 8)
    assert np.median(painted) > 100
    assert max(painted) <= MOST_THINGS * largest_px


def test_a_crush_has_no_room_for_things() -> None:
    grid = np.arange(0, SIDE_PX, 8.0)
    heads = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2).astype(np.float32)
    furnished = furnish(
        np.random.default_rng(0),
        plain(),
        heads_px=heads,
        sizes_px=np.full(len(heads), 10.0, dtype=np.float32),
    )
    assert (furnished.image == GREY).all()
    assert furnished.things_px.shape == (0, 4)


def test_the_same_seed_gives_the_same_things() -> None:
    none = np.zeros((0, 2), dtype=np.float32), np.zeros(0, dtype=np.float32)
    one, other = (
        furnish(np.random.default_rng(7), plain(), heads_px=none[0], sizes_px=none[1]).image
        for _ in range(2)
    )
    assert (one == other).all()
    assert (one != GREY).any()


@pytest.mark.parametrize("kind", LEARNED_KINDS + UNSEEN_KINDS)
def test_each_kind_fills_a_good_part_of_its_box(kind: str) -> None:
    for seed in range(10):
        colours, cover = thing(np.random.default_rng(seed), kind, 20.0, 40.0)
        assert colours.shape == (40, 20, 3)
        assert cover.shape == (40, 20)
        assert cover.min() >= 0.0
        assert 0.9 < cover.max() < 1.0 + 1e-5
        assert cover.mean() > 0.15


def test_the_boxes_are_where_the_paint_is() -> None:
    furnished = furnish(
        np.random.default_rng(3),
        plain(),
        heads_px=np.zeros((0, 2), dtype=np.float32),
        sizes_px=np.zeros(0, dtype=np.float32),
        kinds=UNSEEN_KINDS,
    )
    rows, columns = np.mgrid[0:SIDE_PX, 0:SIDE_PX] + 0.5
    outside = np.ones((SIDE_PX, SIDE_PX), dtype=np.bool_)
    for x1, y1, x2, y2 in furnished.things_px:
        outside &= (columns < x1 - 1) | (columns > x2 + 1) | (rows < y1 - 1) | (rows > y2 + 1)
    assert 1 <= len(furnished.things_px) <= MOST_THINGS
    assert (furnished.image[outside] == GREY).all()
    assert (furnished.image[~outside] != GREY).any()


def test_what_is_kept_back_is_not_learned() -> None:
    assert not set(LEARNED_KINDS) & set(UNSEEN_KINDS)
