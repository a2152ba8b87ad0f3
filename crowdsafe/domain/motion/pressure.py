"""How restless a crowd is where it is dense: local density times local variance of velocity."""

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crowdsafe.domain.crowd.points import Points
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.errors import BadInput

Array = NDArray[np.float64]

WINDOW_M = 1.0
"""R of the Gaussian windows."""
TURBULENT_PER_S2 = 0.02
"""Above this pressure the motion of a crowd turned turbulent: Helbing et al. 2007, at Mina."""
MIN_PEOPLE = 3.0
"""Sum of the windows' weights from which a pressure is told; in even density ρ it is ρ·π·R²."""


@dataclass(frozen=True, eq=False)
class LocalMotion:
    """Density and velocity in a Gaussian window at each of k places.

    Attributes:
        density_ppm2: (k,) ρ.
        velocity_m_s: (k, 2) local mean U; NaN where nobody is.
        variance_m2_s2: (k,) of the velocity, both components together; NaN where nobody is.
        noise_m2_s2: (k,) how much of it the errors of the velocities make; NaN where nobody is.
        people: (k,) sum of the weights of the window.
    """

    density_ppm2: Array
    velocity_m_s: Points
    variance_m2_s2: Array
    noise_m2_s2: Array
    people: Array

    @property
    def pressure_per_s2(self) -> Array:
        """(k,) P = ρ·Var(v); NaN where fewer than ``MIN_PEOPLE`` are in the window."""
        return np.where(self.people >= MIN_PEOPLE, self.density_ppm2 * self.variance_m2_s2, np.nan)


@dataclass(frozen=True)
class PressurePeak:
    """The highest pressure of a zone, and where it is.

    Attributes:
        per_s2: local density times variance of velocity.
        at_m: where.
        density_ppm2: there.
        noise_per_s2: pressure that the errors of the velocities alone would make there. It is
            taken off already; a peak of not more than this says nothing.
    """

    per_s2: float
    at_m: tuple[float, float]
    density_ppm2: float
    noise_per_s2: float


def local_motion(
    *,
    at_m: Points,
    places_m: Points,
    velocity_m_s: Points,
    velocity_sd_m_s: ArrayLike = 0.0,
    people: ArrayLike = 1.0,
    window_m: float = WINDOW_M,
) -> LocalMotion:
    """Return density, mean velocity and variance of velocity in Gaussian windows.

    Helbing, Johansson and Al-Abideen, Dynamics of crowd disasters: an empirical study, Phys. Rev. E
    75, 046109 (2007): with f_i = exp(−|r − r_i|²/R²), ρ(r) = Σ f_i/(π·R²), U(r) = Σ f_i·v_i/Σ f_i,
    Var(r) = Σ f_i·|v_i − U(r)|²/Σ f_i and P = ρ·Var.

    With few people in the window the variance comes out low, as of any sample about its own mean:
    of n people of equal weight it is (n − 1)/n of the true one, alone it is 0. It also holds a
    change of the mean velocity across the window, so two streams side by side have a pressure at
    their seam, and streams two windows apart have none.

    Args:
        at_m: (k, 2) where.
        places_m: (n, 2) people.
        velocity_m_s: (n, 2) of each.
        velocity_sd_m_s: (n,) or one for all, s of each component: 2·s² of the variance is noise.
        people: (n,) how many each place stands for, or one for all.
        window_m: R.

    Raises:
        BadInput: the window is not above 0.
    """
    if not 0 < window_m < np.inf:
        raise BadInput(f"pressure: a window of {window_m} m, expected more than 0")
    n = len(places_m)
    weights = np.broadcast_to(np.asarray(people, dtype=np.float64), (n,))
    errors = 2 * np.broadcast_to(np.asarray(velocity_sd_m_s, dtype=np.float64), (n,)) ** 2
    away_m2 = (at_m[:, 0, None] - places_m[:, 0]) ** 2 + (at_m[:, 1, None] - places_m[:, 1]) ** 2
    near = np.exp(-away_m2 / window_m**2) * weights
    total = near.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = near @ velocity_m_s / total[:, None]
        # About the crowd's mean: squares of differences lose no digits.
        centre = velocity_m_s.mean(axis=0) if n else np.zeros(2)
        off = velocity_m_s - centre
        square = near @ (off**2).sum(axis=1) / total
        noise = near @ errors / total
        variance = np.maximum(square - ((mean - centre) ** 2).sum(axis=1), 0.0)
    return LocalMotion(
        density_ppm2=total / (pi * window_m**2),
        velocity_m_s=mean,
        variance_m2_s2=variance,
        noise_m2_s2=noise,
        people=total,
    )


def peak_pressure(
    zone: Zone,
    *,
    places_m: Points,
    velocity_m_s: Points,
    velocity_sd_m_s: ArrayLike,
    people: ArrayLike = 1.0,
    window_m: float = WINDOW_M,
) -> PressurePeak | None:
    """Return the highest pressure at any of a zone's people, None where too few are together.

    People outside the zone are in the windows, too. Errors of the velocities add 2·s² to the
    variance; it is taken off as far as there is any. Velocities that mix neighbours, as dense
    optical flow has them, lose most of the variance between neighbours: of such a crowd the
    pressure is a lower bound, and a low one does not mean calm.

    Args:
        zone: which.
        places_m: (n, 2) people in and around the zone; NaN is nobody.
        velocity_m_s: (n, 2) of each.
        velocity_sd_m_s: (n,) or one for all, s of each component.
        people: (n,) how many each place stands for, or one for all.
        window_m: R.

    Raises:
        BadInput: the window is not above 0.
    """
    n = len(places_m)
    sd = np.broadcast_to(np.asarray(velocity_sd_m_s, dtype=np.float64), (n,))
    weights = np.broadcast_to(np.asarray(people, dtype=np.float64), (n,))
    known = np.isfinite(places_m).all(axis=1) & np.isfinite(velocity_m_s).all(axis=1)
    at = places_m[known & zone.contains(places_m)]
    local = local_motion(
        at_m=at,
        places_m=places_m[known],
        velocity_m_s=velocity_m_s[known],
        velocity_sd_m_s=sd[known],
        people=weights[known],
        window_m=window_m,
    )
    enough = local.people >= MIN_PEOPLE
    if not enough.any():
        return None
    variance = np.maximum(local.variance_m2_s2 - local.noise_m2_s2, 0.0)
    peak = int(np.argmax(np.where(enough, local.density_ppm2 * variance, -1.0)))
    density = float(local.density_ppm2[peak])
    return PressurePeak(
        per_s2=density * float(variance[peak]),
        at_m=(float(at[peak, 0]), float(at[peak, 1])),
        density_ppm2=density,
        noise_per_s2=density * float(local.noise_m2_s2[peak]),
    )
