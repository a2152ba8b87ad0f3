"""The command line: puts the rooms together."""

import asyncio
import json
import logging
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from crowdsafe import __version__
from crowdsafe.errors import BadInput, CrowdsafeError
from crowdsafe.resources import DEFAULT_MODEL, DEMO_SITE, resource
from crowdsafe.training.commands import app as train_app

app = typer.Typer(
    name="crowdsafe",
    help="Crowd density from cameras: persons/m² for each zone, alarms, a control-room page.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
hub_app = typer.Typer(help="Run the hub, and say who may use it.", no_args_is_help=True)
zones_app = typer.Typer(help="Look at zone files.", no_args_is_help=True)
app.add_typer(hub_app, name="hub")
app.add_typer(train_app, name="train")
app.add_typer(zones_app, name="zones")
_OUT = Console()
_ERR = Console(stderr=True)

_Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="Settings file (TOML); see docs/settings.md."),
]
_Model = Annotated[
    Path | None,
    typer.Option(help="Model file, .onnx or .pt; without it the head detector that comes along."),
]
_Homography = Annotated[
    Path, typer.Option(help="Calibration file: the picture's homography to ground metres.")
]
_Zones = Annotated[Path, typer.Option(help="GeoJSON file with the zones.")]
_LocalMetres = Annotated[
    bool,
    typer.Option("--local-metres", help="The zones are in the homography's metres already."),
]
_Threads = Annotated[int, typer.Option(min=1, help="Processor threads a picture.")]
_HeadHeight = Annotated[float, typer.Option(help="Height of a head over the ground, in metres.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        _OUT.print(f"crowdsafe {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more of what is done.")] = (
        False
    ),
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
    )
    for chatty in ("httpx", "websockets", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to try first.")] = 8400,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its record.")] = Path(".demo"),
    clip: Annotated[
        Path | None, typer.Option(help="Another video than the clip that comes along.")
    ] = None,
    model: _Model = None,
) -> None:
    """Run hub and edge worker on real footage and open the page. Ctrl-C ends all of it."""
    from crowdsafe.demo import prepare, run_demo

    plan = prepare(folder=folder, port=port, clip=clip, model=model)
    run_demo(
        plan,
        say=lambda line: typer.echo(line),
        browser="CROWDSAFE_NO_BROWSER" not in os.environ,
    )


@hub_app.command("run")
def hub_run(config: _Config = None) -> None:
    """Run the hub: takes observations, raises alarms, serves the page."""
    import uvicorn

    from crowdsafe.contract.messages import MAX_MESSAGE_BYTES
    from crowdsafe.contract.site import read_site
    from crowdsafe.hub.app import create_app
    from crowdsafe.hub.auth import Auth
    from crowdsafe.hub.service import Hub
    from crowdsafe.hub.store import Store
    from crowdsafe.settings import load_settings

    settings = load_settings(config)
    site = read_site(settings.site)
    store = Store(settings.hub.database_url)
    auth = Auth(
        store,
        session_hours=settings.hub.session_hours,
        failures_per_min=settings.hub.sign_in_failures_per_min,
    )
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(Hub(site, settings.hub, store), auth),
            host=settings.hub.host,
            port=settings.hub.port,
            log_level="warning",
            ws_max_size=MAX_MESSAGE_BYTES,
            timeout_graceful_shutdown=3,
        )
    )
    logging.getLogger(__name__).info(
        "hub: site '%s' on http://%s:%d", site.id, settings.hub.host, settings.hub.port
    )
    server.run()
    store.close()


@hub_app.command("add-user")
def hub_add_user(
    name: Annotated[str, typer.Argument(help="The person's name.")],
    role: Annotated[str, typer.Option(help="viewer, operator or administrator.")] = "operator",
    config: _Config = None,
) -> None:
    """Create a person, or give a known one a new password and role.

    Asks for the password twice; where nobody types, it is read from standard input.
    """
    from crowdsafe.hub.auth import Auth
    from crowdsafe.hub.store import Store
    from crowdsafe.settings import load_settings

    settings = load_settings(config)
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    store = Store(settings.hub.database_url)
    Auth(store, session_hours=1, failures_per_min=1).put_user(
        name=name, password=password, role=role
    )
    _OUT.print(f"{name} may sign in as {role}")


@hub_app.command("add-worker")
def hub_add_worker(
    name: Annotated[str, typer.Argument(help="As `worker` in the edge worker's settings.")],
    config: _Config = None,
) -> None:
    """Create an edge worker, or give a known one a new token, and print the token once."""
    from crowdsafe.hub.auth import Auth
    from crowdsafe.hub.store import Store
    from crowdsafe.settings import load_settings

    settings = load_settings(config)
    store = Store(settings.hub.database_url)
    typer.echo(Auth(store, session_hours=1, failures_per_min=1).add_worker(name))


@app.command()
def edge(config: _Config = None) -> None:
    """Run an edge worker: pictures to zone readings, sent to the hub. No picture leaves it."""
    from crowdsafe.contract.site import read_site
    from crowdsafe.edge.detector.load import load_detector
    from crowdsafe.edge.worker import run_worker
    from crowdsafe.settings import load_settings

    settings = load_settings(config)
    site = read_site(settings.site)
    detector = load_detector(
        settings.edge.model or resource(DEFAULT_MODEL),
        threads=settings.edge.threads,
        score_threshold=settings.edge.score_threshold,
        long_side_px=settings.edge.input_long_side_px,
    )
    asyncio.run(run_worker(site, settings.edge, detector))


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=_ERR,
        transient=True,
    )


@app.command()
def measure(
    video: Annotated[Path, typer.Argument(help="The recording.")],
    homography: _Homography,
    zones: _Zones,
    csv: Annotated[Path, typer.Option("--csv", help="The table to write.")],
    local_metres: _LocalMetres = False,
    every: Annotated[int, typer.Option(min=1, help="Analyse every n-th picture.")] = 1,
    model: _Model = None,
    threads: _Threads = 1,
    head_height_m: _HeadHeight = 1.7,
) -> None:
    """Run the edge's own path over a recording: a row for each analysed picture and zone.

    Columns: frame, t_s, zone_id, count, density_ppm2, seen_share.
    """
    from crowdsafe.edge.source import recording_frames
    from crowdsafe.replay.measure import measure as measured
    from crowdsafe.replay.measure import write_csv
    from crowdsafe.replay.recorded_camera import recorded_camera

    camera = recorded_camera(
        homography=homography,
        zones=zones,
        local_metres=local_metres,
        model=model or resource(DEFAULT_MODEL),
        threads=threads,
        head_height_m=head_height_m,
    )
    with _progress() as progress:
        bar = progress.add_task("measuring", total=recording_frames(video) or None)
        frames = measured(
            video,
            observer=camera.observer,
            detector=camera.detector,
            every=every,
            progress=lambda index: progress.update(bar, completed=index + 1),
        )
        rows = write_csv(frames, csv)
    _OUT.print(f"{csv}: {rows} rows, detector {camera.detector.name}")


@app.command()
def evaluate(
    video: Annotated[Path, typer.Argument(help="The recording.")],
    homography: _Homography,
    zones: _Zones,
    truth: Annotated[Path, typer.Option(help="CSV with frame and count_ZONE columns.")],
    local_metres: _LocalMetres = False,
    every: Annotated[int, typer.Option(min=1, help="Analyse every n-th picture.")] = 1,
    model: _Model = None,
    threads: _Threads = 1,
    head_height_m: _HeadHeight = 1.7,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, not a table.")] = False,
) -> None:
    """Measure a recording and print its error against the truth, zone by zone."""
    from crowdsafe.edge.source import recording_frames
    from crowdsafe.replay.evaluate import read_truth, zone_errors
    from crowdsafe.replay.measure import measure as measured
    from crowdsafe.replay.recorded_camera import recorded_camera

    known = read_truth(truth)
    camera = recorded_camera(
        homography=homography,
        zones=zones,
        local_metres=local_metres,
        model=model or resource(DEFAULT_MODEL),
        threads=threads,
        head_height_m=head_height_m,
    )
    with _progress() as progress:
        bar = progress.add_task("evaluating", total=recording_frames(video) or None)
        frames = measured(
            video,
            observer=camera.observer,
            detector=camera.detector,
            every=every,
            progress=lambda index: progress.update(bar, completed=index + 1),
        )
        errors = zone_errors(
            frames, known, area_m2={zone.zone.id: zone.zone.area_m2 for zone in camera.zones}
        )
    if as_json:
        typer.echo(json.dumps({"detector": camera.detector.name, "zones": [*map(asdict, errors)]}))
        return
    table = Table(
        title=f"{video.name}, {camera.detector.name}, {errors[0].frames} pictures",
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


@zones_app.command("check")
def zones_check(
    site: Annotated[Path, typer.Argument(help="A site folder, or a GeoJSON file of zones.")] = (
        Path(DEMO_SITE)
    ),
    local_metres: _LocalMetres = False,
) -> None:
    """Check zones, and cameras where a folder is given, and print what they are."""
    from crowdsafe.contract.site import read_site, read_zones

    if site.is_dir():
        read = read_site(site)
        zones = tuple(zone.zone for zone in read.zones)
        _OUT.print(f"site '{read.id}', {len(read.cameras)} camera(s), {len(zones)} zone(s)")
    else:
        zones = read_zones(site, local_metres=local_metres)
    table = Table("zone", "area m²")
    for zone in zones:
        table.add_row(zone.id, f"{zone.area_m2:.1f}")
    _OUT.print(table)


@app.command()
def contract(
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether the file is up to date.")
    ] = False,
    out: Annotated[Path, typer.Option(help="The JSON Schema file of the dashboards.")] = Path(
        "dashboards/contract.schema.json"
    ),
) -> None:
    """Write the JSON Schema from which the dashboards' TypeScript types are made."""
    from crowdsafe.contract.schema import dashboards_schema

    text = dashboards_schema()
    if check:
        if not out.is_file() or out.read_text(encoding="utf-8") != text:
            raise BadInput(f"{out}: differs from the contract; write it with `make contract`")
        _OUT.print(f"{out}: up to date")
        return
    out.write_text(text, encoding="utf-8")
    _OUT.print(f"{out}: written")


@app.command("settings")
def settings_docs() -> None:
    """Print every setting with its default, as Markdown."""
    from crowdsafe.settings import settings_table

    typer.echo(settings_table(), nl=False)


def main() -> None:
    """Run the command line; an error that the user can mend is one sentence and exit code 2."""
    try:
        app()
    except CrowdsafeError as error:
        typer.echo(f"crowdsafe: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
