"""The command line: puts the rooms together."""

import asyncio
import logging
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Column, Table

from crowdsafe import __version__
from crowdsafe.bench.commands import app as bench_app
from crowdsafe.calibration.commands import app as calibrate_app
from crowdsafe.errors import BadInput, CrowdsafeError
from crowdsafe.hub.audit_commands import app as audit_app
from crowdsafe.hub.commands import ConfigOption
from crowdsafe.hub.commands import app as hub_app
from crowdsafe.hub.revision_commands import REVISION_COMMANDS
from crowdsafe.replay.commands import LocalMetresOption, ModelOption, count, evaluate, measure
from crowdsafe.resources import DEFAULT_MODEL, DEMO_SITE, resource
from crowdsafe.training.commands import app as train_app

app = typer.Typer(
    name="crowdsafe",
    help="Crowd density from cameras: persons/m² for each zone, alarms, a control-room page.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
zones_app = typer.Typer(help="Look at zone files.", no_args_is_help=True)
for _name, _command in REVISION_COMMANDS.items():
    hub_app.command(_name)(_command)
app.add_typer(audit_app, name="audit")
app.add_typer(bench_app, name="bench")
app.add_typer(calibrate_app, name="calibrate")
app.add_typer(hub_app, name="hub")
app.add_typer(train_app, name="train")
app.add_typer(zones_app, name="zones")
_OUT = Console()


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
    for chatty in ("httpx", "websockets", "asyncio", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to try first.")] = 8400,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its record.")] = Path(".demo"),
    clip: Annotated[
        Path | None, typer.Option(help="Another video than the clip that comes along.")
    ] = None,
    model: ModelOption = None,
) -> None:
    """Run hub and edge worker on real footage and open the page. Ctrl-C ends all of it."""
    from crowdsafe.demo import prepare, run_demo

    plan = prepare(folder=folder, port=port, clip=clip, model=model)
    run_demo(
        plan,
        say=lambda line: typer.echo(line),
        browser="CROWDSAFE_NO_BROWSER" not in os.environ,
    )


@app.command()
def edge(config: ConfigOption = None) -> None:
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
        fast=settings.edge.fast,
    )
    asyncio.run(run_worker(site, settings.edge, detector, folder=settings.site))


for _replay in (count, measure, evaluate):
    app.command()(_replay)


@zones_app.command("check")
def zones_check(
    site: Annotated[Path, typer.Argument(help="A site folder, or a GeoJSON file of zones.")] = (
        Path(DEMO_SITE)
    ),
    local_metres: LocalMetresOption = False,
) -> None:
    """Check zones, and cameras and measures where a folder is given, and print what they are."""
    from crowdsafe.contract.measures_file import MEASURES_FILE, refuse_unready
    from crowdsafe.contract.site import read_site, read_zones

    if site.is_dir():
        read = read_site(site)
        zones, measures = tuple(zone.zone for zone in read.zones), read.measures
        today = datetime.now(ZoneInfo(read.timezone)).date()
        refuse_unready(site / MEASURES_FILE, measures, today=today)
        _OUT.print(
            f"site '{read.id}', {len(read.cameras)} camera(s), {len(zones)} zone(s), "
            f"{len(measures)} measure(s)"
        )
    else:
        zones, measures = read_zones(site, local_metres=local_metres), ()
    table = Table("zone", "area m²")
    for zone in zones:
        table.add_row(zone.id, f"{zone.area_m2:.1f}")
    _OUT.print(table)
    if not measures:
        return
    table = Table(
        Column("measure", overflow="fold", min_width=24), "kind", "for alarms of", "in", "words"
    )
    for each in measures:
        grade = f" (from {each.from_grade})" if each.from_grade else ""
        weather = f" ({', '.join(each.weather)})" if each.weather else ""
        table.add_row(
            each.id,
            each.kind,
            ", ".join(each.causes) + weather + grade,
            ", ".join(each.zones) or "all",
            " ".join(sorted({*each.loudspeaker, *each.display})),
        )
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
