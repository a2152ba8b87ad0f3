"""How well point pairs fix a homography: residuals, leave-one-out, and its own spread."""

from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crowdsafe.domain.camera.homography import (
    MIN_POINT_PAIRS,
    homography_from_points,
    mapped,
    normaliser,
    transfer_slope,
)
from crowdsafe.domain.crowd.points import Points, inverse
from crowdsafe.errors import BadInput

CLICK_SD_PX = 2.0
"""Chosen: how far off a click in a picture is, standard deviation in each of x and y."""
_POINT_TOLERANCE_PX = 1.5 * CLICK_SD_PX
"""Chosen: points are on one line, or one point, where a click cannot tell them from that."""
_GROUND_TOLERANCE_M = 0.01
"""Chosen: the same on the ground, where points are measured."""
_PRIOR_FREEDOM = 4.0
"""Chosen: the click error above counts as much as so many residuals of the pairs."""
_SUSPECT = 3.0
"""Chosen: of sets of seven good pairs, three in a hundred have one that is so far off by chance."""


@dataclass(frozen=True, eq=False)
class PlaneFit:
    """A homography and the point pairs that it was fitted to.

    Attributes:
        image_px: (n, 2) in ideal px.
        ground_m: (n, 2).
        homography: (3, 3).
    """

    image_px: Points
    ground_m: Points
    homography: Points

    @property
    def checked(self) -> bool:
        """Whether there are more pairs than the fit needs: four always fit without a residual."""
        return len(self.image_px) > MIN_POINT_PAIRS

    @property
    def residuals_m(self) -> NDArray[np.float64]:
        """(n,) distance on the ground between each pair's point and where the fit puts it."""
        off = mapped(self.homography, self.image_px)[0] - self.ground_m
        return np.hypot(off[:, 0], off[:, 1])

    @cached_property
    def residuals_px(self) -> NDArray[np.float64]:
        """(n,) distance in the picture."""
        off = mapped(inverse(self.homography), self.ground_m)[0] - self.image_px
        return np.hypot(off[:, 0], off[:, 1])

    @property
    def rms_m(self) -> float:
        """Root mean square of the residuals on the ground."""
        return sqrt(float((self.residuals_m**2).mean()))

    @property
    def click_sd_px(self) -> float:
        """How far off the pairs are in the picture, in each of x and y.

        From the residuals, which have 2n − 8 degrees of freedom, and :data:`CLICK_SD_PX`, which
        counts as four: with four pairs it is that alone, with many the residuals' own.
        """
        freedom = 2 * len(self.image_px) - 8
        squares = float((self.residuals_px**2).sum())
        return sqrt((squares + _PRIOR_FREEDOM * CLICK_SD_PX**2) / (freedom + _PRIOR_FREEDOM))

    @cached_property
    def left_out(self) -> "LeftOut":
        """How far each pair is off a fit to all others, and how far that is to be expected."""
        off_m, expected_m, click_sd_px = np.full((3, len(self.image_px)), np.nan)
        for number in range(len(self.image_px)):
            others = np.arange(len(self.image_px)) != number
            try:
                fit = fit_plane(image_px=self.image_px[others], ground_m=self.ground_m[others])
            except BadInput:
                continue
            at, ground_m = self.image_px[number, None], self.ground_m[number]
            off_m[number] = np.hypot(*(mapped(fit.homography, at)[0][0] - ground_m))
            expected_m[number] = fit.expected_m(at)[0]
            click_sd_px[number] = fit.click_sd_px
        return LeftOut(off_m=off_m, expected_m=expected_m, click_sd_px=click_sd_px)

    def expected_m(self, image_px: Points) -> NDArray[np.float64]:
        """Return (n,) how far clicks at these points are expected to be off this fit's ground.

        Root mean square distance, from the spread of the fit and the error of the click itself.
        """
        sides = np.stack([mapped(one, image_px)[0] for one in self.spread().reshape(-1, 3, 3)])
        halves = np.diff(sides.reshape(8, 2, -1, 2), axis=1)[:, 0] / 2.0
        step = self.click_sd_px * np.eye(2)
        clicks = np.stack(
            [
                (
                    mapped(self.homography, image_px + way)[0]
                    - mapped(self.homography, image_px - way)[0]
                )
                / 2.0
                for way in step
            ]
        )
        with np.errstate(over="ignore"):
            squares = (np.concatenate([halves, clicks]) ** 2).sum(axis=(0, 2))
        expected: NDArray[np.float64] = np.sqrt(squares)
        return expected

    def spread(self) -> NDArray[np.float64]:
        """Return (8, 2, 3, 3) homographies a standard deviation off, to both sides.

        With J the derivative of the points in the picture by the inverse homography's entries, the
        entries' covariance is click_sd²·(JᵀJ)⁺ (Hartley and Zisserman, 2nd edition, result 5.9).
        Its eight axes are independent of each other, so the variance of anything that depends on
        the homography is, to first order, the sum of the squares of half its difference between
        the two sides.
        """
        to_unit_image, to_unit_ground = normaliser(self.image_px), normaliser(self.ground_m)
        unit = to_unit_image @ inverse(self.homography) @ inverse(to_unit_ground)
        slope = transfer_slope(unit, mapped(to_unit_ground, self.ground_m)[0])
        _, singular_values, axes = np.linalg.svd(slope, full_matrices=False)
        sd = self.click_sd_px * to_unit_image[0, 0] / singular_values[:8]
        steps = (sd[:, None] * axes[:8]).reshape(8, 1, 3, 3) * np.array([1.0, -1.0])[:, None, None]
        return inverse((unit + steps) @ to_unit_ground) @ to_unit_image


@dataclass(frozen=True, eq=False)
class LeftOut:
    """Each of n pairs against a fit to all others; NaN where the others fix nothing.

    Attributes:
        off_m: (n,) distance on the ground.
        expected_m: (n,) root mean square of that distance, if only clicks are off.
        click_sd_px: (n,) how far off the others are among themselves.
    """

    off_m: NDArray[np.float64]
    expected_m: NDArray[np.float64]
    click_sd_px: NDArray[np.float64]

    @property
    def suspect(self) -> int | None:
        """The pair, counted from 0, that is far off and without which the others fit best.

        A wrong pair bends the fit of all others, which are far off then too; without it they agree.
        """
        far = np.flatnonzero(self.off_m > _SUSPECT * self.expected_m)
        return int(far[np.argmin(self.click_sd_px[far])]) if len(far) else None


def fit_plane(*, image_px: ArrayLike, ground_m: ArrayLike) -> PlaneFit:
    """Fit a homography to point pairs that people clicked.

    Args:
        image_px: (n, 2) in ideal px.
        ground_m: (n, 2).

    Raises:
        BadInput: as :func:`homography_from_points`, points counting as one, or as on one line,
            where clicks cannot tell them from that.
    """
    return PlaneFit(
        image_px=np.asarray(image_px, dtype=np.float64),
        ground_m=np.asarray(ground_m, dtype=np.float64),
        homography=homography_from_points(
            image_px=image_px,
            ground_m=ground_m,
            image_tolerance_px=_POINT_TOLERANCE_PX,
            ground_tolerance_m=_GROUND_TOLERANCE_M,
        ),
    )
