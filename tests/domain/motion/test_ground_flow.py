"""Flow in the picture to metres a second on the ground, by a camera whose every number is known."""

import numpy as np
import pytest

from crowdsafe.domain.crowd.points import Points
from crowdsafe.domain.motion.ground_flow import GroundFlow, ground_flow
from crowdsafe.errors import BadInput
from tests.pinhole import Pinhole

CAMERA = Pinhole(height_m=6.0, tilt_deg=25.0)
HEAD_M = 1.65
PLACES = np.array([[3.0, 6.0], [1.0, 12.0], [6.0, 20.0], [3.0, 30.0]])


def _to_ground(px: Points) -> Points:
    return CAMERA.calibrated().to_ground(px, height_m=HEAD_M)


def _flow(
    velocity_m_s: Points, *, since_s: float = 0.15, places_m: Points = PLACES, **changed: object
) -> GroundFlow:
    start = CAMERA.picture_of(places_m, height_m=HEAD_M)
    end = CAMERA.picture_of(places_m + velocity_m_s * since_s, height_m=HEAD_M)
    given: dict[str, object] = {
        "points_px": start,
        "flow_px": end - start,
        "confidence": 1.0,
        "people": 1.0,
        "since_s": since_s,
        "to_ground": _to_ground,
        **changed,
    }
    return ground_flow(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize("since_s", [0.04, 0.1, 0.2])
def test_heads_move_on_the_ground_as_they_do(since_s: float) -> None:
    velocity = np.array([[1.3, 0.0], [0.0, -1.0], [-0.5, 0.8], [0.0, 0.0]])
    flow = _flow(velocity, since_s=since_s)
    np.testing.assert_allclose(flow.velocity_m_s, velocity, atol=1e-6)
    np.testing.assert_allclose(flow.places_m, PLACES + velocity * since_s / 2, atol=1e-6)
    assert flow.believed.all()
    assert flow.people.tolist() == [1, 1, 1, 1]


def test_the_error_is_that_of_the_flow_and_grows_with_the_distance() -> None:
    rng = np.random.default_rng(0)
    flow = _flow(np.zeros((4, 2)), flow_sd_px=0.3)
    assert (np.diff(flow.velocity_sd_m_s) > 0).all()
    start = CAMERA.picture_of(PLACES, height_m=HEAD_M)
    noisy = np.array(
        [
            _flow(np.zeros((4, 2)), flow_px=rng.normal(0, 0.3, start.shape)).velocity_m_s
            for _ in range(2000)
        ]
    )
    # The stated error is that of the worse component, along the line of sight.
    worse = np.sqrt(np.nanmean(noisy**2, axis=0)).max(axis=1)
    np.testing.assert_allclose(flow.velocity_sd_m_s, worse, rtol=0.08)
    slower = _flow(np.zeros((4, 2)), flow_sd_px=0.3, since_s=0.3)
    np.testing.assert_allclose(slower.velocity_sd_m_s, flow.velocity_sd_m_s / 2)


def test_what_is_too_fast_or_not_sure_is_nobody() -> None:
    velocity = np.array([[1.0, 0.0], [4.5, 0.0], [1.0, 0.0], [1.0, 0.0]])
    flow = _flow(velocity, confidence=[0.9, 0.9, 0.4, np.nan], people=[0.5, 0.5, 0.5, 0.5])
    assert flow.believed.tolist() == [True, False, False, False]
    assert flow.people.tolist() == [0.5, 0, 0, 0]
    assert np.isnan(flow.velocity_m_s[1:]).all()
    assert np.isnan(flow.velocity_sd_m_s[1:]).all()


def test_the_sky_does_not_move_on_the_ground() -> None:
    points = np.array([[640.0, 5.0], [640.0, 600.0], [640.0, 5.0]])
    moves = np.array([[3.0, 0.0], [3.0, 0.0], [0.0, 500.0]])
    level = Pinhole(tilt_deg=5.0).calibrated()
    flow = ground_flow(
        points_px=points,
        flow_px=moves,
        confidence=1.0,
        people=1.0,
        since_s=0.1,
        to_ground=lambda px: level.to_ground(px, height_m=HEAD_M),
    )
    assert flow.believed.tolist() == [False, True, False]


def test_of_no_points_there_is_no_flow() -> None:
    flow = _flow(np.empty((0, 2)), places_m=np.empty((0, 2)))
    assert flow.velocity_m_s.shape == (0, 2)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"since_s": 0.0}, "0.0 s between"),
        ({"since_s": -0.1}, "-0.1 s between"),
        ({"people": -1.0}, "-1.0 people"),
        ({"people": np.nan}, "nan people"),
        ({"flow_px": np.zeros((3, 2))}, r"flow of shape \(3, 2\)"),
        ({"points_px": np.zeros(4)}, r"points of shape \(4,\)"),
    ],
)
def test_what_makes_no_sense_is_refused(changed: dict[str, object], named: str) -> None:
    start = CAMERA.picture_of(PLACES, height_m=HEAD_M)
    given: dict[str, object] = {
        "points_px": start,
        "flow_px": np.zeros(start.shape),
        "confidence": 1.0,
        "people": 1.0,
        "since_s": 0.1,
        "to_ground": _to_ground,
        **changed,
    }
    with pytest.raises(BadInput, match=named):
        ground_flow(**given)  # type: ignore[arg-type]
