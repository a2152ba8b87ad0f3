"""Pictures through the whole detector, in tiles: everybody at a seam is counted once."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from crowdsafe.domain.camera.head_view import HeadView
from crowdsafe.edge.detections import Detections, Picture
from crowdsafe.edge.detector.onnx_model import OnnxDetector
from crowdsafe.edge.detector.plan import tiles_for
from crowdsafe.edge.detector.tiles import Tiles, whole
from tests.edge.models import own_metadata
from tests.pinhole import Pinhole

_LONG_SIDE_PX = 640
_PINHOLE = Pinhole(height_m=5.0, tilt_deg=18.0, focal_px=700.0, size_px=(960, 540))
_VIEW = HeadView(camera=_PINHOLE.calibrated(), height_m=1.7, range_m=40.0)
_DENSITY = {
    "crowd_threshold": 0.3,
    "middle_people": 1e-6,
    "steepness": 20.0,
    "density_share": 1.0,
}


def _spot_detector(path: Path, **metadata: object) -> OnnxDetector:
    """A network that calls every bright spot a head, of one size in the input, and one person."""
    constants = {
        "one": np.array(1.0, np.float32),
        "half_cell": np.array(0.5, np.float32),
        "cell_px": np.array(4.0, np.float32),
        "half_px": np.array(7.0, np.float32),
        "none": np.array(0.0, np.float32),
        "bright": np.array(0.3, np.float32),
        "down": np.array(2, np.int64),
        "across": np.array(3, np.int64),
        "cells": np.array(4.0, np.float32),
        # Of equally bright neighbours, one is the peak.
        "lean_x": np.array(1e-6, np.float32),
        "lean_y": np.array(1.7e-6, np.float32),
    }
    node = helper.make_node
    nodes = [
        node("ReduceMean", ["images"], ["grey"], axes=[1], keepdims=1),
        node("AveragePool", ["grey"], ["in_cells"], kernel_shape=[4, 4], strides=[4, 4]),
        node("Mul", ["in_cells", "none"], ["zeros"]),
        node("Add", ["zeros", "one"], ["ones"]),
        node("CumSum", ["ones", "across"], ["columns"]),
        node("CumSum", ["ones", "down"], ["rows"]),
        node("Mul", ["columns", "lean_x"], ["leaning_x"]),
        node("Mul", ["rows", "lean_y"], ["leaning_y"]),
        node("Sum", ["in_cells", "leaning_x", "leaning_y"], ["leaning"]),
        node(
            "MaxPool",
            ["leaning"],
            ["around"],
            kernel_shape=[5, 5],
            strides=[1, 1],
            pads=[2, 2, 2, 2],
        ),
        node("Equal", ["leaning", "around"], ["highest"]),
        node("Greater", ["in_cells", "bright"], ["lit"]),
        node("And", ["highest", "lit"], ["peak"]),
        node("Where", ["peak", "in_cells", "zeros"], ["score"]),
        node("Sub", ["columns", "half_cell"], ["column"]),
        node("Sub", ["rows", "half_cell"], ["row"]),
        node("Mul", ["column", "cell_px"], ["x"]),
        node("Mul", ["row", "cell_px"], ["y"]),
        node("Sub", ["x", "half_px"], ["left"]),
        node("Sub", ["y", "half_px"], ["top"]),
        node("Add", ["x", "half_px"], ["right"]),
        node("Add", ["y", "half_px"], ["bottom"]),
        node("Concat", ["score", "left", "top", "right", "bottom"], ["heads"], axis=1),
        node("Where", ["peak", "ones", "zeros"], ["persons"]),
        node("AveragePool", ["persons"], ["mean"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Mul", ["mean", "cells"], ["density"]),
    ]
    graph = helper.make_graph(
        nodes,
        "spots",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, "height", "width"])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, "h", "w"])
            for name, channels in (("heads", 5), ("density", 1))
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    settings = own_metadata(score_threshold=0.3, input_long_side_px=_LONG_SIDE_PX, **metadata)
    for key, value in settings.items():
        model.metadata_props.add(key=key, value=value)
    onnx.save(model, str(path))
    return OnnxDetector(path)


def _picture_of(spots_px: NDArray[np.float64]) -> Picture:
    """Bright spots of a head's size on black at (n, 2)."""
    width, height = _PINHOLE.size_px
    light = np.zeros((height, width))
    sizes = _VIEW.sizes_px(spots_px, picture_size_px=(width, height))
    rows, columns = np.arange(height)[:, None] + 0.5, np.arange(width)[None, :] + 0.5
    for (x, y), size in zip(spots_px, np.fmax(sizes, 8.0), strict=True):
        light = np.maximum(light, np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (size / 2) ** 2))
    return np.repeat((light * 250).astype(np.uint8)[:, :, None], 3, axis=2)


def _tiles() -> Tiles:
    return tiles_for(_VIEW, picture_size_px=_PINHOLE.size_px, long_side_px=_LONG_SIDE_PX)


def _at_seams(seed: int) -> NDArray[np.float64]:
    """People along every seam, up to a head above and below it."""
    rng = np.random.default_rng(seed)
    spots = []
    for tile in _tiles()[:-1]:
        seam = float(tile.owned.bottom)
        size = _VIEW.sizes_px(np.array([[480.0, seam]]), picture_size_px=_PINHOLE.size_px)[0]
        x = np.arange(40.0, 920.0, max(4 * size, 60.0)) + rng.uniform(-10, 10)
        spots.append(np.column_stack([x, seam + rng.uniform(-1, 1, len(x)) * size]))
    return np.concatenate(spots)


def _nearest_px(found: Detections, spots: NDArray[np.float64]) -> NDArray[np.float64]:
    apart = np.linalg.norm(found.points_px()[:, None] - spots[None, :], axis=2)
    nearest: NDArray[np.float64] = apart.min(axis=0)
    return nearest


@pytest.fixture(scope="module")
def spot_detector(tmp_path_factory: pytest.TempPathFactory) -> OnnxDetector:
    return _spot_detector(tmp_path_factory.mktemp("spots") / "spots.onnx")


def test_the_plan_has_seams() -> None:
    assert len(_tiles()) >= 2
    assert len({tile.scale for tile in _tiles()}) == len(_tiles())


@pytest.mark.parametrize("seed", range(12))
def test_people_at_seams_are_counted_once(spot_detector: OnnxDetector, seed: int) -> None:
    spots = _at_seams(seed)
    picture = _picture_of(spots)
    one_look = spot_detector.detect(picture)
    in_tiles = spot_detector.detect(picture, _VIEW)
    assert len(one_look.score) == len(spots)
    assert len(in_tiles.score) == len(spots)
    # Four px of the input, in px of the picture.
    assert _nearest_px(in_tiles, spots).max() <= 4.0 / min(tile.scale for tile in _tiles())


@pytest.mark.parametrize("seed", range(4))
def test_the_density_of_people_at_seams_adds_up(tmp_path: Path, seed: int) -> None:
    detector = _spot_detector(tmp_path / "density.onnx", hand_over=_DENSITY)
    spots = _at_seams(seed)
    found = detector.detect(_picture_of(spots), _VIEW)
    assert len(found.density) == len(_tiles())
    count, _ = found.weighted_points().total()
    # A person's cell is split at the seam in each look by its own grid: right on average only.
    assert count == pytest.approx(len(spots), rel=0.15)
    away = spots + np.array([0.0, 60.0])
    count, _ = detector.detect(_picture_of(away), _VIEW).weighted_points().total()
    assert count == pytest.approx(len(away), abs=0.01)


def test_nobody_is_found_where_nobody_is(spot_detector: OnnxDetector) -> None:
    found = spot_detector.detect(np.zeros((540, 960, 3), dtype=np.uint8), _VIEW)
    assert found.weighted_points().total() == (0.0, 0.0)
    assert found.xyxy_px.shape == (0, 4)


def test_what_shines_above_the_people_is_not_counted(spot_detector: OnnxDetector) -> None:
    top = _tiles()[0].owned.top
    assert top > 20
    lamp = _picture_of(np.array([[300.0, 10.0], [500.0, 300.0]]))
    assert len(spot_detector.detect(lamp).score) == 2
    assert len(spot_detector.detect(lamp, _VIEW).score) == 1


def test_one_tile_is_the_look_of_an_unknown_camera(spot_detector: OnnxDetector) -> None:
    picture = _picture_of(_at_seams(5))
    tiles = whole(height_px=540, width_px=960, long_side_px=_LONG_SIDE_PX)
    ours, unknown = spot_detector.look(picture, tiles), spot_detector.detect(picture)
    np.testing.assert_array_equal(ours.xyxy_px, unknown.xyxy_px)
    np.testing.assert_array_equal(ours.score, unknown.score)
