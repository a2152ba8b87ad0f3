"""Site folders: what is read, and one sentence for each thing wrong."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crowdsafe.contract.frame import SiteFrame
from crowdsafe.contract.site import read_site, read_zones
from crowdsafe.errors import BadInput
from crowdsafe.resources import DEMO_SITE, resource

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(resource(DEMO_SITE), tmp_path / "site")


def _change(folder: Path, change: Change) -> Path:
    path = folder / "site.geojson"
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def _zone(document: dict[str, Any], zone_id: str = "junction") -> dict[str, Any]:
    return next(feature for feature in document["features"] if feature["id"] == zone_id)


def _ring(document: dict[str, Any], points: list[int]) -> None:
    rings = _zone(document)["geometry"]["coordinates"]
    rings[0] = [rings[0][number] for number in points]


def _member(document: dict[str, Any]) -> dict[str, Any]:
    return _zone(document)["properties"]["crowdsafe"]  # type: ignore[no-any-return]


def test_the_demos_site_is_read(folder: Path) -> None:
    site = read_site(folder)
    areas = {zone.zone.id: zone.zone.area_m2 for zone in site.zones}
    assert areas == pytest.approx({"junction": 64, "west_path": 30, "north_road": 32}, rel=1e-4)
    assert [camera.id for camera in site.cameras] == ["view_001"]
    assert site.zones[0].name.de == "Kreuzung"
    assert {feature.what for feature in site.plan} == {"boundary", "green"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: _ring(d, [0, 2, 1, 3, 0]), "does not cross itself"),
        (lambda d: _ring(d, [0, 1, 0, 1, 0]), "has no area"),
        (lambda d: _ring(d, [0, 1, 2]), "a ring has under four points"),
        (lambda d: _zone(d).update(id="west_path"), "zone 'west_path': the id is used twice"),
        (lambda d: _zone(d).update(id="a b"), "id: 'a b', expected up to 64 letters"),
        (lambda d: _zone(d).pop("id"), "id: None, expected"),
        (
            lambda d: _zone(d)["geometry"]["coordinates"][0][2].__setitem__(0, 7.15),
            "lie outside the site's boundary",
        ),
        (lambda d: _zone(d)["geometry"].update(type="Point"), "geometry.type: 'Point'"),
        (lambda d: _zone(d)["geometry"].update(coordinates=[["a"]]), "rings of [x, y] pairs"),
        (lambda d: _member(d).update(colour="red"), "crowdsafe.colour: extra inputs"),
        (
            lambda d: _member(d)["thresholds"].update(busy_ppm2=-1),
            "crowdsafe.thresholds.busy_ppm2: input should be greater than 0",
        ),
        (
            lambda d: _member(d)["thresholds"].update(busy_ppm2=9),
            "thresholds: busy 9.0, tight 0.07",
        ),
        (lambda d: d["crowdsafe"].update(timezone="Mars/Base"), "crowdsafe.timezone: value error"),
        (lambda d: d["crowdsafe"].update(origin=[200, 0]), "crowdsafe.origin.0"),
        (lambda d: d["crowdsafe"].update(surprise=1), "crowdsafe.surprise: extra inputs"),
        (lambda d: d.pop("crowdsafe"), "crowdsafe: missing, expected the site's id"),
        (lambda d: d.update(features=[]), "there is no zone in it"),
        (lambda d: d.update(features=7), "features: missing, expected a list"),
        (lambda d: d["features"].append("x"), "is no GeoJSON feature"),
        (lambda d: d.update(type="Feature"), "is no GeoJSON FeatureCollection"),
    ],
)
def test_each_thing_wrong_is_one_sentence_that_names_the_file(
    folder: Path, change: Change, says: str
) -> None:
    path = _change(folder, change)
    with pytest.raises(BadInput) as refused:
        read_site(folder)
    assert str(refused.value).startswith(f"{path}: ")
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not valid JSON"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b'{"type": "FeatureCollection", "features": [NaN]}', "NaN is no JSON number"),
        (b"[" * 100_000, "is not valid JSON"),
        (b"[]", "is no GeoJSON FeatureCollection"),
    ],
)
def test_a_file_that_is_no_geojson_is_said(folder: Path, content: bytes, says: str) -> None:
    (folder / "site.geojson").write_bytes(content)
    with pytest.raises(BadInput, match=says):
        read_site(folder)


def test_a_missing_site_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"site\.geojson: there is no such file"):
        read_site(tmp_path)


def test_members_of_others_are_left_alone(folder: Path) -> None:
    _change(folder, lambda d: (d.update(note="mine"), _zone(d)["properties"].update(fill="#f00")))
    assert len(read_site(folder).zones) == 3


def test_zones_in_metres_need_no_site(tmp_path: Path) -> None:
    path = tmp_path / "zones.geojson"
    square = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]
    feature = {
        "type": "Feature",
        "id": 7,
        "properties": {"name": "Gate"},
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    (zone,) = read_zones(path, local_metres=True)
    assert (zone.id, zone.area_m2) == ("7", 4)
    with pytest.raises(BadInput, match="say --local-metres"):
        read_zones(path, local_metres=False)


def _camera(**changes: Any) -> dict[str, Any]:
    content = json.loads((resource(DEMO_SITE) / "cameras/view_001.json").read_text("utf-8"))
    return {key: value for key, value in {**content, **changes}.items() if value is not None}


_CORNERS = [{"image_px": [100 * n, 400], "ground_m": [float(n), float(n)]} for n in range(4)]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"H_image_to_ground_m": None, "points": _CORNERS}, "lie on one line"),
        ({"H_image_to_ground_m": None, "points": _CORNERS[:2]}, "2 given, expected at least 4"),
        ({"H_image_to_ground_m": None}, "give either H_image_to_ground_m or points"),
        ({"points": _CORNERS}, "give either H_image_to_ground_m or points"),
        ({"H_image_to_ground_m": [[1, 1, 1]] * 3}, "it is degenerate"),
        ({"H_image_to_ground_m": [[1, 2], [3, 4]]}, "H_image_to_ground_m.0"),
        ({"camera_position_m": [0, 0, 0]}, "camera height: 0.0 m, expected more than 0"),
        ({"camera_position_m": [0, 0, -3]}, "camera height: -3.0 m"),
        ({"image_size_px": [0, 576]}, "image_size_px.0"),
        ({"focal": 3}, "focal: extra inputs are not permitted"),
    ],
)
def test_a_calibration_that_cannot_be_is_refused(
    folder: Path, changes: dict[str, Any], says: str
) -> None:
    path = folder / "cameras" / "view_001.json"
    path.write_text(json.dumps(_camera(**changes)), encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_site(folder)
    assert str(refused.value).startswith(f"{path}: ")
    assert says in str(refused.value)


def test_metres_become_degrees_and_metres_again() -> None:
    frame = SiteFrame(origin=(7.15, 51.55))
    places = np.array([[0.0, 0.0], [1000.0, -500.0], [-2500.0, 2500.0]])
    assert frame.to_metres(frame.to_lonlat(places)) == pytest.approx(places, abs=2e-3)
    # A degree of latitude at 51.55° is 111.26 km on the WGS 84 ellipsoid.
    north = frame.to_metres([[7.15, 51.56]])[0]
    assert north == pytest.approx([0, 1112.6], abs=0.3)
