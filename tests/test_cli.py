"""The command line as a user meets it: help, and one sentence for each thing wrong."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from crowdsafe.resources import DEMO_CLIP, DEMO_SITE, resource
from tests.clips import write_clip
from tests.edge.models import own_metadata, write_model

_CALIBRATION = resource(DEMO_SITE) / "cameras" / "view_001.json"
_ZONES = resource(DEMO_SITE) / "site.geojson"


def _crowdsafe(
    *arguments: object, stdin: str = "", columns: int = 100
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "crowdsafe", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        input=stdin,
        env={**os.environ, "COLUMNS": str(columns)},
        check=False,
    )


def _refused(*arguments: object) -> str:
    """Run what must fail, and return its one sentence."""
    run = _crowdsafe(*arguments)
    lines = run.stderr.strip().splitlines()
    assert run.returncode == 2, run.stderr
    assert "Traceback" not in run.stderr
    sentence = lines[-1]
    assert sentence.startswith("crowdsafe: "), run.stderr
    return sentence.removeprefix("crowdsafe: ")


def _measure(tmp_path: Path, **changes: object) -> list[object]:
    options = {
        "video": resource(DEMO_CLIP),
        "--homography": _CALIBRATION,
        "--zones": _ZONES,
        "--csv": tmp_path / "out.csv",
        "--every": 100_000,
        **{"--" + key if key != "video" else key: value for key, value in changes.items()},
    }
    video = options.pop("video")
    return ["measure", video, *(part for pair in options.items() for part in pair)]


def _square(points: str) -> dict[str, object]:
    corners = [[float(number) for number in pair.split(",")] for pair in points.split()]
    return {
        "type": "Feature",
        "id": "gate",
        "properties": {},
        "geometry": {"type": "Polygon", "coordinates": [corners]},
    }


def test_measure_writes_a_table_of_the_clip_by_tiles_and_at_one_scale(tmp_path: Path) -> None:
    tables = []
    for options in ((), ("--one-scale",)):
        run = _crowdsafe(*_measure(tmp_path), *options)
        assert run.returncode == 0, run.stderr
        lines = (tmp_path / "out.csv").read_text().splitlines()
        assert lines[0] == "frame,t_s,zone_id,count,density_ppm2,seen_share"
        assert [line.split(",")[:3] for line in lines[1:]] == [
            ["0", "0.000", zone] for zone in ("junction", "west_path", "north_road")
        ]
        tables.append(lines)
    assert tables[0] != tables[1]


def test_measure_combines_counts_as_the_worker_does_when_asked(tmp_path: Path) -> None:
    tables = []
    for steady_s in ("0", "2.5"):
        assert (
            _crowdsafe(*_measure(tmp_path, every=100_000), "--steady-s", steady_s).returncode == 0
        )
        tables.append((tmp_path / "out.csv").read_text())
    # A single picture has nothing to be combined with.
    assert tables[0] == tables[1]
    run = _crowdsafe(*_measure(tmp_path), "--steady-s", "-1")
    assert run.returncode == 2
    assert "steady-s" in run.stderr


def _picture(path: Path, *, width: int = 64, height: int = 48) -> Path:
    cv2.imwrite(str(path), np.full((height, width, 3), 90, np.uint8))
    return path


def test_count_prints_a_line_of_json_for_each_picture_and_names_the_bad_ones(
    tmp_path: Path,
) -> None:
    for name in ("b.png", "a [red] :warning:.jpg"):
        _picture(tmp_path / name)
    (tmp_path / "c [red] :warning:.jpg").write_bytes(
        (tmp_path / "a [red] :warning:.jpg").read_bytes()[:-40]
    )
    (tmp_path / "d.png").mkdir()
    out = tmp_path / "out"
    run = _crowdsafe("count", tmp_path, tmp_path / "nowhere.png", "--json", "--overlay", out)
    assert run.returncode == 2
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert [Path(line["file"]).name for line in lines] == ["a [red] :warning:.jpg", "b.png"]
    for line in lines:
        assert list(line) == ["file", "count", "count_low", "count_high", "detector", "ms"]
        assert [type(value) for value in line.values()] == [str, float, float, float, str, float]
        assert 0 <= line["count_low"] <= line["count"] <= line["count_high"]
        assert line["detector"].startswith("crowdsafe-heads")
    expected = "expected a picture (JPEG, PNG, WebP, TIFF, BMP, AVIF or GIF)"
    cut, *others = run.stderr.splitlines()
    assert cut.startswith(
        f"crowdsafe: {tmp_path / 'c [red] :warning:.jpg'}: is a JPEG of 64 × 48 px"
    )
    assert others == [
        f"crowdsafe: {tmp_path / 'd.png'}: is a folder, {expected}",
        f"crowdsafe: {tmp_path / 'nowhere.png'}: there is no such file, {expected}",
    ]
    assert sorted(path.name for path in out.iterdir()) == ["a [red] :warning:.png", "b.png"]


def test_count_prints_a_table_and_a_total(tmp_path: Path) -> None:
    output = np.zeros((1, 30, 6), np.float32)
    output[0, 0] = (15.0, 22.0, 25.0, 38.0, 0.9, 0.0)
    model = write_model(tmp_path / "other.onnx", {"o": output}, metadata={"names": "{0: 'person'}"})
    for name in ("a.png", "b [red].png"):
        _picture(tmp_path / name, height=64)
    run = _crowdsafe("count", tmp_path, "--model", model, columns=300)
    assert (run.returncode, run.stderr) == (0, "")
    assert "b [red].png" in run.stdout
    rows = [line.split() for line in run.stdout.splitlines() if ".png" in line]
    # ± 1.645 · sqrt(0.3² + 0.3² + 0.15²) people.
    assert [row[-5:-1] for row in rows] == [["1.0", "0.3", "to", "1.7"]] * 2
    assert run.stdout.splitlines()[-1] == "2 pictures, 2.0 people in all"


def test_counts_go_to_standard_output_while_a_bar_is_on_the_screen(tmp_path: Path) -> None:
    screen, end = pty.openpty()
    with (tmp_path / "out").open("w") as out:
        run = subprocess.run(
            [sys.executable, "-m", "crowdsafe", "count", _picture(tmp_path / "a.png"), "--json"],
            stdout=out,
            stderr=end,
            timeout=60,
            env={**os.environ, "TERM": "xterm"},
            check=False,
        )
    os.close(end)
    shown = os.read(screen, 100_000)
    os.close(screen)
    assert run.returncode == 0
    assert b"counting" in shown
    assert json.loads((tmp_path / "out").read_text())["file"] == str(tmp_path / "a.png")


def test_count_refuses_a_model_before_any_picture(tmp_path: Path) -> None:
    model = tmp_path / "no.onnx"
    assert _refused("count", tmp_path, "--model", model) == f"{model}: there is no such model file"


def test_count_knows_the_camera_of_its_pictures(tmp_path: Path) -> None:
    fitting = _picture(tmp_path / "a.png", width=384, height=288)
    wide = _picture(tmp_path / "b.png", width=384, height=200)
    run = _crowdsafe("count", wide, fitting, "--homography", _CALIBRATION, "--json")
    assert run.returncode == 2
    assert [json.loads(line)["file"] for line in run.stdout.splitlines()] == [str(fitting)]
    (sentence,) = run.stderr.splitlines()
    assert sentence.startswith(f"crowdsafe: {wide}: camera 'view_001': its picture is 384 × 200 px")


def test_a_fast_setting_that_a_model_lacks_is_one_sentence(tmp_path: Path) -> None:
    heads, density = np.zeros((1, 5, 16, 16), np.float32), np.zeros((1, 1, 8, 8), np.float32)
    model = write_model(
        tmp_path / "slow.onnx", {"heads": heads, "density": density}, metadata=own_metadata()
    )
    says = f"{model}: has no fast setting"
    assert _refused("count", tmp_path, "--model", model, "--fast").startswith(says)
    assert _refused(*_measure(tmp_path, model=model), "--fast").startswith(says)


def test_a_video_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("hello")
    assert "there is no such video file" in _refused(*_measure(tmp_path, video="nowhere.mp4"))
    assert f"{text}: is not a video" in _refused(*_measure(tmp_path, video=text))
    small = write_clip(tmp_path / "small.mp4", pictures=3, size_px=(64, 64))
    assert "its picture is 64 × 64 px" in _refused(*_measure(tmp_path, video=small))
    assert not (tmp_path / "out.csv").exists()


def test_a_model_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    whole = resource("models/crowdsafe_heads.onnx").read_bytes()
    half = tmp_path / "half.onnx"
    half.write_bytes(whole[:100_000])
    assert "is no ONNX model, or is damaged" in _refused(*_measure(tmp_path, model=half))
    assert "there is no such model file" in _refused(*_measure(tmp_path, model="no.onnx"))
    other = write_model(
        tmp_path / "other.onnx", {"o": np.zeros((1, 9), np.float32)}, metadata=own_metadata()
    )
    assert "outputs [(1, 9)], expected" in _refused(*_measure(tmp_path, model=other))


@pytest.mark.parametrize(
    ("features", "says"),
    [
        ([_square("0,0 2,2 2,0 0,2 0,0")], "expected an outline that does not cross itself"),
        ([_square("0,0 1,1 2,2 0,0")], "its polygon has no area"),
        ([_square("0,0 1,0 1,1 0,0"), _square("3,3 4,3 4,4 3,3")], "the id is used twice"),
    ],
)
def test_a_zone_that_cannot_be_is_one_sentence(
    tmp_path: Path, features: list[dict[str, object]], says: str
) -> None:
    path = tmp_path / "zones.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    sentence = _refused("zones", "check", path, "--local-metres")
    assert sentence.startswith(f"{path}: ")
    assert says in sentence
    assert "--local-metres" in _refused("zones", "check", path)


def test_a_calibration_with_points_on_a_line_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "camera.json"
    points = [{"image_px": [n, n], "ground_m": [n, 2 * n]} for n in range(4)]
    content = {"image_size_px": [768, 576], "camera_position_m": [0, 0, 8], "points": points}
    path.write_text(json.dumps(content))
    sentence = _refused(*_measure(tmp_path, homography=path))
    assert sentence.startswith(f"{path}: ")
    assert "lie on one line or repeat each other" in sentence


def test_settings_that_cannot_be_are_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "crowdsafe.toml"
    for text, says in (
        ("[hub]\nprot = 1\n", "hub.prot"),
        ("site = 'nowhere'\n", "nowhere/site.geojson: there is no such file"),
    ):
        path.write_text(text)
        assert says in _refused("hub", "run", "--config", path)
    site = json.dumps(str(resource(DEMO_SITE).resolve()))
    for text, says in (
        (f"site = {site}\n", "edge.cameras: none is configured"),
        (
            f"site = {site}\n[[edge.cameras]]\nid = 'x'\nsource = 'y'\n",
            "edge.cameras: 'x' has no calibration at the site",
        ),
    ):
        path.write_text(text)
        assert says in _refused("edge", "--config", path)


def test_people_and_workers_are_added(tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    path.write_text(f'[hub]\ndatabase_url = "sqlite:///{tmp_path}/hub.db"\n')
    run = _crowdsafe("hub", "add-user", "night_shift", "--config", path, stdin="long enough word\n")
    assert (run.returncode, run.stdout.strip()) == (0, "night_shift may sign in as operator")
    assert (
        "password: 5 characters, expected 10 to 200"
        in _crowdsafe("hub", "add-user", "night_shift", "--config", path, stdin="short\n").stderr
    )
    assert (
        "role: 'king', expected one of viewer"
        in _crowdsafe(
            "hub",
            "add-user",
            "night_shift",
            "--role",
            "king",
            "--config",
            path,
            stdin="long enough word\n",
        ).stderr
    )
    run = _crowdsafe("hub", "add-worker", "mast_1", "--config", path)
    assert run.returncode == 0
    assert len(run.stdout.strip()) > 30


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("demo",),
        ("hub",),
        ("hub", "run"),
        ("hub", "add-user"),
        ("hub", "add-worker"),
        ("edge",),
        ("count",),
        ("measure",),
        ("evaluate",),
        ("train",),
        ("zones",),
        ("zones", "check"),
        ("contract",),
        ("settings",),
    ],
)
def test_every_help_says_what_the_command_does(command: tuple[str, ...]) -> None:
    run = _crowdsafe(*command, "--help")
    assert run.returncode == 0, run.stderr
    assert "Usage:" in run.stdout
    assert run.stderr == ""


def test_help_and_running_need_no_torch() -> None:
    script = (
        "import sys; import crowdsafe.cli, crowdsafe.hub.app, crowdsafe.edge.worker; "
        "print([m for m in ('torch', 'ultralytics', 'onnx') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stdout.strip() == "[]"
