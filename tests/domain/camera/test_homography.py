"""Homographies from point pairs: what fixes one, what does not, and how well noise is met."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crowdsafe.domain.camera.homography import homography_from_points, mapped
from crowdsafe.errors import BadInput
from tests.pinhole import Pinhole

GROUND = np.array([[3.0, 4.0], [0.5, 6.0], [5.5, 9.0], [1.0, 15.0], [8.0, 25.0]])


@pytest.mark.parametrize(
    ("image", "says"),
    [
        ([[0, 0], [10, 10], [20, 20], [30, 30]], "picture points lie on one line"),
        ([[0, 0], [10, 10], [20, 20], [30, 0]], "picture points lie on one line"),
        ([[0, 0], [1e-4, 0], [10, 0], [0, 10]], "picture points lie on one line or repeat"),
        ([[0, 0], [0, 0], [10, 0], [0, 10]], "pair 1 and pair 2 have the same picture point"),
        ([[0, 0], [10, 0], [0, 10]], "3 given, expected at least 4"),
        ([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]], "do not pair up"),
    ],
)
def test_point_pairs_that_fix_nothing_are_refused(image: list[list[float]], says: str) -> None:
    ground = [[0, 0], [9, 0], [0, 8], [7, 6]][: len(image)]
    with pytest.raises(BadInput, match=says):
        homography_from_points(image_px=image, ground_m=ground)


def test_ground_points_on_a_line_are_refused() -> None:
    with pytest.raises(BadInput, match="ground points lie on one line"):
        homography_from_points(
            image_px=[[0, 0], [9, 0], [0, 8], [7, 6]], ground_m=[[0, 0], [1, 2], [2, 4], [3, 6]]
        )


def test_nan_point_pairs_are_refused() -> None:
    with pytest.raises(BadInput, match="not a finite number"):
        homography_from_points(
            image_px=[[0, 0], [9, 0], [0, np.nan], [7, 6]],
            ground_m=[[0, 0], [9, 0], [0, 8], [7, 6]],
        )


def test_more_points_may_repeat_as_long_as_four_are_good() -> None:
    points = [[0, 0], [9, 0], [0, 8], [7, 6], [0, 0]]
    matrix = homography_from_points(image_px=points, ground_m=points)
    np.testing.assert_allclose(matrix, np.eye(3), atol=1e-9)


@pytest.mark.parametrize(
    "image",
    [
        # All but one nearly on a line.
        [[100, 100], [300, 202], [500, 299], [700, 401], [400, 600]],
        # Six clicks on three places.
        [[100, 100], [101, 102], [700, 120], [702, 119], [400, 600], [399, 601]],
        # Three corners, one of them three times.
        [[100, 100], [700, 120], [400, 600], [401, 601], [399, 599]],
        # Two places.
        [[100, 100], [102, 101], [101, 99], [700, 120], [701, 121]],
    ],
)
def test_what_clicks_cannot_tell_from_a_line_is_refused(image: list[list[float]]) -> None:
    ground = [[0, 0], [9, 0], [0, 8], [7, 6], [3, 9], [2, 5]][: len(image)]
    with pytest.raises(BadInput, match=r"picture points lie on one line .* \(within 3 px\)"):
        homography_from_points(image_px=image, ground_m=ground, image_tolerance_px=3.0)


def test_ground_points_nearer_than_they_are_measured_are_refused() -> None:
    image = [[100, 100], [700, 120], [400, 600], [200, 500]]
    ground = [[0, 0], [9, 0], [4, 7], [4.005, 7.0]]
    with pytest.raises(BadInput, match=r"ground points lie on one line .* \(within 0.01 m\)"):
        homography_from_points(image_px=image, ground_m=ground, ground_tolerance_m=0.01)


def test_two_ground_points_far_apart_are_not_one_click() -> None:
    image = [[100, 100], [700, 120], [400, 600], [200, 500], [200, 500]]
    ground = [[0, 0], [9, 0], [4, 7], [1, 5], [2, 7]]
    with pytest.raises(BadInput, match=r"pair 4 and pair 5 have the same picture point.* 2\.24 m"):
        homography_from_points(image_px=image, ground_m=ground)
    with pytest.raises(BadInput, match="pair 4 and pair 5 have the same ground point"):
        homography_from_points(image_px=ground, ground_m=image)


def test_a_place_that_was_clicked_twice_is_no_contradiction() -> None:
    pinhole = Pinhole()
    ground = np.concatenate([GROUND, GROUND[:1]])
    image = pinhole.picture_of(ground, height_m=0.0)
    image[-1] += (1.5, -1.0)
    matrix = homography_from_points(image_px=image, ground_m=ground, image_tolerance_px=3.0)
    assert np.hypot(*(mapped(matrix, image)[0] - ground).T).max() < 0.05


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=4, max_size=8, unique=True)
)
def test_pairs_are_taken_exactly_when_four_of_them_are_in_general_position(
    cells: list[tuple[int, int]],
) -> None:
    points = 100.0 * np.array(cells)

    def area(three: tuple[int, ...]) -> float:
        (ax, ay), (bx, by), (cx, cy) = points[list(three)]
        return abs((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))

    general = any(
        all(area(three) > 0 for three in combinations(four, 3))
        for four in combinations(range(len(points)), 4)
    )
    if general:
        matrix = homography_from_points(image_px=points, ground_m=points)
        np.testing.assert_allclose(matrix, np.eye(3), atol=1e-6)
    else:
        with pytest.raises(BadInput, match="lie on one line"):
            homography_from_points(image_px=points, ground_m=points)


def test_thousands_of_pairs_are_fitted_at_once() -> None:
    ground = np.random.default_rng(2).uniform((-5, 3), (10, 40), size=(4000, 2))
    image = Pinhole().picture_of(ground, height_m=0.0)
    exact = Pinhole().calibrated().homography
    matrix = homography_from_points(image_px=image, ground_m=ground)
    np.testing.assert_allclose(matrix, exact / exact[2, 2], rtol=1e-6, atol=1e-9)


def test_ground_far_from_the_origin_is_no_worse() -> None:
    ground = GROUND + np.array([90_000.0, -80_000.0])
    image = Pinhole().picture_of(GROUND, height_m=0.0)
    matrix = homography_from_points(image_px=image, ground_m=ground)
    np.testing.assert_allclose(mapped(matrix, image)[0], ground, atol=1e-5)


@settings(max_examples=50)
@given(seed=st.integers(0, 10_000), tilt_deg=st.floats(8.0, 60.0))
def test_no_small_change_of_the_fit_comes_nearer_to_the_clicks(seed: int, tilt_deg: float) -> None:
    generator = np.random.default_rng(seed)
    pinhole = Pinhole(tilt_deg=tilt_deg)
    size = np.array(pinhole.size_px)
    clicked = generator.uniform(0.1 * size + (0, 0.35 * size[1]), 0.9 * size, size=(8, 2))
    ground = pinhole.calibrated().to_ground(clicked, height_m=0.0)
    assume(np.isfinite(ground).all() and np.ptp(ground, axis=0).min() > 1.0)
    clicked = clicked + generator.normal(0.0, 2.0, clicked.shape)

    def off_px2(matrix: np.ndarray) -> float:
        return float(((mapped(np.linalg.inv(matrix), ground)[0] - clicked) ** 2).sum())

    matrix = homography_from_points(image_px=clicked, ground_m=ground)
    least = off_px2(matrix)
    assert least < 16 * 20
    onto = np.linalg.inv(matrix)
    for entry in range(8):
        for side in (-1.0, 1.0):
            moved = onto.copy()
            moved.flat[entry] *= 1.0 + side * 1e-4
            assert off_px2(np.linalg.inv(moved)) > least * (1 - 1e-9)
