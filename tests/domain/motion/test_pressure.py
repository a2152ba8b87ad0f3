"""Density times variance of velocity: the published formula, and what must not set it off."""

from math import exp, pi, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from crowdsafe.domain.crowd.points import Points
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.domain.motion.pressure import (
    MIN_PEOPLE,
    TURBULENT_PER_S2,
    PressurePeak,
    local_motion,
    peak_pressure,
)
from crowdsafe.errors import BadInput

ZONE = Zone("a", box(0, 0, 20, 20))


def _crowd(density_ppm2: float, *, seed: int = 0) -> Points:
    """People all over the zone and around it, evenly but not in rows."""
    rng = np.random.default_rng(seed)
    apart_m = 1 / sqrt(density_ppm2)
    axis = np.arange(-3, 23, apart_m)
    x, y = (each.ravel() for each in np.meshgrid(axis, axis))
    return np.column_stack([x, y]) + rng.uniform(-0.4, 0.4, (len(x), 2)) * apart_m


def _peak(places: Points, velocity: Points, *, sd: float = 0.0) -> PressurePeak | None:
    return peak_pressure(ZONE, places_m=places, velocity_m_s=velocity, velocity_sd_m_s=sd)


# --- the formula ---------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(*[st.floats(-2, 2)] * 2, *[st.floats(-1.5, 1.5)] * 2), min_size=1, max_size=8
    ),
    st.floats(0.5, 2),
)
def test_it_is_the_published_formula(
    people: list[tuple[float, float, float, float]], window_m: float
) -> None:
    """Helbing, Johansson and Al-Abideen 2007, written out person by person."""
    at = (0.3, -0.2)
    weights = [exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / window_m**2) for x, y, _, _ in people]
    density = sum(weight / (pi * window_m**2) for weight in weights)
    mean = [
        sum(weight * person[2 + axis] for weight, person in zip(weights, people, strict=True))
        / sum(weights)
        for axis in (0, 1)
    ]
    variance = sum(
        weight * ((u - mean[0]) ** 2 + (v - mean[1]) ** 2)
        for weight, (_, _, u, v) in zip(weights, people, strict=True)
    ) / sum(weights)
    given_people = np.array(people)
    local = local_motion(
        at_m=np.array([at]),
        places_m=given_people[:, :2],
        velocity_m_s=given_people[:, 2:],
        window_m=window_m,
    )
    assert local.density_ppm2[0] == pytest.approx(density)
    assert local.velocity_m_s[0] == pytest.approx(mean, abs=1e-9)
    assert local.variance_m2_s2[0] == pytest.approx(variance, abs=1e-9)
    expected = density * variance if sum(weights) >= MIN_PEOPLE else np.nan
    assert local.pressure_per_s2[0] == pytest.approx(expected, abs=1e-9, nan_ok=True)


def test_the_density_of_an_even_crowd_is_its_density() -> None:
    places = _crowd(3.0)
    local = local_motion(
        at_m=np.array([[10.0, 10.0]]), places_m=places, velocity_m_s=np.zeros(places.shape)
    )
    assert local.density_ppm2[0] == pytest.approx(3.0, rel=0.1)
    assert local.pressure_per_s2[0] == 0


def test_places_that_stand_for_several_are_several() -> None:
    places = np.array([[0.0, 0.0], [0.5, 0.0]])
    velocity = np.array([[1.0, 0.0], [0.0, 0.0]])
    twice = local_motion(
        at_m=places,
        places_m=np.vstack([places, places[:1]]),
        velocity_m_s=np.vstack([velocity, velocity[:1]]),
    )
    weighed = local_motion(at_m=places, places_m=places, velocity_m_s=velocity, people=[2.0, 1.0])
    np.testing.assert_allclose(weighed.pressure_per_s2, twice.pressure_per_s2)
    np.testing.assert_allclose(weighed.variance_m2_s2, twice.variance_m2_s2)


def test_of_few_people_the_variance_comes_out_low_as_documented() -> None:
    rng = np.random.default_rng(0)
    local = [
        local_motion(
            at_m=np.zeros((1, 2)),
            places_m=np.zeros((4, 2)),
            velocity_m_s=rng.normal(0, 0.3, (4, 2)),
        ).variance_m2_s2[0]
        for _ in range(4000)
    ]
    assert np.mean(local) == pytest.approx(3 / 4 * 2 * 0.3**2, rel=0.05)


# --- the peak ------------------------------------------------------------------------------


def test_a_crowd_that_is_shaken_somewhere_is_found_there() -> None:
    rng = np.random.default_rng(1)
    places = _crowd(4.0)
    shaken = np.hypot(*(places - [14, 6]).T) < 2
    velocity = np.where(shaken[:, None], rng.normal(0, 0.15, places.shape), 0.0)
    peak = _peak(places, velocity)
    assert peak is not None
    assert np.hypot(peak.at_m[0] - 14, peak.at_m[1] - 6) < 2
    assert peak.per_s2 == pytest.approx(4 * 2 * 0.15**2, rel=0.6)
    assert peak.per_s2 > TURBULENT_PER_S2
    calm = _peak(places, np.full(places.shape, 0.5))
    assert calm is not None
    assert calm.per_s2 == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("apart_m", [4.0, 6.0])
def test_two_way_walking_in_lanes_far_apart_is_no_pressure(apart_m: float) -> None:
    x = np.arange(0, 20, 0.7)
    lanes = [
        np.column_stack([x, np.full(len(x), y)]) for y in (5, 5.8, 5.8 + apart_m, 6.6 + apart_m)
    ]
    places = np.vstack(lanes)
    velocity = np.column_stack([np.where(places[:, 1] < 6, 1.3, -1.3), np.zeros(len(places))])
    peak = _peak(places, velocity)
    assert peak is not None
    assert peak.per_s2 < TURBULENT_PER_S2
    # Nor is there any between them, where the two would be averaged.
    between = local_motion(
        at_m=np.array([[10, 5.8 + apart_m / 2]]), places_m=places, velocity_m_s=velocity
    )
    assert np.isnan(between.pressure_per_s2[0])


def test_lanes_that_touch_do_have_one() -> None:
    places = _crowd(3.0)
    velocity = np.column_stack([np.where(places[:, 1] < 10, 1.0, -1.0), np.zeros(len(places))])
    peak = _peak(places, velocity)
    assert peak is not None
    assert peak.per_s2 > 1
    assert abs(peak.at_m[1] - 10) < 1


def test_what_the_errors_of_velocities_make_is_taken_off_and_told() -> None:
    rng = np.random.default_rng(2)
    places = _crowd(4.0)
    sd = 0.2
    raw = _peak(places, rng.normal(0, sd, places.shape))
    still = _peak(places, rng.normal(0, sd, places.shape), sd=sd)
    assert raw is not None
    assert still is not None
    assert raw.per_s2 > 4 * 2 * sd**2
    assert still.noise_per_s2 == pytest.approx(still.density_ppm2 * 2 * sd**2)
    assert still.per_s2 < 1.5 * still.noise_per_s2
    sure = _peak(places, np.zeros(places.shape), sd=sd)
    assert sure is not None
    assert sure.per_s2 == 0


def test_people_outside_are_in_the_window_but_not_the_peak() -> None:
    places = _crowd(4.0)
    rng = np.random.default_rng(3)
    outside = places[:, 0] > 20
    peak = _peak(places, np.where(outside[:, None], rng.normal(0, 1, places.shape), 0.0))
    assert peak is not None
    assert 18 < peak.at_m[0] < 20
    assert peak.per_s2 > TURBULENT_PER_S2


@pytest.mark.parametrize(
    "places",
    [
        np.empty((0, 2)),
        np.full((5, 2), np.nan),
        np.full((9, 2), 30.0),
        np.array([[5.0, 5.0], [5.2, 5.0]]),
        np.array([[1.0, 1.0], [9.0, 9.0], [1.0, 9.0], [9.0, 1.0]]),
    ],
)
def test_too_few_together_have_none(places: Points) -> None:
    assert _peak(places, np.ones(places.shape)) is None


def test_an_unknown_velocity_leaves_a_person_out() -> None:
    places = np.full((5, 2), 5.0)
    velocity = np.array([[1.0, 0], [1.0, 0], [1.0, 0], [np.nan, 0], [np.nan, np.nan]])
    peak = _peak(places, velocity)
    assert peak is not None
    assert peak.density_ppm2 == pytest.approx(3 / pi)


@pytest.mark.parametrize("window_m", [0.0, -1.0, float("nan")])
def test_a_window_that_is_none_is_refused(window_m: float) -> None:
    with pytest.raises(BadInput, match=f"a window of {window_m} m"):
        local_motion(
            at_m=np.zeros((1, 2)),
            places_m=np.zeros((1, 2)),
            velocity_m_s=np.zeros((1, 2)),
            window_m=window_m,
        )
