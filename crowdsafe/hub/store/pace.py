"""Long work in short transactions, so that whoever waits to write does not wait long."""

import time
from collections.abc import Callable

from sqlalchemy import Connection

from crowdsafe.hub.store.engine import Database

_HELD_S = 0.010
_LEAST_REST_S = 0.002
# SQLite's log is as long after about so many of them that it would move it by itself.
_SETTLE_EVERY = 4


def in_steps(
    database: Database, step: Callable[[Connection, int], int], *, least: int, most: int
) -> int:
    """Do something in one transaction after another, and return how much was done.

    Each does as much as takes some milliseconds, and lets others write for as long afterwards.

    Args:
        database: to write to.
        step: is told how much it may do, and returns how much it did; less: nothing is left.
        least: how much one does at least, to begin with and where the machine is busy.
        most: and at most.
    """
    done, at_once, steps = 0, least, 0
    while True:
        steps += 1
        with database.writing() as connection:
            begun_s = time.monotonic()
            did = step(connection, at_once)
        held_s = time.monotonic() - begun_s
        done += did
        begun_s = time.monotonic()
        if steps % _SETTLE_EVERY == 0 or did < at_once:
            database.settle()
        time.sleep(max(_LEAST_REST_S, held_s - (time.monotonic() - begun_s)))
        if did < at_once:
            return done
        # Twice as much at most: one quick transaction says little.
        wanted = int(at_once * min(2.0, _HELD_S / max(held_s, 1e-6)))
        at_once = min(max(least, wanted), most)
