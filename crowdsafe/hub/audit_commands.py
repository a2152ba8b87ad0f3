"""``crowdsafe audit``: check the record, and take it elsewhere.

What a command needs is imported when it runs, so that ``--help`` answers at once.
"""

import math
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from crowdsafe.errors import BadInput
from crowdsafe.hub.commands import ConfigOption

app = typer.Typer(help="Check the record, and take it elsewhere.", no_args_is_help=True)
_OUT = Console(highlight=False, soft_wrap=True)
_ERR = Console(stderr=True, highlight=False, soft_wrap=True)


@app.command("verify")
def audit_verify(
    head: Annotated[
        str | None,
        typer.Option(help="Hash that an earlier check printed: finds whether the end was cut off."),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Check that every entry is as it was written; exit code 1 names the first that is not."""
    from crowdsafe.hub.store import Store
    from crowdsafe.settings import load_settings

    if head is not None and not re.fullmatch(r"[0-9a-f]{64}", head):
        raise BadInput(f"--head: '{head}', expected the 64 digits 0-9 and a-f of a hash")
    store = Store(load_settings(config).hub.database_url, as_it_is=True)
    try:
        with _progress() as progress:
            task = progress.add_task("checked", total=store.audit.count())
            report = store.audit.verify(
                head=head, checked=lambda more: progress.advance(task, more)
            )
    finally:
        store.close()
    if report.problem is not None:
        _ERR.print(f"audit: {report.problem.what}: {report.problem.sentence}", markup=False)
        raise typer.Exit(1)
    if report.first_seq is None:
        _OUT.print("audit: the record has no entries")
    else:
        _OUT.print(
            f"audit: entries {report.first_seq} to {report.last_seq} are as they were written"
        )
    _OUT.print(f"head {report.head_hash}")


@app.command("export")
def audit_export(
    out: Annotated[Path, typer.Option(help="File to write: .csv or .parquet.")],
    since: Annotated[
        str | None,
        typer.Option("--from", help="Date or time, as 2026-08-07 or 2026-08-07T18:00; local time."),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="Date or time, itself not included; local time.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Write the record, or a span of it, to a file with the hashes of all entries."""
    from crowdsafe.hub.store import Store
    from crowdsafe.hub.store.export import export_entries
    from crowdsafe.settings import load_settings

    from_s, to_s = _seconds("--from", since, -math.inf), _seconds("--to", until, math.inf)
    if not from_s < to_s:
        raise BadInput(f"--to: {until} is not after --from, {since}")
    store = Store(load_settings(config).hub.database_url, as_it_is=True)
    try:
        with _progress() as progress:
            total = store.audit.count(from_s=from_s, to_s=to_s)
            task = progress.add_task("written", total=total)
            count = export_entries(
                store.audit.between(from_s=from_s, to_s=to_s),
                out,
                written=lambda more: progress.advance(task, more),
            )
    finally:
        store.close()
    _OUT.print(f"{out}: {count} entries", markup=False)


def _seconds(option: str, text: str | None, otherwise: float) -> float:
    if text is None:
        return otherwise
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        raise BadInput(
            f"{option}: '{text}', expected a date or time as 2026-08-07 or 2026-08-07T18:00"
        ) from None


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=_ERR,
        transient=True,
    )
