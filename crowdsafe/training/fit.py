"""The training run: steps, weight average, checkpoints that survive a kill, a log."""

from __future__ import annotations

import csv
import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch import Tensor, nn

from crowdsafe.errors import BadInput
from crowdsafe.training.crops import CropSource, Sample
from crowdsafe.training.data import Dataset
from crowdsafe.training.losses import losses, to_batch
from crowdsafe.training.network import CrowdNet
from crowdsafe.training.recipe import Recipe
from crowdsafe.training.start import calibrate_norms, load_weights

CHECKPOINT_FILE = "checkpoint.pt"
LOG_FILE = "log.csv"
_LOG_FIELDS = ("step", "minutes", "rate", "loss", "heat", "offset", "size", "density", "count")
_LOG_EVERY_STEPS = 20
_CALIBRATION_STEP = 2**31
_COCO_LAYER_PREFIXES = ("b", "n")


@dataclass(frozen=True)
class RunSettings:
    """Where and how a run happens; what it does is in the recipe."""

    folder: Path
    weights_path: Path | None
    resume: bool
    threads: int
    device: str


class Run:
    """A training run whose state is its checkpoint: stopped at any time, it goes on from there."""

    def __init__(self, datasets: tuple[Dataset, ...], recipe: Recipe, settings: RunSettings):
        torch.set_num_threads(settings.threads)
        cv2.setNumThreads(settings.threads)
        torch.manual_seed(recipe.seed)
        self._recipe = recipe
        self._settings = settings
        self._device = torch.device(settings.device)
        self._source = CropSource(datasets, recipe)
        self._net = CrowdNet()
        self._step = 0
        self._earlier_s = 0.0
        settings.folder.mkdir(parents=True, exist_ok=True)
        checkpoint_path = settings.folder / CHECKPOINT_FILE
        if not settings.resume:
            if checkpoint_path.exists():
                raise BadInput(
                    f"{checkpoint_path}: there is a run already; "
                    "expected an empty folder, or --resume to go on with it"
                )
            if settings.weights_path is not None:
                load_weights(self._net, settings.weights_path)
                samples = [s for i in range(4) for s in self._source.batch(_CALIBRATION_STEP + i)]
                calibrate_norms(self._net, to_batch(samples, torch.device("cpu")).images)
        self._net.to(self._device, memory_format=torch.channels_last)
        self._optimizer = torch.optim.AdamW(
            _parameter_groups(self._net, recipe), weight_decay=recipe.weight_decay
        )
        self._average = {
            name: value.detach().clone() for name, value in self._net.state_dict().items()
        }
        if settings.resume:
            self._restore(checkpoint_path)

    def fit(self) -> Path:
        """Train until the recipe's minutes are over; returns the checkpoint's path."""
        recipe = self._recipe
        started_s = time.monotonic()
        saved_s = started_s
        self._net.train()
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with (
            Progress(*columns) as bar,
            _Log(self._settings.folder / LOG_FILE) as log,
            ThreadPoolExecutor(max_workers=1) as drawer,
        ):
            drawn = drawer.submit(self._source.batch, self._step)
            task = bar.add_task("training", total=recipe.minutes)
            while True:
                now_s = time.monotonic()
                spent_s = self._earlier_s + now_s - started_s
                progress = spent_s / (60.0 * recipe.minutes)
                if progress >= 1.0:
                    break
                rate = _rate(recipe, self._step, progress)
                samples = drawn.result()
                drawn = drawer.submit(self._source.batch, self._step + 1)
                parts = self._one_step(samples, rate)
                loss = sum(parts.values())
                log.add(self._step, spent_s / 60.0, rate, {"loss": loss, **parts})
                bar.update(
                    task,
                    completed=spent_s / 60.0,
                    description=f"step {self._step}, loss {loss:.3f}",
                )
                if now_s - saved_s > 60.0 * recipe.checkpoint_minutes:
                    self._save(spent_s)
                    saved_s = now_s
            bar.update(task, completed=recipe.minutes)
        return self._save(self._earlier_s + time.monotonic() - started_s)

    def _one_step(self, samples: list[Sample], rate: float) -> dict[str, float]:
        recipe = self._recipe
        batch = to_batch(samples, self._device)
        images = batch.images.contiguous(memory_format=torch.channels_last)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=recipe.precision == "bf16"):
            output = self._net(images)
        parts = losses(output, batch, recipe)
        loss: Tensor = torch.stack(list(parts.values())).sum()
        for group in self._optimizer.param_groups:
            group["lr"] = rate * group["rate_factor"]
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self._net.parameters(), recipe.gradient_clip)
        self._optimizer.step()
        self._step += 1
        self._update_average()
        return {name: float(part.detach()) for name, part in parts.items()}

    def _update_average(self) -> None:
        # Early averages would remember the untrained start for hundreds of steps.
        decay = min(self._recipe.ema_decay, (1 + self._step) / (10 + self._step))
        with torch.no_grad():
            for name, value in self._net.state_dict().items():
                kept = self._average[name]
                if kept.is_floating_point():
                    kept.lerp_(value, 1.0 - decay)
                else:
                    kept.copy_(value)

    def _save(self, spent_s: float) -> Path:
        path = self._settings.folder / CHECKPOINT_FILE
        partial = path.with_suffix(".partial")
        torch.save(
            {
                "recipe": self._recipe.model_dump(),
                "step": self._step,
                "spent_s": spent_s,
                "net": self._net.state_dict(),
                "average": self._average,
                "optimizer": self._optimizer.state_dict(),
            },
            partial,
        )
        partial.replace(path)
        return path

    def _restore(self, path: Path) -> None:
        state = read_checkpoint(path)
        self._net.load_state_dict(state["net"])
        self._average = {name: value.to(self._device) for name, value in state["average"].items()}
        self._optimizer.load_state_dict(state["optimizer"])
        self._step = state["step"]
        self._earlier_s = state["spent_s"]


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint's dictionary: recipe, step, spent_s, net, average, optimizer.

    Raises BadInput if there is none or it is of another kind.
    """
    if not path.is_file():
        raise BadInput(f"{path}: no checkpoint here; expected one written by fit")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, OSError, EOFError, ValueError) as error:
        raise BadInput(f"{path}: not a readable checkpoint ({error})") from error
    if not isinstance(state, dict) or "average" not in state:
        raise BadInput(f"{path}: not a checkpoint of fit; expected the field average")
    return state


def _rate(recipe: Recipe, step: int, progress: float) -> float:
    """Learning rate: linear warm-up, then a cosine from 1 to `final_rate_factor`."""
    warmup = min(1.0, (step + 1) / max(recipe.warmup_steps, 1))
    cosine = 0.5 * (1.0 + math.cos(math.pi * progress))
    low = recipe.final_rate_factor
    return recipe.learning_rate * warmup * (low + (1.0 - low) * cosine)


def _parameter_groups(net: CrowdNet, recipe: Recipe) -> list[dict[str, Any]]:
    pretrained: list[nn.Parameter] = []
    new: list[nn.Parameter] = []
    for name, parameter in net.named_parameters():
        layer = name.partition(".")[0]
        known = layer[:1] in _COCO_LAYER_PREFIXES and layer[1:].isdigit()
        (pretrained if known else new).append(parameter)
    return [
        {"params": pretrained, "rate_factor": recipe.backbone_rate_factor},
        {"params": new, "rate_factor": 1.0},
    ]


class _Log:
    """A CSV of mean losses, a row every `_LOG_EVERY_STEPS` steps."""

    def __init__(self, path: Path) -> None:
        fresh = not path.exists()
        self._file = path.open("a", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file)
        if fresh:
            self._writer.writerow(_LOG_FIELDS)
        self._sums = dict.fromkeys(_LOG_FIELDS[3:], 0.0)
        self._steps = 0

    def __enter__(self) -> _Log:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, step: int, minutes: float, rate: float, parts: dict[str, float]) -> None:
        for name, value in parts.items():
            self._sums[name] += value
        self._steps += 1
        if self._steps < _LOG_EVERY_STEPS:
            return
        means = [f"{total / self._steps:.5f}" for total in self._sums.values()]
        self._writer.writerow([step, f"{minutes:.2f}", f"{rate:.3e}", *means])
        self._file.flush()
        self._sums = dict.fromkeys(self._sums, 0.0)
        self._steps = 0
