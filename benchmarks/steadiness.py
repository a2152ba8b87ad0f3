"""What combining counts over time does to them, on a recording with truth for every picture.

Prints, from one run of the detector over the recording by the product's own path, (1) the error of
the counts and how many 90 % intervals hold the truth, for several windows, and (2) how alike the
errors of two pictures are, by the time between them: of all pictures, and of those between which
nobody entered or left the zone. The folder holds view_001.avi, homography.json,
zones_local_m.geojson, truth.csv (people in each zone) and people.csv (who stands where).
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import sqrt
from pathlib import Path

import numpy as np

from crowdsafe.edge.observe import Observer
from crowdsafe.edge.steadiness import SteadyZones
from crowdsafe.replay.evaluate import read_truth, zone_errors
from crowdsafe.replay.measure import MeasuredFrame, measure
from crowdsafe.replay.recorded_camera import recorded_camera
from crowdsafe.resources import DEFAULT_MODEL, resource

WINDOWS_S = (0.0, 1.5, 2.0, 2.5, 3.0, 4.0)
LAGS_S = (0.1, 0.2, 0.3, 0.5, 1.0, 1.5, 2.0, 3.0)

Truth = Mapping[int, Mapping[str, float]]


def main() -> None:
    """Measure and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=5)
    parser.add_argument("--model", type=Path, default=resource(DEFAULT_MODEL))
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    camera = recorded_camera(
        homography=given.folder / "homography.json",
        zones=given.folder / "zones_local_m.geojson",
        local_metres=True,
        model=given.model,
        threads=given.threads,
        head_height_m=1.7,
    )
    frames = list(
        measure(
            given.folder / "view_001.avi",
            observer=camera.observer,
            detector=camera.detector,
            every=given.every,
        )
    )
    truth = read_truth(given.folder / "truth.csv")
    print_errors(frames, truth, camera.observer)
    print_likeness(
        frames, truth, who_is_inside(given.folder / "people.csv", camera.observer), given.every
    )


def print_errors(frames: Sequence[MeasuredFrame], truth: Truth, observer: Observer) -> None:
    """Print a line for each window and zone.

    ``MAE``, ``bias``, ``RMSE``, ``sd`` and ``90 %`` compare with the truth of the newest picture;
    ``lag`` is the MAE of perfect counts combined the same way, ``steady`` the MAE against those.
    """
    area_m2 = {each.zone.id: each.zone.area_m2 for each in observer.zones}
    perfect = [_with_counts(frame, truth[frame.index]) for frame in frames]
    print("".join(f"{name:>8}" for name in ("window", "MAE", "bias", "RMSE", "sd", "90 %")), end="")
    print(f"{'lag':>8}{'steady':>8}  zone")
    for window_s in WINDOWS_S:
        counted = _combined(frames, observer, window_s)
        known = _combined(perfect, observer, window_s)
        steady_truth = {
            frame.index: {zone.zone_id: zone.count for zone in frame.observation.zones}
            for frame in known
        }
        sds = np.array([[zone.count_sd for zone in frame.observation.zones] for frame in counted])
        rows = [
            (e.count_mae, e.count_bias, e.count_rmse, sd, e.coverage_90, lag.count_mae, s.count_mae)
            for e, sd, lag, s in zip(
                zone_errors(counted, truth, area_m2=area_m2),
                sds.mean(axis=0),
                zone_errors(known, truth, area_m2=area_m2),
                zone_errors(counted, steady_truth, area_m2=area_m2),
                strict=True,
            )
        ]
        names = [each.zone.id for each in observer.zones]
        for name, row in zip([*names, "mean"], [*rows, np.mean(rows, axis=0)], strict=True):
            print(f"{window_s:8.1f}" + "".join(f"{value:8.3f}" for value in row) + f"  {name}")


def _with_counts(frame: MeasuredFrame, counts: Mapping[str, float]) -> MeasuredFrame:
    zones = tuple(
        zone.model_copy(update={"count": counts[zone.zone_id]}) for zone in frame.observation.zones
    )
    return replace(frame, observation=frame.observation.model_copy(update={"zones": zones}))


def _combined(
    frames: Sequence[MeasuredFrame], observer: Observer, window_s: float
) -> list[MeasuredFrame]:
    steady = SteadyZones(observer, steady_s=window_s)
    return [replace(frame, observation=steady.step(frame.observation)) for frame in frames]


def who_is_inside(people: Path, observer: Observer) -> dict[tuple[int, str], frozenset[int]]:
    """Return (frame, zone) → the ids of those who truly stand in the zone."""
    with people.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    places_m = np.array([(float(row["X_m"]), float(row["Y_m"])) for row in rows])
    inside: dict[tuple[int, str], set[int]] = defaultdict(set)
    for each in observer.zones:
        for row, within in zip(rows, each.zone.contains(places_m), strict=True):
            if within:
                inside[int(row["frame"]), each.zone.id].add(int(row["id"]))
    return {key: frozenset(ids) for key, ids in inside.items()}


def print_likeness(
    frames: Sequence[MeasuredFrame],
    truth: Truth,
    inside: Mapping[tuple[int, str], frozenset[int]],
    every: int,
) -> None:
    """Print Σ z_i·z_j ÷ √(Σ z_i²·Σ z_j²) of the errors in standard deviations, by lag."""
    z = {
        (frame.index, zone.zone_id): (zone.count - truth[frame.index][zone.zone_id]) / zone.count_sd
        for frame in frames
        for zone in frame.observation.zones
    }
    step_s = (frames[1].t_s - frames[0].t_s) / every
    print(f"\n{'lag s':>8} {'all':>6} {'pairs':>6} {'same people':>12} {'pairs':>6}")
    for lag_s in LAGS_S:
        lag = round(lag_s / step_s)
        pairs = [
            (one, other, inside.get((index, zone), ()) == inside.get((index + lag, zone), ()))
            for (index, zone), one in z.items()
            if (other := z.get((index + lag, zone))) is not None
            and (inside.get((index, zone)) or inside.get((index + lag, zone)))
        ]
        if pairs:
            same = [pair for pair in pairs if pair[2]]
            print(
                f"{lag_s:8.1f} {_likeness(pairs):6.2f} {len(pairs):6} "
                f"{_likeness(same):12.2f} {len(same):6}"
            )


def _likeness(pairs: Sequence[tuple[float, float, bool]]) -> float:
    one, other = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    return float((one * other).sum() / sqrt((one**2).sum() * (other**2).sum()))


if __name__ == "__main__":
    main()
