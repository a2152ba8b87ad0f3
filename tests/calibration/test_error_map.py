"""The drawing of an error field, looked at by its px."""

from pathlib import Path
from typing import Any

import numpy as np
import shapely

from crowdsafe.calibration.error_field import error_field
from crowdsafe.calibration.error_map import LEVELS_M, Picture, error_map
from crowdsafe.contract.calibration import read_calibrated
from crowdsafe.domain.crowd.zones import Zone
from tests.calibration.files import clicked, posed, write

_TEXT = (236, 239, 242)
_ZONE = (86, 180, 233)


def _map(
    folder: Path,
    content: dict[str, Any],
    *,
    picture: Picture | None = None,
    zones: tuple[Zone, ...] = (),
    longer_side: int = 160,
) -> Picture:
    file, calibration = read_calibrated(write(folder / "mast.json", content))
    field = error_field(
        calibration.camera, file, height_m=1.7, pixel_sd_px=1.0, longer_side=longer_side
    )
    return error_map(calibration, file, field, picture=picture, zones=zones, title="title")


def _colourful(drawing: Picture, x_px: float, y_px: float) -> bool:
    """Whether the drawing has a colour at a place of the picture of 1280 × 720 px."""
    pixel = drawing[round(y_px * 1.25), round(x_px * 1.25)].astype(int)
    return bool(np.ptp(pixel) > 12)


def test_the_map_is_the_picture_with_a_legend_below(tmp_path: Path) -> None:
    drawing = _map(tmp_path, posed())
    assert drawing.dtype == np.uint8
    assert drawing.shape[1:] == (1600, 3)
    assert 900 < drawing.shape[0] < 1200
    assert (drawing[905, 100] == (21, 24, 28)).all()


def test_colours_are_where_people_are_counted_and_nowhere_else(tmp_path: Path) -> None:
    mask = [[100, 500], [400, 500], [400, 700], [100, 700]]
    drawing = _map(tmp_path, posed(masks=[mask], range_m=30.0))
    assert _colourful(drawing, 900, 650)
    assert not _colourful(drawing, 640, 20)
    assert not _colourful(drawing, 250, 605)


def test_farther_ground_is_lighter_and_yellower(tmp_path: Path) -> None:
    # Viridis rises in green and in lightness from purple to yellow.
    drawing = _map(tmp_path, posed(range_m=200.0)).astype(int)
    column = drawing[:900, 1500]
    near, far = column[890], column[220]
    assert far[1] > near[1] + 60
    assert far.sum() > near.sum()


def test_a_line_runs_where_the_error_has_each_level(tmp_path: Path) -> None:
    file, calibration = read_calibrated(write(tmp_path / "mast.json", posed(range_m=200.0)))
    field = error_field(calibration.camera, file, height_m=1.7, pixel_sd_px=1.0, longer_side=320)
    drawing = error_map(calibration, file, field, picture=None, zones=(), title="")
    column = 305
    x_px = int(field.image_px[0, column, 0] * 1.25)
    light = (drawing[:900, x_px] == _TEXT).all(axis=1)
    levels = [level for level in LEVELS_M if np.nanmin(field.sd_m[:, column]) < level]
    assert len(levels) >= 3
    for level in levels:
        row = int(np.flatnonzero(field.sd_m[:, column] <= level)[0])
        y_px = round(field.image_px[row, column, 1] * 1.25)
        assert light[y_px - 6 : y_px + 7].any()


def test_the_horizon_is_dashed_in_the_sky(tmp_path: Path) -> None:
    content = posed()
    content["pose"]["tilt_deg"] = 12.0
    _, calibration = read_calibrated(write(tmp_path / "mast.json", content))
    horizon = calibration.camera.horizon_px() * 1.25
    drawing = _map(tmp_path, content)
    light = [
        bool((drawing[round(y), round(x)] == _TEXT).all())
        for x, y in horizon
        if 2 < y < 890 and 2 < x < 1590
    ]
    assert len(light) > 50
    assert 0.3 < np.mean(light) < 0.9


def test_masks_are_hatched(tmp_path: Path) -> None:
    mask = [[100, 500], [400, 500], [400, 700], [100, 700]]
    drawing = _map(tmp_path, posed(masks=[mask]))
    inside = drawing[640:860, 140:480]
    share = float((inside == (110, 113, 116)).all(axis=2).mean())
    assert 0.1 < share < 0.4


def test_zones_are_drawn_on_the_ground(tmp_path: Path) -> None:
    _, calibration = read_calibrated(write(tmp_path / "mast.json", posed()))
    zone = Zone(id="square", polygon=shapely.box(1.0, 10.0, 6.0, 15.0))
    behind = Zone(id="behind", polygon=shapely.box(1.0, -40.0, 6.0, -30.0))
    drawing = _map(tmp_path, posed(), zones=(zone, behind))
    edge = np.array([[2.0, 10.0], [6.0, 12.5], [3.0, 15.0]])
    for x, y in calibration.camera.to_picture(edge, height_m=0.0) * 1.25:
        patch = drawing[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3]
        assert (patch == _ZONE).all(axis=2).any()


def test_point_pairs_are_crosses(tmp_path: Path) -> None:
    content = clicked(6)
    drawing = _map(tmp_path, content)
    for pair in content["points"]:
        x, y = (round(1.25 * at) for at in pair["image_px"])
        patch = drawing[y - 2 : y + 3, x - 2 : x + 3]
        assert (patch == _TEXT).all(axis=2).any()


def test_the_cameras_picture_shows_through_in_any_resolution(tmp_path: Path) -> None:
    for size in ((360, 640), (1440, 2560)):
        picture = np.zeros((*size, 3), dtype=np.uint8)
        picture[:, size[1] // 2 :] = 255
        drawing = _map(tmp_path, posed(range_m=30.0), picture=picture, longer_side=64).astype(int)
        assert drawing[850, 1200].sum() > drawing[850, 400].sum() + 60
        assert drawing[20, 1200].sum() > drawing[20, 400].sum() + 60


def test_a_portrait_picture_and_one_without_any_sky_are_drawn_too(tmp_path: Path) -> None:
    content = posed(image_size_px=[720, 1280], intrinsics={"focal_px": [900, 900]})
    content["pose"]["tilt_deg"] = 60.0
    drawing = _map(tmp_path, content)
    assert drawing.shape[1] == 900
    assert drawing.shape[0] > 1600
