"""From a checkpoint to an ONNX file that decodes itself: peaks, boxes, people per cell."""

from __future__ import annotations

import types
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from ultralytics.nn.modules import C2f

from crowdsafe.contract.model_file import (
    DENSITY_NAME,
    HEAD_STRIDE_PX,
    HEADS_NAME,
    INPUT_NAME,
    STRIDE_PX,
)
from crowdsafe.training.fit import read_checkpoint
from crowdsafe.training.gate import Gate
from crowdsafe.training.network import SIZE_UNIT_PX, CrowdNet

OPSET = 17
_LOG_SIZE_RANGE = (-2.5, 3.0)
"""Keeps decoded head sizes between 1.3 and 321 px, whatever the network says."""


class Decoded(nn.Module):  # type: ignore[misc]
    """The network with its decoding: what goes into the ONNX file.

    From (B, 3, H, W) to heads (B, 5, H/4, W/4), which are score (0 but at peaks of a 3x3
    neighbourhood), x1, y1, x2, y2 in input px, and density (B, 1, H/8, W/8) in people per cell.
    """

    def __init__(self, net: CrowdNet, density_factor: float, gate: Gate) -> None:
        super().__init__()
        self._net = net.eval()
        self._density_factor = density_factor
        self._gate = gate
        for module in net.modules():
            if isinstance(module, C2f):
                _unsplit(module)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        raw = self._net(images)
        score = torch.sigmoid(raw.score_logit)
        peak = functional.max_pool2d(score, 3, stride=1, padding=1) == score
        rows = torch.arange(score.shape[2], dtype=score.dtype)[None, None, :, None]
        columns = torch.arange(score.shape[3], dtype=score.dtype)[None, None, None, :]
        centre_x = (columns + raw.offset[:, :1]) * HEAD_STRIDE_PX
        centre_y = (rows + raw.offset[:, 1:]) * HEAD_STRIDE_PX
        half = 0.5 * SIZE_UNIT_PX * torch.exp(raw.log_size.clamp(*_LOG_SIZE_RANGE))
        half_width, half_height = half[:, :1], half[:, 1:]
        heads = torch.cat(
            (
                score * peak.to(score.dtype),
                centre_x - half_width,
                centre_y - half_height,
                centre_x + half_width,
                centre_y + half_height,
            ),
            1,
        )
        return heads, self._gate.let_through(raw.density) * self._density_factor


def load_average(checkpoint_paths: Sequence[Path]) -> CrowdNet:
    """The averaged network of a checkpoint, or the mean of several, in evaluation mode.

    A mean of runs that began with the same weights is often better than each (Wortsman et al.,
    Model soups, 2022); of others it is noise.

    Raises BadInput as `read_checkpoint`.
    """
    averages = [read_checkpoint(path)["average"] for path in checkpoint_paths]
    mean = {
        name: torch.stack([average[name] for average in averages]).mean(0)
        if value.is_floating_point()
        else value
        for name, value in averages[0].items()
    }
    net = CrowdNet()
    net.load_state_dict(mean)
    net.eval()
    return net


def export_onnx(
    *, checkpoint_paths: Sequence[Path], out_path: Path, density_factor: float, gate: Gate
) -> None:
    """Write the checkpoints' averaged network as ONNX with free batch, height and width."""
    model = Decoded(load_average(checkpoint_paths), density_factor, gate)
    partial_path = out_path.with_suffix(".partial")
    free = {0: "batch", 2: "height", 3: "width"}
    with warnings.catch_warnings():
        # The tracing exporter is called legacy, but needs no further package and its graphs
        # run on older onnxruntimes too.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (torch.zeros(1, 3, 8 * STRIDE_PX, 8 * STRIDE_PX),),
            str(partial_path),
            opset_version=OPSET,
            dynamo=False,
            input_names=[INPUT_NAME],
            output_names=[HEADS_NAME, DENSITY_NAME],
            dynamic_axes={INPUT_NAME: free, HEADS_NAME: free, DENSITY_NAME: free},
        )
    partial_path.replace(out_path)


def _unsplit(block: C2f) -> None:
    """Compute the halves of a C2f's first convolution apart instead of splitting its output.

    The result is the same; onnxruntime keeps its blocked memory layout only without the split.
    """
    conv, norm, act, half = block.cv1.conv, block.cv1.bn, block.cv1.act, block.c
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    weight = (conv.weight * scale[:, None, None, None]).detach()
    bias = (norm.bias - norm.running_mean * scale).detach()

    def forward(block: C2f, features: Tensor) -> Tensor:
        parts = [
            act(functional.conv2d(features, weight[:half], bias[:half])),
            act(functional.conv2d(features, weight[half:], bias[half:])),
        ]
        for inner in block.m:
            parts.append(inner(parts[-1]))
        joined: Tensor = block.cv2(torch.cat(parts, 1))
        return joined

    block.forward = types.MethodType(forward, block)
