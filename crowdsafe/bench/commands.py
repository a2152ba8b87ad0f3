"""``crowdsafe bench``: load a hub of its own and say what it takes.

What a command needs is imported when it runs, so that ``--help`` answers at once.
"""

import contextlib
import json
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from crowdsafe.bench.ceiling import CeilingRun
    from crowdsafe.bench.delays import DelaySummary
    from crowdsafe.bench.load import LoadPlan, LoadReport

app = typer.Typer(help="Load a hub of its own, and say what it takes.", no_args_is_help=True)
_OUT = Console()

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CellsOption = Annotated[
    int, typer.Option(min=0, max=500, help="Cells with people in each zone; 0: only counts.")
]


@app.command("hub")
def bench_hub(
    cameras: Annotated[int, typer.Option(min=1, max=2000, help="How many.")] = 200,
    zones_per_camera: Annotated[int, typer.Option(min=1, max=200, help="That each sees.")] = 5,
    cameras_per_zone: Annotated[int, typer.Option(min=1, max=10, help="That see each.")] = 1,
    rate: Annotated[
        float, typer.Option(min=0.01, max=50, help="Observations a second and camera.")
    ] = 2.0,
    pages: Annotated[int, typer.Option(min=0, max=1000, help="Open pages.")] = 100,
    cells: CellsOption = 12,
    warm_up: Annotated[float, typer.Option(min=0, help="Seconds before counting.")] = 10.0,
    seconds: Annotated[float, typer.Option(min=1, help="Seconds that are counted.")] = 60.0,
    as_json: JsonOption = False,
) -> None:
    """Send a steady load of observations to a hub with open pages, and measure delays and cost."""
    from crowdsafe.bench.load import LoadPlan, run_load

    plan = LoadPlan(
        cameras=cameras,
        zones_per_camera=zones_per_camera,
        cameras_per_zone=cameras_per_zone,
        per_s=rate,
        pages=pages,
        cells=cells,
        warm_up_s=warm_up,
        seconds=seconds,
    )
    with _folder() as folder:
        report = run_load(plan, folder)
    if as_json:
        typer.echo(json.dumps({"plan": asdict(plan), "report": asdict(report)}))
    else:
        _print_load(plan, report)


@app.command("ceiling")
def bench_ceiling(
    zones: Annotated[int, typer.Option(min=1, max=1000, help="Of each observation.")] = 50,
    connections: Annotated[int, typer.Option(min=1, max=200, help="Of the second run.")] = 16,
    cells: CellsOption = 0,
    seconds: Annotated[float, typer.Option(min=1, help="Seconds of each run.")] = 10.0,
    as_json: JsonOption = False,
) -> None:
    """Push a hub on one processor core: how many zone values a second it writes."""
    from crowdsafe.bench.ceiling import CeilingPlan, run_ceiling

    plan = CeilingPlan(zones=zones, connections=connections, cells=cells, seconds=seconds)
    with _folder() as folder:
        runs = run_ceiling(plan, folder)
    if as_json:
        typer.echo(json.dumps({"plan": asdict(plan), "runs": [asdict(each) for each in runs]}))
    else:
        _print_ceiling(runs)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """Give a folder that is gone afterwards, also when somebody asks the process to end."""

    def end(_number: int, _frame: FrameType | None) -> None:
        # As Ctrl-C, which a running event loop knows how to end by.
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGTERM, end)
    try:
        with tempfile.TemporaryDirectory(prefix="crowdsafe-bench-") as folder:
            yield Path(folder)
    finally:
        signal.signal(signal.SIGTERM, before)


def _print_load(plan: "LoadPlan", report: "LoadReport") -> None:
    table = Table("what", "figure", title="hub under a steady load")
    first, warm, last = report.rss_mb
    share, told = report.told_share, report.page_bytes_per_s
    for what, figure in (
        (
            "load",
            f"{plan.cameras} cameras × {plan.per_s:g}/s × {plan.zones_per_camera} zones, "
            f"{report.zones} zones in all, {plan.cells} cells each, {plan.pages} pages, "
            f"{plan.seconds:g} s",
        ),
        ("hub ready after", f"{report.ready_after_s:.1f} s"),
        ("zone values offered", f"{report.offered_per_s:,.0f}/s"),
        ("zone values written", f"{report.taken_per_s:,.0f}/s"),
        ("observations lost", str(report.lost)),
        ("values missing in the store", str(report.missing)),
        ("observation to page", _delays(report.shown)),
        ("observation to written", _delays(report.written)),
        ("moments told to pages", "none due" if share is None else f"{share:.2%}"),
        ("values told that fit nothing", str(report.unmatched)),
        (
            "to each page",
            "no page"
            if told is None
            else f"{told / 1000:.1f} kB/s in {report.page_messages_per_s:.1f} messages/s, "
            f"{(report.snapshot_bytes or 0) / 1000:.0f} kB to begin",
        ),
        ("hub's processor time", f"{report.hub_cpu_share:.0%} of a core"),
        ("load's processor time", f"{report.load_cpu_share:.0%} of a core"),
        ("hub's memory", f"{first:.0f} → {warm:.0f} → {last:.0f} MB (first, warm, end)"),
        ("every minute", ", ".join(f"{each:.0f}" for each in report.rss_each_min_mb)),
        ("slope in the second half", f"{report.rss_mb_per_h:+.1f} MB/h"),
        *(("refused", reason) for reason in report.refused[:5]),
    ):
        table.add_row(what, figure)
    _OUT.print(table)


def _print_ceiling(runs: "tuple[CeilingRun, ...]") -> None:
    table = Table(
        *("run", "written/s", "lost", "to written", "of its core", "per processor second"),
        title="hub on one core",
    )
    for each in runs:
        table.add_row(
            each.name,
            f"{each.written_per_s:,.0f}",
            f"{each.lost} and {each.missing} values",
            _delays(each.written),
            f"{each.hub_cpu_share:.0%}",
            f"{each.written_per_cpu_s:,.0f}",
        )
    _OUT.print(table)


def _delays(delays: "DelaySummary") -> str:
    if delays.p50_ms is None:
        return "none"
    return (
        f"p50 {delays.p50_ms:.0f}, p95 {delays.p95_ms:.0f}, p99 {delays.p99_ms:.0f}, "
        f"most {delays.most_ms:.0f} ms of {delays.number:,}"
    )
