"""The committed model: its interface, its settings, and that it sees nobody where nobody is."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest

from crowdsafe.contract.model_file import read_settings
from crowdsafe.edge.detector.onnx_model import OnnxDetector
from crowdsafe.errors import BadInput
from crowdsafe.training.readings import look
from crowdsafe.training.scenes import empty_scenes
from tests.edge.models import own_metadata

MODEL_PATH = Path(__file__).parents[2] / "models" / "crowdsafe_heads.onnx"


@pytest.fixture(scope="module")
def detector() -> OnnxDetector:
    return OnnxDetector(MODEL_PATH)


@pytest.fixture(scope="module")
def session() -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(str(MODEL_PATH), providers=["CPUExecutionProvider"])


def test_it_is_small() -> None:
    assert MODEL_PATH.stat().st_size < 15_000_000


def test_metadata(session: onnxruntime.InferenceSession) -> None:
    metadata = session.get_modelmeta().custom_metadata_map
    assert metadata["names"] == "{0: 'head'}"
    assert metadata["stride"] == "32"
    assert metadata["task"] == "detect"
    settings = read_settings(metadata, "model")
    assert settings is not None
    assert settings.layout == "heads-density-1"
    assert settings.name == "crowdsafe-heads-3"
    assert settings.count_sd.error.sd(0.0) > 0.0
    assert settings.count_sd.error.sd(100.0) > settings.count_sd.error.sd(10.0)


@pytest.mark.parametrize(("batch", "height_px", "width_px"), [(1, 64, 96), (2, 160, 32)])
def test_interface(
    session: onnxruntime.InferenceSession, batch: int, height_px: int, width_px: int
) -> None:
    rng = np.random.default_rng(0)
    images = rng.random((batch, 3, height_px, width_px), dtype=np.float32)
    heads, density = session.run(["heads", "density"], {"images": images})
    assert heads.shape == (batch, 5, height_px // 4, width_px // 4)
    assert density.shape == (batch, 1, height_px // 8, width_px // 8)
    assert heads.dtype == density.dtype == np.float32
    assert heads[:, 0].min() >= 0.0
    assert heads[:, 0].max() <= 1.0
    assert (heads[:, 3] > heads[:, 1]).all()
    assert (heads[:, 4] > heads[:, 2]).all()
    assert density.min() >= 0.0


def test_no_two_peaks_touch(session: onnxruntime.InferenceSession) -> None:
    images = np.random.default_rng(0).random((1, 3, 128, 128), dtype=np.float32)
    peaks = session.run(["heads"], {"images": images})[0][0, 0] > 0.0
    neighbours = cv2.boxFilter(peaks.astype(np.float32), -1, (3, 3), normalize=False)
    assert neighbours[peaks].max() == 1.0


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("scene", sorted(empty_scenes()))
def test_nobody_is_seen_where_nobody_is(scene: str, fast: bool) -> None:
    found, _ = look(OnnxDetector(MODEL_PATH, fast=fast), empty_scenes()[scene])
    assert len(found.score) == 0
    assert found.weighted_points().total()[0] < 0.3
    assert sum(part.people.sum() for part in found.density) < 1.0


def test_it_has_a_fast_setting_with_an_input_of_its_own(detector: OnnxDetector) -> None:
    settings = detector.settings
    assert settings is not None
    assert settings.fast is not None
    assert settings.fast.input_long_side_px < settings.input_long_side_px


def test_answers_are_in_the_pictures_own_pixels() -> None:
    detector = OnnxDetector(MODEL_PATH, long_side_px=256, score_threshold=0.001)
    rgb = np.random.default_rng(0).integers(0, 256, size=(90, 130, 3), dtype=np.uint8)
    found, _ = look(detector, rgb)
    assert len(found.score) > 0
    points = found.points_px()
    assert points[:, 0].max() <= 130
    assert points[:, 1].max() <= 90
    (density,) = found.density
    assert density.cell_px * density.people.shape[1] == pytest.approx(130, abs=density.cell_px)


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"crowdsafe": "{"}, r"some\.onnx: metadata crowdsafe: is not JSON"),
        (own_metadata(layout="other"), r"metadata crowdsafe\.layout: input should be"),
    ],
)
def test_wrong_metadata_is_refused(metadata: dict[str, str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_settings(metadata, "some.onnx")
    assert read_settings({}, "foreign.onnx") is None
