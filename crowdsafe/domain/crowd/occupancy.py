"""How many people are in a gated area: who came in less who went out, held by what is seen."""

from dataclasses import dataclass, replace
from math import isfinite, sqrt

from crowdsafe.domain.crowd.steadiness import COMMON_SHARE
from crowdsafe.errors import BadInput


@dataclass(frozen=True)
class OccupancyRule:
    """How sure crossings and counts are.

    Attributes:
        crossing_sd: standard deviation of one counted crossing, in people: of missed and doubled
            ones. 0.3 is one wrong in eleven.
        unwatched_sd_per_s: people by which the standard deviation grows in a second in which the
            gates are not counted.
        min_seen_share: of the area; a count of less does not speak for it.
        alike_s: counts within this time are of the same people in the same places, with the same
            errors, and together correct as much as one.

    Raises:
        BadInput: a value that is not finite and above 0, a share above 1.
    """

    crossing_sd: float = 0.3
    unwatched_sd_per_s: float = 0.5
    min_seen_share: float = 0.8
    alike_s: float = 10.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (isfinite(value) and value > 0):
                raise BadInput(f"occupancy: {name} of {value}, expected a number above 0")
        if self.min_seen_share > 1:
            raise BadInput(
                f"occupancy: min_seen_share of {self.min_seen_share}, expected 1 or less"
            )


OCCUPANCY_RULE = OccupancyRule()


@dataclass(frozen=True)
class Occupancy:
    """People in a gated area.

    Attributes:
        at_s: when.
        people: 0 or more.
        sd: standard deviation of it.
        into: people who came in since the start, as counted.
        out: people who went out.
        corrected: sum of all corrections by counts of the area since the start: what the gates lost
            (above 0) or imagined, and what cannot be told from it.

    Raises:
        BadInput: a value that is not finite, or people or an error below 0.
    """

    at_s: float
    people: float
    sd: float
    into: float = 0.0
    out: float = 0.0
    corrected: float = 0.0

    def __post_init__(self) -> None:
        values = (self.people, self.sd, self.into, self.out)
        finite = isfinite(self.at_s) and isfinite(self.corrected)
        if not finite or not all(isfinite(value) and value >= 0 for value in values):
            raise BadInput(f"occupancy: {self}, expected finite numbers and people from 0 up")


@dataclass(frozen=True)
class AreaCount:
    """People counted by density in the part of an area that is seen.

    Attributes:
        people: in that part.
        sd: standard deviation of them.
        seen_share: of the area.
    """

    people: float
    sd: float
    seen_share: float

    def __post_init__(self) -> None:
        if not (isfinite(self.people) and self.people >= 0 and isfinite(self.sd) and self.sd > 0):
            raise BadInput(f"occupancy: {self}, expected people from 0 up and an error above 0")
        if not 0 <= self.seen_share <= 1:
            raise BadInput(f"occupancy: a seen share of {self.seen_share}, expected 0 to 1")

    @property
    def of_all(self) -> tuple[float, float]:
        """People in the whole area and the standard deviation.

        As many are taken to stand on a metre that is not seen, give or take all of them.
        """
        people = self.people / self.seen_share
        return people, sqrt((self.sd / self.seen_share) ** 2 + (people - self.people) ** 2)


def step_occupancy(
    occupancy: Occupancy,
    *,
    at_s: float,
    into: float,
    out: float,
    watched: bool = True,
    count: AreaCount | None = None,
    rule: OccupancyRule = OCCUPANCY_RULE,
) -> Occupancy:
    """Add crossings, then draw the sum towards a count of the area.

    A scalar Kalman filter. Crossings move the number of people by in less out and add
    ``crossing_sd``²·(in + out) to its variance P; where nobody watched the gates for t seconds, the
    standard deviation grows by ``unwatched_sd_per_s``·t.

    A count z with variance R of an area seen well corrects by K·(z − people), K = P/(P + R·a/t),
    with t since the step before and a = ``alike_s``: counts in a row have the same error, and of
    those within a, all together weigh as one. P becomes (1 − K)·P, but never less by counting than
    ``COMMON_SHARE``·R, the part of the error that never averages out.

    The number is never negative. A clock that was set back takes no time away: crossings count,
    and the next step is measured from the new time.

    Args:
        occupancy: before.
        at_s: now.
        into: people who came in since.
        out: people who went out since.
        watched: whether all gates were counted all the time since.
        count: of the area itself, None where it is not counted.
        rule: how sure all that is.

    Raises:
        BadInput: a value that is not finite, or a number of people below 0.
    """
    if not (isfinite(at_s) and isfinite(into) and isfinite(out) and into >= 0 and out >= 0):
        raise BadInput(
            f"occupancy: {into} in and {out} out at {at_s} s, expected finite numbers from 0 up"
        )
    since_s = max(0.0, at_s - occupancy.at_s)
    people = max(0.0, occupancy.people + into - out)
    sd = occupancy.sd if watched else occupancy.sd + rule.unwatched_sd_per_s * since_s
    variance = sd**2 + rule.crossing_sd**2 * (into + out)
    corrected = 0.0
    if count is not None and count.seen_share >= rule.min_seen_share and since_s > 0:
        counted, counted_sd = count.of_all
        error = counted_sd**2 * max(1.0, rule.alike_s / since_s)
        gain = variance / (variance + error)
        floor = min(variance, COMMON_SHARE * counted_sd**2)
        corrected = max(-people, gain * (counted - people))
        people, variance = people + corrected, max(floor, (1 - gain) * variance)
    return replace(
        occupancy,
        at_s=at_s,
        people=people,
        sd=sqrt(variance),
        into=occupancy.into + into,
        out=occupancy.out + out,
        corrected=occupancy.corrected + corrected,
    )
