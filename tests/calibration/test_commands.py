"""`crowdsafe calibrate` as a user meets it."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from PIL import Image
from typer.testing import CliRunner

from crowdsafe.calibration.commands import app
from crowdsafe.errors import BadInput
from tests.calibration.files import CAMERA, clicked, posed, write
from tests.calibration.tsai_camera import TsaiCamera
from tests.clips import write_clip


def _run(*arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, [str(each) for each in arguments])


def _said(*arguments: object) -> str:
    run = _run(*arguments)
    assert run.exit_code == 0, run.output + repr(run.exception)
    return run.output


def _refused(*arguments: object) -> str:
    run = _run(*arguments)
    assert isinstance(run.exception, BadInput), run.output
    return str(run.exception)


def test_check_says_where_the_camera_hangs_and_how_far_off_people_are(tmp_path: Path) -> None:
    output = _said("check", write(tmp_path / "mast.json", clicked(6)))
    assert "picture 1280 × 720 px" in output
    assert "estimated, ±" in output
    assert "focal length 1100 × 1090 px (given)" in output
    assert "point pairs" in output
    assert "expected, m" in output
    assert "root mean square" in output
    for row in ("near", "middle", "far"):
        assert row in output


def test_check_of_four_pairs_says_that_nothing_checks_them(tmp_path: Path) -> None:
    output = _said("check", write(tmp_path / "mast.json", clicked(4)))
    assert "nothing checks them" in output
    assert "expected, m" not in output


def test_check_writes_the_map_over_the_video_with_zones_and_known_feet(tmp_path: Path) -> None:
    zones = tmp_path / "zones.geojson"
    ring = [[1, 9], [5, 9], [5, 13], [1, 13], [1, 9]]
    feature = {
        "type": "Feature",
        "id": "gate",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    zones.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    ground = CAMERA.ground(seed=3, how_many=20)
    table = np.column_stack([CAMERA.picture_of(ground, height_m=0.0), ground])
    people = tmp_path / "people.csv"
    np.savetxt(people, table, delimiter=",", header="foot_u,foot_v,X_m,Y_m", comments="")
    out = tmp_path / "map.png"
    video = write_clip(tmp_path / "clip.mp4", pictures=2, size_px=(640, 360))
    output = _said(
        "check", write(tmp_path / "mast.json", posed()), "--zones", zones, "--local-metres",
        "--video", video, "--people", people, "--out", out,
    )  # fmt: skip
    assert "gate" in output
    assert "known feet: 20, off by 0.00000 m on average" in output
    assert f"{out}: written" in output.replace("\n", "")
    with Image.open(out) as image:
        assert image.format == "PNG"
        assert image.width == 1600


def test_check_goes_by_feet_where_heads_have_no_height(tmp_path: Path) -> None:
    out = tmp_path / "map.png"
    path = write(tmp_path / "mast.json", posed(residual_m={"mean": 0.02}))
    assert "heads at 0 m" in _said("check", path, "--head-height-m", "0", "--out", out)


def test_a_camera_without_anything_to_tell_its_pose_is_checked_too(tmp_path: Path) -> None:
    content = {
        "image_size_px": [1280, 720],
        "H_image_to_ground_m": [[0.01, 0, 0], [0, -0.01, 0], [0, 0, 1]],
        "camera_position_m": [6.4, -3.6, 9.0],
    }
    output = _said("check", write(tmp_path / "mast.json", content))
    assert "9.00 m high over (6.40, -3.60) m (given)" in output
    assert "not to be told from this calibration" in output


def test_import_tsai_writes_a_file_that_check_reads(tmp_path: Path) -> None:
    xml = TsaiCamera().write(tmp_path / "roof.xml")
    out = tmp_path / "roof.json"
    assert "roof.json: written" in _said(
        "import-tsai", xml, "--image-size", "960x540", "--out", out
    ).replace("\n", "")
    content = json.loads(out.read_text(encoding="utf-8"))
    assert content["intrinsics"]["lens"]["model"] == "tsai"
    assert "masks" not in content
    assert "(given)" in _said("check", out)


@pytest.mark.parametrize("size", ["960", "0x540", "960x", "ax540", "-9x540", "9" * 20 + "x1"])
def test_a_size_that_is_none_is_refused(tmp_path: Path, size: str) -> None:
    xml = TsaiCamera().write(tmp_path / "roof.xml")
    sentence = _refused("import-tsai", xml, f"--image-size={size}", "--out", tmp_path / "x.json")
    assert sentence.startswith(f"--image-size: {size!r}, expected")


def test_what_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    good = write(tmp_path / "mast.json", posed())
    wide = write_clip(tmp_path / "clip.mp4", pictures=2, size_px=(640, 480))
    assert "calibration was made for 1280 × 720 px" in _refused("check", good, "--video", wide)
    assert "no such video" in _refused("check", good, "--video", tmp_path / "no.mp4")
    assert "no such file" in _refused("check", tmp_path / "no.json")
    assert "no such file" in _refused("check", good, "--people", tmp_path / "no.csv")
    assert "no such file" in _refused("check", good, "--zones", tmp_path / "no.geojson")
    assert "cannot be written" in _refused("check", good, "--out", tmp_path / "no" / "map.png")
    assert "below the camera's 7.0 m" in _refused("check", good, "--head-height-m", "7.5")
    assert "below the camera's" in _refused("check", good, "--head-height-m", "nan")
    assert _run("check", good, "--pixel-error-px", "nan").exit_code == 2
    line = write(tmp_path / "line.json", clicked(3))
    assert "3 given, expected at least 4" in _refused("check", line)
