"""How good an exported model is: a report on held-out pictures, empty scenes and speed."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from crowdsafe.contract.model_file import LookSettings, ModelSettings
from crowdsafe.edge.detector.onnx_model import OnnxDetector
from crowdsafe.errors import BadInput
from crowdsafe.training.clip import Clip, median_picture, run_clip
from crowdsafe.training.data import Dataset, load_rgb
from crowdsafe.training.evidence import evidence_of
from crowdsafe.training.metrics import Matches, count_error, coverage
from crowdsafe.training.readings import Reading, by_folder, look, read_held_out, true_counts
from crowdsafe.training.scenes import blurred_scenes, empty_scenes
from crowdsafe.training.weather import CORRUPTIONS, STRENGTHS, corrupt

SPEED_WIDTH_PX = 1024
SPEED_HEIGHT_PX = 768
WEATHER_EVERY = 3
"""Every third held-out picture is spoilt: eighteen ways of it take long enough."""
_SPEED_RUNS = 15


class Figures(BaseModel):
    """Strict and frozen, as all parts of the report."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Errors(Figures):
    """Count errors of one way of counting, in people."""

    mae: float
    rmse: float
    bias: float


class FolderReport(Figures):
    """One folder's held-out pictures.

    Counted by the model's own hand-over, by heads alone, by density alone, and by the fast setting;
    precision and recall of head points; shares of pictures whose truth lies in the 90 % interval.
    """

    name: str
    pictures: int
    mean_count: float
    count: Errors
    heads: Errors
    density: Errors
    fast: Errors | None
    precision: float
    recall: float
    coverage: float
    fast_coverage: float | None
    ms: float


class EmptyReport(Figures):
    """The worst that was seen on pictures of nobody."""

    scenes: int
    scenes_with_heads: int
    most_heads: int
    worst_scene: str
    median_density_sum: float
    largest_density_sum: float
    largest_count: float


class ClipReport(Figures):
    """Heads on a clip that was neither trained nor tuned on."""

    name: str
    pictures: int
    mean_count: float
    precision: float
    recall: float
    count_mae: float


class WeatherReport(Figures):
    """Mean absolute error of each folder under one corruption at one strength; 0 is none."""

    corruption: str
    strength: float
    mae: dict[str, float]


class SpeedReport(Figures):
    """Median milliseconds of one look at a 1024x768 picture; fast_ms by the fast setting."""

    threads: int
    ms: float
    fast_ms: float | None


class Report(Figures):
    """All that `evaluate` measures."""

    model: str
    measured_on: str
    hardware: str
    settings: ModelSettings
    folders: tuple[FolderReport, ...]
    empty: EmptyReport
    clip: ClipReport | None
    weather: tuple[WeatherReport, ...]
    speed: tuple[SpeedReport, ...]


def evaluate(
    *,
    onnx_path: Path,
    datasets: Sequence[Dataset],
    clip: Clip | None = None,
    weather: bool = True,
    threads: Sequence[int] = (1, 2),
    on_picture: Callable[[], None] = lambda: None,
) -> Report:
    """Measure a model on the held-out pictures of `datasets`, and on a clip if one is given.

    Raises BadInput if no folder has enough pictures (ten) to hold one out, or the model is not one
    of ours.
    """
    detector = OnnxDetector(onnx_path)
    settings = detector.settings
    if settings is None:
        raise BadInput(f"{onnx_path}: was not written by crowdsafe train export; expected one")
    readings = read_held_out(detector=detector, datasets=datasets, on_picture=on_picture)
    if not readings:
        raise BadInput(
            f"{', '.join(dataset.name for dataset in datasets)}: no picture is held out; "
            "expected a folder of at least ten pictures"
        )
    fast: Mapping[str, tuple[Reading, ...]] = {}
    if settings.fast is not None:
        quick = OnnxDetector(onnx_path, fast=True)
        fast = by_folder(read_held_out(detector=quick, datasets=datasets, on_picture=on_picture))
    return Report(
        model=settings.name,
        measured_on=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        hardware=f"{platform.machine()}, {os.cpu_count()} cores, no GPU used",
        settings=settings,
        folders=tuple(
            report_folder(name, part, settings, fast.get(name, ()))
            for name, part in by_folder(readings).items()
        ),
        empty=report_empty(detector, datasets, clip),
        clip=report_clip(detector, clip, on_picture) if clip else None,
        weather=report_weather(detector, datasets, on_picture) if weather else (),
        speed=tuple(_report_speed(onnx_path, count, settings) for count in threads),
    )


def report_folder(
    name: str, readings: Sequence[Reading], settings: ModelSettings, fast: Sequence[Reading] = ()
) -> FolderReport:
    """The figures of one folder's readings; `fast` are those of the fast setting."""
    truth = true_counts(readings)
    evidence = evidence_of(readings)
    counted, inside = _counted(readings, settings)
    matches = sum((reading.matches(settings.counting) for reading in readings), Matches(0, 0, 0))
    quick, quick_inside = (None, None)
    if fast and settings.fast is not None:
        by_fast, quick_inside = _counted(fast, settings.fast)
        quick = _errors(by_fast, truth)
    return FolderReport(
        name=name,
        pictures=len(readings),
        mean_count=float(truth.mean()),
        count=_errors(counted, truth),
        heads=_errors(np.array([len(reading.found.score) for reading in readings], float), truth),
        density=_errors(evidence.density_sums(), truth),
        fast=quick,
        precision=matches.precision,
        recall=matches.recall,
        coverage=inside,
        fast_coverage=quick_inside,
        ms=float(np.median([reading.ms for reading in readings])),
    )


def report_empty(
    detector: OnnxDetector, datasets: Sequence[Dataset], clip: Clip | None
) -> EmptyReport:
    """What the model sees where nobody is."""
    scenes = empty_scenes() | blurred_scenes(datasets)
    if clip is not None:
        scenes[f"median of {clip.name}"] = median_picture(clip.video)[:, :, ::-1]
    found = {name: look(detector, scene)[0] for name, scene in scenes.items()}
    heads = {name: len(seen.score) for name, seen in found.items()}
    sums = {
        name: float(sum(part.people.sum() for part in seen.density)) for name, seen in found.items()
    }
    worst = max(heads, key=lambda name: (heads[name], sums[name]))
    return EmptyReport(
        scenes=len(scenes),
        scenes_with_heads=sum(count > 0 for count in heads.values()),
        most_heads=heads[worst],
        worst_scene=worst,
        median_density_sum=float(np.median(list(sums.values()))),
        largest_density_sum=max(sums.values()),
        largest_count=max(seen.weighted_points().total()[0] for seen in found.values()),
    )


def report_clip(detector: OnnxDetector, clip: Clip, on_picture: Callable[[], None]) -> ClipReport:
    """Heads against the people marked in a clip."""
    result = run_clip(clip, detector, on_picture)
    return ClipReport(
        name=clip.name,
        pictures=result.pictures,
        mean_count=result.mean_count,
        precision=result.matches.precision,
        recall=result.matches.recall,
        count_mae=result.count_mae,
    )


def report_weather(
    detector: OnnxDetector, datasets: Sequence[Dataset], on_picture: Callable[[], None]
) -> tuple[WeatherReport, ...]:
    """Count errors of every third held-out picture, spoilt in each way at each strength."""
    errors: dict[tuple[str, float], dict[str, list[float]]] = {}
    for dataset in datasets:
        for picture in dataset.held_out()[::WEATHER_EVERY]:
            rgb, truth = load_rgb(picture), len(picture.heads_px)
            looks = {("none", 0.0): rgb} | {
                (kind, strength): corrupt(np.random.default_rng(0), rgb, kind, strength)
                for kind in CORRUPTIONS
                for strength in STRENGTHS
            }
            for key, spoilt in looks.items():
                counted, _ = look(detector, spoilt)[0].weighted_points().total()
                folder = errors.setdefault(key, {}).setdefault(dataset.name, [])
                folder.append(abs(counted - truth))
            on_picture()
    return tuple(
        WeatherReport(
            corruption=kind,
            strength=strength,
            mae={name: float(np.mean(values)) for name, values in folders.items()},
        )
        for (kind, strength), folders in errors.items()
    )


def _counted(
    readings: Sequence[Reading], settings: LookSettings
) -> tuple[NDArray[np.float64], float]:
    """(n,) counts as the product gives them, and the share of truths in the 90 % interval."""
    totals = [reading.found.weighted_points().total() for reading in readings]
    error = settings.count_sd.error
    counted = np.array([count for count, _ in totals])
    sd = np.array([error.sd(count, crowded) for count, crowded in totals])
    return counted, coverage(counted=counted, sd=sd, truth=true_counts(readings))


def _errors(counted: NDArray[np.float64], truth: NDArray[np.float64]) -> Errors:
    return Errors.model_validate(vars(count_error(counted=counted, truth=truth)))


def _report_speed(onnx_path: Path, threads: int, settings: ModelSettings) -> SpeedReport:
    shape = (SPEED_HEIGHT_PX, SPEED_WIDTH_PX, 3)
    rgb = np.random.default_rng(0).integers(0, 256, size=shape, dtype=np.uint8)

    def median_ms(detector: OnnxDetector) -> float:
        times_ms = [look(detector, rgb)[1] for _ in range(_SPEED_RUNS)]
        return float(np.median(times_ms[2:]))

    return SpeedReport(
        threads=threads,
        ms=median_ms(OnnxDetector(onnx_path, threads=threads)),
        fast_ms=median_ms(OnnxDetector(onnx_path, threads=threads, fast=True))
        if settings.fast
        else None,
    )
