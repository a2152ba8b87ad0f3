"""`crowdsafe count`, `measure` and `evaluate`: pictures and recordings to numbers.

Everything heavy is imported inside the command that needs it: help comes at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from crowdsafe.resources import DEFAULT_MODEL, resource

if TYPE_CHECKING:
    from crowdsafe.edge.detector.base import Detector
    from crowdsafe.edge.observe import Observer
    from crowdsafe.replay.count import Counted
    from crowdsafe.replay.evaluate import ZoneError
    from crowdsafe.replay.measure import MeasuredFrame
    from crowdsafe.replay.recorded_camera import RecordedCamera

_OUT = Console()
_ERR = Console(stderr=True)
_HEAD_HEIGHT_M = 1.7

ModelOption = Annotated[
    Path | None,
    typer.Option(help="Model file, .onnx or .pt; without it the head detector that comes along."),
]
LocalMetresOption = Annotated[
    bool,
    typer.Option("--local-metres", help="The zones are in the homography's metres already."),
]
_Video = Annotated[Path, typer.Argument(help="The recording.")]
_Homography = Annotated[
    Path, typer.Option(help="Calibration file: the picture's homography to ground metres.")
]
_Zones = Annotated[Path, typer.Option(help="GeoJSON file with the zones.")]
_Every = Annotated[int, typer.Option(min=1, help="Analyse every n-th picture.")]
_Threads = Annotated[int, typer.Option(min=1, help="Processor threads a picture.")]
_HeadHeight = Annotated[float, typer.Option(help="Height of a head over the ground, in metres.")]
_Fast = Annotated[
    bool, typer.Option("--fast", help="Use the model's own setting for weak processors.")
]
_OneScale = Annotated[
    bool,
    typer.Option(
        "--one-scale",
        help="Look at the whole picture at one scale, though the homography says where heads are "
        "small.",
    ),
]
_Steady = Annotated[
    float,
    typer.Option(
        min=0.0,
        max=10.0,
        help="Combine a zone's counts of so many seconds, as the edge worker does by its setting "
        "edge.steady_s; 0: each picture by itself.",
    ),
]


def count(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH", help="Pictures, or folders of pictures.", show_default=False
        ),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a line of JSON for each picture, at once.")
    ] = False,
    overlay: Annotated[
        Path | None, typer.Option(help="A folder for a drawing of what was counted in each.")
    ] = None,
    model: ModelOption = None,
    threads: _Threads = 1,
    fast: _Fast = False,
    homography: Annotated[
        Path | None,
        typer.Option(
            help="Calibration file of the camera that took the pictures: looks closer where heads "
            "are small."
        ),
    ] = None,
) -> None:
    """Count the people in pictures. One that cannot be counted is named; the rest goes on.

    Keys of the JSON: file, count, count_low, count_high (of the 90 % interval), detector, ms.
    """
    from crowdsafe.edge.detector.load import load_detector
    from crowdsafe.replay.count import Counted, count_pictures, pictures_at

    detector = load_detector(model or resource(DEFAULT_MODEL), threads=threads, fast=fast)
    observer = None if homography is None else _observer_without_zones(homography, detector)
    files, refused = pictures_at(paths)
    for folder in refused:
        _say(folder.sentence)
    failed = len(refused)
    counted: list[Counted] = []
    # Lines on the same screen would cut a bar to pieces, and say as much as it does.
    with _bar("counting", total=len(files), shown=not (as_json and _OUT.is_terminal)) as done:
        results = count_pictures(files, detector=detector, observer=observer, drawings=overlay)
        for number, result in enumerate(results, start=1):
            if not isinstance(result, Counted):
                failed += 1
                _say(result.sentence)
            elif as_json:
                typer.echo(json.dumps(_json_fields(result, detector.name)))
            else:
                counted.append(result)
            done(number)
    if counted:
        _print_counts(counted, detector.name, failed=failed)
    if failed:
        raise typer.Exit(2)


def measure(
    video: _Video,
    homography: _Homography,
    zones: _Zones,
    csv: Annotated[Path, typer.Option("--csv", help="The table to write.")],
    local_metres: LocalMetresOption = False,
    every: _Every = 1,
    model: ModelOption = None,
    threads: _Threads = 1,
    head_height_m: _HeadHeight = _HEAD_HEIGHT_M,
    fast: _Fast = False,
    one_scale: _OneScale = False,
    steady_s: _Steady = 0.0,
) -> None:
    """Run the edge's own path over a recording: a row for each analysed picture and zone.

    Columns: frame, t_s, zone_id, count, density_ppm2, seen_share.
    """
    from crowdsafe.replay.measure import write_csv
    from crowdsafe.replay.recorded_camera import recorded_camera

    camera = recorded_camera(
        homography=homography,
        zones=zones,
        local_metres=local_metres,
        model=model or resource(DEFAULT_MODEL),
        threads=threads,
        head_height_m=head_height_m,
        fast=fast,
    )
    with _measured(video, camera, every=every, one_scale=one_scale, steady_s=steady_s) as frames:
        rows = write_csv(frames, csv)
    _OUT.print(f"{csv}: {rows} rows, detector {camera.detector.name}")


def evaluate(
    video: _Video,
    homography: _Homography,
    zones: _Zones,
    truth: Annotated[Path, typer.Option(help="CSV with frame and count_ZONE columns.")],
    local_metres: LocalMetresOption = False,
    every: _Every = 1,
    model: ModelOption = None,
    threads: _Threads = 1,
    head_height_m: _HeadHeight = _HEAD_HEIGHT_M,
    fast: _Fast = False,
    one_scale: _OneScale = False,
    steady_s: _Steady = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, not a table.")] = False,
) -> None:
    """Measure a recording and print its error against the truth, zone by zone."""
    from crowdsafe.replay.evaluate import read_truth, zone_errors
    from crowdsafe.replay.recorded_camera import recorded_camera

    known = read_truth(truth)
    camera = recorded_camera(
        homography=homography,
        zones=zones,
        local_metres=local_metres,
        model=model or resource(DEFAULT_MODEL),
        threads=threads,
        head_height_m=head_height_m,
        fast=fast,
    )
    area_m2 = {zone.zone.id: zone.zone.area_m2 for zone in camera.zones}
    with _measured(video, camera, every=every, one_scale=one_scale, steady_s=steady_s) as frames:
        errors = zone_errors(frames, known, area_m2=area_m2)
    if as_json:
        typer.echo(json.dumps({"detector": camera.detector.name, "zones": [*map(asdict, errors)]}))
        return
    _print_errors(errors, f"{video.name}, {camera.detector.name}, {errors[0].frames} pictures")


@contextmanager
def _measured(
    video: Path, camera: RecordedCamera, *, every: int, one_scale: bool, steady_s: float
) -> Iterator[Iterator[MeasuredFrame]]:
    """Give the readings of a recording, with a bar that follows them."""
    from crowdsafe.edge.source import recording_frames
    from crowdsafe.replay.measure import measure as measured

    with _bar("measuring", total=recording_frames(video) or None) as done:
        yield measured(
            video,
            observer=camera.observer,
            detector=camera.detector,
            every=every,
            one_scale=one_scale,
            steady_s=steady_s,
            progress=lambda index: done(index + 1),
        )


@contextmanager
def _bar(doing: str, *, total: int | None, shown: bool = True) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error where it is a terminal; give what says how much is done."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=_ERR,
        transient=True,
        # What goes to standard output belongs there, where it is a file too.
        redirect_stdout=False,
        disable=not (shown and _ERR.is_terminal),
    ) as progress:
        bar = progress.add_task(doing, total=total)
        yield lambda done: progress.update(bar, completed=done)


def _observer_without_zones(homography: Path, detector: Detector) -> Observer:
    from crowdsafe.contract.calibration import read_calibration
    from crowdsafe.edge.observe import observer

    calibration, camera = read_calibration(homography)
    return observer(
        camera_id=homography.stem,
        camera=camera,
        zones=(),
        kind=detector.kind,
        head_height_m=_HEAD_HEIGHT_M,
        range_m=calibration.range_m,
        min_px_per_m=calibration.min_px_per_m,
        masks_px=calibration.masks,
        count_error=detector.count_error,
    )


def _say(sentence: str) -> None:
    _ERR.print(Text(f"crowdsafe: {sentence}"), soft_wrap=True)


def _json_fields(result: Counted, detector: str) -> dict[str, str | float]:
    low, high = result.interval_90
    return {
        "file": str(result.file),
        "count": round(result.count, 2),
        "count_low": round(low, 2),
        "count_high": round(high, 2),
        "detector": detector,
        "ms": round(result.ms, 1),
    }


def _print_counts(counted: list[Counted], detector: str, *, failed: int) -> None:
    table = Table(caption=Text(detector), box=SIMPLE)
    table.add_column("file", overflow="fold")
    for heading in ("people", "90 % interval", "ms"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in counted:
        # Names are bytes, and need not be text.
        name = Text(os.fsencode(one.file).decode(errors="replace"))
        low, high = one.interval_90
        table.add_row(name, f"{one.count:.1f}", f"{low:.1f} to {high:.1f}", f"{one.ms:.0f}")
    _OUT.print(table)
    people = sum(one.count for one in counted)
    pictures = "1 picture" if len(counted) == 1 else f"{len(counted)} pictures"
    besides = f"; {failed} could not be counted" if failed else ""
    _OUT.print(f"{pictures}, {people:.1f} people in all{besides}", highlight=False)


def _print_errors(errors: tuple[ZoneError, ...], title: str) -> None:
    table = Table(
        title=title,
        caption="errors of the count in people, of the density in p/m²; "
        "last: truth within the 90 % interval",
        box=SIMPLE,
    )
    for heading in ("zone", "people", "MAE", "bias", "RMSE", "p/m² MAE", "bias", "90 %"):
        table.add_column(heading, justify="left" if heading == "zone" else "right", no_wrap=True)
    for error in errors:
        table.add_row(
            error.zone_id,
            f"{error.true_mean:.2f}",
            f"{error.count_mae:.3f}",
            f"{error.count_bias:+.3f}",
            f"{error.count_rmse:.3f}",
            f"{error.density_mae_ppm2:.4f}",
            f"{error.density_bias_ppm2:+.4f}",
            f"{100 * error.coverage_90:.0f} %",
        )
    _OUT.print(table)
