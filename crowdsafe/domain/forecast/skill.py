"""Whether forecasts are any good: each is held against what came, and against no change at all."""

from dataclasses import dataclass, replace
from math import exp, isfinite

from crowdsafe.domain.forecast.outlook import BAND, Band
from crowdsafe.errors import BadInput

MARGIN = 0.05
"""A forecast is useful while its errors are smaller by this share than those of no change."""
LEAST = 20
"""And never with fewer verifications."""
MEMORY = 200
"""Older verifications fade: after so many more, one counts 1/e."""
BORROWED = 30
"""What a zone's own count for is joined by so many of all zones together."""

# A band that misses too often grows until it does not (adaptive conformal inference: Gibbs and
# Candès 2021), slowly, for what misses now will miss again a minute later.
_WIDEN = 0.05
_WIDTHS = (0.5, 4.0)


@dataclass(frozen=True)
class Tally:
    """What came of forecasts of one kind.

    Attributes:
        number: verifications, old ones faded.
        forecast_ppm2: sum of the errors of the forecasts.
        unchanged_ppm2: sum of the errors of no change.
        width: by which the band is to be wider than it was made.

    Raises:
        BadInput: a value is not finite or negative.
    """

    number: float = 0.0
    forecast_ppm2: float = 0.0
    unchanged_ppm2: float = 0.0
    width: float = 1.0

    def __post_init__(self) -> None:
        if not all(isfinite(value) and value >= 0 for value in vars(self).values()):
            raise BadInput(f"forecast: {self}, expected finite numbers from 0 up")

    @property
    def skill(self) -> float:
        """Return 1 for no error, 0 for one as large as that of no change, below for a larger."""
        if self.unchanged_ppm2 == 0:
            return 0.0
        return 1 - self.forecast_ppm2 / self.unchanged_ppm2


@dataclass(frozen=True)
class Verification:
    """A forecast and what came.

    Attributes:
        expected_ppm2: what was forecast.
        before_ppm2: what it was then.
        band_ppm2: both ends of the band.
        came_ppm2: what came.
    """

    expected_ppm2: float
    before_ppm2: float
    band_ppm2: tuple[float, float]
    came_ppm2: float

    @property
    def in_band(self) -> bool:
        """Whether what came was in the band."""
        low, high = self.band_ppm2
        return low <= self.came_ppm2 <= high


def step_tally(tally: Tally, verification: Verification) -> Tally:
    """Add what came of one forecast."""
    kept = exp(-1 / MEMORY)
    came = verification.came_ppm2
    wider = exp(_WIDEN * (BAND - verification.in_band))
    least, most = _WIDTHS
    return Tally(
        number=kept * tally.number + 1,
        forecast_ppm2=kept * tally.forecast_ppm2 + abs(verification.expected_ppm2 - came),
        unchanged_ppm2=kept * tally.unchanged_ppm2 + abs(verification.before_ppm2 - came),
        width=min(most, max(least, tally.width * wider)),
    )


def is_useful(*, zone: Tally, all_zones: Tally, was: bool) -> bool:
    """Say whether forecasts of one kind may be shown for a zone.

    Its own verifications are joined by up to ``BORROWED`` of all zones. What was useful stays so
    until it is no better than no change.
    """
    if all_zones.number + zone.number < LEAST:
        return False
    borrowed = min(1.0, BORROWED / all_zones.number) if all_zones.number else 0.0
    joined = replace(
        zone,
        number=zone.number + borrowed * all_zones.number,
        forecast_ppm2=zone.forecast_ppm2 + borrowed * all_zones.forecast_ppm2,
        unchanged_ppm2=zone.unchanged_ppm2 + borrowed * all_zones.unchanged_ppm2,
    )
    return joined.skill > (0.0 if was else MARGIN)


def widened(band: Band, widths: tuple[float, ...]) -> Band:
    """Return a band whose ends are farther by a factor for each horizon."""
    return Band(
        below=tuple(each * width for each, width in zip(band.below, widths, strict=True)),
        above=tuple(each * width for each, width in zip(band.above, widths, strict=True)),
    )
