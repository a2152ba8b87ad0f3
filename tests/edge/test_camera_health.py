"""The sample clip with what befalls cameras, through a camera's whole analysis at its site."""

from collections.abc import Callable, Sequence
from math import hypot

import numpy as np
import pytest

from crowdsafe.contract.edge_messages import Observation
from crowdsafe.contract.site import read_site
from crowdsafe.domain.camera.head_view import HeadView
from crowdsafe.domain.crowd.density import CountError
from crowdsafe.domain.health.health_rule import SD_FACTOR
from crowdsafe.edge.analyses import analyses
from crowdsafe.edge.camera import CameraAnalysis, Pace
from crowdsafe.edge.detections import Detections, Kind, Picture, boxes_alone
from crowdsafe.edge.source import Frame
from crowdsafe.resources import DEMO_SITE, resource
from crowdsafe.settings import CameraSettings, EdgeSettings
from tests.edge.health.pictures import (
    EVERY_S,
    bird,
    blurred,
    clip,
    from_half,
    piece,
    window,
)

NOTICED_S = 5.0
BEGAN_S = 1_700_000_000.0
PER_S = 1.0 / EVERY_S
IN_TIME = Pace(asked_per_s=PER_S, achieved_per_s=PER_S, frames_dropped=0, frames_out_of_order=0)


class _SameEverywhere:
    """A detector that finds the same heads in any picture, a black one too: the worst kind."""

    name = "same"
    kind: Kind = "head"
    count_error = CountError(constant=0.5, sqrt=0.2, relative=0)

    def detect(self, picture: Picture, _view: HeadView | None = None, /) -> Detections:
        across, down = np.meshgrid([0.2, 0.35, 0.5, 0.65, 0.8], [0.25, 0.35, 0.5, 0.65])
        xy_px = np.column_stack([across.ravel(), down.ravel()]) * picture.shape[1::-1]
        boxes = np.column_stack([xy_px - 5, xy_px + 5])
        return boxes_alone(boxes, np.ones(len(boxes)), self.kind, 0.5)


def _analysis() -> CameraAnalysis:
    settings = EdgeSettings(cameras=(CameraSettings(id="view_001", source="rtsp://mast/1"),))
    (analysis,) = analyses(read_site(resource(DEMO_SITE)), settings, _SameEverywhere())
    return analysis


def _course(
    pictures: Sequence[Picture], *, pace: Callable[[int], Pace] = lambda _: IN_TIME
) -> list[Observation]:
    """What is told of each picture, picture n at n · ``EVERY_S``."""
    analysis = _analysis()
    return [
        analysis.look(Frame(n, n * EVERY_S, BEGAN_S + n * EVERY_S, picture), pace(n))
        for n, picture in enumerate(pictures)
    ]


def _names(course: Sequence[Observation]) -> set[str]:
    return {observation.picture.name for observation in course}


def _assert_noticed(course: Sequence[Observation], name: str, *, change_at_s: float) -> None:
    """From within 5 s after the change on, and not before it, the picture has the name."""
    before = [each for each in course if each.captured_at_s - BEGAN_S < change_at_s]
    after = [each for each in course if each.captured_at_s - BEGAN_S >= change_at_s + NOTICED_S]
    assert len(before) > 10
    assert len(after) > 5
    assert _names(before) == {"ok"}
    assert _names(course[len(before) :]) <= {"ok", name}
    assert _names(after) == {name}
    begun = next(each for each in course if each.picture.name == name)
    assert {each.picture.since_s for each in after} == {begun.captured_at_s}


def test_a_frozen_picture_is_told() -> None:
    living = piece(10)
    course = _course([*living, *[living[-1]] * 20])
    _assert_noticed(course, "frozen", change_at_s=(len(living) - 1) * EVERY_S)
    # The counts go on as if nothing had happened: only the picture's health can tell.
    people = [[zone.count for zone in each.zones] for each in course[-20:]]
    assert people == [people[0]] * 20
    assert sum(people[0]) > 0


def test_a_black_picture_is_told() -> None:
    pictures, at_s = from_half(piece(20), np.zeros_like)
    _assert_noticed(_course(pictures), "dark", change_at_s=at_s)


@pytest.mark.parametrize("way_px", [(12.0, 0.0), (0.0, -12.0)])
def test_a_picture_shifted_by_12_px_is_told_with_its_shift(way_px: tuple[float, float]) -> None:
    (right, down), half = way_px, 20
    pictures = [
        window(picture, sign * right / 2, sign * down / 2)
        for picture, sign in zip(piece(20), [-1] * half + [1] * half, strict=True)
    ]
    course = _course(pictures)
    _assert_noticed(course, "moved", change_at_s=half * EVERY_S)
    assert course[half - 1].picture.shift_px == pytest.approx(0, abs=0.5)
    assert course[half - 1].picture.shift_m == pytest.approx(0, abs=0.02)
    told = course[-1].picture
    assert told.shift_px == pytest.approx(12, abs=0.5)
    # By the intercept theorem: px over the focal length is metres over the distance. Across the
    # line of sight that is all, along it the ground is seen at a slant.
    camera = _analysis().observer.camera
    width, height = camera.image_size_px
    place_m = camera.to_ground(np.array([[width / 2, height * 0.75]]), height_m=0.0)[0]
    flat_m = hypot(*(place_m - camera.position_m))
    slant_m = hypot(flat_m, camera.height_m)
    focal_px = 1190.0 / width * pictures[0].shape[1]
    expected_m = 12 / focal_px * slant_m * (slant_m / camera.height_m if down else 1.0)
    assert told.shift_m == pytest.approx(expected_m, rel=0.15)


def test_a_passing_bird_changes_nothing() -> None:
    pictures = [
        bird(picture, share=(number * EVERY_S - 8.0) / 2.0)
        for number, picture in enumerate(piece(24))
    ]
    assert np.abs(pictures[18].astype(int) - clip()[18]).max() > 100
    course = _course(pictures)
    assert _names(course) == {"ok"}
    for told, undisturbed in zip(course, _course(piece(24)), strict=True):
        uncertainty = [zone.density_sd_ppm2 for zone in told.zones]
        assert uncertainty == [zone.density_sd_ppm2 for zone in undisturbed.zones]


def _assert_less_certain(course: Sequence[Observation], *, factor: float) -> None:
    """The last picture's zones are so much less certain than as long as all was well."""
    well = next(each for each in reversed(course) if each.picture.name == "ok")
    compared = 0
    for before, after in zip(well.zones, course[-1].zones, strict=True):
        assert (after.count, after.density_ppm2) == (before.count, before.density_ppm2)
        assert after.count_sd == pytest.approx(factor * before.count_sd)
        if before.density_sd_ppm2 is None or after.density_sd_ppm2 is None:
            assert before.density_sd_ppm2 == after.density_sd_ppm2
            continue
        assert after.density_sd_ppm2 == pytest.approx(factor * before.density_sd_ppm2)
        assert before.peak is not None
        assert after.peak is not None
        assert after.peak.ppm2 == before.peak.ppm2
        assert after.peak.sd_ppm2 == pytest.approx(factor * before.peak.sd_ppm2)
        compared += 1
    assert compared > 1


def test_an_unsharp_picture_is_believed_with_a_larger_uncertainty() -> None:
    pictures, at_s = from_half(piece(30), lambda picture: blurred(picture, 1.5))
    course = _course(pictures)
    assert _names(course[: round(at_s * PER_S)]) == {"ok"}
    assert _names(course) == {"ok", "unsharp"}
    # Dirt does not come in an instant: it need not be told as soon as what blinds.
    assert _names(course[round((at_s + 8.0) * PER_S) :]) == {"unsharp"}
    _assert_less_certain(course, factor=SD_FACTOR["unsharp"])


def _dropping(*, asked_per_s: float, begins: int, ends: int) -> Callable[[int], Pace]:
    """One due picture is dropped for each that is looked at, from one picture to another."""
    return lambda number: Pace(
        asked_per_s=asked_per_s,
        achieved_per_s=PER_S,
        frames_dropped=min(max(0, number - begins), ends - begins),
        frames_out_of_order=0,
    )


def test_an_overload_is_told_and_ends_when_pictures_are_no_longer_dropped() -> None:
    begins, ends = 20, 40
    course = _course(piece(36), pace=_dropping(asked_per_s=PER_S, begins=begins, ends=ends))
    assert course[ends].frames_dropped == ends - begins
    _assert_noticed(course[:ends], "overloaded", change_at_s=begins * EVERY_S)
    _assert_less_certain(course[:ends], factor=SD_FACTOR["overloaded"])
    assert course[-1].picture.name == "ok"


def test_half_the_rate_that_is_asked_for_is_an_overload() -> None:
    slow = _dropping(asked_per_s=2 * PER_S, begins=0, ends=1)
    assert _course(piece(16), pace=slow)[-1].picture.name == "overloaded"


def test_dirt_before_a_camera_that_is_not_kept_up_with_widens_by_both() -> None:
    pictures, _ = from_half(piece(40), lambda picture: blurred(picture, 1.5))
    course = _course(pictures, pace=_dropping(asked_per_s=PER_S, begins=40, ends=80))
    assert course[-1].picture.name == "unsharp"
    _assert_less_certain(course, factor=SD_FACTOR["unsharp"] * SD_FACTOR["overloaded"])
