"""Lens distortion against OpenCV, against plain arithmetic, and where it folds back."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdsafe.domain.camera.distortion import BrownConrady, TsaiRadial
from crowdsafe.domain.camera.lens import Lens
from crowdsafe.domain.crowd.points import Points
from crowdsafe.errors import BadInput

LENSES = {
    "barrel": BrownConrady(-0.32, 0.11, 0.001, -0.0007, -0.01),
    "barrel that folds": BrownConrady(-0.25),
    "pincushion": BrownConrady(0.15, 0.02),
    "moustache": BrownConrady(-0.2, 0.15, k3=-0.02),
    "tangential": BrownConrady(-0.1, p1=0.01, p2=-0.008),
    "none": BrownConrady(0.0),
}


def _grid(reach: float) -> Points:
    x, y = np.meshgrid(np.linspace(-reach, reach, 21), np.linspace(-reach, reach, 21))
    return np.column_stack([x.ravel(), y.ravel()])


@pytest.mark.parametrize("name", LENSES)
def test_a_lens_bends_as_opencv_says(name: str) -> None:
    lens, ideal = LENSES[name], _grid(0.6)
    coefficients = np.array([lens.k1, lens.k2, lens.p1, lens.p2, lens.k3])
    rays = np.column_stack([ideal, np.ones(len(ideal))])
    bent, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), np.eye(3), coefficients)
    np.testing.assert_allclose(lens.distorted(ideal), bent[:, 0, :], atol=1e-12)


@pytest.mark.parametrize("name", LENSES)
def test_what_is_bent_comes_back(name: str) -> None:
    lens, ideal = LENSES[name], _grid(0.6)
    np.testing.assert_allclose(lens.undistorted(lens.distorted(ideal)), ideal, atol=1e-10)


@given(
    k1=st.floats(-0.5, 0.5),
    k2=st.floats(-0.2, 0.2),
    p1=st.floats(-0.003, 0.003),
    p2=st.floats(-0.003, 0.003),
    k3=st.floats(-0.05, 0.05),
)
def test_a_point_of_any_lens_comes_back_or_is_nowhere(
    k1: float, k2: float, p1: float, p2: float, k3: float
) -> None:
    lens, shown = BrownConrady(k1, k2, p1, p2, k3), _grid(0.9)
    ideal = lens.undistorted(shown)
    known = np.isfinite(ideal).all(axis=1)
    assert np.isnan(ideal[~known]).all()
    np.testing.assert_allclose(lens.distorted(ideal[known]), shown[known], atol=1e-9)
    # Near the middle every lens is known.
    assert known[np.hypot(*shown.T) < 0.3].all()


def test_a_model_is_not_used_beyond_its_fold() -> None:
    # r·(1 − 0.25·r²) is largest at r = √(4/3), where it is 2/3 of that.
    lens, fold = BrownConrady(-0.25), np.sqrt(4 / 3)
    assert 0.95 * fold < lens.limit_radius < fold
    ideal = np.array([[0.9 * fold, 0.0], [1.2 * fold, 0.0], [0.0, -1.9 * fold]])
    assert np.isfinite(lens.distorted(ideal)).all(axis=1).tolist() == [True, False, False]
    shown = np.array([[0.66 * fold, 0.0], [0.68 * fold, 0.0], [0.0, 3.0]])
    assert np.isfinite(lens.undistorted(shown)).all(axis=1).tolist() == [True, False, False]


def test_a_fold_that_a_higher_term_undoes_is_a_fold() -> None:
    # 1 − 3·0.6·s + 5·0.15·s² is 0 at s = (1.8 ∓ √0.24)/1.5, of which the nearer one counts.
    fold = np.sqrt((1.8 - np.sqrt(0.24)) / 1.5)
    assert BrownConrady(-0.6, 0.15).limit_radius == pytest.approx(0.98 * fold)
    assert BrownConrady(-0.2, 0.15).limit_radius == 10.0


@pytest.mark.parametrize("kappa1", [0.16, 1e-4, 0.0, -0.15])
def test_tsai_goes_by_the_formula_and_back(kappa1: float) -> None:
    lens, shown = TsaiRadial(kappa1), _grid(0.6)
    ideal = lens.undistorted(shown)
    by_hand = np.array([[x * (1 + kappa1 * (x * x + y * y)), y * (1 + kappa1 * (x * x + y * y))]
                        for x, y in shown])  # fmt: skip
    np.testing.assert_allclose(ideal, by_hand, rtol=1e-14)
    np.testing.assert_allclose(lens.distorted(ideal), shown, atol=1e-13)


def test_tsai_with_a_negative_coefficient_folds_back() -> None:
    # r·(1 − 0.25·r²) again, now from the picture to the ideal.
    lens, fold = TsaiRadial(-0.25), np.sqrt(4 / 3)
    shown = np.array([[0.95 * fold, 0.0], [1.05 * fold, 0.0]])
    assert np.isfinite(lens.undistorted(shown)).all(axis=1).tolist() == [True, False]
    ideal = np.array([[0.66 * fold, 0.0], [0.68 * fold, 0.0], [9.0, 0.0]])
    assert np.isfinite(lens.distorted(ideal)).all(axis=1).tolist() == [True, False, False]


@pytest.mark.parametrize(
    "distortion", [*LENSES.values(), TsaiRadial(0.16), TsaiRadial(-0.2), None], ids=str
)
def test_the_slope_of_a_lens_is_what_a_small_step_measures(
    distortion: BrownConrady | TsaiRadial | None,
) -> None:
    lens = Lens((800.0, 860.0), (640.0, 350.0), distortion)
    points = np.random.default_rng(1).uniform((0, 0), (1280, 720), size=(50, 2))
    ideal, slope = lens.to_ideal_with_slope(points)
    np.testing.assert_allclose(ideal, lens.to_ideal(points))
    for axis in range(2):
        step = 1e-3 * np.eye(2)[axis]
        measured = (lens.to_ideal(points + step) - lens.to_ideal(points - step)) / 2e-3
        np.testing.assert_allclose(slope[:, :, axis], measured, atol=1e-6)


def test_the_optical_centre_stays_and_nan_stays_nan() -> None:
    for distortion in (*LENSES.values(), TsaiRadial(0.16), TsaiRadial(-0.16)):
        lens = Lens((800.0, 800.0), (640.0, 350.0), distortion)
        points = np.array([[640.0, 350.0], [np.nan, 3.0]])
        for there in (lens.to_ideal(points), lens.to_picture(points)):
            np.testing.assert_allclose(there[0], points[0])
            assert np.isnan(there[1]).any()
        assert lens.to_ideal(np.zeros((0, 2))).shape == (0, 2)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: BrownConrady(np.nan), "lens: k1: nan, expected a finite number"),
        (lambda: BrownConrady(0.1, k3=np.inf), "lens: k3: inf"),
        (lambda: BrownConrady(-1e6), "lens: k1: -1000000.0"),
        (lambda: TsaiRadial(np.nan), "lens: kappa1: nan"),
        (lambda: Lens((0.0, 800.0), (0.0, 0.0)), "focal length: 0.0, 800.0 px"),
        (lambda: Lens((-800.0, 800.0), (0.0, 0.0)), "focal length"),
        (lambda: Lens((np.nan, 800.0), (0.0, 0.0)), "focal length"),
        (lambda: Lens((300.0, 800.0), (0.0, 0.0)), "differ by less than a factor of 2"),
        (lambda: Lens((800.0, 800.0), (np.inf, 0.0)), "optical centre"),
    ],
)
def test_a_lens_that_cannot_be_is_refused(make: object, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        make()  # type: ignore[operator]
