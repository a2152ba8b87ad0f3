"""Detections to readings: the whole way from people on the ground and back, exactly."""

import numpy as np
import pytest
from shapely.geometry import box

from crowdsafe.domain.camera.geometry import Points
from crowdsafe.domain.crowd.density import CountError
from crowdsafe.domain.crowd.hand_over import HandOver
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.edge.detections import DensityMap, Detections, Kind, boxes_alone
from crowdsafe.edge.observe import Observer, observe, observer
from crowdsafe.errors import BadInput
from crowdsafe.simulation.crowd import scatter, walk
from tests.pinhole import Pinhole

_PINHOLE = Pinhole(height_m=8.0, focal_px=700.0, size_px=(960, 540))
_ZONES = [
    Zone("left", box(-3, 10, 3, 16)),
    Zone("right", box(3, 10, 9, 16)),
    Zone("behind", box(0, -20, 4, -10)),
]
_ERROR = CountError(constant=0.5, sqrt=0.0, relative=0.0)


def _observer(kind: Kind, *, range_m: float = 60.0) -> Observer:
    return observer(
        camera_id="mast",
        camera=_PINHOLE.calibrated(),
        zones=_ZONES,
        kind=kind,
        head_height_m=1.7,
        range_m=range_m,
        count_error=_ERROR,
    )


def _boxes(people: Points, kind: Kind) -> Detections:
    """Boxes as a perfect detector would draw them around people of 1.7 m."""
    feet = _PINHOLE.picture_of(people, height_m=0)
    heads = _PINHOLE.picture_of(people, height_m=1.7)
    if kind == "head":
        xyxy = np.column_stack([heads - 4, heads + 4])
    else:
        xyxy = np.column_stack([feet[:, 0] - 6, heads[:, 1], feet[:, 0] + 6, feet[:, 1]])
    return boxes_alone(xyxy, np.ones(len(people)), kind, 0.5)


@pytest.mark.parametrize("kind", ["head", "body"])
def test_every_walker_is_counted_in_the_zone_where_he_stands(kind: Kind) -> None:
    walkers = walk(people=60, area=box(-2.9, 10.1, 8.9, 15.9), seconds=5, per_s=2, seed=4)
    watching = _observer(kind)
    for people in walkers.places_m:
        observation = observe(
            watching,
            _boxes(people, kind),
            picture_size_px=(960, 540),
            seq=1,
            captured_at_s=5.0,
            analysis_ms=1.0,
            frames_dropped=0,
        )
        left, right, _ = observation.zones
        true_left = np.count_nonzero(people[:, 0] < 3)
        assert (left.count, right.count) == (true_left, 60 - true_left)
        assert left.density_ppm2 == pytest.approx(true_left / 36)
        assert left.density_sd_ppm2 == pytest.approx(0.5 / 36)
        assert observation.people_in_view == 60


def test_a_zone_behind_the_camera_is_not_seen_and_not_empty() -> None:
    observation = observe(
        _observer("head"),
        _boxes(scatter(people=3, area=_ZONES[0].polygon, seed=1), "head"),
        picture_size_px=(960, 540),
        seq=1,
        captured_at_s=5.0,
        analysis_ms=1.0,
        frames_dropped=0,
    )
    behind = observation.zones[2]
    assert (behind.seen_share, behind.density_ppm2) == (0, None)


def test_who_stands_beyond_the_range_counts_for_no_density() -> None:
    camera_m = np.array(_PINHOLE.calibrated().position_m)
    people = np.array([[0.0, 11.0], [1.0, 12.0], [0.0, 15.5]])
    range_m = float(np.hypot(*(people - camera_m).T)[:2].max()) + 0.5
    observation = observe(
        _observer("head", range_m=range_m),
        _boxes(people, "head"),
        picture_size_px=(960, 540),
        seq=1,
        captured_at_s=5.0,
        analysis_ms=1.0,
        frames_dropped=0,
    )
    left = observation.zones[0]
    assert left.count == 2
    assert 0 < left.seen_share < 1


def test_a_picture_in_another_resolution_gives_the_same_readings() -> None:
    people = scatter(people=20, area=_ZONES[0].polygon, seed=2)
    whole = _boxes(people, "head")
    half = boxes_alone(whole.xyxy_px / 2, whole.score, "head", 0.5)
    readings = [
        observe(
            _observer("head"),
            detections,
            picture_size_px=size,
            seq=1,
            captured_at_s=5.0,
            analysis_ms=1.0,
            frames_dropped=0,
        )
        for detections, size in ((whole, (960, 540)), (half, (480, 270)))
    ]
    assert readings[0] == readings[1]
    assert readings[0].zones[0].count == 20


def test_a_picture_of_another_shape_is_refused() -> None:
    with pytest.raises(BadInput, match="its picture is 640 × 480 px, but its calibration"):
        observe(
            _observer("head"),
            _boxes(np.zeros((0, 2)), "head"),
            picture_size_px=(640, 480),
            seq=1,
            captured_at_s=5.0,
            analysis_ms=1.0,
            frames_dropped=0,
        )


def test_people_of_a_density_map_stand_where_their_cells_are() -> None:
    head = _PINHOLE.picture_of(np.array([[0.0, 13.0]]), height_m=1.7)[0]
    people = np.zeros((68, 120), dtype=np.float32)
    people[int(head[1] // 8), int(head[0] // 8)] = 2.5
    detections = Detections(
        xyxy_px=np.zeros((0, 4)),
        score=np.zeros(0),
        kind="head",
        crowding=np.zeros(0),
        density=(DensityMap(people, np.full_like(people, 1e6), cell_px=8.0),),
        hand_over=HandOver(0.5, 0.5, middle_people=1.0, steepness=4.0, density_share=1.0),
    )
    observation = observe(
        _observer("head"),
        detections,
        picture_size_px=(960, 540),
        seq=1,
        captured_at_s=5.0,
        analysis_ms=1.0,
        frames_dropped=0,
    )
    assert observation.zones[0].count == pytest.approx(2.5)
