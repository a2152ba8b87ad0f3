"""Cameras over simulated walkers: who is in the picture, what a detector makes of it, and when.

What a real camera adds to the truth is there one by one and can be switched off: people missed or
found twice, places that are wrong by px of the picture and by people's heights (so by more metres
the farther away), a calibration that is turned a little, pictures at times of the camera's own, a
clock that is wrong, and times when the camera is off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon

from crowdsafe.domain.camera.geometry import GroundCamera, Points
from crowdsafe.simulation.crowd import Walkers

HEAD_HEIGHT_M = 1.7
# The size at which the shares of people missed and found twice hold.
_USUAL_PX_PER_M = 50.0


@dataclass(frozen=True)
class Mast:
    """A pinhole camera on a mast, whose every number is known.

    Attributes:
        position_m: where it stands.
        height_m: over the ground.
        heading_deg: where it looks, clockwise from north.
        tilt_deg: how far down.
        focal_px: focal length.
        size_px: width and height of its pictures.
        range_m: it counts nobody who is farther away.
    """

    position_m: tuple[float, float]
    height_m: float
    heading_deg: float
    tilt_deg: float
    focal_px: float = 900.0
    size_px: tuple[int, int] = (1920, 1080)
    range_m: float = 80.0

    def _projection(self) -> NDArray[np.float64]:
        """Return (3, 4): homogeneous world metres to homogeneous picture px."""
        heading, tilt = radians(self.heading_deg), radians(self.tilt_deg)
        right = np.array([cos(heading), -sin(heading), 0.0])
        ahead = np.array([sin(heading) * cos(tilt), cos(heading) * cos(tilt), -sin(tilt)])
        rotation = np.stack([right, np.cross(ahead, right), ahead])
        centre = np.array([*self.position_m, self.height_m])
        width, height = self.size_px
        inner = np.array(
            [[self.focal_px, 0.0, width / 2], [0.0, self.focal_px, height / 2], [0.0, 0.0, 1.0]]
        )
        projection: NDArray[np.float64] = inner @ np.column_stack([rotation, -rotation @ centre])
        return projection

    def _image(
        self, ground_m: Points, heights_m: NDArray[np.float64]
    ) -> tuple[Points, NDArray[np.float64]]:
        world = np.column_stack([ground_m, heights_m, np.ones(len(ground_m))])
        mapped = world @ self._projection().T
        with np.errstate(divide="ignore", invalid="ignore"):
            return mapped[:, :2] / mapped[:, 2:], mapped[:, 2]

    def picture_of(self, ground_m: Points, heights_m: NDArray[np.float64]) -> Points:
        """Return (n, 2) px of heads (n,) so high over ground points (n, 2); NaN outside."""
        xy_px, depth_m = self._image(ground_m, heights_m)
        inside = (depth_m > 0) & (xy_px >= 0).all(axis=1) & (xy_px < self.size_px).all(axis=1)
        xy_px[~inside] = np.nan
        return xy_px

    def px_per_m(self, ground_m: Points) -> NDArray[np.float64]:
        """Return (n,) px of a metre parallel to the picture at heads over points; NaN behind."""
        _, depth_m = self._image(ground_m, np.full(len(ground_m), HEAD_HEIGHT_M))
        depth_m[depth_m <= 0] = np.nan
        result: NDArray[np.float64] = self.focal_px / depth_m
        return result

    def calibrated(self) -> GroundCamera:
        """Return the same camera as its exact calibration."""
        return GroundCamera(
            homography=np.asarray(
                np.linalg.inv(self._projection()[:, [0, 1, 3]]), dtype=np.float64
            ),
            position_m=self.position_m,
            height_m=self.height_m,
            image_size_px=self.size_px,
        )

    def view(self) -> Polygon:
        """Return the ground on which it counts people by their heads."""
        return self.calibrated().view_polygon(height_m=HEAD_HEIGHT_M, range_m=self.range_m)


@dataclass(frozen=True)
class Faults:
    """What a detector and a calibration do wrong; nothing by default.

    Attributes:
        missed_share: of the people who show at 50 px per metre, and inversely more or less of those
            who show smaller or larger.
        doubled_share: the same for people found twice. Equal shares leave counts right on average.
        error_px: standard deviation of a head's place in the picture, each way.
        height_sd_m: standard deviation of people's heights around the one that is assumed.
        turned_deg: how far the calibration is turned around the mast, clockwise.
    """

    missed_share: float = 0.0
    doubled_share: float = 0.0
    error_px: float = 0.0
    height_sd_m: float = 0.0
    turned_deg: float = 0.0


@dataclass(frozen=True)
class Timing:
    """When a camera takes pictures, and what its clock and its messages make of it.

    Attributes:
        per_s: pictures a second.
        phase_s: when the first is taken.
        clock_ahead_s: how far its clock is ahead of the true time at the beginning.
        clock_drift: seconds that its clock gains in a second.
        analysis_s: from taking a picture to sending what is in it.
        delay_s: the least time that a message takes.
        delay_mean_s: mean of what a message takes longer, exponentially distributed.
        off_s: spans of true time in which it takes no pictures.
    """

    per_s: float = 2.0
    phase_s: float = 0.0
    clock_ahead_s: float = 0.0
    clock_drift: float = 0.0
    analysis_s: float = 0.25
    delay_s: float = 0.004
    delay_mean_s: float = 0.0
    off_s: tuple[tuple[float, float], ...] = ()

    def clock_s(self, true_s: float) -> float:
        """Return what its clock says at a true time."""
        return true_s + self.clock_ahead_s + self.clock_drift * true_s


@dataclass(frozen=True, eq=False)
class Sighting:
    """What one picture became.

    Attributes:
        camera_id: which camera.
        taken_at_s: when the picture was taken, true time.
        captured_at_s: the same by the camera's clock.
        sent_at_s: when the message left, by the camera's clock.
        received_at_s: when it came in, true time.
        ground_m: (n, 2) where people seem to stand.
        people: (n,) how many each point stands for.
    """

    camera_id: str
    taken_at_s: float
    captured_at_s: float
    sent_at_s: float
    received_at_s: float
    ground_m: Points
    people: NDArray[np.float64]


def places_at(walkers: Walkers, at_s: float) -> Points:
    """Return (people, 2) where everybody is at a time, between two moments on the straight line."""
    after = int(np.clip(np.searchsorted(walkers.t_s, at_s), 1, len(walkers.t_s) - 1))
    from_s, to_s = walkers.t_s[after - 1], walkers.t_s[after]
    way = np.clip((at_s - from_s) / (to_s - from_s), 0.0, 1.0)
    places: Points = (1 - way) * walkers.places_m[after - 1] + way * walkers.places_m[after]
    return places


def film(
    camera_id: str,
    mast: Mast,
    walkers: Walkers,
    *,
    timing: Timing,
    faults: Faults,
    seed: int,
) -> tuple[Sighting, ...]:
    """Let a camera watch walkers from their first moment to their last.

    Args:
        camera_id: which camera.
        mast: where it stands and looks.
        walkers: with at least two moments.
        timing: when it takes pictures.
        faults: what goes wrong.
        seed: the same arguments give the same sightings.

    Returns:
        In the order in which they were taken.
    """
    rng = np.random.default_rng(seed)
    people = walkers.places_m.shape[1]
    heights_m = HEAD_HEIGHT_M + faults.height_sd_m * rng.standard_normal(people)
    sightings = []
    for taken_at_s in np.arange(timing.phase_s, walkers.t_s[-1], 1 / timing.per_s):
        if any(from_s <= taken_at_s < to_s for from_s, to_s in timing.off_s):
            continue
        places_m = places_at(walkers, float(taken_at_s))
        ground_m = _detected(mast, places_m, heights_m, faults, rng)
        sent_s = float(taken_at_s) + timing.analysis_s
        late_s = float(rng.exponential(timing.delay_mean_s)) if timing.delay_mean_s else 0.0
        sightings.append(
            Sighting(
                camera_id=camera_id,
                taken_at_s=float(taken_at_s),
                captured_at_s=timing.clock_s(float(taken_at_s)),
                sent_at_s=timing.clock_s(sent_s),
                received_at_s=sent_s + timing.delay_s + late_s,
                ground_m=ground_m,
                people=np.ones(len(ground_m)),
            )
        )
    return tuple(sightings)


def received(films: Sequence[tuple[Sighting, ...]]) -> tuple[Sighting, ...]:
    """Return what comes in from all cameras, in the order in which it comes in."""
    return tuple(
        sorted(
            (sighting for film in films for sighting in film),
            key=lambda each: (each.received_at_s, each.camera_id),
        )
    )


def _detected(
    mast: Mast,
    places_m: Points,
    heights_m: NDArray[np.float64],
    faults: Faults,
    rng: np.random.Generator,
) -> Points:
    """Return (n, 2) ground points that a detector finds for people at places."""
    xy_px = mast.picture_of(places_m, heights_m)
    shown = np.isfinite(xy_px[:, 0])
    xy_px, sizes = xy_px[shown], mast.px_per_m(places_m[shown])
    chance, harder = rng.random(len(xy_px)), _USUAL_PX_PER_M / sizes
    missed = chance < np.minimum(0.5, faults.missed_share * harder)
    doubled = chance > 1 - np.minimum(0.5, faults.doubled_share * harder)
    found_px = np.concatenate([xy_px[~missed], xy_px[doubled]])
    found_px = found_px + faults.error_px * rng.standard_normal(found_px.shape)
    ground_m = mast.calibrated().to_ground(found_px, height_m=HEAD_HEIGHT_M)
    turn = radians(-faults.turned_deg)
    rotation = np.array([[cos(turn), -sin(turn)], [sin(turn), cos(turn)]])
    away = (ground_m - np.array(mast.position_m)) @ rotation.T
    distances_m = np.hypot(away[:, 0], away[:, 1])
    counted: Points = away[distances_m <= mast.range_m] + np.array(mast.position_m)
    return counted
