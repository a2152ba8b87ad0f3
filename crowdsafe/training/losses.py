"""The losses of a batch: heat map, offsets, sizes, density, count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from crowdsafe.training.crops import Sample
from crowdsafe.training.network import SIZE_UNIT_PX, RawOutput
from crowdsafe.training.recipe import Recipe

_COUNT_FLOOR = 8.0
"""Added to the heads of a batch before dividing by them, so that empty batches stay tame."""


@dataclass(frozen=True)
class Batch:
    """A batch as tensors.

    images: (B, 3, S, S) in 0..1; heat: (B, S/4, S/4); density: (B, S/8, S/8); owner, column, row:
    (N,) picture and heat-map cell of each head; offsets: (N, 2); log_sizes: (N,).
    """

    images: Tensor
    heat: Tensor
    density: Tensor
    owner: Tensor
    column: Tensor
    row: Tensor
    offsets: Tensor
    log_sizes: Tensor


def to_batch(samples: list[Sample], device: torch.device) -> Batch:
    """Stack crops of one size into tensors on `device`."""
    targets = [sample.targets for sample in samples]
    images = np.stack([sample.image for sample in samples])
    cells = np.concatenate([target.cells for target in targets])
    owner = np.repeat(np.arange(len(samples)), [len(target.cells) for target in targets])
    sizes = np.concatenate([target.sizes_px for target in targets])
    offsets = np.concatenate([target.offsets for target in targets])
    return Batch(
        images=torch.from_numpy(images).to(device).permute(0, 3, 1, 2).float().div(255.0),
        heat=torch.from_numpy(np.stack([target.heat for target in targets])).to(device),
        density=torch.from_numpy(np.stack([target.density for target in targets])).to(device),
        owner=torch.from_numpy(owner).to(device),
        column=torch.from_numpy(cells[:, 0]).to(device),
        row=torch.from_numpy(cells[:, 1]).to(device),
        offsets=torch.from_numpy(offsets).to(device),
        log_sizes=torch.from_numpy(np.log(sizes / SIZE_UNIT_PX)).to(device),
    )


def losses(output: RawOutput, batch: Batch, recipe: Recipe) -> dict[str, Tensor]:
    """Weighted parts of the loss: heat, offset, size, density, count; their sum is the loss."""
    heads = float(len(batch.owner))
    offset = output.offset[batch.owner, :, batch.row, batch.column].float()
    log_size = output.log_size[batch.owner, :, batch.row, batch.column].float()
    density = output.density[:, 0]
    norm = heads + _COUNT_FLOOR
    count_error = (density.sum((1, 2)) - batch.density.sum((1, 2))).abs().sum()
    return {
        "heat": focal_loss(output.score_logit[:, 0].float(), batch.heat) / norm,
        "offset": recipe.offset_weight * (offset - batch.offsets).abs().sum() / norm,
        "size": recipe.size_weight * (log_size - batch.log_sizes[:, None]).abs().sum() / norm,
        "density": recipe.density_weight * poisson_loss(density, batch.density) / norm,
        "count": recipe.count_weight * count_error / norm,
    }


def focal_loss(logit: Tensor, heat: Tensor) -> Tensor:
    """Penalty-reduced focal loss, summed (Zhou et al., Objects as Points, 2019, equation 1).

    With p = sigmoid(logit): -(1 - p)^2 log p at heads, -(1 - heat)^4 p^2 log(1 - p) elsewhere.
    """
    probability = torch.sigmoid(logit)
    at_head = (heat >= 1.0).float()
    found = at_head * (1 - probability) ** 2 * functional.softplus(-logit)
    false = (1 - at_head) * (1 - heat) ** 4 * probability**2 * functional.softplus(logit)
    return (found + false).sum()


def poisson_loss(density: Tensor, target: Tensor) -> Tensor:
    """Poisson deviance, summed: d - t log d, less its minimum t - t log t; 0 where d = t."""
    log_density = torch.log(density + 1e-6)
    best = torch.xlogy(target, target) - target
    return (density - target * log_density + best).sum()
