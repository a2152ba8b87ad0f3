"""Choosing the room for a model file."""

from pathlib import Path

from crowdsafe.edge.detector.base import Detector
from crowdsafe.edge.detector.onnx_model import OnnxDetector
from crowdsafe.edge.detector.ultralytics_model import UltralyticsDetector
from crowdsafe.errors import BadInput


def load_detector(
    path: Path,
    *,
    threads: int = 1,
    score_threshold: float | None = None,
    long_side_px: int | None = None,
    fast: bool = False,
) -> Detector:
    """Load a model file.

    Args:
        path: .onnx, or .pt with the extra ``train`` installed.
        threads: processor threads for one picture.
        score_threshold: instead of the model's own, 0 to 1.
        long_side_px: input size instead of the model's own.
        fast: use the model's own setting for weak processors.

    Raises:
        BadInput: missing, damaged, of another kind or layout, or without a fast setting that was
            asked for.
    """
    if path.suffix == ".pt":
        if fast:
            raise BadInput(f"{path}: a .pt file has no fast setting; expected a model of our own")
        return UltralyticsDetector(path, score_threshold=score_threshold, long_side_px=long_side_px)
    if path.suffix != ".onnx":
        raise BadInput(f"{path}: expected a model file that ends in .onnx or .pt")
    return OnnxDetector(
        path,
        threads=threads,
        score_threshold=score_threshold,
        long_side_px=long_side_px,
        fast=fast,
    )
