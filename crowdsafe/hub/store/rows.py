"""Many rows into a table at once, as plain tuples: the store's hot path."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from sqlalchemy import Connection, Float, Integer, Table

OnConflict = Literal["keep", "replace", "smaller"]
"""A row that is there already: stays, is replaced, or is replaced where its last column is more."""


def put_rows(
    connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]], *, there: OnConflict
) -> None:
    """Insert rows, each with a value for every column in the table's order.

    With ``there`` other than "keep" no two rows may have the same primary key.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_sqlite(table, there), list(rows))
    else:
        # One statement with a list for each column; the driver's executemany is many times slower.
        connection.exec_driver_sql(
            _postgresql(table, there), tuple(list(column) for column in zip(*rows, strict=True))
        )


@cache
def _sqlite(table: Table, there: OnConflict) -> str:
    names = [column.name for column in table.columns]
    marks = ", ".join("?" for _ in names)
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks}) {_then(table, there)}"


@cache
def _postgresql(table: Table, there: OnConflict) -> str:
    names = [column.name for column in table.columns]
    lists = ", ".join(f"%s::{_list_type(column.type)}" for column in table.columns)
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT * FROM unnest({lists}) "
        f"{_then(table, there)}"
    )


def _list_type(column_type: Any) -> str:
    if isinstance(column_type, Float):
        return "float8[]"
    return "int[]" if isinstance(column_type, Integer) else "text[]"


def _then(table: Table, there: OnConflict) -> str:
    if there == "keep":
        return "ON CONFLICT DO NOTHING"
    keys = [column.name for column in table.primary_key.columns]
    values = [column.name for column in table.columns if column.name not in keys]
    update = ", ".join(f"{name} = excluded.{name}" for name in values)
    only = f" WHERE excluded.{values[-1]} < {table.name}.{values[-1]}" if there == "smaller" else ""
    return f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {update}{only}"
