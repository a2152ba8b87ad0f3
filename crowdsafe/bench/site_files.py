"""A made-up site in a folder: groups of zones, each group seen whole by some cameras."""

import json
from dataclasses import dataclass
from math import ceil, cos, degrees, hypot, radians, sin, sqrt
from pathlib import Path
from typing import Any

import numpy as np
from shapely.geometry import box

from crowdsafe.contract.frame import SiteFrame
from crowdsafe.errors import BadInput

ORIGIN = (9.9937, 53.5511)
# A group of zones is so wide and deep, and so far from the next that no camera sees two.
_WIDE_M, _DEEP_M = 20.0, 12.0
_APART_M = 60.0
# Its cameras stand around it, turned to its middle.
_AWAY_M = 22.0
_HEIGHT_M = 12.0
_RANGE_M = 36.0
_FOCAL_PX = 900.0
_SIZE_PX = (1920, 1080)
_CAMERAS_IN_A_ROUND = 10


@dataclass(frozen=True)
class BenchZone:
    """A zone: its id and its rectangle west, south, east, north in metres of the site frame."""

    id: str
    bounds_m: tuple[float, float, float, float]

    @property
    def area_m2(self) -> float:
        """Area in square metres."""
        west, south, east, north = self.bounds_m
        return (east - west) * (north - south)


@dataclass(frozen=True)
class BenchCamera:
    """A camera and the zones that it sees whole."""

    id: str
    group: int
    zones: tuple[BenchZone, ...]


@dataclass(frozen=True)
class BenchSite:
    """A folder as ``hub run`` reads it, and what is in it."""

    folder: Path
    zones: tuple[BenchZone, ...]
    cameras: tuple[BenchCamera, ...]


def write_site(
    folder: Path, *, cameras: int, zones_per_camera: int, cameras_per_zone: int = 1
) -> BenchSite:
    """Write a site whose cameras all see ``zones_per_camera`` zones.

    Raises:
        BadInput: the cameras cannot be shared out so.
    """
    for name, number in (
        ("cameras", cameras),
        ("zones-per-camera", zones_per_camera),
        ("cameras-per-zone", cameras_per_zone),
    ):
        if number < 1:
            raise BadInput(f"{name}: {number}, expected 1 or more")
    if cameras % cameras_per_zone or cameras_per_zone > _CAMERAS_IN_A_ROUND:
        raise BadInput(
            f"cameras-per-zone: {cameras_per_zone}, expected a part of the {cameras} cameras and "
            f"at most {_CAMERAS_IN_A_ROUND}"
        )
    groups = cameras // cameras_per_zone
    a_row = ceil(sqrt(groups))
    frame = SiteFrame(origin=ORIGIN)
    (folder / "cameras").mkdir(parents=True, exist_ok=True)
    zones: list[BenchZone] = []
    placed: list[BenchCamera] = []
    for group in range(groups):
        middle_m = ((group % a_row) * _APART_M, (group // a_row) * _APART_M)
        seen = _zones(group, middle_m, number=zones_per_camera)
        zones += seen
        for each in range(cameras_per_zone):
            camera = BenchCamera(id=f"camera_{len(placed):04d}", group=group, zones=seen)
            bearing_deg = 180.0 + each * 360.0 / cameras_per_zone
            (folder / "cameras" / f"{camera.id}.json").write_text(
                json.dumps(_calibration(middle_m, bearing_deg)), encoding="utf-8"
            )
            placed.append(camera)
    document = {
        "type": "FeatureCollection",
        "crowdsafe": {
            "version": 1,
            "id": "bench",
            "name": {"de": "Messgelände", "en": "Bench site"},
            "timezone": "Europe/Berlin",
            "origin": list(ORIGIN),
        },
        "features": [_feature(zone, frame) for zone in zones],
    }
    (folder / "site.geojson").write_text(json.dumps(document), encoding="utf-8")
    return BenchSite(folder=folder, zones=tuple(zones), cameras=tuple(placed))


def _zones(group: int, middle_m: tuple[float, float], *, number: int) -> tuple[BenchZone, ...]:
    columns = min(number, max(5, ceil(sqrt(number * _WIDE_M / _DEEP_M))))
    rows = ceil(number / columns)
    wide_m, deep_m = _WIDE_M / columns, _DEEP_M / rows
    west_m, south_m = middle_m[0] - _WIDE_M / 2, middle_m[1] - _DEEP_M / 2
    zones = []
    for each in range(number):
        west = west_m + each % columns * wide_m
        south = south_m + each // columns * deep_m
        zones.append(
            BenchZone(
                id=f"zone_{group:03d}_{each:02d}",
                bounds_m=(west, south, west + wide_m, south + deep_m),
            )
        )
    return tuple(zones)


def _feature(zone: BenchZone, frame: SiteFrame) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": zone.id,
        "properties": {"crowdsafe": {"kind": "zone", "name": {"de": zone.id, "en": zone.id}}},
        "geometry": {
            "type": "Polygon",
            "coordinates": [
                [list(point) for point in ring] for ring in frame.rings(box(*zone.bounds_m))
            ],
        },
    }


def _calibration(middle_m: tuple[float, float], bearing_deg: float) -> dict[str, Any]:
    """Return the file of a camera that stands in this direction of the middle and looks at it."""
    bearing = radians(bearing_deg)
    position_m = np.array(middle_m) + _AWAY_M * np.array([sin(bearing), cos(bearing)])
    return {
        "image_size_px": list(_SIZE_PX),
        "pose": {
            "position_m": [*position_m.tolist(), _HEIGHT_M],
            "pan_deg": (bearing_deg + 180.0) % 360.0,
            "tilt_deg": degrees(np.arcsin(_HEIGHT_M / hypot(_AWAY_M, _HEIGHT_M))),
        },
        "intrinsics": {"focal_px": [_FOCAL_PX, _FOCAL_PX]},
        "range_m": _RANGE_M,
    }
