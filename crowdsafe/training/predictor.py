"""Running the exported network on pictures with onnxruntime: no torch here."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from crowdsafe.contract.model_file import (
    DENSITY_NAME,
    DENSITY_STRIDE_PX,
    HEADS_NAME,
    INPUT_NAME,
    LAYOUT,
    METADATA_KEY,
    PADDING_VALUE,
    STRIDE_PX,
    ModelSettings,
    read_settings,
)
from crowdsafe.errors import BadInput


@dataclass(frozen=True)
class Answer:
    """What the network says of one picture.

    scores: (n,) falling; boxes_px: (n, 4) x1, y1, x2, y2 in the picture; density_sum: people by the
    density map inside the picture; ms: time in onnxruntime.
    """

    scores: NDArray[np.float32]
    boxes_px: NDArray[np.float32]
    density_sum: float
    ms: float

    def centres_px(self) -> NDArray[np.float64]:
        """(n, 2) centres of the boxes."""
        return ((self.boxes_px[:, :2] + self.boxes_px[:, 2:]) / 2).astype(np.float64)

    def above(self, score_threshold: float) -> Answer:
        """The same with heads of at least this score only."""
        keep = self.scores >= score_threshold
        return Answer(self.scores[keep], self.boxes_px[keep], self.density_sum, self.ms)


class Predictor:
    """An exported model, ready to run on `threads` threads."""

    def __init__(self, onnx_path: Path, threads: int = 1) -> None:
        """Open the file; raises BadInput if it is missing, broken or of another layout."""
        if not onnx_path.is_file():
            raise BadInput(f"{onnx_path}: no such model; expected an ONNX file")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        if threads > 1:
            # Spinning threads burn a whole core each while they wait.
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                str(onnx_path), options, providers=["CPUExecutionProvider"]
            )
        except (
            onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf,
            onnxruntime.capi.onnxruntime_pybind11_state.InvalidGraph,
            onnxruntime.capi.onnxruntime_pybind11_state.Fail,
            onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument,
        ) as error:
            raise BadInput(
                f"{onnx_path}: not a readable ONNX model ({str(error).splitlines()[0]})"
            ) from error
        inputs = [item.name for item in self._session.get_inputs()]
        outputs = [item.name for item in self._session.get_outputs()]
        if inputs != [INPUT_NAME] or outputs != [HEADS_NAME, DENSITY_NAME]:
            raise BadInput(
                f"{onnx_path}: inputs {inputs} and outputs {outputs}; "
                f"expected [{INPUT_NAME!r}] and [{HEADS_NAME!r}, {DENSITY_NAME!r}]"
            )
        settings = read_settings(self._session.get_modelmeta().custom_metadata_map, str(onnx_path))
        if settings is None:
            raise BadInput(
                f"{onnx_path}: metadata has no entry {METADATA_KEY!r}; "
                f"expected a model of layout {LAYOUT} written by `crowdsafe train export`"
            )
        self.settings: ModelSettings = settings

    def run(
        self,
        rgb: NDArray[np.uint8],
        *,
        long_side_px: int | None = None,
        score_threshold: float | None = None,
    ) -> Answer:
        """Look at one (H, W, 3) RGB picture; size and threshold are the model's if not given."""
        scale = (long_side_px or self.settings.input_long_side_px) / max(rgb.shape[:2])
        images, used_height_px, used_width_px = _prepared(rgb, scale)
        started_s = time.perf_counter()
        heads, density = self._session.run(None, {INPUT_NAME: images})
        ms = 1e3 * (time.perf_counter() - started_s)
        threshold = self.settings.score_threshold if score_threshold is None else score_threshold
        found = heads[0][:, heads[0, 0] >= threshold]
        centres_px = (found[1:3] + found[3:5]) / 2
        inside = (centres_px[0] < used_width_px) & (centres_px[1] < used_height_px)
        found = found[:, inside]
        found = found[:, np.argsort(-found[0], kind="stable")]
        rows = -(-used_height_px // DENSITY_STRIDE_PX)
        columns = -(-used_width_px // DENSITY_STRIDE_PX)
        return Answer(
            scores=found[0],
            boxes_px=(found[1:].T / scale).astype(np.float32),
            density_sum=float(density[0, 0, :rows, :columns].sum()),
            ms=ms,
        )


def _prepared(rgb: NDArray[np.uint8], scale: float) -> tuple[NDArray[np.float32], int, int]:
    """Resize, pad to multiples of STRIDE_PX; (1, 3, H, W) in 0..1, then height and width used."""
    height_px, width_px = (max(1, round(side * scale)) for side in rgb.shape[:2])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    resized = cv2.resize(rgb, (width_px, height_px), interpolation=method)
    full_height_px, full_width_px = (
        -(-side // STRIDE_PX) * STRIDE_PX for side in (height_px, width_px)
    )
    padded = np.full((full_height_px, full_width_px, 3), PADDING_VALUE, dtype=np.uint8)
    padded[:height_px, :width_px] = resized
    images = np.ascontiguousarray(padded.transpose(2, 0, 1)[None], dtype=np.float32)
    images /= 255.0
    return images, height_px, width_px
