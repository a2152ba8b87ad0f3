"""One camera's analysis: what it refuses, what it remembers, when it is urgent."""

from dataclasses import replace

import numpy as np
import pytest
from shapely.geometry import box

from crowdsafe.contract.site import SiteZone, read_site
from crowdsafe.domain.alarm.levels import LevelRule
from crowdsafe.domain.camera.head_view import HeadView
from crowdsafe.domain.crowd.density import CountError
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.edge.camera import CameraAnalysis, Pace
from crowdsafe.edge.detections import Detections, Kind, Picture, boxes_alone
from crowdsafe.edge.observe import Observer, observer
from crowdsafe.edge.source import Frame
from crowdsafe.errors import BadInput
from crowdsafe.resources import DEMO_SITE, resource
from tests.pinhole import Pinhole

PINHOLE = Pinhole(size_px=(64, 48), focal_px=45, position_m=(0.0, 0.0))
ZONES = (Zone("left", box(-2, 12, 0, 14)), Zone("behind", box(-2, -9, 2, -5)))
PACE = Pace(asked_per_s=2, achieved_per_s=2, frames_dropped=7, frames_out_of_order=0)


class Finds:
    """A detector that finds so many people in the left zone, in pictures of any size."""

    name = "finds"
    kind: Kind = "head"
    count_error = CountError(constant=0.5, sqrt=0, relative=0)

    def __init__(self, people: int) -> None:
        self.people = people
        self.looks = 0

    def detect(self, picture: Picture, view: HeadView | None = None, /) -> Detections:
        self.looks += 1
        ground = np.column_stack([np.linspace(-1.8, -0.2, self.people), np.full(self.people, 13.0)])
        heads = PINHOLE.picture_of(ground, height_m=1.7) * picture.shape[1] / PINHOLE.size_px[0]
        return boxes_alone(
            np.column_stack([heads - 1, heads + 1]), np.ones(self.people), self.kind, 0.5
        )


def observer_of(camera_id: str) -> Observer:
    """A camera that sees one of two zones."""
    return observer(
        camera_id=camera_id,
        camera=PINHOLE.calibrated(),
        zones=ZONES,
        kind="head",
        head_height_m=1.7,
        range_m=60,
        count_error=Finds.count_error,
    )


def site_zones() -> tuple[SiteZone, ...]:
    """The zones with thresholds at 1.08, 2.17 and 3.57 p/m²."""
    like = read_site(resource(DEMO_SITE)).zones[0]
    rule = LevelRule(begins_ppm2=(1.08, 2.17, 3.57), hysteresis_ppm2=0.2, rise_s=5, fall_s=15)
    return tuple(replace(like, zone=zone, rule=rule) for zone in ZONES)


def _analysis(detector: Finds) -> CameraAnalysis:
    return CameraAnalysis(
        observer=observer_of("mast"),
        detector=detector,
        zones=site_zones(),
        steady_s=0.0,
        first_seq=40,
    )


def _frame(at_s: float, size_px: tuple[int, int] = (64, 48)) -> Frame:
    return Frame(0, at_s, at_s, np.zeros((size_px[1], size_px[0], 3), dtype=np.uint8))


def test_each_look_is_one_observation() -> None:
    analysis = _analysis(Finds(3))
    first, second = (analysis.look(_frame(at_s), PACE) for at_s in (10.0, 10.5))
    assert (first.camera_id, first.seq, second.seq) == ("mast", 40, 41)
    assert (first.captured_at_s, second.captured_at_s) == (10.0, 10.5)
    assert first.frames_dropped == 7
    left = next(reading for reading in first.zones if reading.zone_id == "left")
    assert left.count == 3


@pytest.mark.parametrize(
    ("people", "expected"),
    [(0, 0.0), (2, 0.0), (3, (3 / 4 / 1.08 - 0.5) / 0.2), (4, 1.0), (9, 1.0), (14, 1.0), (30, 1.0)],
)
def test_a_camera_is_urgent_by_its_worst_zone(people: int, expected: float) -> None:
    detector = Finds(people)
    analysis = _analysis(detector)
    assert analysis.urgency == 0
    analysis.look(_frame(10.0), PACE)
    assert analysis.urgency == pytest.approx(expected)
    detector.people = 0
    analysis.look(_frame(11.0), PACE)
    assert analysis.urgency == 0


def test_the_calibrated_shape_in_another_resolution_counts_the_same() -> None:
    analysis = _analysis(Finds(3))
    observations = [
        analysis.look(_frame(at_s, size_px), PACE)
        for at_s, size_px in ((10.0, (64, 48)), (10.5, (128, 96)), (11.0, (1920, 1440)))
    ]
    assert len({observation.zones for observation in observations}) == 1


@pytest.mark.parametrize("size_px", [(64, 64), (64, 36), (48, 64), (720, 576)])
def test_another_shape_is_refused_before_it_costs_a_look(size_px: tuple[int, int]) -> None:
    detector = Finds(3)
    analysis = _analysis(detector)
    analysis.look(_frame(10.0), PACE)
    with pytest.raises(BadInput, match=rf"'mast': its picture is {size_px[0]} × {size_px[1]} px"):
        analysis.look(_frame(10.5, size_px), PACE)
    assert detector.looks == 1
    assert analysis.look(_frame(11.0), PACE).seq == 41
