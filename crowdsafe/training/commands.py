"""`crowdsafe train`: prepare, fit, export, evaluate, card.

Everything heavy is imported inside the command that needs it: help comes at once, and commands
that only run a finished model work without the extra (torch, ultralytics).
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import track
from rich.table import Table

from crowdsafe.errors import CrowdsafeError

if TYPE_CHECKING:
    from crowdsafe.training.data import Dataset
    from crowdsafe.training.evaluate import Report

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
def prepare(data: DataOption) -> None:
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
    run: RunOption = DEFAULT_RUN,
    out: Annotated[Path, typer.Option(help="The ONNX file to write.")] = DEFAULT_MODEL,
    sizes: Annotated[
        str, typer.Option(help="Input sizes to choose from: long sides in px.")
    ] = "1024,1280,1536",
    name: Annotated[str, typer.Option(help="Name of the model.")] = "crowdsafe-heads-1",
) -> None:
    """Write a run's network as ONNX, with settings chosen on the held-out pictures.

    Chosen are input size, hand-over from heads to density, density factor and the error of a
    count, one of each for all folders; they are stored in the file.
    """
    _require_training_extra()
    from crowdsafe.training.data import read_datasets
    from crowdsafe.training.finish import finish, parse_sizes

    long_sides_px = parse_sizes(sizes)
    console = Console()
    datasets = read_datasets(data)
    choice, cross_validated = finish(
        run_folder=run,
        datasets=datasets,
        long_sides_px=long_sides_px,
        out_path=out,
        name=name,
        trained_on=datetime.datetime.now(tz=datetime.UTC).date(),
        console=console,
    )
    console.print(
        f"{out}: {choice.long_side_px} px, {choice.hand_over}, "
        f"density factor {choice.density_factor:g}"
    )
    for folder, figures in cross_validated.items():
        console.print(
            f"{folder}: MAE {figures.mae:.2f}, {100 * figures.coverage:.0f} % in the 90 % "
            "interval, with settings chosen on the other half"
        )


ClipOption = Annotated[
    Path | None,
    typer.Option(
        help="A folder with one video and people.csv: a test on video.", show_default=False
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


def _measure(console: Console, model: Path, data: Path, clip: Path | None, weather: bool) -> Report:
    from crowdsafe.training.clip import read_clip
    from crowdsafe.training.data import read_datasets
    from crowdsafe.training.evaluate import evaluate as measure

    datasets = read_datasets(data)
    recorded = read_clip(clip) if clip else None
    with console.status("measuring") as status:
        done = 0

        def on_picture() -> None:
            nonlocal done
            done += 1
            status.update(f"measuring: {done} pictures looked at")

        return measure(
            onnx_path=model,
            datasets=datasets,
            clip=recorded,
            weather=weather,
            on_picture=on_picture,
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
    from crowdsafe.training.card import measured_tables

    console.print(Markdown(measured_tables(report)))
