"""Pictures as the network's input: right values, memory used again, threads apart."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from numpy.typing import NDArray

from crowdsafe.edge.detector.blob import InputBlobs


def _picture(height_px: int, width_px: int, seed: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, size=(height_px, width_px, 3), dtype=np.uint8)


@pytest.mark.parametrize(("scale", "rgb"), [(1 / 255, True), (1.0, False)])
def test_levels_and_order_of_colours(scale: float, rgb: bool) -> None:
    picture = _picture(32, 64, 0)
    blob = InputBlobs().fill(picture, scale=scale, rgb=rgb)
    expected = picture[..., ::-1] if rgb else picture
    assert blob.shape == (1, 3, 32, 64)
    assert blob.dtype == np.float32
    assert blob.flags.c_contiguous
    np.testing.assert_allclose(blob[0], expected.transpose(2, 0, 1) * scale, rtol=1e-6)


def test_a_part_of_a_picture_is_taken_as_it_lies_there() -> None:
    part = _picture(64, 96, 1)[8:40, 16:80]
    blob = InputBlobs().fill(part, scale=1.0, rgb=False)
    np.testing.assert_array_equal(blob[0], part.transpose(2, 0, 1))


def test_the_same_shape_uses_the_same_memory_and_many_shapes_do_not_pile_up() -> None:
    blobs = InputBlobs()
    first = blobs.fill(_picture(32, 32, 2), scale=1.0, rgb=True)
    assert blobs.fill(_picture(32, 32, 3), scale=1.0, rgb=True) is first
    shapes = [(32, 32 * n) for n in range(1, 30)]
    for height_px, width_px in shapes:
        blobs.fill(_picture(height_px, width_px, 4), scale=1.0, rgb=True)
    assert len(blobs._blobs) <= 8


def test_threads_do_not_write_over_each_other() -> None:
    blobs, both_wrote = InputBlobs(), Barrier(2)
    pictures = [_picture(32, 32, seed) for seed in (5, 6)]

    def fill(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        blob = blobs.fill(picture, scale=1.0, rgb=False)
        both_wrote.wait(5)
        return blob.copy()

    with ThreadPoolExecutor(2) as pool:
        for picture, blob in zip(pictures, pool.map(fill, pictures), strict=True):
            np.testing.assert_array_equal(blob[0], picture.transpose(2, 0, 1))
