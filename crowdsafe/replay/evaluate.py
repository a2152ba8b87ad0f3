"""Measured readings against the truth of the same recording."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite, sqrt
from pathlib import Path

from crowdsafe.errors import BadInput
from crowdsafe.replay.measure import MeasuredFrame

_COUNT = "count_"


@dataclass(frozen=True)
class ZoneError:
    """How far one zone's readings are from the truth, over all frames that have both.

    Attributes:
        count_mae: mean absolute error of the count, in people.
        count_bias: mean error of the count; above 0 when too many were counted.
        count_rmse: root of the mean squared error.
        density_mae_ppm2: mean absolute error of the density.
        density_bias_ppm2: mean error of the density.
        coverage_90: share of frames whose 90 % interval holds the truth.
    """

    zone_id: str
    frames: int
    true_mean: float
    count_mae: float
    count_bias: float
    count_rmse: float
    density_mae_ppm2: float
    density_bias_ppm2: float
    coverage_90: float


def read_truth(path: Path) -> dict[int, dict[str, float]]:
    """Read people in each zone for each frame.

    Args:
        path: a CSV file with a column ``frame`` and columns ``count_ZONE``.

    Returns:
        frame → zone → people.

    Raises:
        BadInput: one sentence that names the file, line and column.
    """
    truth: dict[int, dict[str, float]] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file)
            fields = table.fieldnames or []
            zones = [name for name in fields if name.startswith(_COUNT)]
            if "frame" not in fields or not zones:
                raise BadInput(f"{path}: expected columns frame and {_COUNT}ZONE")
            for row in table:
                where = f"{path}: line {table.line_num}"
                frame = _number(where, "frame", row["frame"])
                truth[int(frame)] = {
                    name.removeprefix(_COUNT): _number(where, name, row[name]) for name in zones
                }
    except FileNotFoundError:
        raise BadInput(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path}: is no CSV text ({error})") from None
    return truth


def _number(where: str, column: str, text: str | None) -> float:
    try:
        number = float(text or "")
    except ValueError:
        number = float("nan")
    if not isfinite(number) or number < 0:
        raise BadInput(f"{where}: {column}: {text!r}, expected a number from 0 up")
    return number


def zone_errors(
    frames: Iterable[MeasuredFrame],
    truth: Mapping[int, Mapping[str, float]],
    *,
    area_m2: Mapping[str, float],
) -> tuple[ZoneError, ...]:
    """Compare readings with the truth, zone by zone.

    Args:
        frames: measured.
        truth: frame → zone → people in the whole zone.
        area_m2: zone → its area, by which the true density is people ÷ area.

    Raises:
        BadInput: no frame and zone is in both.
    """
    pairs: dict[str, list[tuple[float, float, float, float]]] = {}
    for frame in frames:
        known = truth.get(frame.index, {})
        for zone in frame.observation.zones:
            if zone.zone_id in known and zone.density_ppm2 is not None:
                row = (zone.count, zone.count_sd, zone.density_ppm2, known[zone.zone_id])
                pairs.setdefault(zone.zone_id, []).append(row)
    if not pairs:
        raise BadInput("truth: no frame and zone of the recording is in it")
    return tuple(
        _zone_error(zone_id, rows, area_m2=area_m2[zone_id]) for zone_id, rows in pairs.items()
    )


def _zone_error(
    zone_id: str, rows: list[tuple[float, float, float, float]], *, area_m2: float
) -> ZoneError:
    n = len(rows)
    errors = [count - true for count, _, _, true in rows]
    density_errors = [density - true / area_m2 for _, _, density, true in rows]
    held = sum(abs(count - true) <= 1.645 * sd for count, sd, _, true in rows)
    return ZoneError(
        zone_id=zone_id,
        frames=n,
        true_mean=sum(row[3] for row in rows) / n,
        count_mae=sum(map(abs, errors)) / n,
        count_bias=sum(errors) / n,
        count_rmse=sqrt(sum(error**2 for error in errors) / n),
        density_mae_ppm2=sum(map(abs, density_errors)) / n,
        density_bias_ppm2=sum(density_errors) / n,
        coverage_90=held / n,
    )
