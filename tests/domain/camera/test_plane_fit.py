"""How sure a fit to point pairs is of itself, against many fits to noisy clicks."""

import numpy as np
import pytest

from crowdsafe.domain.camera.homography import mapped
from crowdsafe.domain.camera.plane_fit import CLICK_SD_PX, PlaneFit, fit_plane
from crowdsafe.domain.crowd.points import Points
from tests.pinhole import Pinhole

_PINHOLE = Pinhole(height_m=7.0, tilt_deg=25.0, focal_px=1000.0, position_m=(0.0, 0.0))
GROUND = np.array(
    [[-4.0, 8.0], [4.5, 8.5], [5.0, 20.0], [-5.0, 19.0], [0.0, 12.0], [1.0, 25.0], [-2.0, 15.0]]
)


def _clicked(how_many: int, *, sd_px: float = 0.0, seed: int = 0) -> Points:
    exact = _PINHOLE.picture_of(GROUND[:how_many], height_m=0.0)
    noise: Points = np.random.default_rng(seed).normal(0.0, 1.0, exact.shape)
    return exact + sd_px * noise


def _fit(how_many: int, *, sd_px: float = 0.0, seed: int = 0) -> PlaneFit:
    return fit_plane(
        image_px=_clicked(how_many, sd_px=sd_px, seed=seed), ground_m=GROUND[:how_many]
    )


def test_four_pairs_have_no_residual_and_check_nothing() -> None:
    fit = _fit(4, sd_px=5.0)
    assert not fit.checked
    assert fit.residuals_px.max() < 1e-6
    assert fit.rms_m < 1e-6
    assert fit.click_sd_px == pytest.approx(CLICK_SD_PX)
    assert np.isnan(fit.left_out.off_m).all()
    assert fit.left_out.suspect is None


def test_residuals_are_distances_in_the_picture_and_on_the_ground() -> None:
    fit = _fit(7, sd_px=2.0)
    assert fit.checked
    off_px = mapped(np.linalg.inv(fit.homography), fit.ground_m)[0] - fit.image_px
    np.testing.assert_allclose(fit.residuals_px, np.linalg.norm(off_px, axis=1))
    off_m = mapped(fit.homography, fit.image_px)[0] - fit.ground_m
    np.testing.assert_allclose(fit.residuals_m, np.linalg.norm(off_m, axis=1))
    assert fit.rms_m == pytest.approx(np.sqrt((np.linalg.norm(off_m, axis=1) ** 2).mean()))


def test_the_click_error_is_that_of_the_clicks_where_pairs_are_many() -> None:
    generator = np.random.default_rng(5)
    ground = generator.uniform((-6, 7), (6, 28), size=(150, 2))
    image = _PINHOLE.picture_of(ground, height_m=0.0) + generator.normal(0.0, 0.7, (150, 2))
    assert fit_plane(image_px=image, ground_m=ground).click_sd_px == pytest.approx(0.7, rel=0.15)


def test_exact_clicks_are_not_taken_for_exact_where_pairs_are_few() -> None:
    # Six pairs have 4 degrees of freedom, the prior counts as 4: √(4·2²/8).
    assert _fit(6).click_sd_px == pytest.approx(np.sqrt(2.0))


@pytest.mark.parametrize("how_many", [4, 5, 7])
def test_the_spread_is_what_many_noisy_fits_have(how_many: int) -> None:
    fit = _fit(how_many)
    places = _PINHOLE.picture_of(
        np.array([[0.0, 10.0], [3.0, 14.0], [-3.0, 22.0], [0.0, 30.0], [-6.0, 12.0]]), height_m=0.0
    )
    half = (
        np.diff([[mapped(h, places)[0] for h in pair] for pair in fit.spread()], axis=1)[:, 0] / 2
    )
    predicted = np.sqrt((half**2).sum(axis=(0, 2)))
    exact = mapped(fit.homography, places)[0]
    off = [
        mapped(_fit(how_many, sd_px=fit.click_sd_px, seed=seed).homography, places)[0] - exact
        for seed in range(500)
    ]
    measured = np.sqrt((np.array(off) ** 2).sum(axis=2).mean(axis=0))
    np.testing.assert_allclose(predicted, measured, rtol=0.15)


def test_each_pair_is_measured_against_a_fit_to_the_others() -> None:
    fit = _fit(7, sd_px=1.0, seed=3)
    others = fit_plane(image_px=fit.image_px[1:], ground_m=fit.ground_m[1:])
    off = mapped(others.homography, fit.image_px[:1])[0][0] - fit.ground_m[0]
    assert fit.left_out.off_m[0] == pytest.approx(np.hypot(*off))
    assert (fit.left_out.off_m > fit.residuals_m).all()


def test_a_pair_is_as_far_off_the_others_as_is_expected() -> None:
    ratios = []
    for seed in range(60):
        left_out = _fit(7, sd_px=CLICK_SD_PX, seed=seed).left_out
        ratios.append(left_out.off_m / left_out.expected_m)
    # The root mean square over all is 1, but for what the first order leaves out.
    assert np.sqrt((np.array(ratios) ** 2).mean()) == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("wrong", range(6))
def test_a_wrong_pair_is_found(wrong: int) -> None:
    ground = GROUND[:6].copy()
    ground[wrong] += (1.6, -1.2)
    for seed in range(5):
        image = _clicked(6, sd_px=1.0, seed=seed)
        assert fit_plane(image_px=image, ground_m=ground).left_out.suspect == wrong


def test_good_pairs_are_seldom_suspected() -> None:
    suspected = sum(
        _fit(7, sd_px=CLICK_SD_PX, seed=seed).left_out.suspect is not None for seed in range(100)
    )
    assert suspected <= 5


def test_a_pair_without_which_the_others_fix_nothing_is_said_to_be_unchecked() -> None:
    ground = np.array(
        [[-4.0, 10.0], [0.0, 10.0], [2.0, 10.0], [4.0, 10.0], [0.0, 20.0], [1.0, 15.0]]
    )
    fit = fit_plane(image_px=_PINHOLE.picture_of(ground, height_m=0.0), ground_m=ground)
    assert np.isnan(fit.left_out.off_m).tolist() == [False] * 4 + [True, True]
