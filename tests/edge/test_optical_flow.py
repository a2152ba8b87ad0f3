"""Optical flow of pictures whose every movement is known."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from crowdsafe.domain.crowd.points import Points
from crowdsafe.domain.motion.ground_flow import ground_flow
from crowdsafe.edge.optical_flow import picture_flow, points_flow
from crowdsafe.errors import BadInput
from tests.pinhole import Pinhole

Picture = NDArray[np.uint8]
SINCE_S = 0.15
HEAD_M = 1.65
CAMERA = Pinhole(
    height_m=8.0, tilt_deg=25.0, focal_px=900.0, size_px=(1280, 720), position_m=(0.0, 0.0)
)


def _texture(width: int, height: int, *, seed: int = 0) -> NDArray[np.float32]:
    rough = np.random.default_rng(seed).uniform(30, 220, (height // 8, width // 8))
    return np.asarray(
        cv2.resize(rough.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    )


def _seen(picture: NDArray[np.float32], *, noise_seed: int) -> Picture:
    """As a sensor gives it."""
    noise = np.random.default_rng(noise_seed).normal(0, 2, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def _shifted(
    by_px: tuple[float, float], *, size: tuple[int, int] = (800, 600)
) -> tuple[Picture, Picture]:
    ground = _texture(*size)
    move = np.array([[1, 0, by_px[0]], [0, 1, by_px[1]]], dtype=np.float32)
    moved = cv2.warpAffine(ground, move, size, borderMode=cv2.BORDER_REFLECT)
    return _seen(ground, noise_seed=1), _seen(np.asarray(moved), noise_seed=2)


def _crowd(density_ppm2: float) -> Points:
    """Places of heads all over the picture."""
    rng = np.random.default_rng(0)
    apart_m = density_ppm2**-0.5
    x, y = np.meshgrid(np.arange(-9, 9, apart_m), np.arange(8, 26, apart_m))
    return np.column_stack([x.ravel(), y.ravel()]) + rng.uniform(-0.35, 0.35, (x.size, 2)) * apart_m


def _drawn(places_m: Points, *, noise_seed: int) -> Picture:
    """People of two ellipses each, body and head, the far ones behind the near ones."""
    shades = np.random.default_rng(7).uniform(20, 230, (len(places_m), 3))
    width, height = CAMERA.size_px
    picture = np.asarray(cv2.resize(_texture(320, 176), (width, height))) * 0.2 + 90
    for person in np.argsort(-places_m[:, 1]):
        for part, (z_m, radius_m) in enumerate(((1.35, 0.24), (HEAD_M, 0.11))):
            ends = places_m[person] + np.array([[0, 0], [radius_m, 0]])
            pair = CAMERA.picture_of(ends, height_m=z_m)
            radius = pair[1, 0] - pair[0, 0]
            for offset, size, shade in ((0.0, 1.0, part), (0.25, 0.5, 2))[: 1 + part]:
                centre = (pair[0] - radius * offset) * 16
                cv2.ellipse(
                    picture,
                    (int(centre[0]), int(centre[1])),
                    (int(radius * size * 16), int(radius * size * 18)),
                    0,
                    0,
                    360,
                    float(shades[person, shade]),
                    -1,
                    cv2.LINE_AA,
                    4,
                )
    return _seen(picture.astype(np.float32), noise_seed=noise_seed)


def _in_picture(places_m: Points) -> tuple[Points, NDArray[np.bool_]]:
    px = CAMERA.picture_of(places_m, height_m=HEAD_M)
    return px, ((px > 10) & (px < np.array(CAMERA.size_px) - 10)).all(axis=1)


def _to_ground(px: Points) -> Points:
    return CAMERA.calibrated().to_ground(px, height_m=HEAD_M)


# --- known shifts --------------------------------------------------------------------------


@pytest.mark.parametrize("by_px", [(3.0, -2.0), (0.4, 0.0), (-7.0, 5.0), (0.0, 0.0)])
def test_a_picture_that_moved_flows_by_as_much(by_px: tuple[float, float]) -> None:
    earlier, later = _shifted(by_px)
    flow = picture_flow(earlier, later)
    inner = flow.flow_px[60:-60, 60:-60].reshape(-1, 2)
    np.testing.assert_allclose(np.median(inner, axis=0), by_px, atol=0.15)
    assert np.median(flow.confidence[60:-60, 60:-60]) > 0.9


@pytest.mark.parametrize("size", [(800, 600), (1920, 1080), (640, 480)])
def test_flow_is_in_px_of_the_picture_that_was_given(size: tuple[int, int]) -> None:
    earlier, later = _shifted((6.0, 3.0), size=size)
    flow = picture_flow(earlier, later)
    points = np.array([[size[0] * 0.3, size[1] * 0.4], [size[0] * 0.7, size[1] * 0.6]])
    moves, confidence = flow.at(points)
    np.testing.assert_allclose(moves, [[6.0, 3.0]] * 2, atol=0.4)
    assert (confidence > 0.5).all()


@pytest.mark.parametrize("by_px", [(3.0, -2.0), (0.4, 0.0), (-12.0, 9.0)])
def test_points_move_with_their_surroundings(by_px: tuple[float, float]) -> None:
    earlier, later = _shifted(by_px)
    points = np.random.default_rng(3).uniform(100, 500, (50, 2))
    moves, confidence = points_flow(earlier, later, points)
    assert (confidence > 0.5).mean() > 0.9
    np.testing.assert_allclose(
        moves[confidence > 0.5], np.tile(by_px, (50, 1))[confidence > 0.5], atol=0.3
    )


def test_colour_and_grey_flow_alike() -> None:
    earlier, later = _shifted((2.0, 1.0))
    grey = picture_flow(earlier, later)
    colour = picture_flow(np.dstack([earlier] * 3), np.dstack([later] * 3))
    np.testing.assert_allclose(colour.flow_px, grey.flow_px, atol=1e-3)


# --- what is not known ---------------------------------------------------------------------


def test_the_same_picture_twice_is_a_stuck_camera_and_not_a_crowd_that_stands() -> None:
    earlier, _ = _shifted((0.0, 0.0))
    assert picture_flow(earlier, earlier.copy()).confidence.max() == 0
    assert points_flow(earlier, earlier.copy(), np.array([[200.0, 200.0]]))[1].tolist() == [0]


def test_a_wall_without_texture_is_not_known_to_stand() -> None:
    flat = np.full((480, 640), 120, dtype=np.float32)
    earlier, later = _seen(flat, noise_seed=1), _seen(flat, noise_seed=2)
    assert np.mean(picture_flow(earlier, later).confidence > 0.5) < 0.01


def test_a_picture_cut_to_another_scene_is_not_believed() -> None:
    earlier = _seen(_texture(640, 480, seed=1), noise_seed=1)
    later = _seen(_texture(640, 480, seed=2), noise_seed=2)
    assert np.mean(picture_flow(earlier, later).confidence > 0.5) < 0.15
    points = np.random.default_rng(0).uniform(50, 430, (200, 2))
    assert np.mean(points_flow(earlier, later, points)[1] > 0.5) < 0.15


def test_points_outside_the_picture_have_no_flow() -> None:
    earlier, later = _shifted((1.0, 0.0))
    points = np.array([[-5.0, 10.0], [900.0, 10.0], [10.0, 601.0], [np.nan, 3.0]])
    assert points_flow(earlier, later, points)[1].tolist() == [0, 0, 0, 0]
    assert picture_flow(earlier, later).at(points)[1].tolist() == [0, 0, 0, 0]
    assert points_flow(earlier, later, np.empty((0, 2)))[0].shape == (0, 2)


@pytest.mark.parametrize(
    ("one", "other"),
    [((480, 640), (240, 320)), ((480, 640, 3), (480, 640)), ((0, 640), (0, 640)), ((9,), (9,))],
)
def test_pictures_that_do_not_match_are_refused(
    one: tuple[int, ...], other: tuple[int, ...]
) -> None:
    earlier, later = np.zeros(one, dtype=np.uint8), np.zeros(other, dtype=np.uint8)
    with pytest.raises(BadInput, match="expected the same"):
        picture_flow(earlier, later)
    with pytest.raises(BadInput, match="expected the same"):
        points_flow(earlier, later, np.zeros((1, 2)))


def test_a_tiny_picture_is_no_error() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (6, 9), dtype=np.uint8)
    assert picture_flow(picture, picture[::-1].copy()).flow_px.shape[2] == 2


# --- a crowd -------------------------------------------------------------------------------


@pytest.mark.parametrize("velocity", [(1.0, 0.0), (0.0, -1.0), (0.3, -0.2)])
def test_a_dense_crowd_moves_on_the_ground_as_it_does(velocity: tuple[float, float]) -> None:
    places = _crowd(3.0)
    px, inside = _in_picture(places)
    flow = picture_flow(
        _drawn(places, noise_seed=1),
        _drawn(places + np.array(velocity) * SINCE_S, noise_seed=2),
    )
    moves, confidence = flow.at(px[inside])
    ground = ground_flow(
        points_px=px[inside],
        flow_px=moves,
        confidence=confidence,
        people=1.0,
        since_s=SINCE_S,
        to_ground=_to_ground,
    )
    assert ground.believed.mean() > 0.9
    mean = np.nanmean(ground.velocity_m_s, axis=0)
    np.testing.assert_allclose(mean, velocity, atol=0.1 * np.hypot(*velocity))


def test_the_flow_at_heads_keeps_each_persons_own_velocity() -> None:
    places = _crowd(1.0)
    px, inside = _in_picture(places)
    velocity = np.random.default_rng(1).normal((0.6, 0.0), 0.2, places.shape)
    moves, confidence = points_flow(
        _drawn(places, noise_seed=1), _drawn(places + velocity * SINCE_S, noise_seed=2), px[inside]
    )
    ground = ground_flow(
        points_px=px[inside],
        flow_px=moves,
        confidence=confidence,
        people=1.0,
        since_s=SINCE_S,
        to_ground=_to_ground,
    )
    told = ground.believed
    assert told.mean() > 0.9
    across, true = ground.velocity_m_s[told, 0], velocity[inside][told, 0]
    assert np.median(np.abs(across - true)) < 0.06
    assert across.std() == pytest.approx(true.std(), rel=0.25)
