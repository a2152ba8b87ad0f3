"""`crowdsafe train`: prepare, fit, export, evaluate, card.

Everything heavy is imported inside the command that needs it: help comes at once, and commands
that only run a finished model work without the extra (torch, ultralytics).
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    track,
)
from rich.table import Table

from crowdsafe.errors import CrowdsafeError

if TYPE_CHECKING:
    from crowdsafe.training.data import Dataset
    from crowdsafe.training.report import Report

app = typer.Typer(
    name="train",
    help="Train, measure and export the head detector, on our data or your own footage.",
    no_args_is_help=True,
)

DataOption = Annotated[
    Path,
    typer.Option(
        help="A folder with points.json and images/, or a folder of such folders.",
        show_default=False,
    ),
]
ModelOption = Annotated[Path, typer.Option(help="The exported model (ONNX).")]
RunOption = Annotated[Path, typer.Option(help="The run's folder: checkpoint.pt and log.csv.")]

DEFAULT_MODEL = Path("models/crowdsafe_heads.onnx")
DEFAULT_RUN = Path("runs/heads")
DEFAULT_CARD = Path("models/README.md")


@app.command()
def prepare(
    data: DataOption,
    yolo: Annotated[
        Path | None,
        typer.Option(
            help="Also write the pictures here as ultralytics' own trainer reads them.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Check a data folder and print what is in it.

    Decodes every picture once. The first thing wrong is named and ends the check.
    """
    import numpy as np

    from crowdsafe.training.data import load_rgb, read_datasets

    console = Console()
    datasets = read_datasets(data)
    pictures = [picture for dataset in datasets for picture in dataset.pictures]
    for picture in track(pictures, description="decoding", console=console):
        load_rgb(picture)
    table = Table("folder", "pictures", "held out", "heads", "heads per picture", "head size, px")
    for dataset in datasets:
        counts = [len(picture.heads_px) for picture in dataset.pictures]
        sizes = np.concatenate([picture.sizes_px for picture in dataset.pictures])
        low, middle, high = np.percentile(sizes, (5, 50, 95)) if len(sizes) else (0.0, 0.0, 0.0)
        table.add_row(
            dataset.name,
            str(len(dataset.pictures)),
            str(len(dataset.held_out())),
            str(sum(counts)),
            f"{min(counts)} to {max(counts)}, mean {np.mean(counts):.1f}",
            f"{low:.0f} / {middle:.0f} / {high:.0f}",
        )
    console.print(table)
    _print_strays(console, datasets)
    if yolo is not None:
        from crowdsafe.training.yolo_folder import write_yolo_folder

        with _progress(console) as progress:
            bar = progress.add_task("writing", total=len(pictures))
            data_path = write_yolo_folder(datasets, yolo, lambda: progress.advance(bar))
        console.print(f"{data_path} is ready for: yolo detect train data={data_path}")


@app.command()
def fit(
    data: DataOption,
    out: RunOption = DEFAULT_RUN,
    recipe: Annotated[
        Path | None, typer.Option(help="Recipe (YAML); the one of our own model if not given.")
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(help="YOLO11n's COCO weights (int8 ONNX) to start from; random if not given."),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.1, help="Length of the run, instead of the recipe's.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed, instead of the recipe's.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on with the run in --out.")] = False,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
    device: Annotated[Literal["cpu", "cuda"], typer.Option(help="Where to compute.")] = "cpu",
) -> None:
    """Train on all but every tenth picture of each folder.

    Writes checkpoints as it goes; after a kill the same command with --resume goes on.
    """
    _require_training_extra()
    import torch

    from crowdsafe.training.data import read_datasets
    from crowdsafe.training.fit import LOG_FILE, Run, RunSettings
    from crowdsafe.training.plot import plot_run
    from crowdsafe.training.recipe import DEFAULT_RECIPE_PATH, read_recipe

    if device == "cuda" and not torch.cuda.is_available():
        raise CrowdsafeError("--device cuda: this machine has no CUDA device; expected cpu")
    changes = {"minutes": minutes, "seed": seed}
    chosen = read_recipe(recipe or DEFAULT_RECIPE_PATH).model_copy(
        update={name: value for name, value in changes.items() if value is not None}
    )
    console = Console()
    datasets = read_datasets(data)
    _print_strays(console, datasets)
    settings = RunSettings(
        folder=out, weights_path=weights, resume=resume, threads=threads, device=device
    )
    checkpoint_path = Run(datasets, chosen, settings).fit()
    plot_run(out / LOG_FILE, out / "log.svg")
    console.print(f"{checkpoint_path} is ready for: crowdsafe train export --run {out}")


@app.command()
def export(
    data: DataOption,
    run: Annotated[
        list[Path] | None,
        typer.Option(
            help="The run's folder; given again: the mean of runs that began with the same "
            "weights is written.",
            show_default=str(DEFAULT_RUN),
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="The ONNX file to write.")] = DEFAULT_MODEL,
    sizes: Annotated[
        str, typer.Option(help="Input sizes to choose from: long sides in px.")
    ] = "1024,1280,1536",
    name: Annotated[
        str | None, typer.Option(help="Name of the model.", show_default="the file's name")
    ] = None,
) -> None:
    """Write the network of a run as ONNX, with settings chosen on the held-out pictures.

    Chosen are input size, hand-over from heads to density, density factor and the error of a
    count, one of each for all folders; they are stored in the file.
    """
    _require_training_extra()
    from crowdsafe.training.data import read_datasets
    from crowdsafe.training.finish import finish, parse_sizes

    long_sides_px = parse_sizes(sizes)
    console = Console()
    datasets = read_datasets(data)
    finished = finish(
        run_folders=run or [DEFAULT_RUN],
        datasets=datasets,
        long_sides_px=long_sides_px,
        out_path=out,
        name=name or out.stem,
        trained_on=datetime.datetime.now(tz=datetime.UTC).date(),
        console=console,
    )
    console.print(
        f"{out}: {finished.choice.long_side_px} px, {finished.choice.hand_over}, "
        f"density factor {finished.choice.density_factor:g}, {finished.gate}"
    )
    for folder, figures in finished.cross_validated.items():
        console.print(
            f"{folder}: MAE {figures.mae:.2f}, {100 * figures.coverage:.0f} % in the 90 % "
            "interval, with settings chosen on the other half"
        )


@app.command()
def quantize(
    data: DataOption,
    model: ModelOption = DEFAULT_MODEL,
    out: Annotated[Path, typer.Option(help="The ONNX file to write.")] = Path("runs/int8.onnx"),
) -> None:
    """Write a model in 8-bit whole numbers, to compare: measure it with `evaluate --model`."""
    from crowdsafe.training.data import read_datasets
    from crowdsafe.training.quantize import PICTURES_PER_FOLDER
    from crowdsafe.training.quantize import quantize as write_int8

    console = Console()
    datasets = read_datasets(data)
    with _progress(console) as progress:
        pictures = sum(min(PICTURES_PER_FOLDER, len(folder.training())) for folder in datasets)
        bar = progress.add_task("ranges of activations", total=pictures)
        write_int8(
            onnx_path=model,
            out_path=out,
            datasets=datasets,
            on_picture=lambda: progress.advance(bar),
        )
    console.print(f"{out} is ready for: crowdsafe train evaluate --model {out}")


ClipOption = Annotated[
    Path | None,
    typer.Option(
        help="A folder with one video, people.csv and, for tiles by geometry, homography.json: "
        "a test on video.",
        show_default=False,
    ),
]
WeatherOption = Annotated[
    bool, typer.Option("--weather/--no-weather", help="Also count in six kinds of bad pictures.")
]


@app.command()
def evaluate(
    data: DataOption,
    model: ModelOption = DEFAULT_MODEL,
    clip: ClipOption = None,
    weather: WeatherOption = True,
    json: Annotated[Path | None, typer.Option(help="Also write the report here, as JSON.")] = None,
) -> None:
    """Measure a model on the held-out pictures, on pictures of nobody, and its speed."""
    console = Console()
    report = _measure(console, model, data, clip, weather)
    _print_report(console, report)
    if json is not None:
        json.write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")


@app.command()
def card(
    data: DataOption,
    model: ModelOption = DEFAULT_MODEL,
    clip: ClipOption = None,
    weather: WeatherOption = True,
    out: Annotated[Path, typer.Option(help="The card to rewrite the tables of.")] = DEFAULT_CARD,
) -> None:
    """Measure a model and rewrite the tables of its card."""
    from crowdsafe.training.card import write_card

    console = Console()
    write_card(out, _measure(console, model, data, clip, weather))
    console.print(f"{out}: tables rewritten")


def _require_training_extra() -> None:
    try:
        import torch  # noqa: F401
        import ultralytics  # noqa: F401
    except ImportError as error:
        raise CrowdsafeError(
            f"{error.name} is not installed; training needs: pip install 'crowdsafe[train]'"
        ) from error


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def _measure(console: Console, model: Path, data: Path, clip: Path | None, weather: bool) -> Report:
    from crowdsafe.training.clip import read_clip
    from crowdsafe.training.data import read_datasets
    from crowdsafe.training.evaluate import evaluate as measure
    from crowdsafe.training.evaluate import looks_needed

    datasets = read_datasets(data)
    recorded = read_clip(clip) if clip else None
    command = f"crowdsafe train evaluate --data {data} --model {model}"
    command += f" --clip {clip}" if clip else ""
    command += "" if weather else " --no-weather"
    with _progress(console) as progress:
        pictures = looks_needed(model, datasets, recorded, weather=weather)
        bar = progress.add_task("pictures looked at", total=pictures)
        return measure(
            onnx_path=model,
            datasets=datasets,
            command=command,
            clip=recorded,
            weather=weather,
            on_picture=lambda: progress.advance(bar),
        )


def _print_strays(console: Console, datasets: tuple[Dataset, ...]) -> None:
    for dataset in datasets:
        strays = [stray for picture in dataset.pictures for stray in picture.strays]
        if strays:
            console.print(
                f"left out {len(strays)} points outside their pictures, the first: {strays[0]}",
                style="yellow",
                markup=False,
                highlight=False,
            )


def _print_report(console: Console, report: Report) -> None:
    from crowdsafe.training.tables import report_tables, setting_text

    console.print(f"{report.model} on {report.hardware}", highlight=False)
    console.print(f"one setting for all: {setting_text(report.settings)}", highlight=False)
    if report.settings.fast:
        console.print(f"fast setting: {setting_text(report.settings.fast)}", highlight=False)
    for measured in report_tables(report):
        table = Table(
            *measured.headings, title=measured.title, title_justify="left", box=SIMPLE_HEAD
        )
        for row in measured.rows:
            table.add_row(*row)
        console.print(table)
