"""The picture of a camera's calibration is what the worker compares its background with."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from crowdsafe.contract.site import Site, read_site
from crowdsafe.edge.analyses import analyses
from crowdsafe.edge.camera import CameraAnalysis, Pace
from crowdsafe.edge.detections import Picture
from crowdsafe.edge.source import Frame, recording
from crowdsafe.errors import BadInput
from crowdsafe.resources import DEMO_CLIP, DEMO_SITE, resource
from crowdsafe.settings import CameraSettings, EdgeSettings
from tests.edge.test_worker_camera import Finds

SETTINGS = EdgeSettings(cameras=(CameraSettings(id="view_001", source="x"),))
PACE = Pace(asked_per_s=2.0, achieved_per_s=2.0, frames_dropped=0, frames_out_of_order=0)


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    """Ten seconds of the sample clip at 2 pictures/s."""
    return [frame.picture for frame in islice(recording(resource(DEMO_CLIP), every=5), 20)]


def _site(picture: Path) -> Site:
    site = read_site(resource(DEMO_SITE))
    return replace(site, cameras=(replace(site.cameras[0], picture=picture),))


def _last_health(analysis: CameraAnalysis, pictures: list[Picture]) -> tuple[str, float | None]:
    for number, picture in enumerate(pictures):
        at_s = 1000.0 + number / 2
        told = analysis.look(Frame(number, number / 2, at_s, picture), PACE).picture
    return told.name, told.shift_px


def test_a_camera_that_was_moved_before_the_start_is_moved(
    tmp_path: Path, pictures: list[Picture]
) -> None:
    moved = np.roll(pictures[0], 20, axis=1)
    cv2.imwrite(str(tmp_path / "view_001.png"), moved)
    (analysis,) = analyses(_site(tmp_path / "view_001.png"), SETTINGS, Finds(2))
    name, shift_px = _last_health(analysis, pictures)
    assert name == "moved"
    assert shift_px == pytest.approx(20, abs=1)


def test_a_camera_that_looks_where_it_did_is_well(tmp_path: Path, pictures: list[Picture]) -> None:
    cv2.imwrite(str(tmp_path / "view_001.png"), pictures[-1])
    (analysis,) = analyses(_site(tmp_path / "view_001.png"), SETTINGS, Finds(2))
    assert _last_health(analysis, pictures)[0] == "ok"


def test_a_picture_beside_the_calibration_is_found(tmp_path: Path) -> None:
    demo = resource(DEMO_SITE)
    (tmp_path / "cameras").mkdir()
    for name in ("site.geojson", "cameras/view_001.json"):
        (tmp_path / name).write_bytes((demo / name).read_bytes())
    assert read_site(tmp_path).cameras[0].picture is None
    (tmp_path / "cameras" / "view_001.png").write_bytes(b"")
    assert read_site(tmp_path).cameras[0].picture == tmp_path / "cameras" / "view_001.png"


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (np.full((576, 768, 3), 90, dtype=np.uint8), "landmarks"),
        (np.zeros((100, 400, 3), dtype=np.uint8), "768 × 576"),
        (None, "is no picture"),
    ],
)
def test_a_picture_of_no_use_is_one_sentence(
    tmp_path: Path, picture: Picture | None, message: str
) -> None:
    path = tmp_path / "view_001.png"
    if picture is None:
        path.write_text("no picture")
    else:
        cv2.imwrite(str(path), picture)
    with pytest.raises(BadInput, match=message) as caught:
        analyses(_site(path), SETTINGS, Finds(2))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
