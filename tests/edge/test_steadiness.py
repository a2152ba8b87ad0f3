"""Readings over time: each zone by itself, the same live as in replay."""

import numpy as np
import pytest
from shapely.geometry import box

from crowdsafe.contract.edge_messages import Observation
from crowdsafe.domain.crowd.density import CountError
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.edge.detections import Detections, boxes_alone
from crowdsafe.edge.observe import Observer, observe, observer
from crowdsafe.edge.steadiness import SteadyZones
from crowdsafe.settings import EdgeSettings
from tests.pinhole import Pinhole

_PINHOLE = Pinhole(size_px=(64, 48), focal_px=45, position_m=(0.0, 0.0))
_ERROR = CountError(constant=0.5, sqrt=0, relative=0)
_STEADY_S = EdgeSettings().steady_s


def _observer() -> Observer:
    return observer(
        camera_id="mast",
        camera=_PINHOLE.calibrated(),
        zones=[
            Zone("left", box(-2, 12, 0, 14)),
            Zone("right", box(0, 12, 2, 14)),
            Zone("behind", box(-2, -9, 2, -5)),
        ],
        kind="head",
        head_height_m=1.7,
        range_m=60,
        count_error=_ERROR,
    )


def _heads(left: int, right: int) -> Detections:
    x = np.concatenate([np.linspace(-1.8, -0.2, left), np.linspace(0.2, 1.8, right)])
    people = np.column_stack([x, np.full(len(x), 13.0)])
    heads = _PINHOLE.picture_of(people, height_m=1.7)
    return boxes_alone(np.column_stack([heads - 1, heads + 1]), np.ones(len(x)), "head", 0.5)


def _observed(at_s: float, *, left: int, right: int) -> Observation:
    return observe(
        _observer(),
        _heads(left, right),
        picture_size_px=(64, 48),
        seq=1,
        captured_at_s=at_s,
        analysis_ms=1.0,
        frames_dropped=0,
    )


def test_each_zone_has_a_course_of_its_own() -> None:
    steady = SteadyZones(_observer(), steady_s=_STEADY_S)
    seen = [steady.step(_observed(n / 2, left=3, right=5)) for n in range(6)]
    single = _observed(3.0, left=9, right=5)
    spike = steady.step(single)
    left, right, behind = spike.zones
    assert left.count == 3
    assert left.density_ppm2 == pytest.approx(3 / 4)
    assert left.density_sd_ppm2 == pytest.approx(left.count_sd / 4)
    assert left.count_sd > seen[-1].zones[0].count_sd
    unchanged = seen[-1].zones[1]
    assert (right.count, right.count_sd) == (unchanged.count, unchanged.count_sd)
    assert (behind.count, behind.density_ppm2, behind.seen_share) == (0, None, 0)
    assert spike.people_in_view == 14
    assert spike.model_copy(update={"zones": ()}) == single.model_copy(update={"zones": ()})


def test_without_a_window_observations_stay_as_they_are() -> None:
    steady = SteadyZones(_observer(), steady_s=0.0)
    for number, left in enumerate([3, 9, 0, 4]):
        observation = _observed(number / 2, left=left, right=2)
        assert steady.step(observation) == observation
