"""Site files: what is read, and the one sentence for each thing wrong with them."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crowdsafe.contract.frame import SiteFrame
from crowdsafe.contract.site import read_site, read_zones
from crowdsafe.errors import BadInput
from crowdsafe.resources import DEMO_SITE, resource

ORIGIN = (9.0, 49.0)
SQUARE = [[0, 0], [20, 0], [20, 10], [0, 10], [0, 0]]


def _degrees(ring: list[list[float]]) -> list[list[float]]:
    return [list(point) for point in SiteFrame(origin=ORIGIN).to_lonlat(ring)]


def _feature(ring: list[list[float]], **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": "gate",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [_degrees(ring)]},
    }


def _document() -> dict[str, Any]:
    boundary = [[-5, -5], [50, -5], [50, 50], [-5, 50], [-5, -5]]
    return {
        "type": "FeatureCollection",
        "crowdsafe": {
            "version": 1,
            "id": "fair",
            "name": {"de": "Messe", "en": "Fair"},
            "timezone": "Europe/Berlin",
            "origin": list(ORIGIN),
        },
        "features": [
            _feature(SQUARE),
            _feature(boundary, crowdsafe={"kind": "boundary"}),
            _feature(SQUARE, crowdsafe={"kind": "plan", "what": "water"}),
        ],
    }


def _write(folder: Path, document: Any) -> Path:
    path = folder / "site.geojson"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def _changed(path: str, value: Any) -> dict[str, Any]:
    """Return the document with one value at a path as 'features/0/id' set."""
    document: Any = deepcopy(_document())
    place = document
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    for step in steps:
        place = place[step]
    place[last] = value
    return document  # type: ignore[no-any-return]


def test_a_site_is_read_in_metres(tmp_path: Path) -> None:
    _write(tmp_path, _document())
    site = read_site(tmp_path)
    assert (site.id, site.timezone, site.cameras) == ("fair", "Europe/Berlin", ())
    (zone,) = site.zones
    assert zone.zone.id == "gate"
    assert zone.zone.area_m2 == pytest.approx(200.0, abs=0.05)
    assert zone.rule.begins_ppm2 == (1.08, 2.17, 3.57)
    assert [shape.what for shape in site.plan] == ["boundary", "water"]


def test_the_demos_site_is_read() -> None:
    site = read_site(resource(DEMO_SITE))
    areas = {zone.zone.id: zone.zone.area_m2 for zone in site.zones}
    assert areas == pytest.approx({"junction": 64, "west_path": 30, "north_road": 32}, rel=1e-4)
    assert [camera.id for camera in site.cameras] == ["view_001"]
    assert site.zones[0].name.de == "Kreuzung"
    assert {shape.what for shape in site.plan} == {"boundary", "green"}


def test_a_camera_comes_with_what_hides_people_from_it(tmp_path: Path) -> None:
    _write(tmp_path, _document())
    (tmp_path / "cameras").mkdir()
    calibration = {
        "image_size_px": [640, 480],
        "H_image_to_ground_m": [[0.05, 0, 0], [0, -0.05, 24], [0, 0, 1]],
        "camera_position_m": [16.0, 12.0, 6.0],
        "range_m": 30.0,
        "min_px_per_m": 12.5,
        "masks": [[[0, 0], [100, 0], [100, 80]]],
    }
    (tmp_path / "cameras" / "mast.json").write_text(json.dumps(calibration))
    (camera,) = read_site(tmp_path).cameras
    assert (camera.id, camera.range_m, camera.min_px_per_m) == ("mast", 30.0, 12.5)
    assert camera.masks_px == (((0.0, 0.0), (100.0, 0.0), (100.0, 80.0)),)
    del calibration["min_px_per_m"], calibration["masks"]
    (tmp_path / "cameras" / "mast.json").write_text(json.dumps(calibration))
    (camera,) = read_site(tmp_path).cameras
    assert (camera.min_px_per_m, camera.masks_px) == (0.0, ())


def test_a_number_is_an_id_too(tmp_path: Path) -> None:
    _write(tmp_path, _changed("features/0/id", 7))
    assert read_site(tmp_path).zones[0].zone.id == "7"


def test_thresholds_of_a_zone_are_its_own(tmp_path: Path) -> None:
    thresholds = {"busy_ppm2": 0.5, "tight_ppm2": 1.0, "critical_ppm2": 1.5}
    _write(tmp_path, _changed("features/0/properties/crowdsafe", {"thresholds": thresholds}))
    assert read_site(tmp_path).zones[0].rule.begins_ppm2 == (0.5, 1.0, 1.5)


def test_foreign_members_are_left_alone(tmp_path: Path) -> None:
    document = _document()
    document["bbox"] = [1, 2]
    document["features"][0]["properties"]["colour"] = "red"
    document["features"][0]["when"] = {"start": 1}
    _write(tmp_path, document)
    assert len(read_site(tmp_path).zones) == 1


def test_a_third_coordinate_is_left_alone(tmp_path: Path) -> None:
    document = _document()
    for point in document["features"][0]["geometry"]["coordinates"][0]:
        point.append(120.0)
    _write(tmp_path, document)
    assert read_site(tmp_path).zones[0].zone.area_m2 == pytest.approx(200.0, abs=0.05)


def test_metres_are_read_as_metres(tmp_path: Path) -> None:
    document = _changed("features/0/geometry/coordinates", [SQUARE])
    document["features"] = document["features"][:1]
    del document["crowdsafe"]
    path = _write(tmp_path, document)
    (zone,) = read_zones(path, local_metres=True)
    assert zone.area_m2 == 200
    with pytest.raises(BadInput, match=r"crowdsafe: missing.*--local-metres"):
        read_zones(path, local_metres=False)


_POLYGON = "features/0/geometry/coordinates"


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (
            _POLYGON,
            [_degrees([[0, 0], [20, 10], [20, 0], [0, 12], [0, 0]])],
            r"features\[0\]: zone 'gate': its polygon is not simple",
        ),
        (
            _POLYGON,
            [_degrees([[0, 0], [20, 0], [0, 0], [0, 0]])],
            r"features\[0\]: zone 'gate': its polygon has no area",
        ),
        (
            _POLYGON,
            [_degrees([[0, 0], [90, 0], [90, 10], [0, 10], [0, 0]])],
            "zone 'gate': 4.* lie outside the site's boundary",
        ),
        (_POLYGON, [], "features.0.: geometry.coordinates: a ring has under four points"),
        (_POLYGON, [[[0, 0], [1, 1], [0, 0]]], "a ring has under four points"),
        (_POLYGON, [[[0], [1], [2], [3]]], r"expected \[x, y\] pairs"),
        (_POLYGON, "none", "expected rings of"),
        (
            _POLYGON,
            [[[500, 90], [510, 90], [510, 95], [500, 90]]],
            r"features\[0\]: geometry.coordinates: \(500.0, 90.0\), expected longitude",
        ),
        ("features/0/geometry/type", "Point", "geometry.type: 'Point', expected 'Polygon'"),
        ("features/0/geometry", None, "geometry.type: None, expected 'Polygon'"),
        ("features/0/id", "two words", "id: 'two words', expected up to 64"),
        ("features/0/id", None, "id: None, expected up to 64"),
        ("features/0/id", True, "id: True, expected up to 64"),
        ("features/0", 7, r"features\[0\]: is no GeoJSON feature"),
        ("features", {}, "features: missing, expected a list"),
        ("features", [], "there is no zone in it"),
        ("type", "Feature", "is no GeoJSON FeatureCollection"),
        ("crowdsafe/colour", "red", "crowdsafe.colour: extra inputs are not permitted"),
        ("crowdsafe/version", 2, "crowdsafe.version"),
        ("crowdsafe/timezone", "Mars/Base", "crowdsafe.timezone.*unknown time zone"),
        ("crowdsafe/timezone", "../etc/passwd", "crowdsafe.timezone.*unknown time zone"),
        ("crowdsafe/origin", [9, 95], "crowdsafe.origin.1"),
        (
            "features/0/properties/crowdsafe",
            {"treshold": 1},
            r"features\[0\]: properties.crowdsafe.treshold: extra inputs",
        ),
        (
            "features/0/properties/crowdsafe",
            {"thresholds": {"busy_ppm2": 3.0}},
            r"features\[0\]: thresholds: busy 3.0, tight 2.17",
        ),
        (
            "features/0/properties/crowdsafe",
            {"thresholds": {"busy_ppm2": -1}},
            r"crowdsafe.thresholds.busy_ppm2: input should be greater than 0",
        ),
        ("crowdsafe", None, "crowdsafe: missing, expected the site's id"),
        ("features/0/properties/crowdsafe", None, r"features\[0\]: properties.crowdsafe"),
        ("features/0/properties", [1], r"features\[0\]: is no GeoJSON feature"),
    ],
)
def test_a_wrong_site_is_one_sentence_that_names_file_and_place(
    tmp_path: Path, path: str, value: Any, says: str
) -> None:
    file = _write(tmp_path, _changed(path, value))
    with pytest.raises(BadInput, match=says) as refused:
        read_site(tmp_path)
    assert str(refused.value).startswith(f"{file}: ")
    assert "\n" not in str(refused.value)


def test_an_id_that_is_used_twice_is_named(tmp_path: Path) -> None:
    document = _document()
    document["features"].append(_feature(SQUARE))
    _write(tmp_path, document)
    with pytest.raises(BadInput, match="zone 'gate': the id is used twice"):
        read_site(tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not valid JSON"),
        ('{"type": NaN}', "is not valid JSON .NaN is no JSON number"),
        ('{"type": -Infinity}', "-Infinity is no JSON number"),
        ("[" * 100_000, "is not valid JSON"),
        ("[1]", "is no GeoJSON FeatureCollection"),
    ],
)
def test_what_is_no_json_is_said(tmp_path: Path, text: str, says: str) -> None:
    _write(tmp_path, text)
    with pytest.raises(BadInput, match=says):
        read_site(tmp_path)


def test_a_number_too_large_for_json_is_refused(tmp_path: Path) -> None:
    text = json.dumps(_changed(_POLYGON, [[[0, 0], [1, 0], ["HUGE", 1], [0, 0]]]))
    _write(tmp_path, text.replace('"HUGE"', "1e999"))
    with pytest.raises(BadInput, match=r"inf.*expected longitude"):
        read_site(tmp_path)


def test_metres_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    text = json.dumps(_changed(_POLYGON, [[[0, 0], [1, 0], ["HUGE", 1], [0, 0]]]))
    path = _write(tmp_path, text.replace('"HUGE"', "1e999"))
    with pytest.raises(BadInput, match=r"features\[0\]: geometry.coordinates: .*finite"):
        read_zones(path, local_metres=True)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no such file"):
        read_site(tmp_path / "nowhere")
    (tmp_path / "site.geojson").mkdir()
    with pytest.raises(BadInput, match="is a folder"):
        read_site(tmp_path)
    binary = tmp_path / "zones.geojson"
    binary.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(BadInput, match="is not UTF-8 text"):
        read_zones(binary, local_metres=True)


def test_the_frame_takes_metres_to_degrees_and_back() -> None:
    frame = SiteFrame(origin=ORIGIN)
    metres = np.random.default_rng(1).uniform(-5000, 5000, size=(200, 2))
    np.testing.assert_allclose(frame.to_metres(frame.to_lonlat(metres)), metres, atol=2e-3)
    np.testing.assert_allclose(frame.to_metres([ORIGIN]), [[0, 0]], atol=1e-9)


def test_a_degree_of_latitude_is_as_long_as_on_the_ellipsoid() -> None:
    # Length of a meridian degree about 49° N on WGS 84.
    north = SiteFrame(origin=(9.0, 48.5)).to_metres([(9.0, 49.5)])
    np.testing.assert_allclose(north, [[0.0, 111_209.5]], atol=5.0)


def _with_line(**changes: Any) -> dict[str, Any]:
    document = _document()
    lon, lat = ORIGIN
    line: dict[str, Any] = {
        "type": "Feature",
        "id": "entry",
        "geometry": {"type": "LineString", "coordinates": [[lon, lat], [lon, lat + 0.0001]]},
        "properties": {"crowdsafe": {"kind": "counting_line", "into_zone": "gate"}},
    }
    document["features"].append(line | changes)
    return document


def test_a_counting_line_is_read_in_metres(tmp_path: Path) -> None:
    _write(tmp_path, _with_line())
    (line,) = read_site(tmp_path).lines
    assert (line.id, line.into_zone, line.name.de) == ("entry", "gate", "entry")
    assert line.points_m[0] == pytest.approx([0.0, 0.0], abs=1e-6)
    assert line.length_m == pytest.approx(11.1, abs=0.1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"geometry": {"type": "Point", "coordinates": [7, 51]}}, "expected 'LineString'"),
        ({"geometry": {"type": "LineString", "coordinates": [list(ORIGIN)]}}, "two points"),
        ({"geometry": {"type": "LineString", "coordinates": [list(ORIGIN)] * 2}}, "twice in a row"),
        ({"geometry": {"type": "LineString", "coordinates": [[700, 51], [7, 51]]}}, "in degrees"),
        ({"geometry": {"type": "LineString", "coordinates": 7}}, r"expected \[x, y\] pairs"),
        ({"id": "no id"}, "id: 'no id'"),
        (
            {"properties": {"crowdsafe": {"kind": "counting_line", "into_zone": "nowhere"}}},
            "'nowhere' is not a zone",
        ),
    ],
)
def test_a_wrong_counting_line_is_one_sentence(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = _write(tmp_path, _with_line(**changes))
    with pytest.raises(BadInput, match=message) as caught:
        read_site(tmp_path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_counting_line_is_there_once(tmp_path: Path) -> None:
    document = _with_line()
    document["features"].append(document["features"][-1])
    _write(tmp_path, document)
    with pytest.raises(BadInput, match="'entry' is there twice"):
        read_site(tmp_path)


def test_the_radius_of_peaks_is_the_sites(tmp_path: Path) -> None:
    _write(tmp_path, _document())
    assert read_site(tmp_path).peak_radius_m == 1.5
    _write(tmp_path, _changed("crowdsafe/peak_radius_m", 2.0))
    assert read_site(tmp_path).peak_radius_m == 2.0
    _write(tmp_path, _changed("crowdsafe/peak_radius_m", 0.1))
    with pytest.raises(BadInput, match=r"crowdsafe\.peak_radius_m"):
        read_site(tmp_path)
