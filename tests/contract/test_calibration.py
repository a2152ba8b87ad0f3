"""Calibration files: what is read, and the one sentence for each thing wrong with them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crowdsafe.contract.calibration import read_calibration
from crowdsafe.errors import BadInput
from tests.pinhole import Pinhole

GROUND = np.array([[3.0, 4.0], [0.5, 6.0], [5.5, 9.0], [1.0, 15.0], [8.0, 25.0]])


def _file(**changes: Any) -> dict[str, Any]:
    pinhole = Pinhole()
    content: dict[str, Any] = {
        "image_size_px": list(pinhole.size_px),
        "H_image_to_ground_m": pinhole.calibrated().homography.tolist(),
        "camera_position_m": [*pinhole.position_m, pinhole.height_m],
    }
    content.update(changes)
    return {key: value for key, value in content.items() if value is not None}


def _pairs(image: Any, ground: Any) -> list[dict[str, Any]]:
    return [
        {"image_px": list(px), "ground_m": list(m)} for px, m in zip(image, ground, strict=True)
    ]


def _write(folder: Path, content: Any) -> Path:
    path = folder / "mast.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_matrix_and_point_pairs_give_the_same_camera(tmp_path: Path) -> None:
    picture = Pinhole().picture_of(GROUND, height_m=0.0)
    _, by_matrix = read_calibration(_write(tmp_path, _file()))
    pairs = _pairs(picture, GROUND)
    _, by_points = read_calibration(_write(tmp_path, _file(H_image_to_ground_m=None, points=pairs)))
    for camera in (by_matrix, by_points):
        np.testing.assert_allclose(camera.to_ground(picture, height_m=0.0), GROUND, atol=1e-6)


LINE = [[0, 0], [1, 1], [2, 2], [3, 3]]
SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1]]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"H_image_to_ground_m": None}, "give either H_image_to_ground_m or points"),
        ({"points": _pairs(SQUARE, SQUARE)}, "give either H_image_to_ground_m or points"),
        (
            {"H_image_to_ground_m": None, "points": _pairs(LINE, SQUARE)},
            "point pairs: the picture points lie on one line",
        ),
        (
            {"H_image_to_ground_m": None, "points": _pairs(SQUARE, LINE)},
            "point pairs: the ground points lie on one line",
        ),
        (
            {"H_image_to_ground_m": None, "points": _pairs(SQUARE[:3], SQUARE[:3])},
            "point pairs: 3 given, expected at least 4",
        ),
        ({"H_image_to_ground_m": [[1, 0], [0, 1]]}, "H_image_to_ground_m"),
        ({"H_image_to_ground_m": [[0, 0, 0]] * 3}, "homography: it is degenerate"),
        ({"image_size_px": [0, 480]}, "image_size_px.0: .*greater than 0"),
        ({"image_size_px": [640.5, 480]}, "image_size_px.0"),
        ({"camera_position_m": [0, 0, -1]}, "camera height: -1.0 m, expected more than 0"),
        ({"camera_position_m": [0, 0]}, "camera_position_m"),
        ({"range_m": 0}, "range_m"),
        ({"heigth": 3}, "heigth: extra inputs are not permitted"),
    ],
)
def test_a_wrong_calibration_is_one_sentence_that_names_file_and_field(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    path = _write(tmp_path, _file(**changes))
    with pytest.raises(BadInput, match=says) as refused:
        read_calibration(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("number", "says"), [("NaN", "NaN is no JSON number"), ("1e999", "finite number")]
)
def test_a_number_that_is_none_is_refused(tmp_path: Path, number: str, says: str) -> None:
    text = json.dumps(_file(camera_position_m=["HERE", 0, 5])).replace('"HERE"', number)
    with pytest.raises(BadInput, match=says):
        read_calibration(_write(tmp_path, text))
