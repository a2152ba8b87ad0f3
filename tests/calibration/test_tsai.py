"""Tsai calibrations against a Tsai camera in plain arithmetic, and wrong files."""

from pathlib import Path

import numpy as np
import pytest

from crowdsafe.calibration.tsai import read_tsai, write_calibration
from crowdsafe.contract.calibration import read_calibration
from crowdsafe.errors import BadInput
from tests.calibration.tsai_camera import TsaiCamera

GROUND_MM = [(0.0, 0.0), (3000.0, 1500.0), (-6000.0, 2500.0), (5200.0, -4000.0), (-900.0, 9000.0)]


@pytest.mark.parametrize("kappa1", [4.2e-3, 0.0, -3.0e-3])
@pytest.mark.parametrize("height_m", [0.0, 1.7])
def test_what_a_tsai_camera_shows_comes_back_to_where_it_stands(
    tmp_path: Path, kappa1: float, height_m: float
) -> None:
    tsai = TsaiCamera(kappa1=kappa1)
    file = read_tsai(tsai.write(tmp_path / "roof.xml"), image_size_px=None)
    write_calibration(file, tmp_path / "roof.json")
    _, camera = read_calibration(tmp_path / "roof.json")
    picture = np.array([tsai.picture_of((x, y, 1000.0 * height_m)) for x, y in GROUND_MM])
    assert ((picture > 0) & (picture < (960, 540))).all()
    ground = np.array(GROUND_MM) / 1000.0
    np.testing.assert_allclose(camera.to_ground(picture, height_m=height_m), ground, atol=1e-6)
    np.testing.assert_allclose(camera.to_picture(ground, height_m=height_m), picture, atol=1e-6)


def test_the_lens_bends_enough_to_matter(tmp_path: Path) -> None:
    file = read_tsai(TsaiCamera().write(tmp_path / "roof.xml"), image_size_px=None)
    assert file.intrinsics is not None
    straight = file.model_copy(
        update={"intrinsics": file.intrinsics.model_copy(update={"lens": None})}
    )
    picture = np.array([TsaiCamera().picture_of((x, y, 0.0)) for x, y in GROUND_MM])
    off = straight.camera().to_ground(picture, height_m=0.0) - np.array(GROUND_MM) / 1000.0
    assert np.hypot(*off.T).max() > 0.2


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    file = read_tsai(TsaiCamera().write(tmp_path / "roof.xml"), image_size_px=None)
    assert file.name is not None
    assert (file.name.de, file.name.en) == ("Roof", "Roof")
    assert file.image_size_px == (960, 540)
    assert file.camera().height_m > 5.0


def test_pictures_of_another_resolution_scale_the_numbers(tmp_path: Path) -> None:
    path = TsaiCamera().write(tmp_path / "roof.xml")
    half = read_tsai(path, image_size_px=(480, 270)).camera()
    picture = np.array([TsaiCamera().picture_of((x, y, 0.0)) for x, y in GROUND_MM])
    np.testing.assert_allclose(
        half.to_ground(0.5 * picture, height_m=0.0), np.array(GROUND_MM) / 1000.0, atol=1e-6
    )
    with pytest.raises(BadInput, match=r"made for 960 × 540 px, .* 640 × 480 px asked for"):
        read_tsai(path, image_size_px=(640, 480))


def test_a_file_without_a_size_needs_one(tmp_path: Path) -> None:
    path = TsaiCamera().write(tmp_path / "roof.xml", width=None, height=None)
    assert read_tsai(path, image_size_px=(960, 540)).image_size_px == (960, 540)
    with pytest.raises(BadInput, match="width and height are missing, give --image-size"):
        read_tsai(path, image_size_px=None)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"focal": None}, "Intrinsic focal is missing"),
        ({"kappa1": "much"}, "Intrinsic kappa1: 'much', expected a number"),
        ({"kappa1": "nan"}, "Intrinsic kappa1: 'nan', expected a number"),
        ({"kappa1": "1e9"}, "lens: kappa1"),
        ({"focal": "-5"}, "Intrinsic focal: -5, expected more than 0"),
        ({"dpx": "0"}, "Geometry dpx: 0, expected more than 0"),
        ({"sx": "0"}, "Intrinsic sx: 0, expected more than 0"),
        ({"width": "0"}, "Geometry: 0 × 540 px, expected a picture's size"),
        ({"width": "960.5"}, "Geometry: 960.5 × 540 px"),
        ({"width": "1e12"}, "Geometry"),
        ({"rx": "0.5"}, "camera height: -|shows no ground"),
        ({"tz": "1e15"}, "pose.translation_m.2"),
        ({"cx": "1e7"}, "optical centre"),
    ],
)
def test_a_wrong_number_is_one_sentence_that_names_it(
    tmp_path: Path, changes: dict[str, object], says: str
) -> None:
    path = TsaiCamera().write(tmp_path / "roof.xml", **changes)
    with pytest.raises(BadInput, match=says) as refused:
        read_tsai(path, image_size_px=None)
    assert str(refused.value).startswith(f"{path}: ")
    assert "\n" not in str(refused.value)


_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
    "<Camera><Geometry dpx='&b;'/></Camera>"
)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not valid XML"),
        (b"<Camera><Geometry</Camera>", "is not valid XML"),
        (b"\xff\xfe<\x00C\x00", "is not UTF-8 text"),
        (b"{}", "is not valid XML"),
        (b"<Camera/>", "Geometry dpx is missing"),
        (_BOMB.encode(), "has a document type"),
        (b"<Camera>" + b" " * 100_000 + b"</Camera>", "larger than 64 kB"),
        (b"<a>" * 15_000, "is not valid XML"),
        (b"<?xml version='1.0' encoding='no-such'?><Camera/>", "Geometry dpx is missing"),
    ],
)
def test_what_is_no_calibration_is_one_sentence(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "roof.xml"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=says) as refused:
        read_tsai(path, image_size_px=None)
    assert str(refused.value).startswith(f"{path}: ")


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no such file"):
        read_tsai(tmp_path / "roof.xml", image_size_px=None)
    with pytest.raises(BadInput, match="cannot be read"):
        read_tsai(tmp_path, image_size_px=None)
    file = read_tsai(TsaiCamera().write(tmp_path / "roof.xml"), image_size_px=None)
    with pytest.raises(BadInput, match="cannot be written"):
        write_calibration(file, tmp_path / "nowhere" / "roof.json")
