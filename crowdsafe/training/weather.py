"""What spoils a camera's picture: night, rain, fog, motion blur, low bitrate, lens flare.

Used twice: at random strength in training, and at three fixed strengths to measure what each costs.
Strength 1 is the worst a camera is still used in; 0 leaves the picture nearly as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

Corruption = Literal["night", "rain", "fog", "motion blur", "low bitrate", "lens flare"]
CORRUPTIONS: tuple[Corruption, ...] = get_args(Corruption)
STRENGTHS = (0.3, 0.6, 1.0)
"""The strengths of the table of errors: light, medium, strong."""

Rgb = NDArray[np.uint8]
Plane = NDArray[np.float32]


def corrupt(rng: np.random.Generator, rgb: Rgb, kind: Corruption, strength: float) -> Rgb:
    """Return (H, W, 3) RGB spoilt by `kind`; `strength` from 0 to 1."""
    return _SPOILERS[kind](rng, rgb, strength)


def _night(rng: np.random.Generator, rgb: Rgb, strength: float) -> Rgb:
    """Little light: darker, less colour, a warm or cold cast, sensor noise that light hides."""
    light = 1.0 - 0.85 * strength
    cast = 1.0 + strength * rng.uniform(-0.25, 0.25, size=3).astype(np.float32)
    levels = (rgb.astype(np.float32) / 255.0) ** (1.0 + 0.6 * strength) * light
    grey = levels.mean(axis=2, keepdims=True)
    levels = (grey + (levels - grey) * (1.0 - 0.5 * strength)) * cast
    photons = 2500.0 / (1.0 + 9.0 * strength)
    noise = rng.standard_normal(rgb.shape, dtype=np.float32)
    levels += noise * np.sqrt(np.maximum(levels, 0.0) / photons + (0.012 * strength) ** 2)
    gain = 1.0 + 0.8 * strength
    return _clipped(levels * (255.0 * gain))


def _rain(rng: np.random.Generator, rgb: Rgb, strength: float) -> Rgb:
    """Streaks of one slant over a paler picture, and drops on the glass."""
    height, width = rgb.shape[:2]
    streaks = np.zeros((height, width), dtype=np.float32)
    length_px = max(3, int(height * rng.uniform(0.02, 0.05) * (0.5 + strength)))
    slant_px = round(float(rng.uniform(-0.4, 0.4)) * length_px)
    drops = int(height * width / 1000 * (0.3 + 1.7 * strength))
    starts = np.column_stack([rng.integers(0, width, drops), rng.integers(0, height, drops)])
    ends = starts + np.array([slant_px, length_px])
    brightness = float(rng.uniform(0.5, 1.0))
    cv2.polylines(
        streaks, list(np.stack([starts, ends], axis=1).astype(np.int32)), False, brightness
    )
    streaks = cv2.GaussianBlur(streaks, (0, 0), 0.7).astype(np.float32)
    pale = 1.0 - 0.35 * strength
    levels = rgb.astype(np.float32) * pale + 255.0 * (1.0 - pale) * 0.55
    levels += (streaks * (90.0 + 60.0 * strength))[:, :, None]
    wet = _clipped(levels)
    glass = np.zeros((height, width), dtype=np.float32)
    for _ in range(int(rng.integers(2, 6) + 10 * strength)):
        centre = int(rng.integers(width)), int(rng.integers(height))
        cv2.circle(glass, centre, int(height * rng.uniform(0.008, 0.03)) + 1, 1.0, -1)
    glass = cv2.GaussianBlur(glass, (0, 0), 1.5).astype(np.float32)[:, :, None]
    soft = cv2.GaussianBlur(wet, (0, 0), max(1.0, height * 0.01))
    return _clipped(wet * (1.0 - glass) + soft * glass)


def _fog(rng: np.random.Generator, rgb: Rgb, strength: float) -> Rgb:
    """Contrast lost towards a light grey, more where the picture is far: at its top."""
    height, width = rgb.shape[:2]
    rows = np.linspace(1.0, 0.35, height, dtype=np.float32)[:, None]
    cloud = _smooth(rng, height, width)
    veil = np.clip(strength * (0.55 * rows + 0.3 * cloud + 0.1), 0.0, 0.92)[:, :, None]
    colour = rng.uniform(170.0, 225.0) + rng.uniform(-8.0, 8.0, size=3).astype(np.float32)
    return _clipped(rgb.astype(np.float32) * (1.0 - veil) + colour * veil)


def _motion_blur(rng: np.random.Generator, rgb: Rgb, strength: float) -> Rgb:
    """A mast that sways in the wind: everything smeared along one direction."""
    length_px = max(2.0, strength * 0.014 * max(rgb.shape[:2]))
    angle = rng.uniform(0.0, np.pi)
    side = int(length_px) | 1
    kernel = np.zeros((side + 2, side + 2), dtype=np.float32)
    middle = (side + 2) / 2 - 0.5
    reach = np.array([np.cos(angle), np.sin(angle)]) * length_px / 2
    start, end = middle - reach, middle + reach
    cv2.line(kernel, _point(start), _point(end), 1.0, 1, cv2.LINE_AA)
    return np.asarray(cv2.filter2D(rgb, -1, kernel / kernel.sum()), dtype=np.uint8)


def _low_bitrate(rng: np.random.Generator, rgb: Rgb, strength: float) -> Rgb:
    """A starved encoder: fewer pixels sent than shown, and coarse blocks."""
    height, width = rgb.shape[:2]
    shrink = 1.0 / (1.0 + 0.9 * strength)
    small = cv2.resize(
        rgb, (max(1, int(width * shrink)), max(1, int(height * shrink))), None, 0, 0, cv2.INTER_AREA
    )
    quality = int(np.clip(45 - 35 * strength + rng.integers(-3, 4), 5, 95))
    code: Rgb = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    decoded = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR), dtype=np.uint8)
    return np.asarray(cv2.resize(decoded, (width, height)), dtype=np.uint8)


def _lens_flare(rng: np.random.Generator, rgb: Rgb, strength: float) -> Rgb:
    """A lamp in view: its glare, a veil over all, and ghosts on the line through the middle."""
    height, width = rgb.shape[:2]
    source = np.array([rng.uniform(0, width), rng.uniform(0, 0.5 * height)], dtype=np.float32)
    middle = np.array([width / 2, height / 2], dtype=np.float32)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    distance = np.hypot(columns - source[0], rows - source[1]) / max(height, width)
    glow = np.exp(-((distance / 0.05) ** 2)) * 2.0 + 0.5 * np.exp(-distance / 0.18) + 0.12
    tint = 1.0 + rng.uniform(-0.15, 0.15, size=3).astype(np.float32)
    levels = rgb.astype(np.float32) + (glow * 230.0 * strength)[:, :, None] * tint
    for _ in range(int(rng.integers(2, 6))):
        centre = source + (middle - source) * rng.uniform(0.5, 2.0)
        ghost = np.zeros((height, width), dtype=np.float32)
        cv2.circle(ghost, _point(centre), int(rng.uniform(0.015, 0.06) * width) + 1, 1.0, -1)
        ghost = cv2.GaussianBlur(ghost, (0, 0), 2.0).astype(np.float32)
        levels += (ghost * 70.0 * strength)[:, :, None] * rng.uniform(0.3, 1.0, size=3)
    return _clipped(levels)


def _smooth(rng: np.random.Generator, height: int, width: int) -> Plane:
    coarse = rng.random((4, 4), dtype=np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), None, 0, 0, cv2.INTER_CUBIC), np.float32)


def _point(place: NDArray[np.float64] | NDArray[np.float32]) -> tuple[int, int]:
    return round(float(place[0])), round(float(place[1]))


def _clipped(levels: NDArray[np.floating]) -> Rgb:
    clipped: Rgb = np.clip(levels, 0.0, 255.0).astype(np.uint8)
    return clipped


_SPOILERS: dict[Corruption, Callable[[np.random.Generator, Rgb, float], Rgb]] = {
    "night": _night,
    "rain": _rain,
    "fog": _fog,
    "motion blur": _motion_blur,
    "low bitrate": _low_bitrate,
    "lens flare": _lens_flare,
}
