"""Any YOLO in ONNX, run by onnxruntime."""

from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from crowdsafe.contract.model_file import (
    DENSITY_STRIDE_PX,
    LookSettings,
    ModelSettings,
    read_settings,
)
from crowdsafe.domain.camera.head_view import HeadView
from crowdsafe.domain.crowd.density import CountError
from crowdsafe.domain.crowd.hand_over import CROWD_SQUARE_PX, HandOver, heads_only
from crowdsafe.edge.detections import DensityMap, Detections, Kind, Picture, boxes_alone
from crowdsafe.edge.detector import letterbox
from crowdsafe.edge.detector.blob import InputBlobs
from crowdsafe.edge.detector.decode import decode, decode_heads
from crowdsafe.edge.detector.layout import (
    Layout,
    PersonClass,
    class_names,
    layout_of,
    person_class,
)
from crowdsafe.edge.detector.plan import tiles_for
from crowdsafe.edge.detector.seams import Heads, counted_once
from crowdsafe.edge.detector.tiles import Tile, Tiles, whole
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
    hand_over: HandOver
    count_error: CountError


@dataclass(frozen=True)
class _Look:
    """What one tile gave: all heads that count by their score, and its own share of each cell."""

    heads: Heads
    crowding: NDArray[np.float64]
    density: DensityMap


class OnnxDetector:
    """One ONNX model and its session."""

    def __init__(
        self,
        path: Path,
        *,
        threads: int = 1,
        score_threshold: float | None = None,
        long_side_px: int | None = None,
        fast: bool = False,
    ) -> None:
        """Load a model and tell its layout by one run on an empty picture.

        Args:
            path: the .onnx file.
            threads: processor threads for one picture.
            score_threshold: instead of the model's own, 0 to 1.
            long_side_px: input size instead of the model's own, where its input is not fixed.
            fast: use the model's own setting for weak processors.

        Raises:
            BadInput: missing, damaged, of an unknown layout, or without a fast setting that was
                asked for.
        """
        self._blobs = InputBlobs()
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
        if fast and (own is None or own.fast is None):
            raise BadInput(f"{path}: has no fast setting; expected a model that was given one")
        self._own = own
        look = own.fast if own and own.fast and fast else own
        self._plan = _Plan(
            name=own.name if own else path.stem,
            layout=layout,
            person=person,
            fixed_hw_px=fixed,
            long_side_px=long_side_px or (look.input_long_side_px if look else _PROBE_PX),
            hand_over=_hand_over(look, score_threshold),
            count_error=look.count_sd.error if look else _UNFITTED_ERROR,
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

    @property
    def settings(self) -> ModelSettings | None:
        """What the file says of itself, None of a model that is not ours."""
        return self._own

    def detect(self, picture: Picture, view: HeadView | None = None, /) -> Detections:
        """Return what it finds in a picture (height, width, 3) in blue-green-red.

        Our own model looks closer where the camera's view says that heads are small, unless its
        input is fixed.
        """
        plan = self._plan
        if plan.layout is not Layout.HEADS_DENSITY:
            return self._boxes(picture)
        height, width = picture.shape[:2]
        if view is None or plan.fixed_hw_px is not None:
            tiles = whole(height_px=height, width_px=width, long_side_px=plan.long_side_px)
        else:
            tiles = tiles_for(view, picture_size_px=(width, height), long_side_px=plan.long_side_px)
        return self.look(picture, tiles)

    def look(self, picture: Picture, tiles: Tiles) -> Detections:
        """Return what our own model finds in the tiles of a picture, everybody once."""
        # One after the other: on a processor a batch of equal shapes is 0 to 8 % slower, and
        # padding tiles to equal shapes costs 40 % more.
        looks = [self._look(picture, tile) for tile in tiles]
        counted = counted_once(tiles, [look.heads for look in looks])
        return Detections(
            xyxy_px=np.concatenate(
                [look.heads.xyxy_px[keep] for look, keep in zip(looks, counted, strict=True)]
            ),
            score=np.concatenate(
                [look.heads.score[keep] for look, keep in zip(looks, counted, strict=True)]
            ),
            kind=self._plan.person.kind,
            crowding=np.concatenate(
                [look.crowding[keep] for look, keep in zip(looks, counted, strict=True)]
            ),
            density=tuple(look.density for look in looks),
            hand_over=self._plan.hand_over,
        )

    def _boxes(self, picture: Picture) -> Detections:
        plan = self._plan
        if plan.fixed_hw_px is not None:
            height, width = plan.fixed_hw_px
            canvas, fit = letterbox.into_fixed(
                picture, height_px=height, width_px=width, centred=plan.layout is not Layout.YOLOX
            )
        else:
            canvas, fit = letterbox.into_long_side(picture, long_side_px=plan.long_side_px)
        xyxy, score = decode(
            self._run(canvas)[0][0],
            layout=plan.layout,
            class_index=plan.person.index,
            score_threshold=plan.hand_over.open_threshold,
            input_hw_px=(canvas.shape[0], canvas.shape[1]),
        )
        boxes = fit.to_picture(xyxy)
        # Grey bars beside the picture are no place to stand.
        x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
        inside = (x >= 0) & (x < picture.shape[1]) & (y >= 0) & (y < picture.shape[0])
        return boxes_alone(
            boxes[inside], score[inside], plan.person.kind, plan.hand_over.open_threshold
        )

    def _look(self, picture: Picture, tile: Tile) -> _Look:
        hand_over, seen = self._plan.hand_over, tile.seen
        piece = picture[seen.top : seen.bottom, seen.left : seen.right]
        if self._plan.fixed_hw_px is not None:
            height, width = self._plan.fixed_hw_px
            canvas, fit = letterbox.into_fixed(
                piece, height_px=height, width_px=width, centred=False
            )
        else:
            canvas, fit = letterbox.into_scale(piece, scale=tile.scale)
        heads, density = self._run(canvas)
        # Cells in the grey beyond the picture stand for nobody.
        cell_px = DENSITY_STRIDE_PX / fit.scale
        rows, columns = (ceil(side / cell_px - 1e-9) for side in piece.shape[:2])
        people = density[0, 0, :rows, :columns]
        rows, columns = people.shape
        crowding = crowding_of(people)
        lowest = min(hand_over.open_threshold, hand_over.crowd_threshold)
        boxes, score = decode_heads(heads[0], score_threshold=lowest)
        boxes = fit.to_picture(boxes)
        centres = (boxes[:, :2] + boxes[:, 2:]) / 2
        at = np.clip(centres // cell_px, 0, [columns - 1, rows - 1]).astype(np.intp)
        around = crowding[at[:, 1], at[:, 0]].astype(np.float64)
        keep = hand_over.accepts(score, around)
        corner = np.array([seen.left, seen.top] * 2, dtype=np.float64)
        owned = tile.share_owned(rows=rows, columns=columns, cell_px=cell_px)
        return _Look(
            heads=Heads(boxes[keep] + corner, score[keep]),
            crowding=around[keep],
            density=DensityMap(
                (people * owned).astype(np.float32), crowding, cell_px, seen.left, seen.top
            ),
        )

    def _run(self, canvas: Picture) -> list[NDArray[np.float32]]:
        # YOLOX was trained on BGR of 0 to 255, all others on RGB of 0 to 1.
        yolox = self._plan.layout is Layout.YOLOX
        scale = 1.0 if yolox else 1.0 / 255.0
        return self._infer(self._blobs.fill(canvas, scale=scale, rgb=not yolox))

    def _infer(self, blob: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        half = self._input.type == "tensor(float16)"
        feed = blob.astype(np.float16) if half else blob
        outputs = self._session.run(None, {self._input.name: feed})
        return [np.asarray(output, dtype=np.float32) for output in outputs]

    def _probe(self, path: Path, hw_px: tuple[int, int]) -> list[NDArray[np.float32]]:
        try:
            return self._infer(np.zeros((1, 3, *hw_px), dtype=np.float32))
        except _LOAD_ERRORS as error:
            reason = str(error).splitlines()[0][:160]
            raise BadInput(f"{path}: does not run on one colour picture ({reason})") from None


def _hand_over(own: LookSettings | None, score_threshold: float | None) -> HandOver:
    """The model's own hand-over; a threshold that a person chose holds everywhere."""
    if own is None:
        return heads_only(_UNFITTED_THRESHOLD if score_threshold is None else score_threshold)
    if score_threshold is None:
        return own.counting
    return replace(own.counting, open_threshold=score_threshold, crowd_threshold=score_threshold)


def crowding_of(people: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the people in a square of CROWD_SQUARE_PX of the input around each density cell."""
    side_cells = CROWD_SQUARE_PX / DENSITY_STRIDE_PX
    around = cv2.GaussianBlur(people, (0, 0), side_cells / 2, borderType=cv2.BORDER_REFLECT)
    return np.asarray(around * side_cells**2, dtype=np.float32)


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
