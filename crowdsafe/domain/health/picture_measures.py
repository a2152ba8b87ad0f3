"""What one picture says of its camera, and what a shift of the picture means on the ground."""

from dataclasses import dataclass
from math import isfinite, sqrt
from typing import Protocol

import numpy as np

from crowdsafe.domain.camera.geometry import Points


@dataclass(frozen=True)
class Shift:
    """Where the background went against the reference: a similarity about the picture's middle.

    Something seen at p in the reference is now at p + d(p), in px of the picture measured, with
    d(p) = (dx, dy) + growth·q + turn·(−q_y, q_x) and q = p − middle.

    Attributes:
        dx_px: to the right, at the picture's middle.
        dy_px: down.
        growth: scale minus one.
        turn: sine part of the rotation, in rad for small angles.
    """

    dx_px: float
    dy_px: float
    growth: float = 0.0
    turn: float = 0.0

    def size_px(self, picture_size_px: tuple[int, int]) -> float:
        """Return the root of the mean over the picture of |d|².

        Of a plain shift it is the length; over a rectangle w × h the mean of |q|² is (w² + h²)/12.
        """
        width, height = picture_size_px
        spread = (self.growth**2 + self.turn**2) * (width**2 + height**2) / 12.0
        return sqrt(self.dx_px**2 + self.dy_px**2 + spread)

    def at_px(
        self, xy_px: tuple[float, float], *, picture_size_px: tuple[int, int]
    ) -> tuple[float, float]:
        """Return d(p) at one point of the picture."""
        x, y = xy_px[0] - picture_size_px[0] / 2, xy_px[1] - picture_size_px[1] / 2
        return (
            self.dx_px + self.growth * x - self.turn * y,
            self.dy_px + self.growth * y + self.turn * x,
        )


class Ground(Protocol):
    """What is asked of a camera: :class:`crowdsafe.domain.camera.geometry.GroundCamera` has it."""

    @property
    def image_size_px(self) -> tuple[int, int]:
        """Width and height of the picture calibrated."""
        ...

    def to_ground(self, image_px: Points, *, height_m: float) -> Points:
        """Return (n, 2) ground points, NaN above the horizon."""
        ...


def shift_m(shift: Shift, *, camera: Ground, picture_size_px: tuple[int, int]) -> float | None:
    """Return how far from where they are people are placed after a shift, in metres on the ground.

    Taken at the lower middle of the picture (half its width, three quarters of its height):
    |G(p + d(p)) − G(p)| with G the calibration. Farther away it is more.

    Args:
        shift: in px of a picture of ``picture_size_px``.
        camera: its calibration; another resolution of the same picture is fine.
        picture_size_px: width and height.

    Returns:
        None where that place, before or after, is no ground.
    """
    width, height = picture_size_px
    x, y = width / 2.0, height * 0.75
    dx, dy = shift.at_px((x, y), picture_size_px=picture_size_px)
    to_calibrated = np.array(camera.image_size_px, dtype=np.float64) / (width, height)
    points = np.array([[x, y], [x + dx, y + dy]]) * to_calibrated
    before, after = camera.to_ground(points, height_m=0.0)
    off_m = float(np.hypot(*(after - before)))
    return off_m if isfinite(off_m) else None


def sent_anew_levels(brightest_level: float) -> float:
    """Return by how many grey levels a reduced picture can differ without a move in it.

    A key frame of the same scene differs by up to 23 levels at a brightest level of 210, measured;
    somebody who walks by 200.
    """
    return max(1.0, 0.15 * brightest_level)


@dataclass(frozen=True)
class PictureMeasures:
    """What one picture says of its camera. Shares are 0 to 1, levels 0 to 255.

    Attributes:
        captured_at_s: the picture's own time stamp.
        size_px: its width and height.
        difference: greatest difference of brightness from the picture before, reduced; None
            without one.
        changed_share: share of the picture's squares in which any px changed at all; None without
            a picture before.
        moving_share: share of them in which something moved, see ``sent_anew_levels``; likewise.
        mean_level: mean brightness.
        brightest_level: brightness that 2 % of the picture reach.
        one_colour_share: share that has the picture's commonest colour.
        clipped_share: share that is at full white and was not in the reference.
        veiled_share: share of the reference's textured squares that lost their contrast.
        sharpness_ratio: sharpness of the edges against the reference's, 1 as sharp.
        light_ratio: mean brightness against the reference's.
        found_share: share of the reference's landmarks that were found; None where none were
            looked for.
        shift: of the background; None where it was not looked for or not found.
    """

    captured_at_s: float
    size_px: tuple[int, int]
    difference: float | None
    changed_share: float | None
    moving_share: float | None
    mean_level: float
    brightest_level: float
    one_colour_share: float
    clipped_share: float
    veiled_share: float | None = None
    sharpness_ratio: float | None = None
    light_ratio: float | None = None
    found_share: float | None = None
    shift: Shift | None = None
