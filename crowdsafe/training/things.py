"""Things that stand about and look like heads: their shape, their colours, their surface."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

LEARNED_KINDS = ("stump", "cone", "post", "ball", "box")
UNSEEN_KINDS = ("lamp", "sign", "bin", "sack", "hydrant")
"""Never painted in training: whether a model takes them for heads says what it will do with things
that nobody thought of."""
_FINER = 4
_TWO_TONED = 0.3
"""Share of things whose upper part has a colour of its own: caps, lids, reflectors, snow."""

Mask = NDArray[np.float32]
Colours = NDArray[np.float32]


def thing(
    rng: np.random.Generator, kind: str, width_px: float, height_px: float
) -> tuple[Colours, Mask]:
    """Colours (h, w, 3), 0 to 255, and how much they cover (h, w), 0 to 1 with a soft rim."""
    width, height = max(3, round(width_px)), max(4, round(height_px))
    cover = np.zeros((height * _FINER, width * _FINER), dtype=np.float32)
    _SHAPES[kind](rng, cover)
    soft = cv2.resize(cover, (width, height), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(soft, (0, 0), rng.uniform(0.3, 1.0))
    return _colours(rng, width, height), np.asarray(soft, dtype=np.float32)


def _colours(rng: np.random.Generator, width: int, height: int) -> Colours:
    w, h = width * _FINER, height * _FINER
    light = np.linspace(rng.uniform(0.6, 1.3), rng.uniform(0.6, 1.3), w)[None, :, None]
    drop = np.linspace(rng.uniform(0.7, 1.3), rng.uniform(0.6, 1.2), h)[:, None, None]
    tone = np.broadcast_to(_colour(rng), (h, w, 3)).copy()
    if rng.random() < _TWO_TONED:
        tone[: int(h * rng.uniform(0.1, 0.6))] = _colour(rng)
    colours = np.asarray(tone * light * drop, dtype=np.float32)
    if rng.random() < 0.25:
        stripes = (np.arange(h) / h * rng.integers(2, 5)).astype(np.int64) % 2
        colours[stripes == 1] = rng.uniform(0, 255, size=3)
    grain = cv2.GaussianBlur(rng.normal(size=(height, width)), (0, 0), rng.uniform(0.5, 2.0))
    stains = (rng.uniform(2, 20) * grain / max(grain.std(), 1e-6))[:, :, None].astype(np.float32)
    small = cv2.resize(colours, (width, height), interpolation=cv2.INTER_AREA) + stains
    return np.asarray(small, dtype=np.float32)


def _colour(rng: np.random.Generator) -> NDArray[np.float64]:
    if rng.random() < 0.15:
        return rng.uniform(0, 255, size=3)
    return np.asarray(rng.uniform(20, 245) + rng.normal(0, 12, size=3))


def _stump(rng: np.random.Generator, cover: Mask) -> None:
    h, w = cover.shape
    top = rng.uniform(0.3, 0.9) * w
    _fill(cover, [((w - top) / 2, 0.1 * h), ((w + top) / 2, 0.1 * h), (w, h), (0, h)])
    _ellipse(cover, w / 2, 0.1 * h, top / 2, 0.1 * h)


def _cone(rng: np.random.Generator, cover: Mask) -> None:
    h, w = cover.shape
    tip, foot = rng.uniform(0.03, 0.08) * w, rng.uniform(0.35, 0.45) * w
    _fill(cover, [(w / 2 - tip, 0), (w / 2 + tip, 0), (w / 2 + foot, h), (w / 2 - foot, h)])


def _post(rng: np.random.Generator, cover: Mask) -> None:
    h, w = cover.shape
    _bar(cover, rng.uniform(0.06, 0.2) * w, 0, h)
    _ellipse(cover, w / 2, w / 2, w / 2, w / 2)


def _ball(_: np.random.Generator, cover: Mask) -> None:
    h, w = cover.shape
    _ellipse(cover, w / 2, h / 2, w / 2, min(h, w) / 2)


def _box(_: np.random.Generator, cover: Mask) -> None:
    cover[:] = 1.0


def _lamp(rng: np.random.Generator, cover: Mask) -> None:
    """A shade wider below than above, on a pole."""
    h, w = cover.shape
    shade = rng.uniform(0.25, 0.45) * h
    top = rng.uniform(0.2, 0.4) * w
    _fill(cover, [(w / 2 - top, 0), (w / 2 + top, 0), (w, shade), (0, shade)])
    _bar(cover, rng.uniform(0.08, 0.2) * w, shade, h)


def _sign(rng: np.random.Generator, cover: Mask) -> None:
    """A plate of three to eight corners on a pole."""
    h, w = cover.shape
    corners = int(rng.integers(3, 9))
    turn = rng.uniform(0, 2 * np.pi) + np.arange(corners) * 2 * np.pi / corners
    tall = min(w, 0.7 * h) / 2
    _fill(cover, list(zip(w / 2 + w / 2 * np.cos(turn), tall + tall * np.sin(turn), strict=True)))
    _bar(cover, rng.uniform(0.05, 0.15) * w, tall, h)


def _bin(rng: np.random.Generator, cover: Mask) -> None:
    """A body narrower below, under a round lid that stands over."""
    h, w = cover.shape
    lid = rng.uniform(0.15, 0.35) * h
    rim, foot = rng.uniform(0.35, 0.48) * w, rng.uniform(0.25, 0.4) * w
    _fill(cover, [(w / 2 - rim, lid), (w / 2 + rim, lid), (w / 2 + foot, h), (w / 2 - foot, h)])
    _ellipse(cover, w / 2, lid, w / 2, lid)
    cover[int(1.3 * lid) :, : int(w / 2 - rim)] = 0.0
    cover[int(1.3 * lid) :, int(w / 2 + rim) :] = 0.0


def _sack(rng: np.random.Generator, cover: Mask) -> None:
    """An uneven heap."""
    h, w = cover.shape
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    bumps = sum(
        rng.uniform(0, 0.12 / wave) * np.cos(wave * turn + rng.uniform(0, 6.3))
        for wave in (2, 3, 5)
    )
    reach = 0.88 + bumps
    x, y = w / 2 * (1 + reach * np.cos(turn)), h / 2 * (1 + reach * np.sin(turn))
    _fill(cover, list(zip(x, np.minimum(y, 0.95 * h), strict=True)))


def _hydrant(rng: np.random.Generator, cover: Mask) -> None:
    """A pillar under a dome, with a pair of arms."""
    h, w = cover.shape
    half = rng.uniform(0.2, 0.32) * w
    dome = min(half, 0.3 * h)
    _bar(cover, 2 * half, dome, h)
    _ellipse(cover, w / 2, dome, half, dome)
    arm = rng.uniform(0.35, 0.6) * h
    thick = rng.uniform(0.08, 0.15) * h
    _fill(cover, [(0, arm), (w, arm), (w, arm + thick), (0, arm + thick)])


_SHAPES = {
    "stump": _stump,
    "cone": _cone,
    "post": _post,
    "ball": _ball,
    "box": _box,
    "lamp": _lamp,
    "sign": _sign,
    "bin": _bin,
    "sack": _sack,
    "hydrant": _hydrant,
}


def _bar(cover: Mask, wide: float, top: float, bottom: float) -> None:
    left, right = (cover.shape[1] - wide) / 2, (cover.shape[1] + wide) / 2
    _fill(cover, [(left, top), (right, top), (right, bottom), (left, bottom)])


def _ellipse(cover: Mask, x: float, y: float, wide: float, tall: float) -> None:
    cv2.ellipse(cover, (int(x), int(y)), (int(wide), int(tall)), 0, 0, 360, 1.0, -1)


def _fill(cover: Mask, corners: list[tuple[float, float]]) -> None:
    cv2.fillPoly(cover, [np.array(corners, dtype=np.int32)], 1.0)
