"""Several cameras over one zone: one speaks for each patch, never a sum of two views."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, isfinite, sqrt

import numpy as np

from crowdsafe.domain.grid import Cells
from crowdsafe.domain.patches import (
    SEAM_M,
    Holding,
    Ownership,
    Sight,
    ZonePatches,
    ownership,
)
from crowdsafe.errors import BadInput

LATE_AFTER_S = 1.0
"""A camera this much behind the newest is not waited for: two pictures at the usual rate."""

# Of so many sets of cameras the ownership is kept; few ever occur.
_MAX_SETS = 16
_WHOLE = 1 - 1e-4


@dataclass(frozen=True)
class ReportedPeak:
    """The densest place of a zone, as it is told.

    Attributes:
        ppm2: local density there.
        sd_ppm2: its standard deviation.
        at_m: where it is on the ground.

    Raises:
        BadInput: a number is not finite, or a density is negative.
    """

    ppm2: float
    sd_ppm2: float
    at_m: tuple[float, float]

    def __post_init__(self) -> None:
        numbers = (self.ppm2, self.sd_ppm2, *self.at_m)
        if not all(isfinite(each) for each in numbers) or self.ppm2 < 0 or self.sd_ppm2 < 0:
            raise BadInput(f"peak: {self}, expected finite numbers and densities from 0 up")


@dataclass(frozen=True, eq=False)
class Look:
    """What one camera saw of one zone in one picture.

    Attributes:
        camera_id: which camera.
        at_s: when the picture was taken, by the hub's clock; one in the future stays fresh for
            longer than it should, so make it no later than when the message came in.
        count: people in the part of the zone that it sees.
        count_sd: standard deviation of the count.
        cells: where in the zone they are. Only how they are spread counts, not their sum: the
            count may be the median of several pictures.
        peak: the densest place that it saw in the zone, None when it tells none.
        degraded: it speaks only for what no other camera sees as well.

    Raises:
        BadInput: a number is not finite, or a count or density is negative.
    """

    camera_id: str
    at_s: float
    count: float
    count_sd: float
    cells: Cells
    peak: ReportedPeak | None = None
    degraded: bool = False

    def __post_init__(self) -> None:
        numbers = (self.count, self.count_sd, self.at_s)
        if not all(isfinite(each) for each in numbers) or self.count < 0 or self.count_sd < 0:
            raise BadInput(
                f"camera '{self.camera_id}': count {self.count}, count_sd {self.count_sd} at "
                f"{self.at_s} s, expected finite numbers and counts from 0 up"
            )


@dataclass(frozen=True)
class Contribution:
    """What one camera gave to a reading.

    Attributes:
        camera_id: which camera.
        at_s: how new what it said is: the reading's time, or its last picture's where that is
            older.
        count: people on the patches that it speaks for.
        seen_m2: area of these patches.
        share: the same as a part of all that is seen of the zone.
    """

    camera_id: str
    at_s: float
    count: float
    seen_m2: float
    share: float


@dataclass(frozen=True)
class FusedReading:
    """A zone as all its cameras together see it at one moment.

    Attributes:
        at_s: the moment, by the hub's clock; it never goes back.
        count: people in the part that is seen.
        count_sd: its standard deviation.
        density_ppm2: count ÷ seen area.
        density_sd_ppm2: its standard deviation.
        seen_share: part of the zone's area that any of the cameras sees, 0 to 1.
        peak: the densest place, None when no camera told one.
        contributions: one for each camera that speaks for something, by camera id.
    """

    at_s: float
    count: float
    count_sd: float
    density_ppm2: float
    density_sd_ppm2: float
    seen_share: float
    peak: ReportedPeak | None
    contributions: tuple[Contribution, ...]

    @property
    def oldest_at_s(self) -> float:
        """Return how new the oldest contribution is."""
        return min(each.at_s for each in self.contributions)

    @property
    def main_camera_id(self) -> str:
        """Return the camera that speaks for most."""
        return min(self.contributions, key=lambda each: (-each.seen_m2, each.camera_id)).camera_id


class ZoneFusion:
    """The recent looks of all cameras at one zone, and what they say together.

    The same calls give the same answers: time comes through the arguments.
    """

    def __init__(
        self,
        patches: ZonePatches,
        sights: Iterable[Sight],
        *,
        unknown_after_s: float,
        late_after_s: float = LATE_AFTER_S,
        seam_m: float = SEAM_M,
    ) -> None:
        """Begin without a look.

        Args:
            patches: of the zone.
            sights: of the site's cameras; those that see nothing of the zone change nothing.
            unknown_after_s: a camera that is silent for longer speaks for nobody.
            late_after_s: a camera that is this much behind the newest is not waited for; its last
                look stands.
            seam_m: see :func:`crowdsafe.domain.patches.ownership`.
        """
        self._patches = patches
        self._sights = {each.camera_id: each for each in sights if (each.seen_m2 > 0).any()}
        self._unknown_after_s = unknown_after_s
        self._late_after_s = late_after_s
        self._seam_m = seam_m
        self._looks: dict[str, list[Look]] = {}
        self._parts: dict[Look, _Part] = {}
        self._owners: dict[tuple[frozenset[str], frozenset[str]], Ownership] = {}
        self._spoken_for: Ownership | None = None
        self._reading: FusedReading | None = None
        self._shown: list[tuple[Look, Holding, float]] = []
        self._changed = False
        self._at_s = -inf

    @property
    def camera_ids(self) -> tuple[str, ...]:
        """The cameras that see something of the zone."""
        return tuple(sorted(self._sights))

    def put_sight(self, sight: Sight) -> None:
        """Let a camera see the zone so from now on; its looks so far are forgotten."""
        self.forget(sight.camera_id)
        self._sights.pop(sight.camera_id, None)
        if (sight.seen_m2 > 0).any():
            self._sights[sight.camera_id] = sight
        self._owners.clear()

    def take(self, look: Look) -> bool:
        """Take a look into account; say whether it changes anything.

        One that is not newer than the camera's last changes nothing, nor does one of a camera that
        by its calibration sees nothing of the zone.
        """
        if look.camera_id not in self._sights:
            return False
        looks = self._looks.get(look.camera_id, [])
        if looks and look.at_s <= looks[-1].at_s:
            return False
        if looks and look.at_s - looks[-1].at_s > self._unknown_after_s:
            self.forget(look.camera_id)
        looks = self._looks.setdefault(look.camera_id, [])
        looks.append(look)
        # The moment of a reading is never further back than this; one look before it is needed.
        while len(looks) > 1 and looks[1].at_s <= look.at_s - self._late_after_s:
            self._parts.pop(looks.pop(0), None)
        self._changed = True
        return True

    def forget(self, camera_id: str) -> None:
        """Take the word from a camera until its next look: it is not to be believed any more."""
        for look in self._looks.pop(camera_id, ()):
            self._parts.pop(look, None)

    def reading(self, *, now_s: float) -> FusedReading | None:
        """Return what is known, None when no camera that sees the zone is fresh.

        Until something changes, the same object is returned again.

        The moment is the oldest of the cameras' newest pictures, not waiting for late ones; each
        count is interpolated between the pictures before and after. So somebody who walks from one
        camera's patches to another's is there once, whenever their pictures were taken. A late
        camera's last look stands until it is stale; then its patches go to who sees them next best.

        The variances of the cameras' parts are added. Of its count's variance a camera brings the
        part that it speaks for, of people or of area, whichever is more: exact for errors that are
        independent from person to person, and on the safe side for those that are not.
        """
        owners = self._ownership(now_s)
        if owners is not self._spoken_for:
            self._parts.clear()
        if owners is not self._spoken_for or self._changed:
            self._spoken_for, self._changed, self._shown = owners, False, []
            self._reading = self._fuse(owners, now_s) if owners.holdings else None
        return self._reading

    def cells(self) -> Cells:
        """Return the people of the last reading on the site's grid, for a map."""
        people = np.zeros(self._patches.area_m2.shape)
        for look, holding, count in self._shown:
            rows, columns, there = self._patches.within(look.cells)
            weighted = holding.weights[rows, columns] * there
            if weighted.any():
                np.add.at(people, (rows, columns), weighted * (count / weighted.sum()))
        rows, columns = np.nonzero(people)
        first_column, first_row = self._patches.first
        return Cells(
            columns=columns + first_column, rows=rows + first_row, people=people[rows, columns]
        )

    def _ownership(self, now_s: float) -> Ownership:
        from_s = now_s - self._unknown_after_s
        newest = [looks[-1] for looks in self._looks.values()]
        fresh = [look for look in newest if look.at_s >= from_s]
        key = (
            frozenset(look.camera_id for look in fresh),
            frozenset(look.camera_id for look in fresh if look.degraded),
        )
        if key not in self._owners:
            if len(self._owners) >= _MAX_SETS:
                self._owners.pop(next(iter(self._owners)))
            self._owners[key] = ownership(
                self._patches,
                [self._sights[camera_id] for camera_id in key[0]],
                degraded=key[1],
                seam_m=self._seam_m,
            )
        return self._owners[key]

    def _fuse(self, owners: Ownership, now_s: float) -> FusedReading:
        # A clock that is ahead makes no other camera late.
        newest_s = [min(now_s, self._looks[each][-1].at_s) for each in owners.holdings]
        waited_for_s = max(newest_s) - self._late_after_s
        self._at_s = max(self._at_s, min(at_s for at_s in newest_s if at_s >= waited_for_s))
        contributions = []
        variance = 0.0
        for camera_id, holding in owners.holdings.items():
            part = self._part(camera_id, holding)
            variance += part.sd**2
            nearest = min(self._looks[camera_id], key=lambda look: abs(look.at_s - self._at_s))
            self._shown.append((nearest, holding, part.count))
            contributions.append(
                Contribution(
                    camera_id=camera_id,
                    at_s=min(self._at_s, self._looks[camera_id][-1].at_s),
                    count=part.count,
                    seen_m2=holding.seen_m2,
                    share=holding.seen_m2 / owners.seen_m2,
                )
            )
        count = sum(each.count for each in contributions)
        return FusedReading(
            at_s=self._at_s,
            count=count,
            count_sd=sqrt(variance),
            density_ppm2=count / owners.seen_m2,
            density_sd_ppm2=sqrt(variance) / owners.seen_m2,
            seen_share=owners.seen_share,
            peak=self._peak(),
            contributions=tuple(contributions),
        )

    def _part(self, camera_id: str, holding: Holding) -> "_Part":
        """Return what a camera says of its patches at the moment of the reading."""
        looks = self._looks[camera_id]
        after = bisect_right(looks, self._at_s, key=lambda look: look.at_s)
        if after in (0, len(looks)):
            return self._part_of(looks[min(after, len(looks) - 1)], holding)
        before, behind = looks[after - 1], looks[after]
        way = (self._at_s - before.at_s) / (behind.at_s - before.at_s)
        first, second = self._part_of(before, holding), self._part_of(behind, holding)
        # Two pictures of a camera err alike, so the standard deviation does not get less.
        return _Part(
            count=(1 - way) * first.count + way * second.count,
            sd=(1 - way) * first.sd + way * second.sd,
        )

    def _part_of(self, look: Look, holding: Holding) -> "_Part":
        part = self._parts.get(look)
        if part is None:
            part = _part_of(look, holding, self._patches)
            self._parts[look] = part
        return part

    def _peak(self) -> ReportedPeak | None:
        """Return the greatest peak of a camera that speaks for the place.

        When each camera's peak lies where another speaks, the greatest of them is taken: a wrong
        calm is worse.
        """
        told = [(look.peak, holding) for look, holding, _ in self._shown if look.peak is not None]
        own = [each for each in told if self._patches.at(each[1].near, each[0].at_m)]
        return max((peak for peak, _ in own or told), key=lambda peak: peak.ppm2, default=None)


@dataclass(frozen=True)
class _Part:
    """People on the patches for which a camera speaks, and their standard deviation."""

    count: float
    sd: float


def _part_of(look: Look, holding: Holding, patches: ZonePatches) -> _Part:
    if holding.share >= _WHOLE:
        return _Part(count=look.count, sd=look.count_sd)
    rows, columns, people = patches.within(look.cells)
    total = float(people.sum())
    # Without a word on where they are, they are everywhere.
    share = float(holding.weights[rows, columns] @ people) / total if total else holding.share
    return _Part(
        count=share * look.count, sd=sqrt(min(1.0, max(share, holding.share))) * look.count_sd
    )
