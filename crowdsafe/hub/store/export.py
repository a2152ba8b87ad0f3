"""Writes the record to a file: CSV, or Parquet where pyarrow is installed."""

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from crowdsafe.errors import BadInput
from crowdsafe.hub.store.audit_check import KeptEntry

COLUMNS = ("seq", "at", "at_s", "actor", "action", "subject", "detail", "prev_hash", "hash")
"""``at`` is ``at_s`` as ISO 8601 in UTC; the rest is as it is kept and hashed."""
_ROWS_AT_ONCE = 5000

Row = tuple[Any, ...]
Write = Callable[[list[Row]], None]
Writer = Callable[[Path], AbstractContextManager[Write]]


def export_entries(
    entries: Iterable[KeptEntry],
    out: Path,
    *,
    written: Callable[[int], object] = lambda _: None,
) -> int:
    """Write entries to a file and return how many; a file that is there is replaced at the end.

    Args:
        entries: in the order in which they are to stand in the file.
        out: ends with .csv or .parquet.
        written: is told, now and then, how many more were written.

    Raises:
        BadInput: the file cannot be written, or Parquet is not installed.
    """
    writer = _writer(out)
    if not out.parent.is_dir():
        raise BadInput(f"{out}: there is no folder {out.parent}")
    count = 0
    try:
        with NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}.", delete=False) as file:
            unfinished = Path(file.name)
        try:
            with writer(unfinished) as write:
                rows = map(_row, entries)
                while some := list(islice(rows, _ROWS_AT_ONCE)):
                    write(some)
                    count += len(some)
                    written(len(some))
            unfinished.chmod(0o644)
            unfinished.replace(out)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(f"{out}: cannot be written ({error.strerror})") from None
    return count


def _row(entry: KeptEntry) -> Row:
    return (entry.seq, datetime.fromtimestamp(entry.at_s, UTC), *entry[1:])


def _writer(out: Path) -> Writer:
    if out.suffix == ".csv":
        return _csv
    if out.suffix == ".parquet":
        try:
            import pyarrow.parquet  # type: ignore[import-untyped]  # noqa: F401
        except ImportError:
            raise BadInput(
                f"{out}: Parquet needs pyarrow, which is not installed; "
                "`pip install crowdsafe[parquet]` brings it, or write a .csv"
            ) from None
        return _parquet
    raise BadInput(f"{out}: expected a name that ends with .csv or .parquet")


@contextmanager
def _csv(file: Path) -> Iterator[Write]:
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(COLUMNS)

        def write(rows: list[Row]) -> None:
            writer.writerows((row[0], row[1].isoformat(), repr(row[2]), *row[3:]) for row in rows)

        yield write


@contextmanager
def _parquet(file: Path) -> Iterator[Write]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = (pa.int64(), pa.timestamp("us", tz="UTC"), pa.float64(), *[pa.string()] * 6)
    schema = pa.schema(list(zip(COLUMNS, types, strict=True)))
    with pq.ParquetWriter(file, schema) as writer:

        def write(rows: list[Row]) -> None:
            columns = [list(column) for column in zip(*rows, strict=True)]
            writer.write_table(pa.table(columns, schema=schema))

        yield write
