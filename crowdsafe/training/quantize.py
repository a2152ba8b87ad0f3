"""An exported model in 8-bit whole numbers, its ranges taken from training pictures."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from crowdsafe.contract.model_file import INPUT_NAME
from crowdsafe.edge.detector import letterbox
from crowdsafe.edge.detector.onnx_model import OnnxDetector
from crowdsafe.errors import BadInput
from crowdsafe.training.data import Dataset, load_rgb
from crowdsafe.training.metadata import NETWORK_NODES, write_settings

PICTURES_PER_FOLDER = 16
_SEED = 0
_OPERATORS = ("Conv", "Concat", "MaxPool", "Resize")
# Scores near a threshold and hundredths of a person per cell need more than 8 bits.
_LAST_LAYERS = "_out/"


class _Pictures(CalibrationDataReader):  # type: ignore[misc]
    """Network inputs, one at a time."""

    def __init__(self, blobs: Iterator[NDArray[np.float32]]) -> None:
        self._blobs = blobs

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """The next input, None after the last."""
        blob = next(self._blobs, None)
        return None if blob is None else {INPUT_NAME: blob}


def quantize(
    *,
    onnx_path: Path,
    out_path: Path,
    datasets: Sequence[Dataset],
    on_picture: Callable[[], None] = lambda: None,
) -> None:
    """Write `onnx_path` with 8-bit weights for each channel and 8-bit activations.

    The last layers stay as they are. Name and settings are taken over, "-int8" is added to the
    name; thresholds are not chosen anew.

    Args:
        onnx_path: a model that export wrote.
        out_path: the file to write.
        datasets: whose training pictures show which ranges the activations have.
        on_picture: hears of each of them.

    Raises:
        BadInput: the model is not ours.
    """
    settings = OnnxDetector(onnx_path).settings
    if settings is None:
        raise BadInput(f"{onnx_path}: was not written by crowdsafe train export; expected one")
    rng = np.random.default_rng(_SEED)
    pictures = [
        dataset.training()[number]
        for dataset in datasets
        for number in rng.permutation(len(dataset.training()))[:PICTURES_PER_FOLDER]
    ]

    def blobs() -> Iterator[NDArray[np.float32]]:
        for picture in pictures:
            bgr = np.ascontiguousarray(load_rgb(picture)[:, :, ::-1])
            canvas, _ = letterbox.into_long_side(bgr, long_side_px=settings.input_long_side_px)
            blob = cv2.dnn.blobFromImage(canvas, 1.0 / 255.0, swapRB=True)
            on_picture()
            yield np.asarray(blob, dtype=np.float32)

    with tempfile.TemporaryDirectory() as folder:
        prepared, draft = Path(folder) / "prepared.onnx", Path(folder) / "draft.onnx"
        quant_pre_process(str(onnx_path), str(prepared), skip_symbolic_shape=True)
        nodes = onnx.load(str(prepared)).graph.node
        quantize_static(
            str(prepared),
            str(draft),
            _Pictures(blobs()),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=list(_OPERATORS),
            nodes_to_exclude=[
                node.name
                for node in nodes
                if not node.name.startswith(NETWORK_NODES) or _LAST_LAYERS in node.name
            ],
        )
        write_settings(
            draft, settings.model_copy(update={"name": f"{settings.name}-int8"}), out_path
        )
