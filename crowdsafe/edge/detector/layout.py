"""Telling the output layouts of YOLO models apart by shape and metadata."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from crowdsafe.contract.model_file import (
    DENSITY_STRIDE_PX,
    HEAD_STRIDE_PX,
    LAYOUT,
    read_settings,
)
from crowdsafe.edge.detections import Kind
from crowdsafe.errors import BadInput

COCO_CLASSES = 80
_STRIDES_PX = (8, 16, 32)
_KNOWN = (
    "known are YOLOv5 (1, 3·cells, 5 + classes), YOLOv8 and 11 (1, 4 + classes, cells), "
    "YOLOv10 and 26 (1, boxes, 6), YOLOX (1, cells, 5 + classes) and crowdsafe's own"
)


class Layout(Enum):
    """How a model writes its boxes."""

    HEADS_DENSITY = LAYOUT
    YOLOV5 = "yolov5"
    YOLOV8 = "yolov8"
    END_TO_END = "end-to-end"
    YOLOX = "yolox"


@dataclass(frozen=True)
class PersonClass:
    """Which class of a model counts people, and as what."""

    index: int
    kind: Kind


def cells(height_px: int, width_px: int) -> int:
    """Return how many cells the strides 8, 16 and 32 have together."""
    return sum((height_px // stride) * (width_px // stride) for stride in _STRIDES_PX)


def layout_of(
    model: str,
    *,
    input_hw_px: tuple[int, int],
    output_shapes: Sequence[tuple[int, ...]],
    metadata: Mapping[str, str],
) -> Layout:
    """Name the layout of a model's outputs.

    Args:
        model: its file, for the error.
        input_hw_px: height and width of the input that gave the outputs.
        output_shapes: of the outputs of one run on one picture.
        metadata: the model's own.

    Raises:
        BadInput: none of the known layouts; the sentence says what was found.
    """
    if read_settings(metadata, model) is not None:
        height, width = input_hw_px
        heads, density = (
            (height // stride, width // stride) for stride in (HEAD_STRIDE_PX, DENSITY_STRIDE_PX)
        )
        expected = [(1, 5, *heads), (1, 1, *density)]
        if list(output_shapes) != expected:
            raise BadInput(f"{model}: outputs {list(output_shapes)}, expected {expected}")
        return Layout.HEADS_DENSITY
    task = metadata.get("task", "detect")
    if task != "detect":
        raise BadInput(f"{model}: is a model for '{task}', expected one for 'detect'")
    if len(output_shapes) != 1 or len(output_shapes[0]) != 3:
        raise BadInput(f"{model}: outputs of shape {list(output_shapes)}; {_KNOWN}")
    _, rows, columns = output_shapes[0]
    n = cells(*input_hw_px)
    if columns >= 6 and rows == 3 * n:
        return Layout.YOLOV5
    if columns >= 6 and rows == n:
        return Layout.YOLOX
    if rows >= 5 and columns == n:
        return Layout.YOLOV8
    if columns == 6:
        return Layout.END_TO_END
    raise BadInput(f"{model}: output of shape {output_shapes[0]}; {_KNOWN}")


def class_names(model: str, metadata: Mapping[str, str]) -> dict[int, str] | None:
    """Return the class names of the metadata (ultralytics writes them), None without any."""
    text = metadata.get("names")
    if text is None:
        return None
    try:
        names = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        raise BadInput(f"{model}: metadata names: {text[:60]!r} is not a table of names") from None
    if isinstance(names, (list, tuple)):
        names = dict(enumerate(names))
    if not isinstance(names, dict) or not all(isinstance(key, int) for key in names):
        raise BadInput(f"{model}: metadata names: {text[:60]!r} is not a table of names")
    return {key: str(value) for key, value in names.items()}


def person_class(
    model: str, *, names: Mapping[int, str] | None, classes: int | None
) -> PersonClass:
    """Return the class that counts people: heads when there are any, else persons.

    Args:
        model: its file, for the error.
        names: of the metadata; None for a model without, which must then have COCO's 80 classes.
        classes: number of classes by the output's shape, None where the shape does not tell.

    Raises:
        BadInput: no class is a head or a person.
    """
    if names is None:
        if classes == COCO_CLASSES:
            return PersonClass(index=0, kind="body")
        raise BadInput(
            f"{model}: has no class names in its metadata, expected names with 'head' or 'person', "
            f"or COCO's {COCO_CLASSES} classes"
        )
    wanted: tuple[tuple[str, Kind], ...] = (
        ("head", "head"),
        ("person", "body"),
        ("pedestrian", "body"),
    )
    for word, kind in wanted:
        for index, name in sorted(names.items()):
            if name.strip().lower() in (word, word + "s"):
                return PersonClass(index=index, kind=kind)
    listed = ", ".join(list(names.values())[:8])
    raise BadInput(f"{model}: its classes are {listed}; expected one of them to be head or person")
