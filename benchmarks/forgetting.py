"""How long writing waits while old rows are forgotten, and how much disk a day takes.

Fills a database with readings and zone values of the hour that is to go and of the hour after it,
as so many cameras make them. Then writes as the hub does, forty times a second, first alone and
then while the old hour is forgotten, and prints how long one write took.
"""

import argparse
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

from rich.progress import track
from sqlalchemy import text

from crowdsafe.contract.edge_messages import Observation
from crowdsafe.hub.store import Batch, KeepDays, Store, ZoneValue
from crowdsafe.hub.store.engine import Database, understood_url
from crowdsafe.hub.store.steps import SLOT_S
from crowdsafe.hub.store.tables import READINGS, ZONE_STEPS, ZONE_VALUES

HOUR_S, DAY_S = 3600, 86400
BEGIN_S = 1_800_000_000 // HOUR_S * HOUR_S
WRITE_EVERY_S = 0.025
LONGEST_MS = 50.0

_TIMES = """
WITH RECURSIVE
  times(at_s) AS (
    SELECT CAST(:from_s AS DOUBLE PRECISION)
    UNION ALL SELECT at_s + :step_s FROM times WHERE at_s + :step_s < :to_s
  ),
  cameras(camera) AS (
    SELECT 0 UNION ALL SELECT camera + 1 FROM cameras WHERE camera < :cameras - 1
  ),
  zones(zone) AS (SELECT 0 UNION ALL SELECT zone + 1 FROM zones WHERE zone < :zones - 1)
"""
_READINGS = text(
    "INSERT INTO readings"
    f"{_TIMES} SELECT 'zone_' || camera || '_' || zone, at_s + camera * 0.001 + 0.0001234, "
    "'camera_' || camera, 12.37, 0.53, 1.2345, 0.0567, 0.95, 1 "
    "FROM times CROSS JOIN cameras CROSS JOIN zones ORDER BY at_s, camera, zone"
)
_VALUES = text(
    "INSERT INTO zone_values"
    f"{_TIMES} SELECT 'zone_' || camera || '_' || zone, at_s + camera * 0.001 + 0.0001234, "
    "1.2345, 0.0567, 2.3456, 80.37, 0.95, 1 "
    "FROM times CROSS JOIN cameras CROSS JOIN zones ORDER BY at_s, camera, zone"
)

_DUE = text(
    "INSERT INTO steps_due"
    f"{_TIMES} SELECT 'zone_' || camera || '_' || zone, at_s, at_s "
    "FROM times CROSS JOIN cameras CROSS JOIN zones ORDER BY at_s, camera, zone"
)


def fill(database: Database, *, cameras: int, zones: int, per_s: float, hours: int) -> None:
    """Write readings of each camera and one value a second of each zone."""
    for minute in track(range(hours * 60), "filling"):
        span = {
            "from_s": BEGIN_S + minute * 60,
            "to_s": BEGIN_S + minute * 60 + 60,
            "cameras": cameras,
            "zones": zones,
        }
        with database.writing() as connection:
            connection.execute(_READINGS, {**span, "step_s": 1 / per_s})
            connection.execute(_VALUES, {**span, "step_s": 1.0})
            if span["from_s"] % SLOT_S == 0:
                connection.execute(_DUE, {**span, "step_s": SLOT_S})


def batch(number: int, *, cameras: int, zones: int, per_s: float) -> Batch:
    """Return what the hub writes at once."""
    at_s = BEGIN_S + 2 * HOUR_S + number * WRITE_EVERY_S
    seen = max(1, round(cameras * per_s * WRITE_EVERY_S))
    return Batch(
        observations=tuple(
            Observation.model_validate(
                {
                    "camera_id": f"camera_{(number * seen + each) % cameras}",
                    "seq": number,
                    "captured_at_s": at_s + each / 1e5,
                    "revision": 1,
                    "analysis_ms": 20,
                    "frames_dropped": 0,
                    "people_in_view": 40,
                    "zones": [
                        {
                            "zone_id": f"zone_{(number * seen + each) % cameras}_{zone}",
                            "count": 12.5,
                            "count_sd": 0.5,
                            "density_ppm2": 1.25,
                            "density_sd_ppm2": 0.05,
                            "seen_share": 0.9,
                        }
                        for zone in range(zones)
                    ],
                }
            )
            for each in range(seen)
        ),
        zone_values=tuple(
            ZoneValue(f"zone_{camera}_{zone}", at_s, 1.25, 0.05, 2.5, 80.0, 0.9, 1)
            for camera in range(cameras)
            if camera % round(1 / WRITE_EVERY_S) == number % round(1 / WRITE_EVERY_S)
            for zone in range(zones)
        ),
    )


class Writer:
    """Writes as the hub does, until it is told to stop."""

    def __init__(self, store: Store, *, cameras: int, zones: int, per_s: float) -> None:
        self.spent_ms: list[float] = []
        self._store = store
        self._size = {"cameras": cameras, "zones": zones, "per_s": per_s}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _write(self) -> None:
        number = 0
        while not self._ended.wait(WRITE_EVERY_S):
            number += 1
            made = batch(number, **self._size)  # type: ignore[arg-type]
            begun_s = time.perf_counter()
            self._store.write(made)
            self.spent_ms.append(1000 * (time.perf_counter() - begun_s))


def told(name: str, spent_ms: list[float]) -> float:
    """Print percentiles and return the longest."""
    ordered = sorted(spent_ms)
    print(
        f"{name}: {len(ordered)} writes, p50 {ordered[len(ordered) // 2]:.1f} ms, "
        f"p99 {ordered[int(0.99 * len(ordered))]:.1f} ms, longest {ordered[-1]:.1f} ms"
    )
    return ordered[-1]


def print_disk(database: Database, *, cameras: int, zones: int, per_s: float) -> None:
    """Print what a day takes of each kind."""
    a_day = {
        READINGS.name: cameras * zones * per_s * DAY_S,
        ZONE_VALUES.name: cameras * zones * DAY_S,
        ZONE_STEPS.name: cameras * zones * DAY_S * (1 / 10 + 1 / 60 + 1 / 900),
    }
    with database.reading() as connection:
        for name, rows_a_day in a_day.items():
            rows = connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            size = text(
                f"SELECT sum(pgsize) FROM dbstat WHERE name = '{name}'"
                if database.is_sqlite
                else f"SELECT pg_total_relation_size('{name}')"
            )
            row_bytes = connection.execute(size).scalar_one() / rows
            print(
                f"{name}: {row_bytes:.0f} bytes a row, {rows_a_day:,.0f} rows and "
                f"{rows_a_day * row_bytes / 1e9:.2f} GB a day"
            )


def main() -> None:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="empty database to fill instead of a SQLite file")
    parser.add_argument("--cameras", type=int, default=200)
    parser.add_argument("--zones", type=int, default=5, help="of each camera")
    parser.add_argument("--per-s", type=float, default=2.0, help="observations of each camera")
    parser.add_argument("--alone", type=float, default=10.0, help="seconds of writing alone")
    given = parser.parse_args()
    size = {"cameras": given.cameras, "zones": given.zones, "per_s": given.per_s}
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{Path(folder) / 'store.db'}"
        store = Store(url)
        database = Database(understood_url(url))
        fill(database, hours=2, **size)
        store.history.downsample(BEGIN_S + 2 * HOUR_S)
        print_disk(database, **size)
        keep = replace(KeepDays(), readings=1.0, zone_values=1.0)
        with Writer(store, **size) as writer:
            time.sleep(given.alone)
        told("writing alone", writer.spent_ms)
        begun_s = time.perf_counter()
        with Writer(store, **size) as writer:
            store.forget(BEGIN_S + HOUR_S + DAY_S, keep)
        print(f"forgotten in {time.perf_counter() - begun_s:.1f} s")
        longest_ms = told("while old rows are forgotten", writer.spent_ms)
        database.close()
        store.close()
    if longest_ms > LONGEST_MS:
        raise SystemExit(f"a write took {longest_ms:.0f} ms, expected at most {LONGEST_MS:.0f} ms")


if __name__ == "__main__":
    main()
