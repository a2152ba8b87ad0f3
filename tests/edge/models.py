"""Tiny ONNX models whose output is a constant, shaped like those of known YOLOs."""

import json
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Outputs = dict[str, NDArray[np.float32]]


def write_model(
    path: Path,
    outputs: Outputs,
    *,
    input_shape: tuple[int | str, ...] = (1, 3, 64, 64),
    metadata: dict[str, str] | None = None,
    input_type: int = TensorProto.FLOAT,
) -> Path:
    """Write a model that answers ``outputs`` to any picture."""
    nodes = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(value, name))
        for name, value in outputs.items()
    ]
    graph = helper.make_graph(
        nodes,
        "constant",
        [helper.make_tensor_value_info("images", input_type, list(input_shape))],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, list(value.shape))
            for name, value in outputs.items()
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    for key, value in (metadata or {}).items():
        model.metadata_props.add(key=key, value=value)
    onnx.save(model, str(path))
    return path


def own_metadata(**changes: object) -> dict[str, str]:
    """Return the metadata of our own head model."""
    content = {
        "layout": "heads-density-1",
        "name": "tiny-heads",
        "score_threshold": 0.4,
        "input_long_side_px": 64,
        "count_sd": {"constant": 0.1, "sqrt": 0.2, "relative": 0.3},
        "trained_on": "2026-11-24",
        **changes,
    }
    return {"crowdsafe": json.dumps(content), "names": "{0: 'head'}", "task": "detect"}
