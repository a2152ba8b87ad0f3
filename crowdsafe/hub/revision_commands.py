"""``crowdsafe hub revisions``, ``draft``, ``publish``, ``roll-back``, ``export``.

A hub that runs takes up what is published here within a second or two.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from crowdsafe.hub.commands import ConfigOption

if TYPE_CHECKING:
    from crowdsafe.hub.revisions import Revisions

_OUT = Console()
_AUTHOR = "command line"

NumberArgument = Annotated[int, typer.Argument(min=1, max=2**31 - 1, help="The revision.")]
ReasonOption = Annotated[str, typer.Option("--reason", "-r", help="Why, for the record.")]
FolderArgument = Annotated[Path, typer.Argument(help="A site folder.")]


@contextlib.contextmanager
def _revisions(config: Path | None) -> "Iterator[Revisions]":
    from crowdsafe.hub.revisions import Revisions
    from crowdsafe.hub.store import Store
    from crowdsafe.settings import load_settings

    store = Store(load_settings(config).hub.database_url)
    try:
        yield Revisions(store)
    finally:
        store.close()


def list_revisions(
    number: Annotated[
        int | None, typer.Argument(min=1, max=2**31 - 1, help="Say what this one changes.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The newest so many.")] = 20,
    config: ConfigOption = None,
) -> None:
    """List the revisions of the site, or what one of them changes."""
    with _revisions(config) as revisions:
        if number is not None:
            diff = revisions.diff(number, against=None)
            _OUT.print(f"revision {diff.after} against revision {diff.before}:")
            for change in diff.changes:
                _OUT.print(f"  {change.words.en}", markup=False)
            return
        table = Table("revision", "state", "author", "when (UTC)", "reason")
        for each in revisions.list(limit=limit):
            when = datetime.fromtimestamp(each.at_s, UTC)
            table.add_row(
                str(each.number),
                each.state,
                escape(each.author),
                f"{when:%Y-%m-%d %H:%M}",
                escape(each.reason),
            )
        _OUT.print(table)


def draft(folder: FolderArgument, reason: ReasonOption, config: ConfigOption = None) -> None:
    """Keep a site folder as a draft, made from the published revision."""
    from crowdsafe.contract.site_document import read_document
    from crowdsafe.errors import BadInput

    document = read_document(folder)
    with _revisions(config) as revisions:
        current = revisions.published()
        if current is None:
            raise BadInput("revisions: none is published yet, start the hub once")
        kept = revisions.draft(
            document.content(),
            author=_AUTHOR,
            reason=_checked(reason),
            parent=current.number,
            now_s=time.time(),
        )
    _OUT.print(
        f"revision {kept.number} is a draft; publish it: crowdsafe hub publish {kept.number}"
    )


def publish(number: NumberArgument, reason: ReasonOption, config: ConfigOption = None) -> None:
    """Publish a draft; hub and workers run it at once."""
    with _revisions(config) as revisions:
        current = revisions.publish(number, by=_AUTHOR, reason=_checked(reason), now_s=time.time())
    _OUT.print(f"revision {current.number} is published")


def roll_back(number: NumberArgument, reason: ReasonOption, config: ConfigOption = None) -> None:
    """Publish the content of an older revision once more, under a new number."""
    with _revisions(config) as revisions:
        current = revisions.roll_back(
            number, by=_AUTHOR, reason=_checked(reason), now_s=time.time()
        )
    _OUT.print(f"revision {current.number} is published, with the content of revision {number}")


def export(number: NumberArgument, folder: FolderArgument, config: ConfigOption = None) -> None:
    """Write a revision as a new site folder, without the pictures of calibrations."""
    from crowdsafe.contract.site_document import as_document, write_folder

    with _revisions(config) as revisions:
        document = as_document(revisions.get(number).document, named=f"revision {number}")
    write_folder(document, folder)
    _OUT.print(f"{folder}: written")


def _checked(reason: str) -> str:
    from pydantic import TypeAdapter, ValidationError

    from crowdsafe.contract.alarms import Reason
    from crowdsafe.contract.strict import first_problem
    from crowdsafe.errors import BadInput

    try:
        return TypeAdapter(Reason).validate_python(reason)
    except ValidationError as error:
        problem = first_problem(error).removeprefix("document: ")
        raise BadInput(f"reason: {problem}") from None


REVISION_COMMANDS: dict[str, Callable[..., None]] = {
    "revisions": list_revisions,
    "draft": draft,
    "publish": publish,
    "roll-back": roll_back,
    "export": export,
}
"""To be added to ``crowdsafe hub``."""
