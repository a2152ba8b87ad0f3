"""The crowd network: YOLO11n's backbone, a neck down to stride 4, heads and density in one pass."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from ultralytics.nn.modules import SPPF, C3k2, Conv

SIZE_UNIT_PX = 16.0
"""Predicted head sizes are log(size / SIZE_UNIT_PX), so that an untrained network says 16 px."""


class RawOutput(NamedTuple):
    """What the network computes before any decoding.

    score_logit: (B, 1, H/4, W/4); offset: (B, 2, H/4, W/4), x and y of the head inside its cell in
    cells; log_size: (B, 2, H/4, W/4), log of width and height in units of SIZE_UNIT_PX;
    density: (B, 1, H/8, W/8), people per cell, positive.
    """

    score_logit: Tensor
    offset: Tensor
    log_size: Tensor
    density: Tensor


class CrowdNet(nn.Module):  # type: ignore[misc]
    """One pass from (B, 3, H, W) RGB in 0..1, H and W multiples of 32, to a `RawOutput`.

    The layers `b0` to `b9` are YOLO11n's backbone and `n13`, `n16` its top-down neck, numbered as
    in ultralytics' yolo11.yaml, so that COCO weights fit. C2PSA is left out: attention costs time
    at large inputs and heads are local. The neck goes on to stride 4, where neighbours 8 px apart
    still have cells of their own.
    """

    def __init__(self) -> None:
        super().__init__()
        self.b0 = Conv(3, 16, 3, 2)
        self.b1 = Conv(16, 32, 3, 2)
        self.b2 = C3k2(32, 64, 1, False, 0.25)
        self.b3 = Conv(64, 64, 3, 2)
        self.b4 = C3k2(64, 128, 1, False, 0.25)
        self.b5 = Conv(128, 128, 3, 2)
        self.b6 = C3k2(128, 128, 1, True)
        self.b7 = Conv(128, 256, 3, 2)
        self.b8 = C3k2(256, 256, 1, True)
        self.b9 = SPPF(256, 256, 5)
        # YOLO11's published weights were trained with an activation here; newer releases of
        # ultralytics leave it out by default.
        self.b9.cv1.act = nn.SiLU()
        self.n13 = C3k2(384, 128, 1, False)
        self.n16 = C3k2(256, 64, 1, False)
        self.lateral = _conv(64, 24, 1)
        self.reduce = _conv(64, 24, 1)
        self.fine = C3k2(48, 32, 1, False)
        self.head_stem = _conv(32, 24, 3)
        self.head_out = nn.Conv2d(24, 5, 1)
        self.density_down = _conv(32, 32, 3, 2)
        self.density_reduce = _conv(96, 32, 1)
        self.density_stem = _conv(32, 32, 3)
        self.density_out = nn.Conv2d(32, 1, 3, padding=1)
        with torch.no_grad():
            self.head_out.bias.zero_()
            self.head_out.bias[0] = -4.6
            self.density_out.bias.fill_(-4.0)

    def forward(self, images: Tensor) -> RawOutput:
        """Run the network on `images`; see the class for shapes."""
        p2 = self.b2(self.b1(self.b0(images)))
        p3 = self.b4(self.b3(p2))
        p4 = self.b6(self.b5(p3))
        p5 = self.b9(self.b8(self.b7(p4)))
        p4 = self.n13(torch.cat((_double(p5), p4), 1))
        p3 = self.n16(torch.cat((_double(p4), p3), 1))
        fine = self.fine(torch.cat((_double(self.reduce(p3)), self.lateral(p2)), 1))
        head = self.head_out(self.head_stem(fine))
        density = self.density_reduce(torch.cat((self.density_down(fine), p3), 1))
        density = self.density_stem(density)
        return RawOutput(
            score_logit=head[:, :1],
            offset=head[:, 1:3],
            log_size=head[:, 3:5],
            density=functional.softplus(self.density_out(density).float()),
        )


def _conv(channels_in: int, channels_out: int, kernel: int, stride: int = 1) -> nn.Module:
    # ReLU: onnxruntime fuses it into the convolution, and these layers have no weights to keep.
    return Conv(channels_in, channels_out, kernel, stride, act=nn.ReLU())


def _double(features: Tensor) -> Tensor:
    return functional.interpolate(features, scale_factor=2.0, mode="nearest")
