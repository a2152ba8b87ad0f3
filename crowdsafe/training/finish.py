"""The end of a run: export, choose settings on held-out pictures, store them in the file."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from crowdsafe.contract.model_file import STRIDE_PX, CountSd, ModelSettings
from crowdsafe.edge.detector.onnx_model import OnnxDetector
from crowdsafe.errors import BadInput
from crowdsafe.training.data import Dataset
from crowdsafe.training.export import export_onnx
from crowdsafe.training.fit import CHECKPOINT_FILE
from crowdsafe.training.gate import Gate, choose_gate
from crowdsafe.training.metadata import write_settings
from crowdsafe.training.readings import LOWEST_SCORE, read_furnished, read_held_out
from crowdsafe.training.search import HeldOut
from crowdsafe.training.tuning import (
    Choice,
    CrossValidated,
    choose_size,
    cross_validate,
    tune,
)

FAST_LONG_SIDE_PX = 640
"""Input of the fast setting."""


GATES = (
    Gate(0.0, 1.0),
    *(Gate(half, steepness) for half in (0.15, 0.25, 0.35, 0.45) for steepness in (4.0, 16.0)),
)
"""To choose from; the first lets all through."""


@dataclass(frozen=True)
class Finished:
    """What was chosen, and each folder's cross-validated figures at the chosen size."""

    choice: Choice
    gate: Gate
    cross_validated: dict[str, CrossValidated]


def parse_sizes(text: str) -> tuple[int, ...]:
    """Sizes in px from "1024,1280".

    Raises BadInput unless each is a multiple of the network's stride.
    """
    parts = [part.strip() for part in text.split(",")]
    sizes = [int(part) for part in parts if part.isdecimal()]
    if len(sizes) != len(parts) or any(size < STRIDE_PX or size % STRIDE_PX for size in sizes):
        raise BadInput(
            f"--sizes is {text!r}; expected multiples of {STRIDE_PX} with commas between, "
            "such as 1024,1280"
        )
    return tuple(sizes)


def finish(
    *,
    run_folders: Sequence[Path],
    datasets: Sequence[Dataset],
    long_sides_px: Sequence[int],
    out_path: Path,
    name: str,
    trained_on: datetime.date,
    console: Console,
) -> Finished:
    """Export a run, or the mean of several, to `out_path` and tune it.

    The file is written only when all is chosen.
    """
    checkpoint_paths = [folder / CHECKPOINT_FILE for folder in run_folders]
    draft_path = out_path.with_suffix(".draft.onnx")
    out_path.parent.mkdir(parents=True, exist_ok=True)
    settings = ModelSettings(
        name=name,
        score_threshold=0.5,
        input_long_side_px=long_sides_px[0],
        count_sd=CountSd(constant=1.0, sqrt=1.0, relative=0.0),
        trained_on=trained_on.isoformat(),
    )
    try:
        export_onnx(
            checkpoint_paths=checkpoint_paths,
            out_path=draft_path,
            density_factor=1.0,
            gate=GATES[0],
        )
        write_settings(draft_path, settings)
        held_out = {}
        for size_px in {FAST_LONG_SIDE_PX, *long_sides_px}:
            detector = OnnxDetector(draft_path, score_threshold=LOWEST_SCORE, long_side_px=size_px)
            with console.status(f"held-out pictures at {size_px} px"):
                held_out[size_px] = HeldOut(
                    read_held_out(detector=detector, datasets=datasets),
                    read_furnished(detector=detector, datasets=datasets),
                )
        with console.status("choosing what keeps out half people"):
            gate = choose_gate(held_out[min(long_sides_px)], GATES)
            held_out = {size: said.mapped(gate.applied) for size, said in held_out.items()}
        with console.status("choosing settings"):
            choice = choose_size(
                {size_px: held_out[size_px] for size_px in long_sides_px},
            )
            # One file has one density factor; the fast setting lives with the full one's.
            fast = tune(
                held_out[FAST_LONG_SIDE_PX],
                FAST_LONG_SIDE_PX,
                density_factor=choice.density_factor,
            )
        export_onnx(
            checkpoint_paths=checkpoint_paths,
            out_path=draft_path,
            density_factor=choice.density_factor,
            gate=gate,
        )
        write_settings(
            draft_path,
            ModelSettings(
                **choice.settings().model_dump(),
                name=name,
                trained_on=trained_on.isoformat(),
                fast=fast.settings(),
            ),
        )
        draft_path.replace(out_path)
    finally:
        draft_path.unlink(missing_ok=True)
    return Finished(
        choice,
        gate,
        cross_validate(held_out[choice.long_side_px], choice.long_side_px),
    )
