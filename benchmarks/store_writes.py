"""How many rows a second the store takes: readings of cameras, and fused values of zones.

Each batch is one transaction that is on the disk when it ends. Prints rows a second on the wall
clock and for each second of processor time of this process.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.progress import track

from crowdsafe.contract.edge_messages import Observation
from crowdsafe.hub.store import Batch, Store, ZoneValue

_ZONES_OF_A_CAMERA = 5
_BEGIN_S = 1_800_000_000.0


def observations(number: int, *, count: int) -> Batch:
    """Return what ``count`` cameras saw of their zones at one time."""
    return Batch(
        observations=tuple(
            Observation.model_validate(
                {
                    "camera_id": f"camera_{camera}",
                    "seq": number,
                    "captured_at_s": _BEGIN_S + number / 2,
                    "analysis_ms": 20,
                    "frames_dropped": 0,
                    "people_in_view": 40,
                    "zones": [
                        {
                            "zone_id": f"zone_{camera}_{zone}",
                            "count": 12.5,
                            "count_sd": 0.5,
                            "density_ppm2": 1.25,
                            "density_sd_ppm2": 0.05,
                            "seen_share": 0.9,
                        }
                        for zone in range(_ZONES_OF_A_CAMERA)
                    ],
                }
            )
            for camera in range(count)
        )
    )


def zone_values(number: int, *, count: int) -> Batch:
    """Return the fused values of ``count`` zones at one time."""
    return Batch(
        zone_values=tuple(
            ZoneValue(f"zone_{zone}", _BEGIN_S + number, 1.25, 0.05, 2.5, 80.0, 0.9)
            for zone in range(count)
        )
    )


def measure(store: Store, name: str, make: Callable[[int], Batch], rows: int, of: int) -> None:
    """Write batches and print how fast that went."""
    batches = [make(number) for number in track(range(of), f"{name}: batches")]
    spent_s = []
    cpu_s = time.process_time()
    for batch in track(batches, f"{name}: writing"):
        begun_s = time.perf_counter()
        store.write(batch)
        spent_s.append(time.perf_counter() - begun_s)
    cpu_s = time.process_time() - cpu_s
    ordered = sorted(spent_s)
    print(
        f"{name}: {rows * of / sum(spent_s):,.0f} rows/s, {rows * of / cpu_s:,.0f} rows for each "
        f"second of processor time; a batch of {rows}: median "
        f"{1000 * ordered[of // 2]:.1f} ms, p99 {1000 * ordered[int(of * 0.99)]:.1f} ms"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="database to fill instead of a SQLite file that is deleted")
    parser.add_argument("--batches", type=int, default=400)
    parser.add_argument("--rows", type=int, default=500, help="in each batch")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(given.url or f"sqlite:///{Path(folder) / 'store.db'}")
        cameras = given.rows // _ZONES_OF_A_CAMERA
        measure(
            store,
            "readings",
            lambda number: observations(number, count=cameras),
            cameras * _ZONES_OF_A_CAMERA,
            given.batches,
        )
        measure(
            store,
            "zone values",
            lambda number: zone_values(number, count=given.rows),
            given.rows,
            given.batches,
        )
        store.close()


if __name__ == "__main__":
    main()
