"""Our motion beside PedPy's, on people whose places are known in every picture.

Prints, for each zone the mean speed and for each line the people who cross it: by PedPy from the
true trajectories, by our code from the same, and by tracks that are given the places alone, at
every picture and at two a second, and so with an error of 0.1 m and one of ten people not found.
Where the folder holds the recording, it also says how well optical flow at the heads tells their
velocities, and what tracks at two pictures a second make of those. Last comes the time of a step.

The folder holds people.csv (frame, id, X_m, Y_m: feet; xc, yc, h: box in px) and
zones_local_m.geojson, and for the flow view_001.avi and homography.json.
"""

import argparse
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np
import pandas as pd
import pedpy
from numpy.typing import NDArray
from pedpy.methods.method_utils import compute_crossing_frames

from crowdsafe.contract.calibration import read_calibration
from crowdsafe.contract.site import read_zones
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.domain.motion.ground_flow import ground_flow
from crowdsafe.domain.motion.lines import CountingLine, line_flow
from crowdsafe.domain.motion.tracks import Tracks, no_tracks, step_tracks
from crowdsafe.domain.motion.zone_motion import zone_motion
from crowdsafe.edge.optical_flow import points_flow
from crowdsafe.edge.source import recording

Array = NDArray[np.float64]

HEAD_M = 1.65
# Part of a person's box from its upper edge to the middle of the head.
HEAD_IN_BOX = 0.12
# PedPy takes a velocity from so many pictures before to so many after.
FRAME_STEP = 3
ERROR_M = 0.1
FOUND = 0.9


@dataclass(frozen=True)
class Scene:
    """True trajectories.

    Attributes:
        place_m: (frames, people, 2) feet on the ground, NaN where somebody is not there.
        head_px: (frames, people, 2) middle of the head in the picture.
        per_s: frames per second.
    """

    place_m: Array
    head_px: Array
    per_s: float

    @property
    def trajectories(self) -> pedpy.TrajectoryData:
        """The same for PedPy."""
        frame, person = np.nonzero(np.isfinite(self.place_m[..., 0]))
        x, y = self.place_m[frame, person].T
        data = pd.DataFrame({"id": person, "frame": frame, "x": x, "y": y})
        return pedpy.TrajectoryData(data=data, frame_rate=self.per_s)

    @property
    def velocity_m_s(self) -> Array:
        """(frames, people, 2) as PedPy has it: one-sided where the person's pictures end."""
        later, earlier = np.full_like(self.place_m, np.nan), np.full_like(self.place_m, np.nan)
        later[:-FRAME_STEP] = self.place_m[FRAME_STEP:]
        earlier[FRAME_STEP:] = self.place_m[:-FRAME_STEP]
        steps = FRAME_STEP * (np.isfinite(later[..., :1]) + 0 + np.isfinite(earlier[..., :1]))
        later = np.where(np.isfinite(later), later, self.place_m)
        earlier = np.where(np.isfinite(earlier), earlier, self.place_m)
        with np.errstate(invalid="ignore", divide="ignore"):
            return (later - earlier) / steps * self.per_s


@dataclass(frozen=True)
class Measured:
    """What one way to measure says: mean speed in each zone, and (in, out) over each line."""

    speed_m_s: Sequence[float]
    crossed: Sequence[tuple[int, int]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--frames-per-s", type=float, default=7.0)
    given = parser.parse_args()
    scene = read_scene(given.folder / "people.csv", per_s=given.frames_per_s)
    zones = read_zones(given.folder / "zones_local_m.geojson", local_metres=True)
    lines = [line for zone in zones for line in middle_lines(zone)]
    slow = max(1, round(scene.per_s / 2))
    by_tracks = {
        "every": by_tracking(scene, zones, lines, every=1),
        "2/s": by_tracking(scene, zones, lines, every=slow),
        "every, error": by_tracking(scene, zones, lines, every=1, sd_m=ERROR_M, found=FOUND),
        "2/s, error": by_tracking(scene, zones, lines, every=slow, sd_m=ERROR_M, found=FOUND),
    }
    if (given.folder / "view_001.avi").is_file():
        flow = head_flow(scene, given.folder, every=slow)
        by_tracks["2/s, flow"] = by_tracking(scene, zones, lines, every=slow, flow=flow)
    print_speeds(scene, zones, by_tracks)
    print_lines(scene, lines, by_tracks)
    if (given.folder / "view_001.avi").is_file():
        print_flow(scene, flow, every=slow)
    print_time()


def read_scene(path: Path, *, per_s: float) -> Scene:
    """Read people.csv."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    ids = sorted({row["id"] for row in rows})
    frames = 1 + max(int(row["frame"]) for row in rows)
    place, head = np.full((2, frames, len(ids), 2), np.nan)
    for row in rows:
        at = int(row["frame"]), ids.index(row["id"])
        place[at] = float(row["X_m"]), float(row["Y_m"])
        y = float(row["yc"]) + (HEAD_IN_BOX - 0.5) * float(row["h"])
        head[at] = float(row["xc"]), y
    return Scene(place_m=place, head_px=head, per_s=per_s)


def middle_lines(zone: Zone) -> Iterator[CountingLine]:
    """Yield a line to the north and one to the east through the middle of a zone."""
    west, south, east, north = zone.polygon.bounds
    x, y = (west + east) / 2, (south + north) / 2
    yield CountingLine(f"{zone.id} north", np.array([[x, south], [x, north]]))
    yield CountingLine(f"{zone.id} east", np.array([[west, y], [east, y]]))


def by_tracking(
    scene: Scene,
    zones: Sequence[Zone],
    lines: Sequence[CountingLine],
    *,
    every: int,
    sd_m: float = 0.0,
    found: float = 1.0,
    flow: "HeadFlow | None" = None,
) -> Measured:
    """Follow points whose persons are not told."""
    rng = np.random.default_rng(0)
    tracks = no_tracks()
    speeds: list[list[float]] = [[] for _ in zones]
    crossed = np.zeros((len(lines), 2), dtype=int)
    for frame in range(0, len(scene.place_m), every):
        there = np.isfinite(scene.place_m[frame, :, 0]) & (
            rng.random(scene.place_m.shape[1]) < found
        )
        who = rng.permutation(np.flatnonzero(there))
        points = scene.place_m[frame, who] + rng.normal(0, sd_m, (len(who), 2))
        tracks = step_tracks(
            tracks,
            points_m=points,
            at_s=frame / scene.per_s,
            position_sd_m=max(sd_m, 0.05),
            velocity_m_s=None if flow is None else flow.velocity_m_s[frame // every, who],
            velocity_sd_m_s=np.inf if flow is None else flow.sd_m_s[frame // every, who],
        )
        for zone, told in zip(zones, speeds, strict=True):
            motion = tracked_motion(zone, tracks)
            if motion is not None:
                told.append(motion)
        for number, line in enumerate(lines):
            ways = line.crossings(tracks.way_m)
            crossed[number] += ways.into.sum(), ways.out.sum()
    return Measured(
        [float(np.mean(each)) for each in speeds], [(int(i), int(o)) for i, o in crossed]
    )


def tracked_motion(zone: Zone, tracks: Tracks) -> float | None:
    """Return the mean speed of the tracks in a zone."""
    told = tracks.measured
    motion = zone_motion(
        zone,
        by="tracks",
        places_m=tracks.place_m[told],
        velocity_m_s=tracks.velocity_m_s[told],
        velocity_sd_m_s=tracks.velocity_sd_m_s[told],
    )
    return None if motion is None else motion.speed_m_s


def print_speeds(scene: Scene, zones: Sequence[Zone], by_tracks: dict[str, Measured]) -> None:
    """Print a line for each zone; percentages are against PedPy."""
    trajectories = scene.trajectories
    speed = pedpy.compute_individual_speed(
        traj_data=trajectories,
        frame_step=FRAME_STEP,
        speed_calculation=pedpy.SpeedCalculation.BORDER_SINGLE_SIDED,
    )
    velocity = scene.velocity_m_s
    print("mean speed, m/s; % against PedPy")
    print(f"{'zone':<16}{'PedPy':>7}{'ours':>7}{'%':>7}" + heads(by_tracks, 15))
    for number, zone in enumerate(zones):
        per_frame = pedpy.compute_mean_speed_per_frame(
            traj_data=trajectories,
            individual_speed=speed,
            measurement_area=pedpy.MeasurementArea(zone.polygon),
        )
        # PedPy says 0 of a frame with nobody in the area.
        theirs = float(per_frame.speed[per_frame.speed > 0].mean())
        motions = [
            zone_motion(zone, by="tracks", places_m=places, velocity_m_s=v, velocity_sd_m_s=0.0)
            for places, v in zip(scene.place_m, velocity, strict=True)
        ]
        ours = float(np.mean([each.speed_m_s for each in motions if each and each.speed_m_s > 0]))
        cells = (each.speed_m_s[number] for each in by_tracks.values())
        print(
            f"{zone.id:<16}{theirs:>7.3f}{ours:>7.3f}{off(ours, theirs):>7.2f}"
            + "".join(f"{cell:>8.3f}{off(cell, theirs):>+6.1f}%" for cell in cells)
        )


def print_lines(
    scene: Scene, lines: Sequence[CountingLine], by_tracks: dict[str, Measured]
) -> None:
    """Print a line for each counting line.

    PedPy's flow knows each person's first crossing only, so the flow is compared on those, and the
    tracks' in and out with all.
    """
    print("\npeople over a line: flow of first crossings, per minute and metre; all, in/out")
    print(
        f"{'line':<16}{'PedPy':>7}{'ours':>7}{'%':>7}{'all PedPy':>11}{'ours':>7}"
        + heads(by_tracks, 15)
    )
    trajectories = scene.trajectories
    for number, line in enumerate(lines):
        theirs = pedpy.MeasurementLine(line.points_m)
        flow, first_s = pedpy_flow(trajectories, theirs, per_s=scene.per_s)
        steps = np.stack([scene.place_m[:-1], scene.place_m[1:]], axis=2)
        ways = [line.crossings(step) for step in steps]
        into = np.array([way.into for way in ways])
        out = np.array([way.out for way in ways])
        first = int(((into + out).sum(axis=0) > 0).sum())
        ours = line_flow(line, into=first, out=0, span_s=first_s).into_per_min_m if first else 0.0
        all_of_them = len(compute_crossing_frames(traj_data=trajectories, measurement_line=theirs))
        theirs_m = flow * 60 / line.length_m
        cells = (each.crossed[number] for each in by_tracks.values())
        print(
            f"{line.id:<16}{theirs_m:>7.3f}{ours:>7.3f}{off(ours, theirs_m):>7.2f}"
            f"{all_of_them:>11}{f'{into.sum()}/{out.sum()}':>7}"
            + "".join(f"{f'{i}/{o}':>15}" for i, o in cells)
        )


def pedpy_flow(
    trajectories: pedpy.TrajectoryData, line: pedpy.MeasurementLine, *, per_s: float
) -> tuple[float, float]:
    """Return PedPy's flow per second from the first crossing to the last, and that time.

    0 and 0 where fewer than two crossed.
    """
    passed, crossing = pedpy.compute_n_t(traj_data=trajectories, measurement_line=line)
    if len(crossing) < 2:
        return 0.0, 0.0
    speed = pedpy.compute_individual_speed(
        traj_data=trajectories,
        frame_step=1,
        speed_calculation=pedpy.SpeedCalculation.BORDER_SINGLE_SIDED,
    )
    span = int(crossing.frame.max() - crossing.frame.min())
    flow = pedpy.compute_flow(
        nt=passed,
        crossing_frames=crossing,
        individual_speed=speed,
        delta_frame=span,
        frame_rate=per_s,
    )
    return float(flow.flow.iloc[0]), (span + 1) / per_s


@dataclass(frozen=True)
class HeadFlow:
    """Velocities that optical flow gives at the heads.

    Attributes:
        velocity_m_s: (pictures, people, 2), NaN where it is not believed.
        sd_m_s: (pictures, people).
    """

    velocity_m_s: Array
    sd_m_s: Array


def head_flow(scene: Scene, folder: Path, *, every: int) -> HeadFlow:
    """Return the flow from each ``every``-th picture to the one after it."""
    _, camera = read_calibration(folder / "homography.json")
    frames, people = scene.place_m.shape[:2]
    velocity = np.full((-(-frames // every), people, 2), np.nan)
    sd = np.full(velocity.shape[:2], np.nan)
    earlier = None
    for frame in recording(folder / "view_001.avi"):
        if frame.index % every == 0:
            earlier = frame
        elif earlier is not None and frame.index % every == 1:
            who = np.flatnonzero(np.isfinite(scene.head_px[earlier.index, :, 0]))
            points = scene.head_px[earlier.index, who]
            moves, confidence = points_flow(earlier.picture, frame.picture, points)
            flow = ground_flow(
                points_px=points,
                flow_px=moves,
                confidence=confidence,
                people=1.0,
                since_s=1 / scene.per_s,
                to_ground=lambda px: camera.to_ground(px, height_m=HEAD_M),
            )
            velocity[earlier.index // every, who] = flow.velocity_m_s
            sd[earlier.index // every, who] = flow.velocity_sd_m_s
    return HeadFlow(velocity, sd)


def print_flow(scene: Scene, flow: HeadFlow, *, every: int) -> None:
    """Compare the flow at heads with the velocity of the feet over some pictures."""
    truth = scene.velocity_m_s[::every]
    there = np.isfinite(truth[..., 0])
    told = there & np.isfinite(flow.velocity_m_s[..., 0])
    true, measured, sd = truth[told], flow.velocity_m_s[told], flow.sd_m_s[told]
    wrong = (measured - true) / sd[:, None]
    print(
        f"\nflow at heads: {told.sum()} of {there.sum()} believed, mean speed "
        f"{np.hypot(*measured.T).mean():.3f} of {np.hypot(*true.T).mean():.3f} m/s, "
        f"part of the true velocity {(measured * true).sum() / (true**2).sum():.2f}, "
        f"rms error {np.sqrt(((measured - true) ** 2).mean()):.3f} m/s in each component, "
        f"{np.sqrt((wrong**2).mean()):.2f} of the stated (by the median "
        f"{1.48 * np.median(np.abs(wrong)):.2f})"
    )


def print_time() -> None:
    """Print how long a step of the tracks takes, with a person a m² and two pictures a second."""
    rng = np.random.default_rng(0)
    for people in (50, 200, 500):
        side_m = np.sqrt(people)
        start, velocity = rng.uniform(0, side_m, (people, 2)), rng.normal(0, 0.8, (people, 2))
        tracks, took_ms = no_tracks(), []
        for number in range(100):
            places = np.mod(start + velocity * number / 2, side_m)
            points = places + rng.normal(0, 0.05, places.shape)
            begun_s = process_time()
            tracks = step_tracks(tracks, points_m=points, at_s=number / 2, position_sd_m=0.05)
            took_ms.append(1000 * (process_time() - begun_s))
        print(f"{people} people, {len(tracks)} tracks: {np.median(took_ms):.2f} ms a step (median)")


def heads(by_tracks: dict[str, Measured], width: int) -> str:
    """Return the column heads of the tracks."""
    return "".join(f"{name:>{width}}" for name in by_tracks)


def off(ours: float, theirs: float) -> float:
    """Return by how many per cent a value is off."""
    return 100 * (ours / theirs - 1) if theirs else 0.0


if __name__ == "__main__":
    main()
