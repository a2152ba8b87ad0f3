"""Milliseconds per picture from detections in the picture to densities on the ground, on one core.

500 people in 20 zones, cells of 0.5 m: where everybody stands, who is in the seen part of which
zone, each zone's mean, its densest disc, and the people in each cell of the grid. The camera has a
mask and a limit of px per metre, so that the seen ground has an outline of hundreds of corners.
What a density map of 96 × 72 cells takes on top, whose people are spread over the ground of their
cells, is measured on its own.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from crowdsafe.domain.camera.geometry import Points
from crowdsafe.domain.camera.visible import ZonesInView, visible_ground, zones_in_view
from crowdsafe.domain.crowd.density import CountError, zone_density
from crowdsafe.domain.crowd.grid import (
    CELL_M,
    Footprints,
    cells_of_zones,
    footprints,
    ground_quads,
    joined,
)
from crowdsafe.domain.crowd.peak import PeakSearch, peak_search
from crowdsafe.domain.crowd.zones import Zone
from tests.pinhole import Pinhole

PEOPLE = 500
CROWDS = 50
REPEATS = 1000
WARM_UP = 100
AIM_MS = 3.0
HEAD_M = 1.7
MAP_CELL_PX = 20.0
ERROR = CountError(constant=1.2, sqrt=0.5, relative=0.0, crowd=0.04)
PINHOLE = Pinhole(
    height_m=12.0, tilt_deg=25.0, focal_px=1100.0, size_px=(1920, 1440), position_m=(0.0, 0.0)
)
CAMERA = PINHOLE.calibrated()
# Four rows of five zones that share their edges, the people's ways between stalls.
ZONES = tuple(
    Zone(
        f"{row}-{column}",
        shapely.box(9 * column - 22.5, 10 * row + 12, 9 * column - 13.5, 10 * row + 22),
    )
    for row in range(4)
    for column in range(5)
)
MASK = [(300, 400), (520, 380), (540, 700), (280, 720)]


class Stages:
    """Milliseconds of each stage of each picture."""

    def __init__(self) -> None:
        self.ms: dict[str, list[float]] = {}

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Time what is done in it."""
        begun_s = time.perf_counter()
        yield
        self.ms.setdefault(name, []).append(1000 * (time.perf_counter() - begun_s))


def main() -> None:
    """Measure and print one JSON line and two sentences."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    begun_s = time.perf_counter()
    ground = visible_ground(
        camera=CAMERA, height_m=HEAD_M, range_m=60.0, min_px_per_m=15.0, masks_px=[MASK]
    )
    view = zones_in_view(zones=ZONES, ground=ground)
    search = peak_search(view)
    people_on_map = _footprints(view)
    prepared_ms = 1000 * (time.perf_counter() - begun_s)
    stages = Stages()
    crowds = [_heads_px(view, seed) for seed in range(CROWDS)]
    for number in range(WARM_UP + REPEATS):
        if number == WARM_UP:
            stages = Stages()
        with stages.measure("total"):
            _measure(stages, crowds[number % CROWDS], view, search)
        _measure_map(stages, people_on_map, number)
    figures = {f"{name}_ms": round(statistics.median(ms), 3) for name, ms in stages.ms.items()}
    total = sorted(stages.ms["total"])
    figures |= {
        "total_best_ms": round(total[0], 3),
        "total_p95_ms": round(total[int(0.95 * len(total))], 3),
        "prepared_ms": round(prepared_ms, 1),
    }
    print(json.dumps({"people": PEOPLE, "zones": len(ZONES), "cell_m": CELL_M, **figures}))
    print(
        f"geometry of {PEOPLE} people in {len(ZONES)} zones with a {CELL_M} m grid: "
        f"{figures['total_ms']:.2f} ms a picture on one core (aim: under {AIM_MS:g} ms), median of "
        f"{REPEATS}; best {figures['total_best_ms']:.2f} ms, p95 {figures['total_p95_ms']:.2f} ms"
    )
    print(
        f"a density map adds {figures['density_map_ms']:.2f} ms; once per camera: "
        f"{figures['prepared_ms']:.0f} ms"
    )


def _heads_px(view: ZonesInView, seed: int) -> Points:
    """Return where heads show: half of the people anywhere in the zones, half in one crush."""
    generator = np.random.default_rng(seed)
    anywhere = generator.uniform((-22.5, 12), (22.5, 52), size=(20 * PEOPLE, 2))
    crush = generator.normal(generator.uniform((-10, 18), (10, 40)), 2.5, size=(20 * PEOPLE, 2))
    stand = [
        places[view.contain(places).any(axis=0)][: PEOPLE // 2] for places in (anywhere, crush)
    ]
    return PINHOLE.picture_of(np.concatenate(stand), height_m=HEAD_M)


def _measure(stages: Stages, heads_px: Points, view: ZonesInView, search: PeakSearch) -> None:
    people = np.ones(len(heads_px))
    crowded = people * np.sqrt(0.3)
    with stages.measure("to_ground"):
        ground_m = CAMERA.to_ground(heads_px, height_m=HEAD_M)
    with stages.measure("zones"):
        inside = view.contain(ground_m)
        counted = inside.any(axis=0)
    with stages.measure("mean"):
        counts, roots = inside @ people, inside @ crowded
        for visible, count, root in zip(view.zones, counts, roots, strict=True):
            sd = ERROR.sd(float(count), float(root))
            zone_density(visible=visible, count=float(count), count_sd=sd)
    with stages.measure("peak"):
        search.peaks(
            ground_m[counted],
            people=people[counted],
            crowded=crowded[counted],
            count_error=ERROR,
        )
    with stages.measure("grid"):
        cells = cells_of_zones(inside, ground_m, people)
    found = sum(part.people.sum() for part in cells)
    if found != PEOPLE:
        raise RuntimeError(f"{found} of {PEOPLE} people are in the grid")


def _footprints(view: ZonesInView) -> Footprints:
    x, y = np.meshgrid(np.arange(96), np.arange(72))
    middles = (np.column_stack([x.ravel(), y.ravel()]) + 0.5) * MAP_CELL_PX
    return footprints(
        view=view,
        centres_m=CAMERA.to_ground(middles, height_m=HEAD_M),
        quads_m=ground_quads(CAMERA, middles, side_px=MAP_CELL_PX, height_m=HEAD_M),
    )


def _measure_map(stages: Stages, spread: Footprints, seed: int) -> None:
    people = np.random.default_rng(seed).uniform(0, 0.1, spread.map_cells)
    with stages.measure("density_map"):
        spread.in_zones(people)
        joined(spread.cells(people))


if __name__ == "__main__":
    main()
