"""Starting weights: a model of our own, or YOLO11n's COCO weights de-quantised from int8 ONNX."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn
from ultralytics.nn.modules import Conv

from crowdsafe.contract.model_file import METADATA_KEY
from crowdsafe.errors import BadInput
from crowdsafe.training.metadata import NETWORK_NODES
from crowdsafe.training.network import CrowdNet

_LAYERS = {
    **{f"b{number}": f"model.{number}" for number in range(10)},
    "n13": "model.13",
    "n16": "model.16",
}


def load_weights(net: CrowdNet, weights_path: Path) -> int:
    """Start `net` from an exported model of ours or from YOLO11n's; returns the filled layers.

    Raises BadInput if the file is neither.
    """
    model = _read(weights_path)
    if any(entry.key == METADATA_KEY for entry in model.metadata_props):
        return _load_own(net, model, weights_path)
    return _load_coco(net, model, weights_path)


def _read(weights_path: Path) -> onnx.ModelProto:
    if not weights_path.is_file():
        raise BadInput(f"{weights_path}: starting weights not found; expected an ONNX file")
    try:
        onnx.checker.check_model(str(weights_path))
    except onnx.checker.ValidationError as error:
        raise BadInput(f"{weights_path}: not a readable ONNX file ({error})") from error
    return onnx.load(str(weights_path))


def _load_own(net: CrowdNet, model: onnx.ModelProto, path: Path) -> int:
    """Copy the convolutions of an exported model of ours back into `net`.

    The export names each node after its layer. The first convolution of a C2f was exported as two
    halves, which are joined again.
    """
    arrays = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant" and node.attribute[0].HasField("t"):
            arrays[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
    parts: dict[str, list[tuple[NDArray[np.generic], NDArray[np.generic]]]] = {}
    for node in model.graph.node:
        if node.op_type == "Conv" and node.name.startswith(NETWORK_NODES):
            try:
                weight_and_bias = arrays[node.input[1]], arrays[node.input[2]]
            except (KeyError, IndexError):
                raise BadInput(
                    f"{path}: {node.name} has no plain weights; expected an fp32 model "
                    "written by `crowdsafe train export`"
                ) from None
            parts.setdefault(_layer_name(node.name), []).append(weight_and_bias)
    filled = 0
    for name, module in net.named_modules():
        if isinstance(module, Conv):
            weight, bias = _joined(parts, name, path)
            _fill(module, weight, bias, name, path)
        elif isinstance(module, nn.Conv2d) and "." not in name:
            weight, bias = _joined(parts, name, path)
            _check_shape(weight, module, name, path)
            with torch.no_grad():
                module.weight.copy_(torch.from_numpy(weight.astype(np.float32)))
                assert module.bias is not None
                module.bias.copy_(torch.from_numpy(bias.astype(np.float32)))
        else:
            continue
        filled += 1
    return filled


def _layer_name(node_name: str) -> str:
    """Layer of a Conv node: "/_net/b6/m.0/m/m.1/cv2/conv/Conv" is "b6.m.0.m.1.cv2"."""
    kept: list[str] = []
    for piece in node_name.split("/")[2:-1]:
        if kept and piece.startswith(f"{kept[-1]}."):
            kept[-1] = piece
        else:
            kept.append(piece)
    if kept[-1] == "conv":
        return ".".join(kept[:-1])
    return kept[0] if kept[0].endswith("_out") else f"{kept[0]}.cv1"


def _joined(
    parts: dict[str, list[tuple[NDArray[np.generic], NDArray[np.generic]]]], name: str, path: Path
) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    if name not in parts:
        raise BadInput(f"{path}: layer {name} is missing; expected a model of the same network")
    weights, biases = zip(*parts[name], strict=True)
    return np.concatenate(weights), np.concatenate(biases)


def _load_coco(net: CrowdNet, model: onnx.ModelProto, weights_path: Path) -> int:
    """Copy YOLO11n's folded convolutions into `net`; returns how many layers were filled.

    The file's convolutions have their BatchNorm folded in. The folded bias is put into the
    BatchNorm of the same layer as README of the weights says: mean 0, variance 1 - eps, weight 1,
    so that the network computes what the file does until `calibrate_norms` makes that also true
    in training mode.

    Raises BadInput if the file is no YOLO11n of that kind.
    """
    arrays = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    filled = 0
    for name, module in net.named_modules():
        if not isinstance(module, Conv):
            continue
        layer, _, rest = name.partition(".")
        if layer not in _LAYERS:
            continue
        stem = f"{_LAYERS[layer]}.{rest}".rstrip(".")
        weight, bias = _dequantised(arrays, f"{stem}.conv", weights_path)
        _fill(module, weight, bias, stem, weights_path)
        filled += 1
    return filled


def _dequantised(
    arrays: dict[str, NDArray[np.generic]], stem: str, path: Path
) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    try:
        quantized = arrays[f"{stem}.weight_quantized"].astype(np.float32)
        zero_point = arrays[f"{stem}.weight_zero_point"].astype(np.float32)
        scale = arrays[f"{stem}.weight_scale"].astype(np.float32)
        bias = arrays[f"{stem}.bias"].astype(np.float32)
    except KeyError as error:
        raise BadInput(
            f"{path}: initialiser {error} is missing; expected YOLO11n quantised to int8, "
            "or a model of ours"
        ) from error
    return scale * (quantized - zero_point), bias


def _check_shape(weight: NDArray[np.generic], layer: nn.Conv2d, name: str, path: Path) -> None:
    expected = tuple(layer.weight.shape)
    if weight.shape != expected:
        raise BadInput(f"{path}: {name} has shape {weight.shape}; expected {expected}")


def _fill(
    module: Conv,
    weight: NDArray[np.generic],
    bias: NDArray[np.generic],
    name: str,
    path: Path,
) -> None:
    _check_shape(weight, module.conv, name, path)
    with torch.no_grad():
        module.conv.weight.copy_(torch.from_numpy(weight.astype(np.float32)))
        module.bn.bias.copy_(torch.from_numpy(bias.astype(np.float32)))
        module.bn.weight.fill_(1.0)
        module.bn.running_mean.zero_()
        module.bn.running_var.fill_(1.0 - module.bn.eps)


def calibrate_norms(net: CrowdNet, images: Tensor) -> None:
    """Give the BatchNorms of filled layers the statistics of `images`, (B, 3, H, W) in 0..1.

    A folded BatchNorm is the identity plus a bias only in evaluation mode; in training mode it
    would divide by the batch's deviation and undo the weights. So weight and bias are set to the
    measured deviation and mean, which leaves the layer's function as it was in both modes.
    """
    hooks = [
        module.bn.register_forward_pre_hook(_absorb_statistics)
        for module in net.modules()
        if isinstance(module, Conv) and _is_folded(module.bn)
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


def _is_folded(norm: nn.BatchNorm2d) -> bool:
    return bool((norm.running_var == 1.0 - norm.eps).all())
