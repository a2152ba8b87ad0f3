"""The committed model: its interface, its settings, and that it sees nobody where nobody is."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest

from crowdsafe.contract.model_file import read_settings
from crowdsafe.errors import BadInput
from crowdsafe.training.predictor import Predictor
from crowdsafe.training.scenes import empty_scenes

MODEL_PATH = Path(__file__).parents[2] / "models" / "crowdsafe_heads.onnx"


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor(MODEL_PATH)


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
    assert settings.name == "crowdsafe-heads-1"
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


@pytest.mark.parametrize("scene", sorted(empty_scenes()))
def test_nobody_is_seen_where_nobody_is(predictor: Predictor, scene: str) -> None:
    answer = predictor.run(empty_scenes()[scene])
    assert len(answer.scores) == 0
    # Strong coarse noise alone is the density map's known weakness, see the model card.
    assert answer.density_sum < (8.0 if scene == "coarse noise" else 1.0)


def test_answers_are_in_the_pictures_own_pixels(predictor: Predictor) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, size=(90, 130, 3), dtype=np.uint8)
    answer = predictor.run(rgb, long_side_px=260, score_threshold=0.0)
    assert np.all(np.diff(answer.scores) <= 0)
    centres_px = answer.centres_px()
    assert centres_px[:, 0].max() < 130
    assert centres_px[:, 1].max() < 90
    assert len(answer.above(0.5).scores) <= len(answer.scores)


def test_a_one_pixel_picture_is_no_problem(predictor: Predictor) -> None:
    answer = predictor.run(np.zeros((1, 1, 3), dtype=np.uint8), long_side_px=64)
    assert len(answer.scores) == 0


def test_broken_and_missing_models_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such model"):
        Predictor(tmp_path / "none.onnx")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    with pytest.raises(BadInput, match="not a readable ONNX model"):
        Predictor(broken)
    truncated = tmp_path / "truncated.onnx"
    truncated.write_bytes(MODEL_PATH.read_bytes()[:100_000])
    with pytest.raises(BadInput, match="not a readable ONNX model"):
        Predictor(truncated)


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"crowdsafe": "{"}, r"some\.onnx: metadata crowdsafe: is not JSON"),
        ({"crowdsafe": '{"layout": "other"}'}, r"metadata crowdsafe\.layout: input should be"),
    ],
)
def test_wrong_metadata_is_refused(metadata: dict[str, str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_settings(metadata, "some.onnx")
    assert read_settings({}, "foreign.onnx") is None
