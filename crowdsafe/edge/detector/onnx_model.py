"""Any YOLO in ONNX, run by onnxruntime."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from crowdsafe.contract.model_file import DENSITY_STRIDE_PX, CountFrom, read_settings
from crowdsafe.domain.density import CountError
from crowdsafe.edge.detections import DensityMap, Detections, Kind, Picture
from crowdsafe.edge.detector import letterbox
from crowdsafe.edge.detector.decode import decode, decode_heads
from crowdsafe.edge.detector.layout import (
    Layout,
    PersonClass,
    class_names,
    layout_of,
    person_class,
)
from crowdsafe.errors import BadInput

# Unfitted: what a COCO body detector showed on people who do not hide each other.
_UNFITTED_ERROR = CountError(constant=0.3, sqrt=0.3, relative=0.15)
_UNFITTED_THRESHOLD = 0.25
_PROBE_PX = 640
_LOAD_ERRORS = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoModel,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)


@dataclass(frozen=True)
class _Plan:
    """What was learned of the model when it was loaded."""

    name: str
    layout: Layout
    person: PersonClass
    fixed_hw_px: tuple[int, int] | None
    long_side_px: int
    score_threshold: float
    count_error: CountError
    count_from: CountFrom


class OnnxDetector:
    """One ONNX model and its session."""

    def __init__(
        self,
        path: Path,
        *,
        threads: int = 1,
        score_threshold: float | None = None,
        long_side_px: int | None = None,
    ) -> None:
        """Load a model and tell its layout by one run on an empty picture.

        Args:
            path: the .onnx file.
            threads: processor threads for one picture.
            score_threshold: instead of the model's own, 0 to 1.
            long_side_px: input size instead of the model's own, where its input is not fixed.

        Raises:
            BadInput: missing, damaged, or of an unknown layout.
        """
        self._session = _session(path, threads)
        self._input = self._session.get_inputs()[0]
        metadata = dict(self._session.get_modelmeta().custom_metadata_map)
        own = read_settings(metadata, str(path))
        fixed = _fixed_size(path, self._input)
        probe = fixed or (_PROBE_PX, _PROBE_PX)
        outputs = self._probe(path, probe)
        layout = layout_of(
            str(path),
            input_hw_px=probe,
            output_shapes=[output.shape for output in outputs],
            metadata=metadata,
        )
        person = person_class(
            str(path),
            names=class_names(str(path), metadata),
            classes=_classes(layout, outputs[0].shape),
        )
        default_threshold = own.score_threshold if own else _UNFITTED_THRESHOLD
        self._plan = _Plan(
            name=own.name if own else path.stem,
            layout=layout,
            person=person,
            fixed_hw_px=fixed,
            long_side_px=long_side_px or (own.input_long_side_px if own else _PROBE_PX),
            score_threshold=default_threshold if score_threshold is None else score_threshold,
            count_error=own.count_sd.error if own else _UNFITTED_ERROR,
            count_from=own.count_from if own else "detector",
        )

    @property
    def name(self) -> str:
        """The model's own name, else its file's."""
        return self._plan.name

    @property
    def kind(self) -> Kind:
        """Whether it finds heads or bodies."""
        return self._plan.person.kind

    @property
    def layout(self) -> Layout:
        """The layout of its output."""
        return self._plan.layout

    @property
    def count_error(self) -> CountError:
        """How wrong its counts are; a guess for models that are not ours."""
        return self._plan.count_error

    def detect(self, picture: Picture) -> Detections:
        """Return what it finds in a picture (height, width, 3) in blue-green-red."""
        plan = self._plan
        if plan.fixed_hw_px is not None:
            height, width = plan.fixed_hw_px
            canvas, fit = letterbox.into_fixed(
                picture, height_px=height, width_px=width, centred=plan.layout is not Layout.YOLOX
            )
        else:
            canvas, fit = letterbox.into_long_side(picture, long_side_px=plan.long_side_px)
        outputs = self._run(canvas)
        density = None
        if plan.layout is Layout.HEADS_DENSITY:
            xyxy, score = decode_heads(outputs[0][0], score_threshold=plan.score_threshold)
            # Cells in the grey beyond the picture stand for nobody.
            cell_px = DENSITY_STRIDE_PX / fit.scale
            rows, columns = (ceil(side / cell_px) for side in picture.shape[:2])
            density = DensityMap(people=outputs[1][0, 0, :rows, :columns], cell_px=cell_px)
        else:
            xyxy, score = decode(
                outputs[0][0],
                layout=plan.layout,
                class_index=plan.person.index,
                score_threshold=plan.score_threshold,
                input_hw_px=(canvas.shape[0], canvas.shape[1]),
            )
        boxes = fit.to_picture(xyxy)
        # Grey bars beside the picture are no place to stand.
        x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
        inside = (x >= 0) & (x < picture.shape[1]) & (y >= 0) & (y < picture.shape[0])
        return Detections(
            xyxy_px=boxes[inside],
            score=score[inside],
            kind=plan.person.kind,
            density=density,
            count_from=plan.count_from,
        )

    def _run(self, canvas: Picture) -> list[NDArray[np.float32]]:
        if self._plan.layout is Layout.YOLOX:
            # YOLOX was trained on BGR of 0 to 255, all others on RGB of 0 to 1.
            blob = canvas.transpose(2, 0, 1)[None].astype(np.float32)
        else:
            blob = canvas[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255.0
        return self._infer(blob)

    def _infer(self, blob: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        half = self._input.type == "tensor(float16)"
        feed = blob.astype(np.float16) if half else np.ascontiguousarray(blob)
        outputs = self._session.run(None, {self._input.name: feed})
        return [np.asarray(output, dtype=np.float32) for output in outputs]

    def _probe(self, path: Path, hw_px: tuple[int, int]) -> list[NDArray[np.float32]]:
        try:
            return self._infer(np.zeros((1, 3, *hw_px), dtype=np.float32))
        except _LOAD_ERRORS as error:
            reason = str(error).splitlines()[0][:160]
            raise BadInput(f"{path}: does not run on one colour picture ({reason})") from None


def _session(path: Path, threads: int) -> ort.InferenceSession:
    if not path.is_file():
        raise BadInput(f"{path}: there is no such model file")
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Spinning threads burn twice the processor for the same speed.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except _LOAD_ERRORS as error:
        reason = str(error).splitlines()[0][:160]
        raise BadInput(f"{path}: is no ONNX model, or is damaged ({reason})") from None


def _fixed_size(path: Path, node: ort.NodeArg) -> tuple[int, int] | None:
    if node.type not in ("tensor(float)", "tensor(float16)") or len(node.shape) != 4:
        raise BadInput(
            f"{path}: its input is {node.type} {node.shape}, expected float (1, 3, height, width)"
        )
    batch, channels, height, width = node.shape
    if channels != 3 or (isinstance(batch, int) and batch != 1):
        raise BadInput(
            f"{path}: its input is {node.shape}, expected one picture of three colours "
            "(1, 3, height, width)"
        )
    if isinstance(height, int) and isinstance(width, int):
        return height, width
    return None


def _classes(layout: Layout, shape: tuple[int, ...]) -> int | None:
    if layout is Layout.YOLOV8:
        return shape[1] - 4
    if layout in (Layout.YOLOV5, Layout.YOLOX):
        return shape[2] - 5
    return None
