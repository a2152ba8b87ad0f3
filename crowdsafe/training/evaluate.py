"""How good an exported model is: held-out pictures, a clip, pictures of nobody, weather, speed."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from crowdsafe.contract.model_file import LookSettings
from crowdsafe.edge.detector.onnx_model import OnnxDetector
from crowdsafe.errors import BadInput
from crowdsafe.training.clip import Clip, median_picture, run_clip
from crowdsafe.training.data import Dataset, Picture, load_rgb
from crowdsafe.training.evidence import evidence_of
from crowdsafe.training.metrics import Matches, count_error, coverage
from crowdsafe.training.readings import (
    LOWEST_SCORE,
    Reading,
    by_folder,
    look,
    read_furnished,
    read_held_out,
    true_counts,
)
from crowdsafe.training.report import (
    ClipReport,
    CrossReport,
    EmptyReport,
    Errors,
    FolderReport,
    Report,
    SettingReport,
    SpeedReport,
    ThingsReport,
    WeatherReport,
)
from crowdsafe.training.scenes import blurred_scenes, empty_scenes
from crowdsafe.training.search import HeldOut
from crowdsafe.training.tuning import cross_validate
from crowdsafe.training.weather import CORRUPTIONS, STRENGTHS, corrupt

SPEED_SIZE_PX = (1024, 768)
WEATHER_EVERY = 3
"""Every third held-out picture is spoilt: eighteen ways of it take long enough."""
_SPEED_RUNS = 15
_CPU_FILE = Path("/proc/cpuinfo")

OnPicture = Callable[[], None]


def _nothing() -> None:
    return None


def evaluate(
    *,
    onnx_path: Path,
    datasets: Sequence[Dataset],
    command: str,
    clip: Clip | None = None,
    weather: bool = True,
    threads: Sequence[int] = (1, 2),
    on_picture: OnPicture = _nothing,
) -> Report:
    """Measure a model on the held-out pictures of `datasets`, and on a clip if one is given.

    Args:
        onnx_path: a model that export wrote.
        datasets: of which every tenth picture is held out.
        command: how this was started, for the report.
        clip: a test on video.
        weather: whether to count in six kinds of bad pictures too.
        threads: processor threads to measure the speed with.
        on_picture: hears of each picture that was looked at.

    Raises:
        BadInput: no folder has enough pictures (ten) to hold one out, or the model is not ours.
    """
    detector = OnnxDetector(onnx_path)
    settings = detector.settings
    if settings is None:
        raise BadInput(f"{onnx_path}: was not written by crowdsafe train export; expected one")

    def report_at(*, fast: bool) -> SettingReport:
        return _report_setting(onnx_path, datasets, clip, threads, on_picture, fast=fast)

    full = report_at(fast=False)
    return Report(
        model=settings.name,
        measured_on=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        command=command,
        hardware=hardware(),
        settings=settings,
        full=full,
        fast=report_at(fast=True) if settings.fast else None,
        crossed=_report_crossed(onnx_path, settings, datasets, on_picture),
        weather=report_weather(detector, datasets, on_picture) if weather else (),
    )


def looks_needed(
    onnx_path: Path, datasets: Sequence[Dataset], clip: Clip | None, *, weather: bool
) -> int:
    """How often `evaluate` will call `on_picture`.

    Raises BadInput if the model cannot be read.
    """
    settings = OnnxDetector(onnx_path).settings
    ways = 2 if settings and settings.fast else 1
    held_out = [len(dataset.held_out()) for dataset in datasets]
    looks = 2 * (ways + 1) * sum(held_out)
    if weather:
        looks += sum(-(-pictures // WEATHER_EVERY) for pictures in held_out)
    if clip is not None:
        looks += ways * (2 if clip.view else 1) * clip.length
    return looks


def hardware() -> str:
    """The processor as it calls itself, and its cores."""
    name = platform.processor() or platform.machine()
    if _CPU_FILE.is_file():
        lines = _CPU_FILE.read_text(encoding="utf-8", errors="replace").splitlines()
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        name = models[0] if models else name
    return f"{name}, {os.cpu_count()} cores, no GPU used"


def _report_setting(
    onnx_path: Path,
    datasets: Sequence[Dataset],
    clip: Clip | None,
    threads: Sequence[int],
    on_picture: OnPicture,
    *,
    fast: bool,
) -> SettingReport:
    detector = OnnxDetector(onnx_path, fast=fast)
    readings = read_held_out(detector=detector, datasets=datasets, on_picture=on_picture)
    if not readings:
        raise BadInput(
            f"{', '.join(dataset.name for dataset in datasets)}: no picture is held out; "
            "expected a folder of at least ten pictures"
        )
    own = detector.settings
    settings: LookSettings | None = own.fast if own and fast else own
    assert settings is not None
    looks = ((False, True) if clip.view else (False,)) if clip else ()
    return SettingReport(
        folders=tuple(
            report_folder(name, part, settings) for name, part in by_folder(readings).items()
        ),
        coverage=_counted(readings, settings)[2],
        empty=report_empty(detector, datasets, clip),
        things=report_things(
            readings,
            read_furnished(detector=detector, datasets=datasets, on_picture=on_picture),
        ),
        clips=tuple(
            report_clip(detector, clip, on_picture, by_geometry=by_geometry)
            for by_geometry in looks
            if clip
        ),
        speed=tuple(
            SpeedReport(
                threads=count,
                ms=_median_ms(
                    OnnxDetector(onnx_path, threads=count, fast=fast), readings[-1].picture
                ),
            )
            for count in threads
        ),
    )


def report_folder(name: str, readings: Sequence[Reading], settings: LookSettings) -> FolderReport:
    """The figures of one folder's readings, found by the product's own setting."""
    truth = true_counts(readings)
    evidence = evidence_of(readings)
    counted, _, inside = _counted(readings, settings)
    matches = sum((reading.matches(settings.counting) for reading in readings), Matches(0, 0, 0))
    heads = np.array([len(reading.found.score) for reading in readings], dtype=np.float64)
    low_high = np.array(
        [settings.count_sd.error.interval_90(*_total(reading)) for reading in readings]
    )
    return FolderReport(
        name=name,
        pictures=len(readings),
        mean_count=float(truth.mean()),
        count=_errors(counted, truth),
        heads=_errors(heads, truth),
        density=_errors(evidence.density_sums(), truth),
        precision=matches.precision,
        recall=matches.recall,
        coverage=inside,
        interval_width=float(np.diff(low_high, axis=1).mean()),
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


def report_things(plain: Sequence[Reading], furnished: Sequence[Reading]) -> ThingsReport:
    """What things that were painted in are taken for, at the product's own setting."""
    things = sum(len(reading.things_px) for reading in furnished)
    heads = sum(reading.heads_on_things() for reading in furnished)
    more = sum(_total(reading)[0] for reading in furnished) - sum(
        _total(reading)[0] for reading in plain
    )
    return ThingsReport(
        things=things,
        taken_for_heads=heads / max(things, 1),
        people_each=more / max(things, 1),
    )


def report_clip(
    detector: OnnxDetector, clip: Clip, on_picture: OnPicture = _nothing, *, by_geometry: bool
) -> ClipReport:
    """Heads against the people marked in a clip, at one scale or by tiles of its camera."""
    result = run_clip(clip, detector, on_picture, by_geometry=by_geometry)
    return ClipReport(
        name=clip.name,
        by_geometry=by_geometry,
        pictures=result.pictures,
        mean_count=result.mean_count,
        precision=result.matches.precision,
        recall=result.matches.recall,
        count_mae=result.count_mae,
        ms=result.ms,
    )


def report_weather(
    detector: OnnxDetector, datasets: Sequence[Dataset], on_picture: OnPicture = _nothing
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


def _report_crossed(
    onnx_path: Path, settings: LookSettings, datasets: Sequence[Dataset], on_picture: OnPicture
) -> tuple[CrossReport, ...]:
    detector = OnnxDetector(onnx_path, score_threshold=LOWEST_SCORE)
    held_out = HeldOut(
        read_held_out(detector=detector, datasets=datasets, on_picture=on_picture),
        read_furnished(detector=detector, datasets=datasets, on_picture=on_picture),
    )
    crossed = cross_validate(held_out, settings.input_long_side_px)
    return tuple(CrossReport(name=name, **vars(figures)) for name, figures in crossed.items())


def _counted(
    readings: Sequence[Reading], settings: LookSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """(n,) counts as the product gives them, (n,) sd, share of truths in the 90 % interval."""
    totals = [_total(reading) for reading in readings]
    error = settings.count_sd.error
    counted = np.array([count for count, _ in totals])
    sd = np.array([error.sd(count, crowded) for count, crowded in totals])
    return counted, sd, coverage(counted=counted, sd=sd, truth=true_counts(readings))


def _total(reading: Reading) -> tuple[float, float]:
    return reading.found.weighted_points().total()


def _errors(counted: NDArray[np.float64], truth: NDArray[np.float64]) -> Errors:
    return Errors.model_validate(vars(count_error(counted=counted, truth=truth)))


def _median_ms(detector: OnnxDetector, picture_of_people: Picture) -> float:
    """Of a real picture, since heads cost time after the network too."""
    rgb = cv2.resize(load_rgb(picture_of_people), SPEED_SIZE_PX)
    times_ms = [look(detector, np.asarray(rgb, dtype=np.uint8))[1] for _ in range(_SPEED_RUNS)]
    return float(np.median(times_ms[2:]))
