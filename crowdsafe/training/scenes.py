"""Pictures of nobody, made up: a model must count none in them."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from crowdsafe.training.data import Dataset, load_rgb

_WIDTH_PX = 1024
_HEIGHT_PX = 768
_BLUR_OF_LONG_SIDE = 0.05
_BLURRED_PER_FOLDER = 3


def empty_scenes() -> dict[str, NDArray[np.uint8]]:
    """Named (768, 1024, 3) RGB pictures: plain, gradient, noise, paving, lights at night."""
    rng = np.random.default_rng(0)
    shape = (_HEIGHT_PX, _WIDTH_PX, 3)
    ramp = np.linspace(30, 220, _WIDTH_PX)[None, :, None] * np.ones(shape)
    rows, columns = np.mgrid[0:_HEIGHT_PX, 0:_WIDTH_PX]
    paving = 130 + 40 * ((rows // 24 + columns // 24) % 2) + rng.normal(0, 6, size=rows.shape)
    night = np.full(shape, 18.0)
    for x_px, y_px in rng.integers((40, 40), (_WIDTH_PX - 40, 300), size=(20, 2)):
        cv2.circle(night, (int(x_px), int(y_px)), int(rng.integers(3, 14)), (250, 235, 190), -1)
    night = cv2.GaussianBlur(night, (0, 0), 4.0) + rng.normal(0, 5, size=shape)
    scenes = {
        "black": np.zeros(shape),
        "grey": np.full(shape, 114.0),
        "white": np.full(shape, 255.0),
        "gradient": ramp,
        "fine noise": 120 + rng.normal(0, 25, size=shape),
        "coarse noise": 120 + 8 * cv2.GaussianBlur(rng.normal(0, 25, size=shape), (0, 0), 5.0),
        "paving": np.repeat(paving[:, :, None], 3, axis=2),
        "lights at night": night,
    }
    return {name: np.clip(scene, 0, 255).astype(np.uint8) for name, scene in scenes.items()}


def blurred_scenes(datasets: Iterable[Dataset]) -> dict[str, NDArray[np.uint8]]:
    """Held-out pictures blurred until no head is left: real light and colours, nobody there."""
    scenes: dict[str, NDArray[np.uint8]] = {}
    for dataset in datasets:
        for picture in dataset.held_out()[:_BLURRED_PER_FOLDER]:
            sigma_px = _BLUR_OF_LONG_SIDE * picture.long_side_px
            blurred = cv2.GaussianBlur(load_rgb(picture), (0, 0), sigma_px)
            scenes[f"blurred {picture.path.name}"] = np.asarray(blurred, dtype=np.uint8)
    return scenes
