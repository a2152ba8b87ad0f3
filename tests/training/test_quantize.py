"""The 8-bit model: smaller, nearly the same answers, the same settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from crowdsafe.edge.detector.onnx_model import OnnxDetector
from crowdsafe.errors import BadInput
from crowdsafe.training.data import read_datasets
from crowdsafe.training.quantize import quantize
from crowdsafe.training.readings import look
from tests.edge.models import write_model

MakeFolder = Callable[..., Path]
MODEL_PATH = Path(__file__).parents[2] / "models" / "crowdsafe_heads.onnx"


def test_eight_bits_say_nearly_the_same(make_folder: MakeFolder, tmp_path: Path) -> None:
    out = tmp_path / "int8.onnx"
    seen = 0

    def on_picture() -> None:
        nonlocal seen
        seen += 1

    datasets = read_datasets(make_folder(count=4))
    quantize(onnx_path=MODEL_PATH, out_path=out, datasets=datasets, on_picture=on_picture)
    assert seen == 4
    assert out.stat().st_size < MODEL_PATH.stat().st_size / 2
    exact = OnnxDetector(MODEL_PATH, long_side_px=320)
    rough = OnnxDetector(out, long_side_px=320)
    assert exact.settings is not None
    assert rough.settings is not None
    assert rough.settings == exact.settings.model_copy(
        update={"name": f"{exact.settings.name}-int8"}
    )
    rgb = np.full((240, 320, 3), 114, dtype=np.uint8)
    assert look(rough, rgb)[0].weighted_points().total()[0] == pytest.approx(0.0, abs=0.1)


def test_only_our_own_models_are_taken(make_folder: MakeFolder, tmp_path: Path) -> None:
    foreign = write_model(
        tmp_path / "yolo.onnx",
        {"out": np.zeros((1, 5, 8 * 8 + 4 * 4 + 2 * 2), dtype=np.float32)},
        metadata={"names": "{0: 'head'}", "task": "detect"},
    )
    with pytest.raises(BadInput, match="was not written by crowdsafe train export"):
        quantize(
            onnx_path=foreign,
            out_path=tmp_path / "out.onnx",
            datasets=read_datasets(make_folder(count=2)),
        )
    assert not (tmp_path / "out.onnx").exists()
