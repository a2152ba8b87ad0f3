"""Densities with the truth's own boxes as detections: what the geometry alone gets wrong.

The folder holds people.csv (boxes in px), truth.csv (people in each zone), zones_local_m.geojson
and homography.json; another calibration is given with --calibration. Every box of the truth is a
body that was found, and goes the product's own way: feet to the ground, ground to zones, people to
densities.
"""

import argparse
import csv
import json
from collections import defaultdict
from pathlib import Path

import numpy as np

from crowdsafe.contract.calibration import read_calibration
from crowdsafe.contract.site import read_zones
from crowdsafe.domain.crowd.density import CountError
from crowdsafe.edge.detections import boxes_alone
from crowdsafe.edge.observe import observe, observer
from crowdsafe.replay.evaluate import read_truth


def main() -> None:
    """Measure and print a JSON line and a sentence for each zone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--calibration", type=Path)
    given = parser.parse_args()
    file, camera = read_calibration(given.calibration or given.folder / "homography.json")
    zones = read_zones(given.folder / "zones_local_m.geojson", local_metres=True)
    watching = observer(
        camera_id="truth",
        camera=camera,
        zones=zones,
        kind="body",
        head_height_m=0.0,
        range_m=file.range_m,
        count_error=CountError(0.0, 0.0, 0.0),
    )
    boxes: dict[int, list[tuple[float, ...]]] = defaultdict(list)
    with (given.folder / "people.csv").open(newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            u, v, w, h = (float(row[name]) for name in ("foot_u", "foot_v", "w", "h"))
            boxes[int(row["frame"])].append((u - w / 2, v - h, u + w / 2, v))
    truth = read_truth(given.folder / "truth.csv")
    errors: dict[str, list[float]] = defaultdict(list)
    areas = {zone.id: zone.area_m2 for zone in zones}
    for frame, people in truth.items():
        found = np.array(boxes[frame], dtype=np.float64).reshape(-1, 4)
        seen = observe(
            watching,
            boxes_alone(found, np.ones(len(found)), "body", 0.5),
            picture_size_px=file.image_size_px,
            seq=frame,
            captured_at_s=float(frame),
            analysis_ms=0.0,
            frames_dropped=0,
        )
        for zone in seen.zones:
            if zone.density_ppm2 is not None:
                true_ppm2 = people[zone.zone_id] / areas[zone.zone_id]
                errors[zone.zone_id].append(zone.density_ppm2 - true_ppm2)
    figures = {
        zone: {
            "density_mae_ppm2": float(np.mean(np.abs(each))),
            "density_bias_ppm2": float(np.mean(each)),
            "density_max_error_ppm2": float(np.max(np.abs(each))),
            "pictures": len(each),
        }
        for zone, each in errors.items()
    }
    print(json.dumps(figures))
    for zone, each in figures.items():
        print(
            f"{zone}: mean density error {each['density_mae_ppm2']:.5f} persons/m² over "
            f"{each['pictures']} pictures, at worst {each['density_max_error_ppm2']:.5f}"
        )


if __name__ == "__main__":
    main()
