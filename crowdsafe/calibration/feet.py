"""Feet whose place on the ground is known, against where a camera puts them."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from crowdsafe.domain.camera.geometry import GroundCamera, Points
from crowdsafe.errors import BadInput

_COLUMNS = ("foot_u", "foot_v", "X_m", "Y_m")


@dataclass(frozen=True, eq=False)
class KnownFeet:
    """(n, 2) points in the calibrated picture and (n, 2) the same on the ground."""

    image_px: Points
    ground_m: Points


@dataclass(frozen=True)
class FeetError:
    """Distances on the ground; ``nowhere`` counts those that are above the horizon."""

    people: int
    nowhere: int
    mean_m: float
    p95_m: float
    max_m: float


def read_feet(path: Path) -> KnownFeet:
    """Read a table with the columns foot_u, foot_v (px) and X_m, Y_m; others are left alone.

    Raises:
        BadInput: one sentence that names the file, the line and what is wrong.
    """
    rows = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise BadInput(
                    f"{path}: column {missing[0]} is missing, expected {', '.join(_COLUMNS)}"
                )
            rows = [
                [_number(path, reader.line_num, name, row[name]) for name in _COLUMNS]
                for row in reader
            ]
    except FileNotFoundError:
        raise BadInput(f"{path}: there is no such file") from None
    except (UnicodeDecodeError, csv.Error):
        raise BadInput(f"{path}: is no table, expected CSV") from None
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror})") from None
    if not rows:
        raise BadInput(f"{path}: has no rows, expected at least one person")
    table = np.array(rows)
    return KnownFeet(image_px=table[:, :2], ground_m=table[:, 2:])


def _number(path: Path, line: int, column: str, text: str | None) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise BadInput(f"{path}: line {line}: {column}: {text!r}, expected a number")
    return value


def feet_error(camera: GroundCamera, feet: KnownFeet) -> FeetError:
    """Return how far projected feet are off.

    Raises:
        BadInput: none of them is on the ground that the picture shows.
    """
    off = camera.to_ground(feet.image_px, height_m=0.0) - feet.ground_m
    distance_m = np.hypot(off[:, 0], off[:, 1])
    known = distance_m[np.isfinite(distance_m)]
    if not len(known):
        raise BadInput("people: all feet are above the horizon of this calibration")
    return FeetError(
        people=len(distance_m),
        nowhere=len(distance_m) - len(known),
        mean_m=float(known.mean()),
        p95_m=float(np.percentile(known, 95)),
        max_m=float(known.max()),
    )
