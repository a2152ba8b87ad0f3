"""Heads that walk through made-up pictures: speed, direction, and who crosses a line."""

import cv2
import numpy as np
import pytest
import shapely

from crowdsafe.contract.readings import LineReading, Motion
from crowdsafe.domain.camera.geometry import Points
from crowdsafe.domain.crowd.density import CountError
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.domain.motion.lines import CountingLine
from crowdsafe.edge.crowd_motion import CrowdMotion, PictureMotion
from crowdsafe.edge.detections import Detections, Picture, boxes_alone
from crowdsafe.edge.observe import Observer, observer
from crowdsafe.edge.source import Earlier, Frame
from tests.pinhole import Pinhole

CAMERA = Pinhole(height_m=8.0, tilt_deg=40.0, focal_px=900.0, position_m=(0.0, 0.0))
HEAD_M = 1.7
ZONE = Zone("square", shapely.box(-5, 5, 5, 13))
LINE = CountingLine("gate", np.array([[0.0, 4.0], [0.0, 14.0]]))
"""To the north: who walks east crosses it to its right, so into what is there."""
PER_S = 2.0
RNG = np.random.default_rng(5)
GROUND = cv2.GaussianBlur(RNG.integers(90, 170, (720, 1280, 3)).astype(np.uint8), (0, 0), 2.0)
FACE = cv2.normalize(
    cv2.GaussianBlur(RNG.normal(size=(64, 64, 3)), (0, 0), 9.0), None, 0, 120, cv2.NORM_MINMAX
).astype(np.uint8)
"""Coarse and darker than the ground, as heads are."""


def _observer() -> Observer:
    return observer(
        camera_id="mast",
        camera=CAMERA.calibrated(),
        zones=[ZONE],
        kind="head",
        head_height_m=HEAD_M,
        range_m=60.0,
        count_error=CountError(0.5, 0.3, 0.05),
    )


def _heads_px(places_m: Points) -> Points:
    return CAMERA.picture_of(places_m, height_m=HEAD_M)


def _picture(places_m: Points) -> Picture:
    picture = GROUND.copy()
    for x, y in _heads_px(places_m):
        shift = np.array([[0.3, 0.0, x - 9.6], [0.0, 0.3, y - 9.6]])
        face = cv2.warpAffine(FACE, shift, (1280, 720))
        round_head = cv2.warpAffine(
            cv2.circle(np.zeros((64, 64), np.uint8), (32, 32), 30, 255, -1), shift, (1280, 720)
        )
        picture[round_head > 127] = face[round_head > 127]
    return picture


def _frame(places_m: Points, velocity_m_s: Points, at_s: float, *, pair: bool) -> Frame:
    earlier = Earlier(at_s - 0.15, _picture(places_m - 0.15 * velocity_m_s)) if pair else None
    return Frame(0, at_s, at_s, _picture(places_m), earlier)


def _found(places_m: Points) -> Detections:
    centres = _heads_px(places_m)
    return boxes_alone(
        np.column_stack([centres - 9, centres + 9]), np.full(len(centres), 0.9), "head", 0.3
    )


def _walk(
    start_m: Points, velocity_m_s: Points, *, pictures: int = 8, pair: bool = False
) -> list[PictureMotion]:
    motion = CrowdMotion(_observer(), lines=[LINE])
    said = []
    for number in range(pictures):
        places = start_m + velocity_m_s * number / PER_S
        frame = _frame(places, velocity_m_s, 100.0 + number / PER_S, pair=pair)
        said.append(motion.step(frame, _found(places), density_ppm2={"square": 0.1}))
    return said


def _crossed(said: list[PictureMotion]) -> LineReading:
    readings = [line for each in said for line in each.lines]
    return LineReading(
        line_id="gate",
        into=sum(each.into for each in readings),
        out=sum(each.out for each in readings),
        span_s=sum(each.span_s for each in readings),
    )


@pytest.mark.parametrize("pair", [False, True])
def test_people_who_walk_east_are_told_so(pair: bool) -> None:
    start = np.array([[-3.0, 6.0], [-4.0, 9.0], [-3.5, 12.0]])
    said = _walk(start, np.tile([1.2, 0.0], (3, 1)), pair=pair)
    motion = said[-1].zones["square"]
    assert motion.by == "tracks"
    assert motion.people == 3
    assert motion.speed_m_s == pytest.approx(1.2, abs=0.1)
    assert motion.velocity_m_s == pytest.approx((1.2, 0.0), abs=0.15)
    assert motion.standing_share == 0.0
    assert motion.counter_flow_share == 0.0
    assert motion.pressure_per_s2 is None
    crossed = _crossed(said)
    assert (crossed.into, crossed.out) == (3, 0)
    assert crossed.span_s == pytest.approx(7 / PER_S)


def test_two_who_pass_each_other_are_counter_flow() -> None:
    start = np.array([[-3.0, 6.5], [3.0, 11.5]])
    said = _walk(start, np.array([[1.2, 0.0], [-1.2, 0.0]]))
    assert said[-1].zones["square"].counter_flow_share == pytest.approx(0.5)
    assert (_crossed(said).into, _crossed(said).out) == (1, 1)


def test_who_stands_stands() -> None:
    start = np.array([[-3.0, 6.5], [3.0, 11.5]])
    motion = _walk(start, np.zeros((2, 2)))[-1].zones["square"]
    assert motion.standing_share == 1.0
    assert motion.speed_m_s < 0.1


def test_a_stream_that_cannot_be_told_apart_goes_by_the_flow_of_the_picture() -> None:
    """Rows 0.6 m apart at 1.2 m/s: everybody's nearest point half a second later is another's."""
    x, y = np.meshgrid(np.arange(-4.0, 4.1, 0.6), np.arange(6.0, 12.1, 0.6))
    start = np.column_stack([x.ravel(), y.ravel()])
    east = np.tile([1.2, 0.0], (len(start), 1))
    motion = CrowdMotion(_observer(), lines=[])
    said: Motion | None = None
    for number in range(4):
        places = start + east * number / PER_S
        frame = _frame(places, east, 100.0 + number / PER_S, pair=True)
        told = motion.step(frame, _found(places), density_ppm2={"square": 2.8})
        said = told.zones.get("square")
    assert said is not None
    assert said.by == "flow"
    assert said.velocity_m_s[0] == pytest.approx(1.2, abs=0.25)
    assert abs(said.velocity_m_s[1]) < 0.15


def test_without_a_pair_a_crush_has_no_motion_rather_than_a_wrong_one() -> None:
    x, y = np.meshgrid(np.arange(-4.0, 4.1, 0.6), np.arange(6.0, 12.1, 0.6))
    start = np.column_stack([x.ravel(), y.ravel()])
    said = _walk_dense(start)
    assert said.zones == {}


def _walk_dense(start_m: Points) -> PictureMotion:
    motion = CrowdMotion(_observer(), lines=[])
    east = np.tile([1.2, 0.0], (len(start_m), 1))
    for number in range(4):
        places = start_m + east * number / PER_S
        frame = _frame(places, east, 100.0 + number / PER_S, pair=False)
        said = motion.step(frame, _found(places), density_ppm2={"square": 2.8})
    return said


def test_a_line_that_the_camera_does_not_see_is_left_to_others() -> None:
    behind = CountingLine("behind", np.array([[0.0, -9.0], [0.0, -3.0]]))
    motion = CrowdMotion(_observer(), lines=[behind, LINE])
    places = np.array([[0.0, 8.0]])
    frame = _frame(places, np.zeros((1, 2)), 100.0, pair=False)
    said = motion.step(frame, _found(places), density_ppm2={})
    assert [line.line_id for line in said.lines] == ["gate"]


def test_time_in_which_nobody_was_followed_is_not_counted() -> None:
    motion = CrowdMotion(_observer(), lines=[LINE])
    places, still = np.array([[0.0, 8.0]]), np.zeros((1, 2))
    for at_s in (100.0, 100.5, 110.0, 110.5):
        frame = _frame(places, still, at_s, pair=False)
        said = motion.step(frame, _found(places), density_ppm2={})
        assert said.lines[0].span_s == (0.5 if at_s in (100.5, 110.5) else 0.0)
