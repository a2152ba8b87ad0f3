"""What a lens does to straight lines.

In normal coordinates: px from the optical centre, divided by the focal lengths. Ideal is what a
pinhole camera would show, in the picture is what the lens shows.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crowdsafe.domain.crowd.points import Matrices, Points, solved
from crowdsafe.errors import BadInput

_LIMIT_OF_FOLD = 0.98
"""Chosen: a model is used up to this share of the radius at which it folds back."""
_LARGEST_RADIUS = 10.0
"""Normal: 84 degrees off the axis. No lens that these models describe sees farther."""
_LARGEST_COEFFICIENT = 1000.0
_NO_KAPPA = 1e-12
"""A coefficient that bends nothing by more than a rounding."""
_TOLERANCE = 1e-11
_ITERATIONS = 20
_TABLE = 1024
_BORDER = 256
_INSIDE = 0.9999
"""The outline of what is used lies inside the limit, whatever the rounding."""


def _refuse_coefficients(**coefficients: float) -> None:
    for name, value in coefficients.items():
        if not abs(value) <= _LARGEST_COEFFICIENT:
            raise BadInput(
                f"lens: {name}: {value}, expected a finite number between "
                f"-{_LARGEST_COEFFICIENT:g} and {_LARGEST_COEFFICIENT:g}"
            )


def _circle(radius: float) -> Points:
    angle = np.linspace(0.0, 2.0 * np.pi, _BORDER, endpoint=False)
    return radius * np.column_stack([np.cos(angle), np.sin(angle)])


@dataclass(frozen=True)
class BrownConrady:
    """Radial and tangential distortion, as OpenCV's calibration gives it.

    With ideal normal (x, y) and s = x² + y², the picture shows it at
    x·ρ + 2·p1·x·y + p2·(s + 2x²) and y·ρ + p1·(s + 2y²) + 2·p2·x·y, ρ = 1 + k1·s + k2·s² + k3·s³:
    Brown, Decentering distortion of lenses, Photogrammetric Engineering 32 (1966), as in
    OpenCV's module calib3d.
    """

    k1: float
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    k3: float = 0.0

    def __post_init__(self) -> None:
        _refuse_coefficients(k1=self.k1, k2=self.k2, p1=self.p1, p2=self.p2, k3=self.k3)

    @cached_property
    def limit_radius(self) -> float:
        """The ideal radius up to which the model is used: short of where it folds back.

        It folds where the derivative of r·ρ is 0: 1 + 3·k1·s + 5·k2·s² + 7·k3·s³ = 0.
        """
        terms = np.array([7 * self.k3, 5 * self.k2, 3 * self.k1, 1.0])
        # What bends nothing up to the largest radius would only give roots without meaning.
        terms[np.abs(terms) * _LARGEST_RADIUS ** np.array([6, 4, 2, 0]) < 1e-9] = 0.0
        roots = np.roots(terms)
        real = roots[np.abs(roots.imag) <= 1e-9 * np.abs(roots)].real
        folds = np.sqrt(real[real > 0])
        return min(_LARGEST_RADIUS, _LIMIT_OF_FOLD * float(folds.min(initial=np.inf)))

    @cached_property
    def _radii(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Radii in the picture, rising, and the ideal ones."""
        ideal = np.linspace(0.0, self.limit_radius, _TABLE)
        return ideal * self._rho(ideal**2), ideal

    def _rho(self, s: NDArray[np.float64]) -> NDArray[np.float64]:
        return 1.0 + s * (self.k1 + s * (self.k2 + s * self.k3))

    def _bent(self, ideal: Points) -> Points:
        x, y = ideal[:, 0], ideal[:, 1]
        s, xy = x * x + y * y, 2.0 * x * y
        rho = self._rho(s)
        return np.column_stack(
            [
                x * rho + self.p1 * xy + self.p2 * (s + 2.0 * x * x),
                y * rho + self.p1 * (s + 2.0 * y * y) + self.p2 * xy,
            ]
        )

    def _bent_slope(self, ideal: Points) -> Matrices:
        """(n, 2, 2) derivative of :meth:`_bent`; it is symmetric."""
        x, y = ideal[:, 0], ideal[:, 1]
        s = x * x + y * y
        rho = self._rho(s)
        rise = 2.0 * (self.k1 + s * (2.0 * self.k2 + s * 3.0 * self.k3))
        mixed = x * y * rise + 2.0 * (self.p1 * x + self.p2 * y)
        slope = np.empty((len(ideal), 2, 2))
        slope[:, 0, 0] = rho + x * x * rise + 2.0 * self.p1 * y + 6.0 * self.p2 * x
        slope[:, 0, 1] = slope[:, 1, 0] = mixed
        slope[:, 1, 1] = rho + y * y * rise + 6.0 * self.p1 * y + 2.0 * self.p2 * x
        return slope

    def undistorted(self, points: Points) -> Points:
        """Return the ideal normal points of normal points in the picture.

        Newton's iteration from the radius without the tangential part. NaN where it does not
        converge, or only to a point beyond :attr:`limit_radius`.
        """
        bent, ideal_radius = self._radii
        radius = np.hypot(points[:, 0], points[:, 1])
        start = np.interp(radius, bent, ideal_radius)
        ideal = points * (start / np.where(radius > 0, radius, 1.0))[:, None]
        with np.errstate(invalid="ignore", over="ignore"):
            off = self._bent(ideal) - points
            for _ in range(_ITERATIONS):
                if not (np.abs(off) > _TOLERANCE).any():
                    break
                ideal = ideal - solved(self._bent_slope(ideal), off)
                off = self._bent(ideal) - points
            good = (np.abs(off).max(axis=1) <= _TOLERANCE) & (
                np.hypot(ideal[:, 0], ideal[:, 1]) <= self.limit_radius
            )
        return np.where(good[:, None], ideal, np.nan)

    def distorted(self, ideal: Points) -> Points:
        """Return where the picture shows ideal normal points; NaN beyond the limit."""
        with np.errstate(invalid="ignore", over="ignore"):
            known = np.hypot(ideal[:, 0], ideal[:, 1]) <= self.limit_radius
            return np.where(known[:, None], self._bent(ideal), np.nan)

    def slope(self, points: Points, ideal: Points) -> Matrices:  # noqa: ARG002
        """Return the (n, 2, 2) derivative of :meth:`undistorted`, whose results ``ideal`` are."""
        bent = self._bent_slope(ideal)
        a, b, d = bent[:, 0, 0], bent[:, 0, 1], bent[:, 1, 1]
        inverse = np.stack([d, -b, -b, a], axis=1) / (a * d - b * b)[:, None]
        return inverse.reshape(-1, 2, 2)

    def border(self) -> Points:
        """Return the outline of what is used, in the picture's normal coordinates."""
        return self._bent(_circle(_INSIDE * self.limit_radius))


@dataclass(frozen=True)
class TsaiRadial:
    """Radial distortion of the first order, from the picture to the ideal.

    ideal = shown·(1 + kappa1·r²), r being the normal radius in the picture: Tsai, A versatile
    camera calibration technique, IEEE Journal of Robotics and Automation 3(4) (1987), equation 5.
    Tsai's own κ₁ is per square of his focal length's unit: kappa1 = κ₁·f².
    """

    kappa1: float

    def __post_init__(self) -> None:
        _refuse_coefficients(kappa1=self.kappa1)

    @cached_property
    def limit_radius(self) -> float:
        """The radius in the picture up to which the model is used.

        With negative kappa1 it folds back at r = 1/√(3·|kappa1|).
        """
        if self.kappa1 >= 0:
            return _LARGEST_RADIUS
        return min(_LARGEST_RADIUS, _LIMIT_OF_FOLD / float(np.sqrt(-3.0 * self.kappa1)))

    def undistorted(self, points: Points) -> Points:
        """Return the ideal normal points of normal points in the picture; NaN beyond the limit."""
        s = points[:, 0] ** 2 + points[:, 1] ** 2
        with np.errstate(invalid="ignore"):
            known = s <= self.limit_radius**2
        return np.where(known[:, None], points * (1.0 + self.kappa1 * s)[:, None], np.nan)

    def distorted(self, ideal: Points) -> Points:
        """Return where the picture shows ideal normal points; NaN beyond the limit.

        The root of kappa1·r³ + r = R by the triple-angle formulas: with c = 2/√(3·|kappa1|) it is
        c·sinh(asinh(3R/c)/3), and c·sin(asin(3R/c)/3) where kappa1 is negative.
        """
        radius = np.hypot(ideal[:, 0], ideal[:, 1])
        c = 2.0 / np.sqrt(3.0 * max(abs(self.kappa1), _NO_KAPPA))
        with np.errstate(invalid="ignore"):
            if self.kappa1 > 0:
                shown = c * np.sinh(np.arcsinh(3.0 * radius / c) / 3.0)
            else:
                shown = c * np.sin(np.arcsin(3.0 * radius / c) / 3.0)
            shown = np.where(shown <= self.limit_radius, shown, np.nan)
        return ideal * np.where(radius > 0, shown / np.where(radius > 0, radius, 1.0), 1.0)[:, None]

    def slope(self, points: Points, ideal: Points) -> Matrices:  # noqa: ARG002
        """Return the (n, 2, 2) derivative of :meth:`undistorted`."""
        x, y = points[:, 0], points[:, 1]
        even = 1.0 + self.kappa1 * (x * x + y * y)
        slope = np.empty((len(points), 2, 2))
        slope[:, 0, 0] = even + 2.0 * self.kappa1 * x * x
        slope[:, 0, 1] = slope[:, 1, 0] = 2.0 * self.kappa1 * x * y
        slope[:, 1, 1] = even + 2.0 * self.kappa1 * y * y
        return slope

    def border(self) -> Points:
        """Return the outline of what is used, in the picture's normal coordinates."""
        return _circle(_INSIDE * self.limit_radius)
