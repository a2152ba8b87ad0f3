"""Speed in an area and flow over a line against PedPy's own, computed here on the same people.

PedPy (Forschungszentrum Jülich, https://pedpy.readthedocs.io) is the field's reference for
measuring pedestrians. Its speed of a person is the way from ``frame_step`` pictures before to as
many after, over that time, one-sided where the trajectory ends (``BORDER_SINGLE_SIDED``, the only
border rule that gives everybody in the area a speed); its mean speed of an area is the mean of
those within. With the same velocities ours is the same within rounding. Live there is no later
picture, so a track's velocity is filtered from those before: that is compared as well, of tracks
that are given the places alone: 1.3 % off at most, also where places are 0.1 m off and one of ten
people is not found, and two of 18 people over the line missed at worst. PedPy's flow counts the
first crossing of each person, in both directions, over the time from the first crossing to the
last; in the corridor everybody crosses once.
"""

from dataclasses import dataclass

import numpy as np
import pandas
import pytest
from numpy.typing import NDArray
from pedpy import (
    MeasurementArea,
    MeasurementLine,
    SpeedCalculation,
    TrajectoryData,
    compute_flow,
    compute_individual_speed,
    compute_mean_speed_per_frame,
    compute_n_t,
)
from pedpy.methods.method_utils import compute_crossing_frames
from shapely.geometry import Polygon, box

from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.domain.motion.lines import CountingLine, line_flow
from crowdsafe.domain.motion.tracks import Tracks, no_tracks, step_tracks
from crowdsafe.domain.motion.zone_motion import zone_motion
from crowdsafe.simulation.crowd import walk

Array = NDArray[np.float64]

PER_S = 10
SAME = 1e-9
GATE = CountingLine("gate", np.array([[10.0, 0.0], [10.0, 4.0]]))


@dataclass(frozen=True)
class Scene:
    """True places, (frames, people, 2) with NaN where somebody is not there, and an area."""

    place_m: Array
    zone: Zone
    line: CountingLine
    per_s: int = PER_S

    def at(self, per_s: int) -> "Scene":
        """Return the same with fewer pictures, from the first to the last that shows somebody."""
        place_m = self.place_m[:: self.per_s // per_s]
        shown = np.flatnonzero(np.isfinite(place_m[..., 0]).any(axis=1))
        return Scene(place_m[shown[0] : shown[-1] + 1], self.zone, self.line, per_s)

    @property
    def frame_step(self) -> int:
        """Half a second before and after."""
        return self.per_s // 2

    @property
    def trajectories(self) -> TrajectoryData:
        frame, person = np.nonzero(np.isfinite(self.place_m[..., 0]))
        x, y = self.place_m[frame, person].T
        data = pandas.DataFrame({"id": person, "frame": frame, "x": x, "y": y})
        return TrajectoryData(data=data, frame_rate=float(self.per_s))

    @property
    def velocity_m_s(self) -> Array:
        """As PedPy defines it."""
        n = self.frame_step
        later, earlier = np.full_like(self.place_m, np.nan), np.full_like(self.place_m, np.nan)
        later[:-n], earlier[n:] = self.place_m[n:], self.place_m[:-n]
        there, was = np.isfinite(later), np.isfinite(earlier)
        way = np.where(there, later, self.place_m) - np.where(was, earlier, self.place_m)
        span = n / self.per_s * (there.astype(float) + was)
        return np.divide(way, span, out=np.full_like(way, np.nan), where=span > 0)

    def ways(self) -> Array:
        """(frames - 1, people, 2, 2) from picture to picture."""
        return np.stack([self.place_m[:-1], self.place_m[1:]], axis=2)


def _crowd() -> Scene:
    """Forty people who walk about and turn at the walls."""
    hall = Polygon([(0, 0), (20, 0), (20, 12), (12, 16), (0, 16)])
    walkers = walk(people=40, area=hall, seconds=60, per_s=PER_S, seed=4)
    zone = Zone("hall", Polygon([(4, 3), (15, 3), (16, 10), (5, 12)]))
    return Scene(
        walkers.places_m, zone, CountingLine("gate", np.array([[10.0, 3.0], [10.0, 13.0]]))
    )


def _corridor() -> Scene:
    """Two lanes to the east and one to the west, 20 m long and 4 m wide, that fill and empty."""
    rng = np.random.default_rng(6)
    t_s = np.arange(0, 60, 1 / PER_S)
    people = []
    for y, speed in ((0.6, 1.3), (1.6, 0.9), (3.2, -1.1)):
        enters_s = np.cumsum(rng.uniform(1.6, 3.0, 18))
        for enter_s in enters_s:
            x = (0 if speed > 0 else 20) + speed * (t_s - enter_s)
            sway = 0.05 * np.sin(2 * np.pi * 0.9 * (t_s - enter_s))
            place = np.column_stack([x, y + rng.uniform(-0.2, 0.2) + sway])
            place[(t_s < enter_s) | (x < 0) | (x > 20)] = np.nan
            people.append(place)
    return Scene(np.stack(people, axis=1), Zone("middle", box(4, 0, 16, 4)), GATE)


SCENES = pytest.mark.parametrize("scene", [_crowd(), _corridor()], ids=["crowd", "corridor"])
RATES = pytest.mark.parametrize("per_s", [10, 2])


def _pedpy_speed(scene: Scene) -> Array:
    """(frames,) mean speed in the zone, 0 of nobody."""
    speed = compute_individual_speed(
        traj_data=scene.trajectories,
        frame_step=scene.frame_step,
        speed_calculation=SpeedCalculation.BORDER_SINGLE_SIDED,
    )
    table = compute_mean_speed_per_frame(
        traj_data=scene.trajectories,
        individual_speed=speed,
        measurement_area=MeasurementArea(scene.zone.polygon),
    )
    return np.asarray(table.speed, dtype=np.float64)


def _pedpy_flow(scene: Scene) -> tuple[float, int, float]:
    """PedPy's flow in people per second, how many of them there are, and in what time."""
    passed, crossing = compute_n_t(
        traj_data=scene.trajectories, measurement_line=MeasurementLine(scene.line.points_m)
    )
    span = int(crossing.frame.max() - crossing.frame.min())
    flow = compute_flow(
        nt=passed,
        crossing_frames=crossing,
        individual_speed=compute_individual_speed(
            traj_data=scene.trajectories,
            frame_step=1,
            speed_calculation=SpeedCalculation.BORDER_SINGLE_SIDED,
        ),
        delta_frame=span,
        frame_rate=float(scene.per_s),
    )
    return float(flow.flow.iloc[0]), len(crossing), (span + 1) / scene.per_s


def _tracked(scene: Scene, *, sd_m: float = 0.0, found: float = 1.0) -> list[Tracks]:
    """Tracks of points in an order that tells nothing."""
    rng = np.random.default_rng(0)
    tracks, result = no_tracks(), []
    for frame, places in enumerate(scene.place_m):
        points = rng.permutation(places[np.isfinite(places[:, 0])])
        points = points[rng.random(len(points)) < found]
        tracks = step_tracks(
            tracks,
            points_m=points + rng.normal(0, sd_m, points.shape),
            at_s=1_764_000_000 + frame / scene.per_s,
            position_sd_m=max(sd_m, 0.03),
        )
        result.append(tracks)
    return result


def _tracked_speed(scene: Scene, followed: list[Tracks]) -> float:
    motions = [
        zone_motion(
            scene.zone,
            by="tracks",
            places_m=tracks.place_m[tracks.measured],
            velocity_m_s=tracks.velocity_m_s[tracks.measured],
            velocity_sd_m_s=tracks.velocity_sd_m_s[tracks.measured],
        )
        for tracks in followed
    ]
    return float(np.mean([motion.speed_m_s for motion in motions if motion is not None]))


# --- the same velocities -------------------------------------------------------------------


@SCENES
@RATES
def test_the_mean_speed_of_an_area_is_pedpys_in_every_picture(scene: Scene, per_s: int) -> None:
    scene = scene.at(per_s)
    theirs = _pedpy_speed(scene)
    motions = [
        zone_motion(
            scene.zone, by="tracks", places_m=places, velocity_m_s=velocity, velocity_sd_m_s=0.0
        )
        for places, velocity in zip(scene.place_m, scene.velocity_m_s, strict=True)
    ]
    ours = np.array([0.0 if motion is None else motion.speed_m_s for motion in motions])
    assert np.count_nonzero(theirs) > 0.8 * len(theirs)
    np.testing.assert_allclose(ours, theirs, atol=SAME)


@SCENES
@RATES
def test_everybody_crosses_a_line_in_the_same_picture_as_pedpys(scene: Scene, per_s: int) -> None:
    scene = scene.at(per_s)
    theirs = compute_crossing_frames(
        traj_data=scene.trajectories, measurement_line=MeasurementLine(scene.line.points_m)
    )
    crossings = [scene.line.crossings(way) for way in scene.ways()]
    count = np.array([each.into + each.out for each in crossings])
    frame, person = np.nonzero(count)
    ours = {(int(who), int(when) + 1) for when, who in zip(frame, person, strict=True)}
    assert len(theirs) > 30
    assert ours == set(zip(theirs.id, theirs.frame, strict=True))
    assert count.max() == 1


@RATES
def test_the_flow_over_a_line_is_pedpys(per_s: int) -> None:
    scene = _corridor().at(per_s)
    flow_per_s, people, span_s = _pedpy_flow(scene)
    crossings = [scene.line.crossings(way) for way in scene.ways()]
    into = sum(int(each.into.sum()) for each in crossings)
    out = sum(int(each.out.sum()) for each in crossings)
    eastwards = scene.place_m[:, :36]
    _, first_way_people, _ = _pedpy_flow(Scene(eastwards, scene.zone, scene.line, per_s))
    assert into == first_way_people
    assert into + out == people
    flow = line_flow(scene.line, into=into, out=out, span_s=span_s)
    assert flow.into_per_min + flow.out_per_min == pytest.approx(flow_per_s * 60, rel=SAME)
    assert flow.into_per_min_m + flow.out_per_min_m == pytest.approx(flow_per_s * 60 / 4, rel=SAME)


# --- tracks of places alone ----------------------------------------------------------------


@SCENES
@RATES
@pytest.mark.parametrize(("sd_m", "found"), [(0.0, 1.0), (0.1, 0.9)])
def test_tracks_that_are_not_told_who_is_who_have_pedpys_mean_speed(
    scene: Scene, per_s: int, sd_m: float, found: float
) -> None:
    scene = scene.at(per_s)
    theirs = _pedpy_speed(scene)
    ours = _tracked_speed(scene, _tracked(scene, sd_m=sd_m, found=found))
    assert ours == pytest.approx(float(theirs[theirs > 0].mean()), rel=0.02)


@pytest.mark.parametrize(
    ("per_s", "sd_m", "found", "off"),
    [(10, 0.0, 1.0, 0), (2, 0.0, 1.0, 0), (10, 0.1, 0.9, 1), (2, 0.1, 0.9, 2)],
)
def test_tracks_that_are_not_told_who_is_who_have_pedpys_flow(
    per_s: int, sd_m: float, found: float, off: int
) -> None:
    scene = _corridor().at(per_s)
    _, people, _ = _pedpy_flow(scene)
    into = out = 0
    for tracks in _tracked(scene, sd_m=sd_m, found=found):
        crossings = scene.line.crossings(tracks.way_m)
        into, out = into + int(crossings.into.sum()), out + int(crossings.out.sum())
    _, eastwards, _ = _pedpy_flow(Scene(scene.place_m[:, :36], scene.zone, scene.line, per_s))
    assert abs(into - eastwards) <= off
    assert abs(out - (people - eastwards)) <= off
