"""What is said of a calibration."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from crowdsafe.calibration.error_field import ErrorField, error_field, masked
from crowdsafe.calibration.feet import KnownFeet, feet_error, read_feet
from crowdsafe.calibration.summary import errors_near_and_far, remarks, zone_errors
from crowdsafe.contract.calibration import CalibrationFile, read_calibrated
from crowdsafe.domain.camera.calibration import Calibration
from crowdsafe.domain.camera.position_error import position_error
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.errors import BadInput
from tests.calibration.files import CAMERA, GROUND, clicked, posed, write


def _read(folder: Path, content: dict[str, Any]) -> tuple[CalibrationFile, Calibration]:
    return read_calibrated(write(folder / "mast.json", content))


def _field(calibration: Calibration, file: CalibrationFile, height_m: float = 1.7) -> ErrorField:
    return error_field(calibration.camera, file, height_m=height_m, pixel_sd_px=1.0, longer_side=64)


def _remarks(folder: Path, content: dict[str, Any]) -> list[str]:
    file, calibration = _read(folder, content)
    return list(remarks(calibration, file, _field(calibration, file)))


def test_the_field_holds_what_position_error_says_and_leaves_out_what_is_not_counted(
    tmp_path: Path,
) -> None:
    mask = [[0, 500], [300, 500], [300, 720], [0, 720]]
    file, calibration = _read(tmp_path, posed(masks=[mask], min_px_per_m=40.0))
    field = _field(calibration, file)
    assert field.sd_m.shape == field.counted.shape == (36, 64)
    points = field.image_px.reshape(-1, 2)
    direct = position_error(calibration.camera, points, height_m=1.7)
    np.testing.assert_allclose(field.sd_m.ravel(), direct.sd_m)
    in_mask = shapely.contains_xy(shapely.Polygon(mask), points).reshape(field.counted.shape)
    assert in_mask.any()
    expected = (field.distance_m <= 40.0) & (field.px_per_m >= 40.0) & ~in_mask
    assert 0.2 < expected.mean() < 0.8
    np.testing.assert_array_equal(field.counted, expected)


def test_masks_cover_what_is_in_any_of_them(tmp_path: Path) -> None:
    masks = [[[0, 0], [90, 0], [90, 90], [0, 90]], [[200, 200], [300, 200], [300, 300]]]
    file, _ = _read(tmp_path, posed(masks=masks))
    points = np.array([[45.0, 45.0], [290.0, 210.0], [210.0, 290.0], [500.0, 500.0]])
    assert masked(file, points).tolist() == [True, True, False, False]


def test_errors_near_and_far_are_made_of_their_sources(tmp_path: Path) -> None:
    file, calibration = _read(tmp_path, clicked(6))
    field = _field(calibration, file)
    near, middle, far = errors_near_and_far(
        calibration.camera, field, head_height_m=1.7, pixel_sd_px=1.0
    )
    assert (near.where, middle.where, far.where) == ("near", "middle", "far")
    assert near.distance_m < middle.distance_m < far.distance_m
    assert middle.distance_m == pytest.approx((near.distance_m + far.distance_m) / 2, abs=1.0)
    assert far.distance_m == pytest.approx(40.0, abs=2.5)
    assert near.px_per_m > middle.px_per_m > far.px_per_m
    for one in (near, middle, far):
        parts = np.array([one.pixels_m, one.height_m, one.calibration_m])
        assert (parts > 0).all()
        # Medians of nine neighbours, so the parts need not add up to the last digit.
        assert one.heads_m == pytest.approx(np.sqrt((parts**2).sum()), rel=0.1)
        # 0.1 m of height at distance d move the foot by 0.1·d/(h − z).
        assert one.height_m == pytest.approx(0.1 * one.distance_m / (7.0 - 1.7), rel=0.1)
        ground = np.array([[3.0, -2.0 + one.distance_m]])
        foot = position_error(
            calibration.camera, calibration.camera.to_picture(ground, height_m=0.0), height_m=0.0
        )
        assert one.feet_m == pytest.approx(foot.sd_m[0], rel=0.25)
    assert near.heads_m < middle.heads_m < far.heads_m
    assert far.feet_m < far.heads_m


def test_a_camera_without_ground_to_count_on_is_refused(tmp_path: Path) -> None:
    file, calibration = _read(tmp_path, posed(range_m=0.5))
    with pytest.raises(BadInput, match="no ground on which people are counted"):
        errors_near_and_far(
            calibration.camera, _field(calibration, file), head_height_m=1.7, pixel_sd_px=1.0
        )


def test_zones_have_the_error_of_the_ground_in_them(tmp_path: Path) -> None:
    file, calibration = _read(tmp_path, clicked(6))
    zones = [
        Zone(id="near", polygon=shapely.box(1.0, 9.0, 5.0, 13.0)),
        Zone(id="far", polygon=shapely.box(1.0, 25.0, 5.0, 29.0)),
        Zone(id="behind", polygon=shapely.box(0.0, -30.0, 5.0, -20.0)),
        Zone(id="sliver", polygon=shapely.box(2.0, 15.0, 2.1, 15.1)),
    ]
    near, far, behind, sliver = zone_errors(
        calibration.camera, file, zones, head_height_m=1.7, pixel_sd_px=1.0
    )
    assert behind.mean_m is None
    assert behind.worst_m is None
    assert near.mean_m is not None
    assert near.worst_m is not None
    assert far.mean_m is not None
    assert sliver.mean_m is not None
    assert near.mean_m < near.worst_m < far.mean_m
    inside = np.random.default_rng(1).uniform((1.0, 9.0), (5.0, 13.0), size=(2000, 2))
    image = calibration.camera.to_picture(inside, height_m=1.7)
    expected = position_error(calibration.camera, image, height_m=1.7).sd_m.mean()
    assert near.mean_m == pytest.approx(expected, rel=0.03)


def test_good_pairs_are_left_in_peace(tmp_path: Path) -> None:
    assert _remarks(tmp_path, clicked(6, range_m=20.0)) == []


def test_four_pairs_are_said_to_check_nothing(tmp_path: Path) -> None:
    assert any("nothing checks them" in one for one in _remarks(tmp_path, clicked(4)))


def test_a_wrong_pair_is_named(tmp_path: Path) -> None:
    ground = GROUND.copy()
    ground[3, 0] += 1.5
    position = {"camera_position_m": list(CAMERA.position_m)}
    said = _remarks(tmp_path, clicked(6, ground=ground, **position))
    assert any(one.startswith("Pair 4 is 1.") for one in said)
    five = _remarks(tmp_path, clicked(5, ground=ground, **position))
    assert any("of five, none can be told" in one for one in five)


def test_a_calibration_that_says_nothing_of_its_error_is_told(tmp_path: Path) -> None:
    assert any("is not known" in one for one in _remarks(tmp_path, posed()))
    known = _remarks(tmp_path, posed(residual_m={"mean": 0.05}))
    assert not any("is not known" in one for one in known)


def test_a_height_that_the_picture_contradicts_is_told(tmp_path: Path) -> None:
    wrong = _remarks(tmp_path, clicked(6, camera_position_m=[3.0, -2.0, 10.0]))
    assert any("said to hang 10.0 m high" in one for one in wrong)
    right = _remarks(tmp_path, clicked(6, camera_position_m=[3.0, -2.0, 7.0]))
    assert not any("said to hang" in one for one in right)


def test_a_lens_that_folds_back_inside_the_picture_is_told(tmp_path: Path) -> None:
    lens = {"focal_px": [1000, 1000], "lens": {"model": "brown_conrady", "k1": -0.4}}
    said = _remarks(tmp_path, posed(intrinsics=lens))
    assert any("folds back inside the picture: " in one for one in said)


def test_ground_that_is_too_far_for_a_head_is_told_with_its_distance(tmp_path: Path) -> None:
    said = [one for one in _remarks(tmp_path, posed(range_m=90.0)) if one.startswith("From ")]
    assert len(said) == 1
    distance_m = float(said[0].split()[1])
    _, calibration = _read(tmp_path, posed(range_m=90.0))
    place = calibration.camera.to_picture(np.array([[3.0, -2.0 + distance_m]]), height_m=1.7)
    sd_m = position_error(calibration.camera, place, height_m=1.7).sd_m[0]
    assert sd_m == pytest.approx(1.0, rel=0.2)


def _table(folder: Path, text: str) -> Path:
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_known_feet_are_read_and_measured(tmp_path: Path) -> None:
    _, calibration = _read(tmp_path, posed())
    ground = CAMERA.ground(seed=3, how_many=40)
    shift = np.linspace(0.0, 0.39, 40)
    rows = [
        f"{n},x,{u!r},{v!r},{x + off!r},{y!r}"
        for n, ((u, v), (x, y), off) in enumerate(
            zip(
                CAMERA.picture_of(ground, height_m=0.0).tolist(),
                ground.tolist(),
                shift.tolist(),
                strict=True,
            )
        )
    ]
    text = "\n".join(["frame,id,foot_u,foot_v,X_m,Y_m", *rows])
    error = feet_error(calibration.camera, read_feet(_table(tmp_path, text)))
    assert (error.people, error.nowhere) == (40, 0)
    assert error.mean_m == pytest.approx(shift.mean(), abs=1e-6)
    assert error.p95_m == pytest.approx(np.percentile(shift, 95), abs=1e-6)
    assert error.max_m == pytest.approx(0.39, abs=1e-6)


def test_feet_above_the_horizon_are_counted_apart(tmp_path: Path) -> None:
    _, calibration = _read(tmp_path, posed())
    feet = KnownFeet(
        image_px=np.array([[640.0, -300.0], [640.0, 700.0]]), ground_m=np.zeros((2, 2))
    )
    error = feet_error(calibration.camera, feet)
    assert (error.people, error.nowhere) == (2, 1)
    sky = KnownFeet(image_px=np.array([[640.0, -300.0]]), ground_m=np.zeros((1, 2)))
    with pytest.raises(BadInput, match="all feet are above the horizon"):
        feet_error(calibration.camera, sky)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("frame,foot_u,foot_v,X_m\n0,1,2,3\n", "column Y_m is missing"),
        ("", "column foot_u is missing"),
        ("foot_u,foot_v,X_m,Y_m\n", "has no rows"),
        ("foot_u,foot_v,X_m,Y_m\n1,2,3,4\n1,2,,4\n", "line 3: X_m: '', expected a number"),
        ("foot_u,foot_v,X_m,Y_m\n1,2,3\n", "line 2: Y_m: None, expected a number"),
        ("foot_u,foot_v,X_m,Y_m\n1,2,nan,4\n", "line 2: X_m: 'nan', expected a number"),
        ("foot_u,foot_v,X_m,Y_m\n1,two,3,4\n", "line 2: foot_v: 'two', expected a number"),
    ],
)
def test_a_wrong_table_of_feet_is_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    path = _table(tmp_path, text)
    with pytest.raises(BadInput, match=says) as refused:
        read_feet(path)
    assert str(refused.value).startswith(f"{path}: ")


def test_what_is_no_table_of_feet_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no such file"):
        read_feet(tmp_path / "people.csv")
    with pytest.raises(BadInput, match="cannot be read"):
        read_feet(tmp_path)
    path = tmp_path / "people.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="is no table"):
        read_feet(path)
