"""YOLO outputs are told apart, decoded into picture px, or refused with a reason."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from crowdsafe.edge.detector.layout import Layout
from crowdsafe.edge.detector.load import load_detector
from crowdsafe.edge.detector.onnx_model import OnnxDetector
from crowdsafe.errors import BadInput
from tests.edge.models import own_metadata, write_model

_CELLS = 8 * 8 + 4 * 4 + 2 * 2
_PERSON = {"names": "{0: 'bicycle', 1: 'person'}", "task": "detect"}
# The same person in every layout: centre (20, 30), 10 wide, 16 high, in a 64 × 64 input.
_XYWH = (20.0, 30.0, 10.0, 16.0)
_XYXY = (15.0, 22.0, 25.0, 38.0)


def _zeros(*shape: int) -> NDArray[np.float32]:
    return np.zeros(shape, dtype=np.float32)


def _yolov8() -> NDArray[np.float32]:
    output = _zeros(1, 6, _CELLS)
    output[0, :, 7] = (*_XYWH, 0.0, 0.9)
    # The same person once more, a little aside and less sure: one person, not two.
    output[0, :, 8] = (21.0, 30.0, 10.0, 16.0, 0.0, 0.8)
    output[0, :, 9] = (50.0, 50.0, 4.0, 4.0, 0.95, 0.1)
    return output


def _yolov5() -> NDArray[np.float32]:
    output = _zeros(1, 3 * _CELLS, 7)
    output[0, 11] = (*_XYWH, 0.95, 0.0, 0.95)
    output[0, 12] = (50.0, 50.0, 4.0, 4.0, 0.95, 0.9, 0.0)
    return output


def _end_to_end() -> NDArray[np.float32]:
    output = _zeros(1, 30, 6)
    output[0, 0] = (*_XYXY, 0.9, 1.0)
    output[0, 1] = (40.0, 40.0, 50.0, 50.0, 0.9, 0.0)
    return output


def _yolox_raw() -> NDArray[np.float32]:
    output = _zeros(1, _CELLS, 7)
    # Stride 8, row 3, column 2: centre (2.5, 3.75) cells, size e^x cells.
    output[0, 3 * 8 + 2] = (0.5, 0.75, np.log(10 / 8), np.log(16 / 8), 0.95, 0.0, 0.95)
    return output


@pytest.mark.parametrize(
    ("output", "layout"),
    [
        (_yolov8(), Layout.YOLOV8),
        (_yolov5(), Layout.YOLOV5),
        (_end_to_end(), Layout.END_TO_END),
        (_yolox_raw(), Layout.YOLOX),
    ],
)
def test_each_layout_finds_the_same_person_in_the_picture(
    tmp_path: Path, output: NDArray[np.float32], layout: Layout
) -> None:
    detector = OnnxDetector(write_model(tmp_path / "m.onnx", {"out": output}, metadata=_PERSON))
    assert detector.layout is layout
    assert detector.kind == "body"
    # Twice the input's size: boxes come back in px of the picture.
    found = detector.detect(np.zeros((128, 128, 3), dtype=np.uint8))
    assert found.xyxy_px == pytest.approx(np.array([_XYXY]) * 2, abs=1e-4)
    assert found.score == pytest.approx([0.9], abs=0.01)


def test_a_wide_picture_is_letterboxed_in_the_middle(tmp_path: Path) -> None:
    detector = OnnxDetector(write_model(tmp_path / "m.onnx", {"o": _yolov8()}, metadata=_PERSON))
    found = detector.detect(np.zeros((64, 128, 3), dtype=np.uint8))
    # 128 × 64 becomes 64 × 32 with 16 px of grey above: y comes back as (y − 16) · 2.
    assert found.xyxy_px[0] == pytest.approx((30, 12, 50, 44), abs=1e-4)


def test_coco_models_without_names_count_persons(tmp_path: Path) -> None:
    output = _zeros(1, 84, 12 * 12 + 6 * 6 + 3 * 3)
    output[0, :5, 7] = (*_XYWH, 0.9)
    path = write_model(tmp_path / "m.onnx", {"out": output}, input_shape=(1, 3, 96, 96))
    found = OnnxDetector(path).detect(np.zeros((96, 96, 3), dtype=np.uint8))
    assert found.xyxy_px == pytest.approx(np.array([_XYXY]), abs=1e-4)


def test_our_own_model_gives_heads_and_density(tmp_path: Path) -> None:
    heads = _zeros(1, 5, 16, 16)
    heads[0, :, 7, 5] = (0.8, 15, 22, 25, 38)
    heads[0, :, 9, 9] = (0.3, 30, 30, 40, 40)
    density = _zeros(1, 1, 8, 8)
    density[0, 0, 3, 2] = 1.25
    # Its constant outputs fit a 64 px input only, so the input's size is fixed here.
    path = write_model(
        tmp_path / "m.onnx", {"heads": heads, "density": density}, metadata=own_metadata()
    )
    detector = load_detector(path)
    found = detector.detect(np.zeros((128, 128, 3), dtype=np.uint8))
    assert (detector.name, detector.kind) == ("tiny-heads", "head")
    assert found.xyxy_px == pytest.approx(np.array([_XYXY]) * 2)
    (density_map,) = found.density
    assert density_map.cell_px == 16
    assert density_map.people.sum() == pytest.approx(1.25)
    assert detector.count_error.sd(4) == pytest.approx((0.01 + 0.04 * 4 + 0.09 * 16) ** 0.5)


@pytest.mark.parametrize(
    ("middle_people", "density_share", "count"),
    [(1e9, 1.0, 1.0), (1e-9, 1.0, 1.25), (1e-9, 0.5, 1.125), (None, None, 1.0)],
)
def test_heads_and_density_share_the_count_as_the_training_found_best(
    tmp_path: Path, middle_people: float | None, density_share: float | None, count: float
) -> None:
    heads, density = _zeros(1, 5, 16, 16), _zeros(1, 1, 8, 8)
    heads[0, :, 7, 5] = (0.8, 15, 22, 25, 38)
    density[0, 0, 3, 2] = 1.25
    hand_over = middle_people and {
        "crowd_threshold": 0.4,
        "middle_people": middle_people,
        "steepness": 4.0,
        "density_share": density_share,
    }
    path = write_model(
        tmp_path / "m.onnx",
        {"heads": heads, "density": density},
        metadata=own_metadata(hand_over=hand_over),
    )
    found = load_detector(path).detect(np.zeros((64, 64, 3), dtype=np.uint8)).weighted_points()
    assert found.total()[0] == pytest.approx(count)
    assert {tuple(point) for point in found.xy_px} <= {(20.0, 30.0), (20.0, 28.0)}


def test_the_model_that_comes_along_finds_nobody_on_grey() -> None:
    detector = load_detector(Path("models/crowdsafe_heads.onnx"), long_side_px=320)
    found = detector.detect(np.full((240, 320, 3), 127, dtype=np.uint8))
    assert (detector.kind, len(found.score)) == ("head", 0)


@pytest.mark.parametrize(
    ("shape", "metadata", "says"),
    [
        ((1, 17, 19), _PERSON, "output of shape (1, 17, 19); known are YOLOv5"),
        ((1, 6), _PERSON, "outputs of shape [(1, 6)]; known are"),
        ((1, 6, _CELLS), {**_PERSON, "task": "segment"}, "is a model for 'segment'"),
        ((1, 6, _CELLS), {"names": "{0: 'cat', 1: 'dog'}"}, "its classes are cat, dog"),
        ((1, 6, _CELLS), {}, "has no class names in its metadata"),
        ((1, 6, _CELLS), {"names": "oh no"}, "is not a table of names"),
        ((1, 6, _CELLS), own_metadata(), "expected [(1, 5, 16, 16), (1, 1, 8, 8)]"),
        ((1, 6, _CELLS), {"crowdsafe": "{"}, "metadata crowdsafe: is not JSON"),
        ((1, 6, _CELLS), own_metadata(surprise=1), "metadata crowdsafe.surprise: extra inputs"),
    ],
)
def test_another_layout_is_refused_with_what_was_found(
    tmp_path: Path, shape: tuple[int, ...], metadata: dict[str, str], says: str
) -> None:
    path = write_model(tmp_path / "m.onnx", {"out": _zeros(*shape)}, metadata=metadata)
    with pytest.raises(BadInput) as refused:
        load_detector(path)
    assert str(refused.value).startswith(str(path))
    assert says in str(refused.value)


@pytest.mark.parametrize("shape", [(1, 4, 64, 64), (1, 3, 64), (4, 3, 64, 64)])
def test_an_input_that_is_no_colour_picture_is_refused(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    path = write_model(tmp_path / "m.onnx", {"o": _yolov8()}, input_shape=shape, metadata=_PERSON)
    with pytest.raises(BadInput, match="its input is"):
        load_detector(path)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    whole = Path("models/crowdsafe_heads.onnx").read_bytes()
    for name, content in (("half.onnx", whole[: len(whole) // 2]), ("text.onnx", b"no model")):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(BadInput, match="is no ONNX model, or is damaged"):
            load_detector(path)
    with pytest.raises(BadInput, match="there is no such model file"):
        load_detector(tmp_path / "nowhere.onnx")
    with pytest.raises(BadInput, match=r"ends in \.onnx or \.pt"):
        load_detector(tmp_path / "model.bin")
    empty = tmp_path / "empty.onnx"
    empty.touch()
    with pytest.raises(BadInput, match=r"empty\.onnx: "):
        load_detector(empty)
