"""Recordings to tables by the edge's own path, and their error against truth."""

import csv
from pathlib import Path

import numpy as np
import pytest
from shapely.geometry import box

from crowdsafe.domain.camera.head_view import HeadView
from crowdsafe.domain.crowd.density import CountError
from crowdsafe.domain.crowd.zones import Zone
from crowdsafe.edge.detections import Detections, Kind, Picture, boxes_alone
from crowdsafe.edge.observe import Observer, observer
from crowdsafe.edge.steadiness import SteadyZones
from crowdsafe.errors import BadInput
from crowdsafe.replay.evaluate import read_truth, zone_errors
from crowdsafe.replay.measure import MeasuredFrame, measure, write_csv
from tests.clips import write_clip
from tests.pinhole import Pinhole

_PINHOLE = Pinhole(size_px=(64, 48), focal_px=45, position_m=(0.0, 0.0))
_ERROR = CountError(constant=0.5, sqrt=0, relative=0)


class _OneMoreEachPicture:
    """A detector that finds one more head with each picture it is given."""

    name = "counting"
    kind: Kind = "head"
    count_error = _ERROR

    def __init__(self) -> None:
        self._given = 0
        self.views: list[HeadView | None] = []

    def detect(self, picture: Picture, view: HeadView | None = None, /) -> Detections:
        self._given += 1
        self.views.append(view)
        people = np.column_stack([np.linspace(-1, 1, self._given), np.full(self._given, 13.0)])
        heads = _PINHOLE.picture_of(people, height_m=1.7)
        boxes = np.column_stack([heads - 1, heads + 1])
        return boxes_alone(boxes, np.ones(self._given), "head", 0.5)


def _observer() -> Observer:
    return observer(
        camera_id="mast",
        camera=_PINHOLE.calibrated(),
        zones=[Zone("here", box(-2, 12, 2, 14)), Zone("behind", box(-2, -9, 2, -5))],
        kind="head",
        head_height_m=1.7,
        range_m=60,
        count_error=_ERROR,
    )


def _frames(clip: Path, *, every: int = 1) -> list[MeasuredFrame]:
    return list(measure(clip, observer=_observer(), detector=_OneMoreEachPicture(), every=every))


def test_the_table_has_a_row_for_each_analysed_picture_and_zone(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", pictures=9)
    outs = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for out in outs:
        assert write_csv(_frames(clip, every=4), out) == 6
    with outs[0].open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["frame", "t_s", "zone_id", "count", "density_ppm2", "seen_share"],
        ["0", "0.000", "here", "1", "0.125000", "1.0000"],
        ["0", "0.000", "behind", "0", "", "0.0000"],
        ["4", "0.400", "here", "2", "0.250000", "1.0000"],
        ["4", "0.400", "behind", "0", "", "0.0000"],
        ["8", "0.800", "here", "3", "0.375000", "1.0000"],
        ["8", "0.800", "behind", "0", "", "0.0000"],
    ]
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_replay_combines_counts_as_the_worker_does_when_it_is_told_to(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", pictures=40)
    watching = _observer()
    single = list(measure(clip, observer=watching, detector=_OneMoreEachPicture(), every=5))
    combined = list(
        measure(clip, observer=watching, detector=_OneMoreEachPicture(), every=5, steady_s=2.5)
    )
    assert [frame.observation.zones[0].count for frame in single] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [frame.observation.zones[0].count for frame in combined] == [1, 2, 2, 3, 3, 4, 5, 6]
    steady = SteadyZones(watching, steady_s=2.5)
    assert [frame.observation for frame in combined] == [
        steady.step(frame.observation) for frame in single
    ]


def test_at_one_scale_the_detector_is_not_told_where_heads_are_small(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", pictures=2)
    here = _observer()
    for one_scale, view in ((False, here.view), (True, None)):
        detector = _OneMoreEachPicture()
        list(measure(clip, observer=here, detector=detector, every=1, one_scale=one_scale))
        assert detector.views == [view, view]


def test_a_table_is_whole_or_not_there(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("kept")
    text = tmp_path / "no.mp4"
    text.write_text("not a video")
    with pytest.raises(BadInput):
        write_csv(measure(text, observer=_observer(), detector=_OneMoreEachPicture(), every=1), out)
    assert out.read_text() == "kept"
    assert [path.name for path in tmp_path.glob("*.part")] == []
    with pytest.raises(BadInput, match="cannot be written"):
        write_csv([], tmp_path / "nowhere" / "out.csv")


def test_errors_are_what_a_hand_calculation_gives(tmp_path: Path) -> None:
    frames = _frames(write_clip(tmp_path / "a.mp4", pictures=4))
    truth = {0: {"here": 1.0, "behind": 3.0}, 1: {"here": 4.0}, 2: {"here": 2.0}}
    (error,) = zone_errors(frames, truth, area_m2={"here": 8.0, "behind": 16.0})
    # Counted 1, 2, 3 against 1, 4, 2: errors 0, −2, +1.
    assert (error.zone_id, error.frames) == ("here", 3)
    assert error.count_mae == pytest.approx(1.0)
    assert error.count_bias == pytest.approx(-1 / 3)
    assert error.count_rmse == pytest.approx((5 / 3) ** 0.5)
    assert error.density_mae_ppm2 == pytest.approx(1 / 8)
    # The 90 % interval is ± 1.645 · 0.5 people.
    assert error.coverage_90 == pytest.approx(1 / 3)


def test_truth_of_another_recording_is_said(tmp_path: Path) -> None:
    frames = _frames(write_clip(tmp_path / "a.mp4", pictures=2))
    with pytest.raises(BadInput, match="no frame and zone of the recording is in it"):
        zone_errors(frames, {99: {"here": 1.0}}, area_m2={"here": 8.0})


def test_truth_is_read_by_column(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text("frame,t_s,total,count_here,count_all\n0,0.0,9,2,2\n5,0.5,9,3,3\n")
    assert read_truth(path) == {0: {"here": 2, "all": 2}, 5: {"here": 3, "all": 3}}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("frame,people\n0,1\n", "expected columns frame and count_ZONE"),
        ("frame,count_a\n0,many\n", "line 2: count_a: 'many', expected a number"),
        ("frame,count_a\n0,1\n1,-2\n", "line 3: count_a: '-2', expected a number"),
        ("frame,count_a\n0,nan\n", "line 2: count_a: 'nan'"),
        ("frame,count_a\n0\n", "line 2: count_a: None"),
        ("", "expected columns frame"),
    ],
)
def test_wrong_truth_is_one_sentence_with_line_and_column(
    tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(text)
    with pytest.raises(BadInput) as refused:
        read_truth(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert says in str(refused.value)
