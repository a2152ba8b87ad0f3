"""Deletes old rows a slice at a time, so that whoever waits to write does not wait long."""

from sqlalchemy import Connection, Table, delete, select

from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.pace import in_steps

_LEAST_ROWS = 1000
_MOST_ROWS = 10_000


def delete_in_slices(
    database: Database, table: Table, column: str, *, before_s: float, **fixed: str | int
) -> int:
    """Delete the rows from before a time and return how many.

    Args:
        column: holds the time; an index begins with the fixed columns and goes on with it.
        fixed: what other columns must be.
    """
    at = table.c[column]
    here = [table.c[name] == value for name, value in fixed.items()]
    gone_s = -1.0

    def step(connection: Connection, rows: int) -> int:
        nonlocal gone_s
        # PostgreSQL would look once more at all that is gone, until it has tidied up.
        left = [*here, at > gone_s]
        old = select(at).where(*left, at < before_s).order_by(at)
        bound_s = connection.execute(old.offset(rows - 1).limit(1)).scalar()
        # One end only: of two, SQLite may look for the later and read all that is before it.
        end = at < before_s if bound_s is None else at <= bound_s
        gone_s = before_s if bound_s is None else bound_s
        return connection.execute(delete(table).where(*left, end)).rowcount

    return in_steps(database, step, least=_LEAST_ROWS, most=_MOST_ROWS)
