"""A little site folder, and documents made from it with something changed."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from crowdsafe.contract.frame import SiteFrame
from crowdsafe.contract.site_document import SiteDocument, as_document

ORIGIN = (9.0, 49.0)
SQUARE = ((0, 0), (20, 0), (20, 10), (0, 10))
WIDER = ((0, 0), (22, 0), (22, 10), (0, 10))
EAST = ((30, 0), (40, 0), (40, 10), (30, 10))
PICTURE = b"\x89PNG what the camera showed"


def ring(corners: tuple[tuple[float, float], ...]) -> list[list[list[float]]]:
    """Corners in metres as GeoJSON coordinates of a polygon."""
    degrees = SiteFrame(origin=ORIGIN).to_lonlat([*corners, corners[0]])
    return [[list(point) for point in degrees]]


def zone(zone_id: str, corners: tuple[tuple[float, float], ...], **member: Any) -> dict[str, Any]:
    """A zone as a GeoJSON feature."""
    return {
        "type": "Feature",
        "id": zone_id,
        "properties": {"crowdsafe": {"kind": "zone", **member}},
        "geometry": {"type": "Polygon", "coordinates": ring(corners)},
    }


def calibration(**changes: Any) -> dict[str, Any]:
    """A camera 12 m over the middle of the site that looks straight down."""
    return {
        "image_size_px": [640, 480],
        "H_image_to_ground_m": [[0.1, 0, -12.0], [0, -0.1, 29.0], [0, 0, 1]],
        "camera_position_m": [20.0, 5.0, 12.0],
        "range_m": 60.0,
        **changes,
    }


def measure(**changes: Any) -> dict[str, Any]:
    """A measure of measures.json."""
    return {
        "id": "say_stop",
        "kind": "announce",
        "title": {"de": "Durchsage", "en": "Announcement"},
        "why": {"de": "Damit niemand nachdrängt", "en": "So that nobody presses on"},
        "causes": ["density"],
        "loudspeaker": {"de": "Bitte bleiben Sie stehen.", "en": "Please stand still."},
        "display": {},
        "approved_by": "the organiser",
        "approved_on": "2026-05-01",
        **changes,
    }


def content() -> dict[str, Any]:
    """A whole site document as JSON values."""
    line = [list(point) for point in SiteFrame(origin=ORIGIN).to_lonlat([[20, 0], [20, 10]])]
    return {
        "version": 1,
        "site": {
            "type": "FeatureCollection",
            "crowdsafe": {
                "version": 1,
                "id": "fair",
                "name": {"de": "Messe", "en": "Fair"},
                "timezone": "Europe/Berlin",
                "origin": list(ORIGIN),
            },
            "features": [
                zone("gate", SQUARE),
                zone("east", EAST),
                {
                    "type": "Feature",
                    "id": "door",
                    "properties": {"crowdsafe": {"kind": "counting_line", "into_zone": "gate"}},
                    "geometry": {"type": "LineString", "coordinates": line},
                },
            ],
        },
        "cameras": {"mast": calibration(), "roof": calibration(range_m=50.0)},
        "pictures": {},
        "measures": {"version": 1, "measures": [measure()]},
    }


def changed(change: Callable[[dict[str, Any]], Any]) -> SiteDocument:
    """The document with something changed in it."""
    values = deepcopy(content())
    change(values)
    return as_document(values)


def written(folder: Path, *, picture: bytes | None = None) -> Path:
    """The same as a folder of files, written by hand: layout and numbers as people write them."""
    values = content()
    (folder / "cameras").mkdir(parents=True)
    (folder / "site.geojson").write_text(json.dumps(values["site"], indent=4))
    for camera_id, camera in values["cameras"].items():
        (folder / "cameras" / f"{camera_id}.json").write_text(json.dumps(camera))
    (folder / "measures.json").write_text(json.dumps(values["measures"]))
    if picture is not None:
        (folder / "cameras" / "mast.png").write_bytes(picture)
    return folder
