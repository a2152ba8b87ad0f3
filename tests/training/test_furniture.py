"""Things as large as heads stand where nobody is, and never over a head."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsafe.training.furniture import MOST_THINGS, furnish

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
    furnished = furnish(rng, image, heads_px=heads, sizes_px=sizes)
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
        )
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
    assert (furnished == GREY).all()


def test_the_same_seed_gives_the_same_things() -> None:
    none = np.zeros((0, 2), dtype=np.float32), np.zeros(0, dtype=np.float32)
    one, other = (
        furnish(np.random.default_rng(7), plain(), heads_px=none[0], sizes_px=none[1])
        for _ in range(2)
    )
    assert (one == other).all()
    assert (one != GREY).any()
