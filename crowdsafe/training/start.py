"""Starting weights: YOLO11n's COCO weights, de-quantised from an int8 ONNX file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn
from ultralytics.nn.modules import Conv

from crowdsafe.errors import BadInput
from crowdsafe.training.network import CrowdNet

_LAYERS = {
    **{f"b{number}": f"model.{number}" for number in range(10)},
    "n13": "model.13",
    "n16": "model.16",
}


def load_coco_weights(net: CrowdNet, weights_path: Path) -> int:
    """Copy YOLO11n's folded convolutions into `net`; returns how many layers were filled.

    The file's convolutions have their BatchNorm folded in. The folded bias is put into the
    BatchNorm of the same layer as README of the weights says: mean 0, variance 1 - eps, weight 1,
    so that the network computes what the file does until `calibrate_norms` makes that also true
    in training mode.

    Raises BadInput if the file is no YOLO11n of that kind.
    """
    if not weights_path.is_file():
        raise BadInput(f"{weights_path}: starting weights not found; expected an ONNX file")
    try:
        onnx.checker.check_model(str(weights_path))
    except onnx.checker.ValidationError as error:
        raise BadInput(f"{weights_path}: not a readable ONNX file ({error})") from error
    model = onnx.load(str(weights_path))
    arrays = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    filled = 0
    for name, module in net.named_modules():
        if not isinstance(module, Conv):
            continue
        layer, _, rest = name.partition(".")
        if layer not in _LAYERS:
            continue
        stem = f"{_LAYERS[layer]}.{rest}".rstrip(".")
        _fill(module, arrays, f"{stem}.conv", weights_path)
        filled += 1
    return filled


def _fill(module: Conv, arrays: dict[str, NDArray[np.generic]], stem: str, path: Path) -> None:
    try:
        quantized = arrays[f"{stem}.weight_quantized"].astype(np.float32)
        zero_point = arrays[f"{stem}.weight_zero_point"].astype(np.float32)
        scale = arrays[f"{stem}.weight_scale"].astype(np.float32)
        bias = arrays[f"{stem}.bias"].astype(np.float32)
    except KeyError as error:
        raise BadInput(
            f"{path}: initialiser {error} is missing; expected YOLO11n quantised to int8"
        ) from error
    weight = scale * (quantized - zero_point)
    if weight.shape != tuple(module.conv.weight.shape):
        raise BadInput(
            f"{path}: {stem} has shape {weight.shape}; "
            f"expected {tuple(module.conv.weight.shape)} as in YOLO11n"
        )
    with torch.no_grad():
        module.conv.weight.copy_(torch.from_numpy(weight))
        module.bn.bias.copy_(torch.from_numpy(bias))
        module.bn.weight.fill_(1.0)
        module.bn.running_mean.zero_()
        module.bn.running_var.fill_(1.0 - module.bn.eps)


def calibrate_norms(net: CrowdNet, images: Tensor) -> None:
    """Give the COCO layers' BatchNorms the statistics of `images`, (B, 3, H, W) in 0..1.

    A folded BatchNorm is the identity plus a bias only in evaluation mode; in training mode it
    would divide by the batch's deviation and undo the weights. So weight and bias are set to the
    measured deviation and mean, which leaves the layer's function as it was in both modes.
    """
    hooks = [
        module.bn.register_forward_pre_hook(_absorb_statistics)
        for name, module in net.named_modules()
        if isinstance(module, Conv) and name.partition(".")[0] in _LAYERS
    ]
    net.eval()
    with torch.no_grad():
        net(images)
    for hook in hooks:
        hook.remove()


def _absorb_statistics(norm: nn.Module, inputs: tuple[Tensor]) -> None:
    assert isinstance(norm, nn.BatchNorm2d)
    mean = inputs[0].mean((0, 2, 3))
    variance = inputs[0].var((0, 2, 3), unbiased=False)
    norm.bias.add_(mean)
    norm.weight.copy_(torch.sqrt(variance + norm.eps))
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
