"""Several cameras over one zone: one speaks for each patch, never a sum of two views."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf, isfinite, sqrt
from typing import NamedTuple

import numpy as np

from crowdsafe.domain.crowd.grid import Cells
from crowdsafe.domain.crowd.patches import (
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
# No camera is this quick within LATE_AFTER_S; one that floods keeps only its newest looks.
_MAX_LOOKS = 64
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
        x_m, y_m = self.at_m
        if not (
            0 <= self.ppm2 < inf and 0 <= self.sd_ppm2 < inf and isfinite(x_m) and isfinite(y_m)
        ):
            raise BadInput(f"peak: {self}, expected finite numbers and densities from 0 up")


# Looks and readings are made for every value that comes in: to freeze them takes longer than all
# the rest of making them. Nobody changes them.


@dataclass(slots=True, eq=False)
class Look:
    """What one camera saw of one zone in one picture.

    Attributes:
        camera_id: which camera.
        at_s: when the picture was taken, by the hub's clock; one in the future stays fresh for
            longer than it should, so make it no later than when the message came in.
        count: people in the part of the zone that it sees.
        count_sd: standard deviation of the count.
        cells: where in the zone they are, or what works that out when it is needed. Only how they
            are spread counts, not their sum: the count may be the median of several pictures.
        peak: the densest place that it saw in the zone, None when it tells none.
        degraded: it speaks only for what no other camera sees as well.

    Raises:
        BadInput: a number is not finite, or a count or density is negative.
    """

    camera_id: str
    at_s: float
    count: float
    count_sd: float
    cells: Cells | Callable[[], Cells]
    peak: ReportedPeak | None = None
    degraded: bool = False

    def __post_init__(self) -> None:
        if not (0 <= self.count < inf and 0 <= self.count_sd < inf and isfinite(self.at_s)):
            raise BadInput(
                f"camera '{self.camera_id}': count {self.count}, count_sd {self.count_sd} at "
                f"{self.at_s} s, expected finite numbers and counts from 0 up"
            )

    def places(self) -> Cells:
        """Return the cells, worked out."""
        return self.cells if isinstance(self.cells, Cells) else self.cells()


@dataclass(slots=True)
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


@dataclass(slots=True)
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
        oldest_at_s: how new the oldest of them is.
        main_camera_id: the camera that speaks for most.
    """

    at_s: float
    count: float
    count_sd: float
    density_ppm2: float
    density_sd_ppm2: float
    seen_share: float
    peak: ReportedPeak | None
    contributions: tuple[Contribution, ...]
    oldest_at_s: float
    main_camera_id: str


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
            seam_m: see :func:`crowdsafe.domain.crowd.patches.ownership`.
        """
        self._patches = patches
        self._sights = {each.camera_id: each for each in sights if (each.seen_m2 > 0).any()}
        self._unknown_after_s = unknown_after_s
        self._late_after_s = late_after_s
        self._seam_m = seam_m
        self._looks: dict[str, list[Look]] = {}
        self._parts: dict[Look, _Part] = {}
        self._owners: dict[tuple[frozenset[str], frozenset[str]], Ownership] = {}
        self._fresh = _NOBODY
        self._spoken_for: Ownership | None = None
        self._reading: FusedReading | None = None
        self._shown: list[tuple[Look, Holding, float]] = []
        self._changed = False
        self._at_s = -inf

    @property
    def camera_ids(self) -> tuple[str, ...]:
        """The cameras that see something of the zone."""
        return tuple(sorted(self._sights))

    def is_seen_by(self, camera_id: str) -> bool:
        """Say whether a camera sees something of the zone."""
        return camera_id in self._sights

    def put_sight(self, sight: Sight) -> None:
        """Let a camera see the zone so from now on; its looks so far are forgotten."""
        self.drop_sight(sight.camera_id)
        if (sight.seen_m2 > 0).any():
            self._sights[sight.camera_id] = sight

    def drop_sight(self, camera_id: str) -> None:
        """Let a camera see nothing of the zone from now on."""
        self.forget(camera_id)
        self._sights.pop(camera_id, None)
        self._owners.clear()

    def take(self, look: Look) -> bool:
        """Take a look into account; say whether it changes anything.

        One that is not newer than the camera's last changes nothing, nor does one of a camera that
        by its calibration sees nothing of the zone.
        """
        camera_id, at_s = look.camera_id, look.at_s
        if camera_id not in self._sights:
            return False
        looks = self._looks.get(camera_id)
        if looks and at_s <= looks[-1].at_s:
            return False
        if looks and at_s - looks[-1].at_s > self._unknown_after_s:
            self.forget(camera_id)
            looks = None
        if looks is None:
            looks = self._looks[camera_id] = []
        looks.append(look)
        if self._fresh.degraded.get(camera_id) is not look.degraded:
            self._fresh = self._fresh._replace(from_s=inf)
        # The moment of a reading is never further back than this; one look before it is needed.
        while len(looks) > 1 and (
            looks[1].at_s <= at_s - self._late_after_s or len(looks) > _MAX_LOOKS
        ):
            self._parts.pop(looks.pop(0), None)
        self._changed = True
        return True

    def forget(self, camera_id: str) -> None:
        """Take the word from a camera until its next look: it is not to be believed any more."""
        for look in self._looks.pop(camera_id, ()):
            self._parts.pop(look, None)
        self._fresh = self._fresh._replace(from_s=inf)

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
            rows, columns, there = self._patches.within(look.places())
            weighted = holding.weights[rows, columns] * there
            if weighted.any():
                np.add.at(people, (rows, columns), weighted * (count / weighted.sum()))
        rows, columns = np.nonzero(people)
        first_column, first_row = self._patches.first
        return Cells(
            columns=columns + first_column, rows=rows + first_row, people=people[rows, columns]
        )

    def _ownership(self, now_s: float) -> Ownership:
        fresh_from_s = now_s - self._unknown_after_s
        fresh = self._fresh
        if fresh.from_s <= now_s and fresh.oldest_at_s >= fresh_from_s:
            return fresh.owners
        newest = [looks[-1] for looks in self._looks.values() if looks[-1].at_s >= fresh_from_s]
        degraded = {look.camera_id: look.degraded for look in newest}
        key = (frozenset(degraded), frozenset(each for each, it_is in degraded.items() if it_is))
        if key not in self._owners:
            if len(self._owners) >= _MAX_SETS:
                self._owners.pop(next(iter(self._owners)))
            self._owners[key] = ownership(
                self._patches,
                [self._sights[camera_id] for camera_id in key[0]],
                degraded=key[1],
                seam_m=self._seam_m,
            )
        self._fresh = _Fresh(
            degraded=degraded,
            owners=self._owners[key],
            main_camera_id=_main(self._owners[key]),
            from_s=now_s,
            oldest_at_s=min((look.at_s for look in newest), default=inf),
        )
        return self._fresh.owners

    def _fuse(self, owners: Ownership, now_s: float) -> FusedReading:
        if len(owners.holdings) == 1:
            return self._fuse_one(owners, now_s)
        # A clock that is ahead makes no other camera late.
        newest_s = [min(now_s, self._looks[each][-1].at_s) for each in owners.holdings]
        waited_for_s = max(newest_s) - self._late_after_s
        at_s = max(self._at_s, min([each_s for each_s in newest_s if each_s >= waited_for_s]))
        self._at_s = at_s
        contributions = []
        count = variance = 0.0
        for camera_id, holding in owners.holdings.items():
            looks = self._looks[camera_id]
            nearest, part = self._part(looks, holding)
            count += part.count
            variance += part.sd**2
            self._shown.append((nearest, holding, part.count))
            contributions.append(
                Contribution(
                    camera_id=camera_id,
                    at_s=min(at_s, looks[-1].at_s),
                    count=part.count,
                    seen_m2=holding.seen_m2,
                    share=holding.seen_m2 / owners.seen_m2,
                )
            )
        return FusedReading(
            at_s=at_s,
            count=count,
            count_sd=sqrt(variance),
            density_ppm2=count / owners.seen_m2,
            density_sd_ppm2=sqrt(variance) / owners.seen_m2,
            seen_share=owners.seen_share,
            peak=self._peak(),
            contributions=tuple(contributions),
            oldest_at_s=min([each.at_s for each in contributions]),
            main_camera_id=self._fresh.main_camera_id,
        )

    def _fuse_one(self, owners: Ownership, now_s: float) -> FusedReading:
        """Do the same where one camera speaks for all that is seen, as of most zones."""
        ((camera_id, holding),) = owners.holdings.items()
        looks = self._looks[camera_id]
        newest_s = looks[-1].at_s
        at_s = self._at_s = max(self._at_s, min(now_s, newest_s))
        nearest, part = self._part(looks, holding)
        self._shown.append((nearest, holding, part.count))
        seen_m2, own_at_s = owners.seen_m2, min(at_s, newest_s)
        return FusedReading(
            at_s,
            part.count,
            part.sd,
            part.count / seen_m2,
            part.sd / seen_m2,
            owners.seen_share,
            nearest.peak,
            (
                Contribution(
                    camera_id, own_at_s, part.count, holding.seen_m2, holding.seen_m2 / seen_m2
                ),
            ),
            own_at_s,
            camera_id,
        )

    def _part(self, looks: list[Look], holding: Holding) -> "tuple[Look, _Part]":
        """Return a camera's nearest look, and what it says of its patches, at the reading's moment.

        The nearest look's own part is known afterwards.
        """
        at_s = self._at_s
        if at_s >= looks[-1].at_s:
            return looks[-1], self._part_of(looks[-1], holding)
        after = bisect_right(looks, at_s, key=lambda look: look.at_s)
        if after == 0:
            return looks[0], self._part_of(looks[0], holding)
        before, behind = looks[after - 1], looks[after]
        way = (at_s - before.at_s) / (behind.at_s - before.at_s)
        first, second = self._part_of(before, holding), self._part_of(behind, holding)
        # Two pictures of a camera err alike, so the standard deviation does not get less.
        part = _Part(
            count=(1 - way) * first.count + way * second.count,
            sd=(1 - way) * first.sd + way * second.sd,
        )
        return (before if at_s - before.at_s <= behind.at_s - at_s else behind), part

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
        told = [look for look, _, _ in self._shown if look.peak is not None]
        own = [look for look in told if self._parts[look].has_own_peak]
        return max(
            (look.peak for look in own or told if look.peak is not None),
            key=lambda peak: peak.ppm2,
            default=None,
        )


class _Fresh(NamedTuple):
    """Which cameras are fresh and whether degraded, and who speaks then.

    It holds from ``from_s`` on, as long as the oldest of their newest looks when it was worked out
    is fresh: later looks are newer.
    """

    degraded: dict[str, bool]
    owners: Ownership
    main_camera_id: str
    from_s: float
    oldest_at_s: float


_NOBODY = _Fresh(
    degraded={},
    owners=Ownership(holdings={}, seen_m2=0.0, seen_share=0.0),
    main_camera_id="",
    from_s=inf,
    oldest_at_s=inf,
)


def _main(owners: Ownership) -> str:
    """Return the camera that speaks for most, the first by id of equals."""
    areas = {camera_id: holding.seen_m2 for camera_id, holding in owners.holdings.items()}
    return min(areas, key=lambda each: (-areas[each], each), default="")


@dataclass(slots=True)
class _Part:
    """People on the patches for which a camera speaks, and their standard deviation.

    ``has_own_peak``: it speaks for the place of its look's peak.
    """

    count: float
    sd: float
    has_own_peak: bool = False


def _part_of(look: Look, holding: Holding, patches: ZonePatches) -> _Part:
    own = look.peak is not None and patches.at(holding.near, look.peak.at_m)
    if holding.share >= _WHOLE:
        return _Part(count=look.count, sd=look.count_sd, has_own_peak=own)
    rows, columns, people = patches.within(look.places())
    total = float(people.sum())
    # Without a word on where they are, they are everywhere.
    share = float(holding.weights[rows, columns] @ people) / total if total else holding.share
    return _Part(
        count=share * look.count,
        sd=sqrt(min(1.0, max(share, holding.share))) * look.count_sd,
        has_own_peak=own,
    )
