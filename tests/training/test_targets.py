"""What the network is asked to answer."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsafe.training.targets import density_map, make_targets


def test_a_head_is_one_in_its_cell_and_one_in_the_density() -> None:
    targets = make_targets(
        heads_px=np.array([[65.0, 42.0]], dtype=np.float32),
        sizes_px=np.array([20.0], dtype=np.float32),
        crop_px=128,
    )
    assert targets.heat.shape == (32, 32)
    assert targets.heat[10, 16] == 1.0
    assert np.count_nonzero(targets.heat == 1.0) == 1
    assert targets.cells.tolist() == [[16, 10]]
    assert targets.offsets[0] == pytest.approx([0.25, 0.5])
    assert targets.density.shape == (16, 16)
    assert targets.density.sum() == pytest.approx(1.0, abs=1e-4)


def test_the_density_lies_where_the_head_is() -> None:
    density = density_map(heads_px=np.array([[70.0, 30.0]], dtype=np.float32), cells=16)
    rows, columns = np.mgrid[0:16, 0:16] * 8.0 + 4.0
    assert (density * columns).sum() / density.sum() == pytest.approx(70.0, abs=0.1)
    assert (density * rows).sum() / density.sum() == pytest.approx(30.0, abs=0.1)


def test_heads_outside_reach_into_the_density_only() -> None:
    targets = make_targets(
        heads_px=np.array([[-2.0, 64.0]], dtype=np.float32),
        sizes_px=np.array([20.0], dtype=np.float32),
        crop_px=128,
    )
    assert len(targets.cells) == 0
    assert targets.heat.max() == 0.0
    assert 0.2 < targets.density.sum() < 0.5


def test_an_empty_crop() -> None:
    targets = make_targets(
        heads_px=np.zeros((0, 2), dtype=np.float32),
        sizes_px=np.zeros(0, dtype=np.float32),
        crop_px=64,
    )
    assert targets.heat.max() == targets.density.max() == 0.0
    assert targets.offsets.shape == (0, 2)
