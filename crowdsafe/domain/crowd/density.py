"""People in a zone to persons per square metre, with the uncertainty of both."""

from dataclasses import dataclass
from math import sqrt

from crowdsafe.domain.camera.visible import VisibleZone

Z_90 = 1.645
"""Standard deviations on either side of the mean that hold 90 % of a normal distribution."""


@dataclass(frozen=True)
class CountError:
    """How wrong a detector's count is.

    The standard deviation of a count n is sqrt(constant² + sqrt²·n + (relative·n + crowd·m)²),
    where m is the sum over the people counted of the square root of the crowding where each stands
    (see :class:`crowdsafe.domain.crowd.hand_over.HandOver`): in a crush heads are small and half
    hidden, and all are missed or imagined together.
    """

    constant: float
    sqrt: float
    relative: float
    crowd: float = 0.0

    def sd(self, count: float, crowded: float = 0.0) -> float:
        """Return the standard deviation of ``count`` people, ``crowded`` being the sum m."""
        together = self.relative * count + self.crowd * crowded
        return sqrt(self.constant**2 + self.sqrt**2 * count + together**2)

    def interval_90(self, count: float, crowded: float = 0.0) -> tuple[float, float]:
        """Return the ends between which the true number lies in nine of ten pictures."""
        half = Z_90 * self.sd(count, crowded)
        return max(0.0, count - half), count + half


@dataclass(frozen=True)
class ZoneDensity:
    """Mean density of the seen part of a zone.

    ``density_ppm2`` and its standard deviation are None where nothing of the zone is seen.
    """

    zone_id: str
    count: float
    count_sd: float
    density_ppm2: float | None
    density_sd_ppm2: float | None
    seen_share: float


def zone_density(*, visible: VisibleZone, count: float, count_sd: float) -> ZoneDensity:
    """Return people ÷ the area that is seen; what no camera sees is said, not guessed."""
    seen = visible.seen_m2
    return ZoneDensity(
        zone_id=visible.zone.id,
        count=count,
        count_sd=count_sd,
        density_ppm2=count / seen if seen else None,
        density_sd_ppm2=count_sd / seen if seen else None,
        seen_share=visible.seen_share,
    )
