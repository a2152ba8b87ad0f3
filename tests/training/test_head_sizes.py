"""Head sizes guessed from points."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsafe.training.head_sizes import MAX_SIZE_PX, MIN_SIZE_PX, head_sizes_px


def test_nobody_has_no_sizes() -> None:
    heads = np.zeros((0, 2), dtype=np.float32)
    assert head_sizes_px(heads_px=heads, width_px=1024, height_px=768).shape == (0,)


def test_one_head_gets_the_prior() -> None:
    heads = np.array([[500.0, 400.0]], dtype=np.float32)
    size = head_sizes_px(heads_px=heads, width_px=1024, height_px=768)
    assert size[0] == pytest.approx(4.0 + 0.055 * 400.0)


def test_a_crowd_is_sized_by_its_spacing() -> None:
    columns, rows = np.meshgrid(np.arange(20, 1000, 24), np.arange(20, 760, 24))
    heads = np.stack((columns.ravel(), rows.ravel()), axis=1).astype(np.float32)
    sizes = head_sizes_px(heads_px=heads, width_px=1024, height_px=768)
    assert np.median(sizes) == pytest.approx(12.0, rel=0.15)


def test_nearer_people_have_larger_heads() -> None:
    heads = np.array([[100.0, 50.0], [600.0, 300.0], [300.0, 700.0]], dtype=np.float32)
    sizes = head_sizes_px(heads_px=heads, width_px=1024, height_px=768)
    assert sizes[0] < sizes[1] < sizes[2]


def test_sizes_stay_in_range_even_for_points_on_each_other() -> None:
    heads = np.array([[5.0, 0.0]] * 700 + [[500.0, 4000.0]], dtype=np.float32)
    sizes = head_sizes_px(heads_px=heads, width_px=4000, height_px=4000)
    assert np.isfinite(sizes).all()
    assert sizes.min() >= MIN_SIZE_PX
    assert sizes.max() <= MAX_SIZE_PX
