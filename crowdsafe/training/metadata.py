"""Settings into the metadata of a model's file."""

from __future__ import annotations

from pathlib import Path

import onnx

from crowdsafe.contract.model_file import METADATA_KEY, STRIDE_PX, ModelSettings

NETWORK_NODES = "/_net/"
"""Nodes of an exported model whose name begins so are the network's; the others decode."""


def write_settings(onnx_path: Path, settings: ModelSettings, out_path: Path | None = None) -> None:
    """Store the settings in the file's metadata, beside what YOLO tools look for.

    The file is replaced as a whole, or written to `out_path` if that is given.
    """
    model = onnx.load(str(onnx_path))
    onnx.helper.set_model_props(
        model,
        {
            "names": "{0: 'head'}",
            "stride": str(STRIDE_PX),
            "task": "detect",
            METADATA_KEY: settings.model_dump_json(),
        },
    )
    out_path = out_path or onnx_path
    partial_path = out_path.with_suffix(".partial")
    onnx.save(model, str(partial_path))
    partial_path.replace(out_path)
