"""From a rise to densities of the next minutes with a band, and to the time until a limit."""

from dataclasses import dataclass
from math import exp, log1p, sqrt

import numpy as np

from crowdsafe.domain.forecast.rise import WINDOWS_MIN, Rise
from crowdsafe.errors import BadInput

HORIZONS_MIN = (2.0, 5.0, 10.0)
"""For these it is checked afterwards how good a forecast was; the last is as far as it goes."""
BAND = 0.9
"""Of what came, so much is to be in the band."""

_GRID_MIN = np.linspace(0.0, HORIZONS_MIN[-1], 81)
_Z_90 = 1.645
# However sure the slope: that the rise ends, or quickens, is uncertain by this share of it.
_UNSURE = 0.5


@dataclass(frozen=True)
class Band:
    """Ends of the band at ``HORIZONS_MIN``, in units of :func:`spread_ppm2` from the forecast.

    Attributes:
        below: of the lower end, 0 or less, each.
        above: of the upper end, 0 or more, each.

    Raises:
        BadInput: other signs, or not one value for each horizon.
    """

    below: tuple[float, ...]
    above: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.below) == len(self.above) == len(HORIZONS_MIN):
            raise BadInput(f"forecast: {self}, expected {len(HORIZONS_MIN)} values each")
        if not (all(each <= 0 for each in self.below) and all(each >= 0 for each in self.above)):
            raise BadInput(f"forecast: {self}, expected below from 0 down and above from 0 up")


@dataclass(frozen=True)
class TimeToLimit:
    """Minutes until a density reaches a limit, 0 to 10; ``latest_min`` None: perhaps never."""

    earliest_min: float
    likely_min: float
    latest_min: float | None


def gain_min(rise: Rise, minutes: float) -> float:
    """Return for how many minutes of the slope of now a rise goes on within some minutes.

    L·(1 − exp(−h / L)): a rise that has lasted for L goes on for about as long again, so its slope
    fades with that time (a damped trend: Gardner and McKenzie 1985).
    """
    return rise.lasted_min * (1 - exp(-minutes / rise.lasted_min))


def expected_ppm2(rise: Rise, minutes: float) -> float:
    """Return the density that is likely after some minutes."""
    return rise.level_ppm2 + rise.ahead_ppm2 + rise.slope_ppm2_per_min * gain_min(rise, minutes)


def spread_ppm2(rise: Rise, minutes: float) -> float:
    """Return the unit of a band: uncertainty of the level, of the slope, and of its going on."""
    gain = gain_min(rise, minutes)
    return sqrt(
        rise.level_sd_ppm2**2
        + (rise.slope_sd_ppm2_per_min * gain) ** 2
        + (_UNSURE * rise.slope_ppm2_per_min * gain) ** 2
    )


def band_ppm2(rise: Rise, band: Band, *, horizon: int) -> tuple[float, float]:
    """Return both ends of the band at a horizon, by its place in ``HORIZONS_MIN``."""
    minutes = HORIZONS_MIN[horizon]
    expected, spread = expected_ppm2(rise, minutes), spread_ppm2(rise, minutes)
    return expected + band.below[horizon] * spread, expected + band.above[horizon] * spread


def time_to_limit(rise: Rise, band: Band, *, limit_ppm2: float) -> TimeToLimit | None:
    """Return when a density reaches a limit, None where that is not likely within 10 minutes.

    None too where it has reached it already, and where it does not clearly rise. Earliest and
    latest are when the ends of the band reach it.
    """
    missing = limit_ppm2 - rise.level_ppm2 - rise.ahead_ppm2
    if not rise.is_clear or rise.level_ppm2 >= limit_ppm2:
        return None
    likely_min = _likely_min(rise, max(0.0, missing))
    if likely_min is None:
        return None
    gain = rise.lasted_min * (1 - np.exp(-_GRID_MIN / rise.lasted_min))
    expected = rise.level_ppm2 + rise.ahead_ppm2 + rise.slope_ppm2_per_min * gain
    unsure = rise.slope_sd_ppm2_per_min**2 + (_UNSURE * rise.slope_ppm2_per_min) ** 2
    spread = np.sqrt(rise.level_sd_ppm2**2 + unsure * gain**2)
    at_min = (0.0, *HORIZONS_MIN)
    above = expected + spread * np.interp(_GRID_MIN, at_min, (_Z_90, *band.above))
    below = expected + spread * np.interp(_GRID_MIN, at_min, (-_Z_90, *band.below))
    latest = np.flatnonzero(below >= limit_ppm2)
    return TimeToLimit(
        earliest_min=min(likely_min, float(_GRID_MIN[np.argmax(above >= limit_ppm2)])),
        likely_min=likely_min,
        latest_min=max(likely_min, float(_GRID_MIN[latest[0]])) if len(latest) else None,
    )


def _likely_min(rise: Rise, missing_ppm2: float) -> float | None:
    share = missing_ppm2 / (rise.slope_ppm2_per_min * rise.lasted_min)
    if share >= 1:
        return None
    likely_min = -rise.lasted_min * log1p(-share)
    return likely_min if likely_min <= HORIZONS_MIN[-1] else None


def horizon_of(minutes: float) -> int:
    """Return the place in ``HORIZONS_MIN`` by which a forecast of some minutes is judged."""
    return next(
        (place for place, each in enumerate(HORIZONS_MIN) if minutes <= each),
        len(HORIZONS_MIN) - 1,
    )


def kind_of(rise: Rise) -> int:
    """Return which rises it is like: those that had lasted as long, a place in the windows."""
    return WINDOWS_MIN.index(rise.lasted_min)
