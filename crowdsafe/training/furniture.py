"""Things that stand about and look like heads: stumps, cones, posts, balls, boxes.

A head of eight pixels is a dark round thing on top of something. So is a bollard, and a camera
looks at the same bollard all night.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

MOST_THINGS = 8
_FINER = 4
_KINDS = ("stump", "cone", "post", "ball", "box")
_TRIES = 4
_OF_THE_PLACE = 0.5
"""Share of things whose surface is cut out of the picture, so that light and grain are its own."""

Rgb = NDArray[np.uint8]


def furnish(
    rng: np.random.Generator,
    image: Rgb,
    *,
    heads_px: NDArray[np.float32],
    sizes_px: NDArray[np.float32],
) -> Rgb:
    """Return (S, S, 3) with one to eight things as large as heads, none of them over a head.

    Args:
        rng: what and where.
        image: (S, S, 3).
        heads_px: (n, 2), those a little outside too.
        sizes_px: (n,).
    """
    side = image.shape[0]
    painted = image.copy()
    for _ in range(int(rng.integers(1, MOST_THINGS + 1))):
        usual_px = float(rng.choice(sizes_px)) if len(sizes_px) else np.exp(rng.uniform(1.8, 3.7))
        width_px = float(usual_px * np.exp(rng.uniform(np.log(0.6), np.log(2.2))))
        height_px = float(width_px * rng.uniform(1.0, 3.0))
        for _ in range(_TRIES):
            corner = rng.uniform(0, side - 1, size=2) - np.array([width_px, height_px]) / 2
            if _is_free(corner, width_px, height_px, heads_px, sizes_px):
                thing, cover = _thing(rng, width_px, height_px)
                other = rng.uniform(0, side - 1, size=2)
                if rng.random() < _OF_THE_PLACE and _is_free(
                    other, width_px, height_px, heads_px, sizes_px
                ):
                    thing = _of_the_place(image, thing, other)
                _paste(painted, thing, cover, corner)
                break
    return painted


def _is_free(
    corner: NDArray[np.float64],
    width_px: float,
    height_px: float,
    heads_px: NDArray[np.float32],
    sizes_px: NDArray[np.float32],
) -> bool:
    low, high = corner - sizes_px[:, None], corner + (width_px, height_px) + sizes_px[:, None]
    return not bool(np.any(np.all((heads_px > low) & (heads_px < high), axis=1)))


def _thing(
    rng: np.random.Generator, width_px: float, height_px: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Colours (h, w, 3) and how much they cover (h, w), with a soft rim."""
    width, height = max(3, round(width_px)), max(4, round(height_px))
    w, h = width * _FINER, height * _FINER
    cover = np.zeros((h, w), dtype=np.float32)
    kind = _KINDS[rng.integers(len(_KINDS))]
    top = rng.uniform(0.3, 0.9) * w
    if kind == "stump":
        _fill(cover, [((w - top) / 2, 0.1 * h), ((w + top) / 2, 0.1 * h), (w, h), (0, h)])
        cv2.ellipse(cover, (w // 2, int(0.1 * h)), (int(top / 2), int(0.1 * h)), 0, 0, 360, 1.0, -1)
    elif kind == "cone":
        _fill(cover, [(0.45 * w, 0), (0.55 * w, 0), (0.9 * w, h), (0.1 * w, h)])
    elif kind == "post":
        thin = rng.uniform(0.06, 0.2) * w
        _fill(
            cover,
            [((w - thin) / 2, 0), ((w + thin) / 2, 0), ((w + thin) / 2, h), ((w - thin) / 2, h)],
        )
        cv2.ellipse(cover, (w // 2, w // 2), (w // 2, w // 2), 0, 0, 360, 1.0, -1)
    elif kind == "ball":
        cv2.ellipse(cover, (w // 2, h // 2), (w // 2, min(h, w) // 2), 0, 0, 360, 1.0, -1)
    else:
        cover[:] = 1.0
    colour = rng.uniform(20, 245) + rng.normal(0, 12, size=3)
    if rng.random() < 0.15:
        colour = rng.uniform(0, 255, size=3)
    light = np.linspace(rng.uniform(0.6, 1.3), rng.uniform(0.6, 1.3), w)[None, :, None]
    drop = np.linspace(rng.uniform(0.7, 1.3), rng.uniform(0.6, 1.2), h)[:, None, None]
    colours = np.asarray(colour * light * drop, dtype=np.float32)
    if rng.random() < 0.25:
        stripes = (np.arange(h) / h * rng.integers(2, 5)).astype(np.int64) % 2
        colours[stripes == 1] = rng.uniform(0, 255, size=3)
    grain = cv2.GaussianBlur(rng.normal(size=(height, width)), (0, 0), rng.uniform(0.5, 2.0))
    stains = (rng.uniform(2, 20) * grain / max(grain.std(), 1e-6))[:, :, None].astype(np.float32)
    small = cv2.resize(colours, (width, height), interpolation=cv2.INTER_AREA) + stains
    soft = cv2.resize(cover, (width, height), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(soft, (0, 0), rng.uniform(0.3, 1.0))
    return np.asarray(small, dtype=np.float32), np.asarray(soft, dtype=np.float32)


def _of_the_place(
    image: Rgb, thing: NDArray[np.float32], corner: NDArray[np.float64]
) -> NDArray[np.float32]:
    """The surface at another corner of the picture, lit as the thing is."""
    height, width = thing.shape[:2]
    left, top = (round(float(value)) for value in corner)
    cut = image[top : top + height, left : left + width]
    below, beside = height - cut.shape[0], width - cut.shape[1]
    surface = cv2.copyMakeBorder(cut, 0, below, 0, beside, cv2.BORDER_REPLICATE)
    light = thing.mean(axis=2, keepdims=True) / max(float(thing.mean()), 1.0)
    return np.asarray(surface * light, dtype=np.float32)


def _fill(cover: NDArray[np.float32], corners: list[tuple[float, float]]) -> None:
    cv2.fillPoly(cover, [np.array(corners, dtype=np.int32)], 1.0)


def _paste(
    image: Rgb,
    thing: NDArray[np.float32],
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
    image[y0:y1, x0:x1] = np.clip(here + (thing[part] - here) * amount, 0, 255).astype(np.uint8)
