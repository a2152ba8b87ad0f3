"""Things as large as heads, painted into pictures where nobody is.

A head of eight pixels is a dark round thing on top of something. So is a bollard, and a camera
looks at the same bollard all night.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from crowdsafe.training.things import LEARNED_KINDS, thing

MOST_THINGS = 8
_TRIES = 4
_OF_THE_PLACE = 0.5
"""Share of things whose surface is cut out of the picture, so that light and grain are its own."""

Rgb = NDArray[np.uint8]


@dataclass(frozen=True)
class Furnished:
    """A picture with things in it.

    Attributes:
        image: (H, W, 3).
        things_px: (n, 4) x1, y1, x2, y2 of each thing, which may reach beyond the picture.
    """

    image: Rgb
    things_px: NDArray[np.float64]


def furnish(
    rng: np.random.Generator,
    image: Rgb,
    *,
    heads_px: NDArray[np.float32],
    sizes_px: NDArray[np.float32],
    kinds: Sequence[str] = LEARNED_KINDS,
    most: int = MOST_THINGS,
) -> Furnished:
    """Put one to `most` things into a picture, as large as heads, none of them over a head.

    Args:
        rng: what and where.
        image: (H, W, 3).
        heads_px: (n, 2), those a little outside too.
        sizes_px: (n,).
        kinds: of `things.LEARNED_KINDS` and `things.UNSEEN_KINDS`.
        most: things in one picture.
    """
    far_corner = np.array(image.shape[1::-1]) - 1
    painted = image.copy()
    placed: list[tuple[float, float, float, float]] = []
    for _ in range(int(rng.integers(1, most + 1))):
        usual_px = float(rng.choice(sizes_px)) if len(sizes_px) else np.exp(rng.uniform(1.8, 3.7))
        width_px = float(usual_px * np.exp(rng.uniform(np.log(0.6), np.log(2.2))))
        height_px = float(width_px * rng.uniform(1.0, 3.0))
        for _ in range(_TRIES):
            corner = rng.uniform(0, far_corner) - np.array([width_px, height_px]) / 2
            if not _is_free(corner, width_px, height_px, heads_px, sizes_px):
                continue
            kind = kinds[int(rng.integers(len(kinds)))]
            colours, cover = thing(rng, kind, width_px, height_px)
            other = rng.uniform(0, far_corner)
            if rng.random() < _OF_THE_PLACE and _is_free(
                other, width_px, height_px, heads_px, sizes_px
            ):
                colours = _of_the_place(image, colours, other)
            _paste(painted, colours, cover, corner)
            left, top = corner.tolist()
            placed.append((left, top, left + width_px, top + height_px))
            break
    return Furnished(painted, np.array(placed, dtype=np.float64).reshape(-1, 4))


def _is_free(
    corner: NDArray[np.float64],
    width_px: float,
    height_px: float,
    heads_px: NDArray[np.float32],
    sizes_px: NDArray[np.float32],
) -> bool:
    low, high = corner - sizes_px[:, None], corner + (width_px, height_px) + sizes_px[:, None]
    return not bool(np.any(np.all((heads_px > low) & (heads_px < high), axis=1)))


def _of_the_place(
    image: Rgb, colours: NDArray[np.float32], corner: NDArray[np.float64]
) -> NDArray[np.float32]:
    """The surface at another corner of the picture, lit as the thing is."""
    height, width = colours.shape[:2]
    left, top = (round(float(value)) for value in corner)
    cut = image[top : top + height, left : left + width]
    below, beside = height - cut.shape[0], width - cut.shape[1]
    surface = cv2.copyMakeBorder(cut, 0, below, 0, beside, cv2.BORDER_REPLICATE)
    light = colours.mean(axis=2, keepdims=True) / max(float(colours.mean()), 1.0)
    return np.asarray(surface * light, dtype=np.float32)


def _paste(
    image: Rgb,
    colours: NDArray[np.float32],
    cover: NDArray[np.float32],
    corner: NDArray[np.float64],
) -> None:
    """Paint a thing into `image`; what lies outside is cut off."""
    left, top = (round(float(value)) for value in corner)
    height, width = cover.shape
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + width, image.shape[1]), min(top + height, image.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    part = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
    here = image[y0:y1, x0:x1].astype(np.float32)
    amount = cover[part][:, :, None]
    image[y0:y1, x0:x1] = np.clip(here + (colours[part] - here) * amount, 0, 255).astype(np.uint8)
