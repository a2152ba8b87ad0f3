"""Deletes old rows a slice at a time, so that whoever waits to write does not wait long."""

from sqlalchemy import Table, delete, select

from crowdsafe.hub.store.engine import Database

_ROWS_AT_ONCE = 5000


def delete_in_slices(
    database: Database, table: Table, column: str, *, before_s: float, **fixed: str | int
) -> int:
    """Delete the rows from before a time and return how many.

    Args:
        column: holds the time; an index begins with the fixed columns and goes on with it.
        fixed: what other columns must be.
    """
    at = table.c[column]
    old = [at < before_s, *(table.c[name] == value for name, value in fixed.items())]
    deleted = 0
    while True:
        with database.writing() as connection:
            bound_s = connection.execute(
                select(at).where(*old).order_by(at).offset(_ROWS_AT_ONCE - 1).limit(1)
            ).scalar()
            upto = old if bound_s is None else [*old, at <= bound_s]
            deleted += connection.execute(delete(table).where(*upto)).rowcount
        if bound_s is None:
            return deleted
