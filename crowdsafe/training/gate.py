"""What keeps the density map from counting half people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from crowdsafe.contract.model_file import DENSITY_STRIDE_PX
from crowdsafe.domain.crowd.hand_over import CROWD_SQUARE_PX
from crowdsafe.edge.detections import Detections
from crowdsafe.edge.detector.onnx_model import crowding_of
from crowdsafe.training.evidence import evidence_of
from crowdsafe.training.readings import Reading
from crowdsafe.training.search import HeldOut, best_density_factor, try_all


@dataclass(frozen=True)
class Gate:
    """From how many people on the density counts.

    The network is never quite sure of nobody, and an empty picture has ten thousand cells; what is
    like a person by half is a post.

    Attributes:
        half_people: people around a cell, averaged by a Gaussian over a square of CROWD_SQUARE_PX,
            at which half of its density counts. At the only person of a place there are 0.6. With
            0 all of it counts everywhere.
        steepness: how sudden that is.
    """

    half_people: float
    steepness: float

    def let_through(self, density: Tensor) -> Tensor:
        """The density, (B, 1, h, w) in people per cell, without less than half people."""
        if self.half_people == 0.0:
            return density
        side = CROWD_SQUARE_PX / DENSITY_STRIDE_PX
        sigma = side / 2
        reach = int(3 * sigma)
        steps = torch.arange(-reach, reach + 1, dtype=density.dtype)
        bell = torch.exp(-(steps**2) / (2 * sigma**2))
        bell = side * bell / bell.sum()
        around = functional.pad(density, (reach, reach, reach, reach), mode="replicate")
        around = functional.conv2d(around, bell[None, None, :, None])
        around = functional.conv2d(around, bell[None, None, None, :])
        excess = torch.log(around + 1e-6) - math.log(self.half_people)
        return density * torch.sigmoid(self.steepness * excess)

    def applied(self, reading: Reading) -> Reading:
        """A reading of a model without a gate, as one with this gate would have given it."""
        return replace(reading, found=self._gated(reading.found))

    def _gated(self, found: Detections) -> Detections:
        # Held-out pictures are read whole: one map.
        (part,) = found.density
        people = self.let_through(torch.from_numpy(part.people)[None, None])[0, 0].numpy()
        crowding = crowding_of(people)
        centres = (found.xyxy_px[:, :2] + found.xyxy_px[:, 2:]) / 2
        rows, columns = people.shape
        at = np.clip(centres // part.cell_px, 0, [columns - 1, rows - 1]).astype(np.intp)
        return replace(
            found,
            crowding=crowding[at[:, 1], at[:, 0]].astype(np.float64),
            density=(replace(part, people=people, crowding=crowding),),
        )


def choose_gate(held_out: HeldOut, gates: Sequence[Gate]) -> Gate:
    """The gate of the cheapest hand-over of all.

    Args:
        held_out: readings of a model without a gate.
        gates: to choose from.
    """
    costs = []
    for gate in gates:
        gated = held_out.mapped(gate.applied)
        factor = best_density_factor(gated.plain, evidence_of(gated.plain))
        costs.append(float(try_all(gated, factor).costs.min()))
    return gates[int(np.argmin(costs))]
