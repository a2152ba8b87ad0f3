"""What spoils a picture: every kind, stronger when asked stronger, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from crowdsafe.training.weather import CORRUPTIONS, Corruption, corrupt


@pytest.fixture
def street() -> NDArray[np.uint8]:
    rows, columns = np.mgrid[0:240, 0:640]
    checks = 60 + 130 * ((rows // 8 + columns // 8) % 2)
    return np.stack([checks, checks * 0.8, checks * 0.6], axis=2).astype(np.uint8)


def _change(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(np.abs(one.astype(float) - other.astype(float)).mean())


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_stronger_changes_more(kind: Corruption, street: NDArray[np.uint8]) -> None:
    changes = [
        _change(corrupt(np.random.default_rng(1), street, kind, strength), street)
        for strength in (0.1, 0.5, 1.0)
    ]
    assert 0.0 < changes[0] < changes[1] < changes[2]
    assert changes[2] > 8.0


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_same_seed_same_picture(kind: Corruption, street: NDArray[np.uint8]) -> None:
    one, other = (corrupt(np.random.default_rng(7), street, kind, 0.6) for _ in range(2))
    assert one.dtype == np.uint8
    assert one.shape == street.shape
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_tiny_pictures_survive(kind: Corruption) -> None:
    tiny = np.full((1, 2, 3), 90, dtype=np.uint8)
    assert corrupt(np.random.default_rng(0), tiny, kind, 1.0).shape == (1, 2, 3)
