"""How good an exported model is: a report on held-out pictures, empty scenes and speed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from crowdsafe.contract.model_file import CountFrom, ModelSettings
from crowdsafe.errors import BadInput
from crowdsafe.training.data import Dataset
from crowdsafe.training.metrics import Matches, count_error, coverage
from crowdsafe.training.predictor import Predictor
from crowdsafe.training.readings import (
    Reading,
    by_folder,
    model_counts,
    read_held_out,
    true_counts,
)
from crowdsafe.training.scenes import blurred_scenes, empty_scenes

SPEED_WIDTH_PX = 1024
SPEED_HEIGHT_PX = 768
_SPEED_RUNS = 15
_WAYS: tuple[CountFrom, ...] = ("detector", "density", "mean")


class Errors(BaseModel):
    """Count errors of one way of counting, in people."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mae: float
    rmse: float
    bias: float


class FolderReport(BaseModel):
    """One folder's held-out pictures; precision and recall of head points, coverage of 90 %."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    pictures: int
    mean_count: float
    detector: Errors
    density: Errors
    mean: Errors
    precision: float
    recall: float
    coverage: float
    ms: float


class EmptyReport(BaseModel):
    """The worst that was seen on pictures of nobody."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scenes: int
    scenes_with_heads: int
    most_heads: int
    worst_scene: str
    median_density_sum: float
    largest_density_sum: float


class SpeedReport(BaseModel):
    """Median time of one network pass on a 1024x768 picture.

    native_ms at its own size; model_ms at the size the model asks for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    threads: int
    native_ms: float
    model_ms: float


class Report(BaseModel):
    """All that `evaluate` measures."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    settings: ModelSettings
    folders: tuple[FolderReport, ...]
    empty: EmptyReport
    speed: tuple[SpeedReport, ...]


def evaluate(
    *,
    onnx_path: Path,
    datasets: Sequence[Dataset],
    threads: Sequence[int] = (1, 2),
    on_picture: Callable[[], None] = lambda: None,
) -> Report:
    """Measure a model on the held-out pictures of `datasets`.

    Raises BadInput if no folder has enough pictures (ten) to hold one out.
    """
    predictor = Predictor(onnx_path)
    readings = read_held_out(predictor=predictor, datasets=datasets, on_picture=on_picture)
    if not readings:
        raise BadInput(
            f"{', '.join(dataset.name for dataset in datasets)}: no picture is held out; "
            "expected a folder of at least ten pictures"
        )
    return Report(
        model=onnx_path.name,
        settings=predictor.settings,
        folders=tuple(
            report_folder(name, part, predictor.settings)
            for name, part in by_folder(readings).items()
        ),
        empty=report_empty(predictor, datasets),
        speed=tuple(_report_speed(onnx_path, count) for count in threads),
    )


def report_folder(name: str, readings: Sequence[Reading], settings: ModelSettings) -> FolderReport:
    """The figures of one folder's readings."""
    truth = true_counts(readings)
    threshold = settings.score_threshold
    counts = {
        way: model_counts(readings, count_from=way, score_threshold=threshold) for way in _WAYS
    }
    errors = {
        way: Errors.model_validate(vars(count_error(counted=counts[way], truth=truth)))
        for way in _WAYS
    }
    matches = sum((reading.matches(threshold) for reading in readings), Matches(0, 0, 0))
    counted = counts[settings.count_from]
    sd = np.array([settings.count_sd.error.sd(float(count)) for count in counted])
    return FolderReport(
        name=name,
        pictures=len(readings),
        mean_count=float(truth.mean()),
        detector=errors["detector"],
        density=errors["density"],
        mean=errors["mean"],
        precision=matches.precision,
        recall=matches.recall,
        coverage=coverage(counted=counted, sd=sd, truth=truth),
        ms=float(np.median([reading.answer.ms for reading in readings])),
    )


def report_empty(predictor: Predictor, datasets: Sequence[Dataset]) -> EmptyReport:
    """What the model sees where nobody is."""
    scenes = empty_scenes() | blurred_scenes(datasets)
    answers = {name: predictor.run(scene) for name, scene in scenes.items()}
    heads = {name: len(answer.scores) for name, answer in answers.items()}
    sums = [answer.density_sum for answer in answers.values()]
    worst = max(heads, key=lambda name: (heads[name], answers[name].density_sum))
    return EmptyReport(
        scenes=len(scenes),
        scenes_with_heads=sum(count > 0 for count in heads.values()),
        most_heads=heads[worst],
        worst_scene=worst,
        median_density_sum=float(np.median(sums)),
        largest_density_sum=max(sums),
    )


def _report_speed(onnx_path: Path, threads: int) -> SpeedReport:
    predictor = Predictor(onnx_path, threads)
    shape = (SPEED_HEIGHT_PX, SPEED_WIDTH_PX, 3)
    rgb = np.random.default_rng(0).integers(0, 256, size=shape, dtype=np.uint8)

    def median_ms(long_side_px: int | None) -> float:
        times_ms = [predictor.run(rgb, long_side_px=long_side_px).ms for _ in range(_SPEED_RUNS)]
        return float(np.median(times_ms[2:]))

    return SpeedReport(
        threads=threads, native_ms=median_ms(SPEED_WIDTH_PX), model_ms=median_ms(None)
    )
