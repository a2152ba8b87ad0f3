"""Steps of a zone's history: its values over 10, 60 and 900 seconds, made from one another.

Whatever is written marks its zone and slot of 900 s, in the same transaction, with the earliest
time that changed. Making steps takes up marked slots only and makes them anew from there on, so
that a killed process leaves nothing half done and a late value is worked in. A mark goes when its
slot is over and made.

No figure is of two revisions of the site: a step in which the revision changed has a row for each,
and what was known by both adds up to what was known of the step.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, or_, select, text, tuple_, update

from crowdsafe.hub.store.batch import ZoneValue
from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.pace import in_steps
from crowdsafe.hub.store.rows import put_rows
from crowdsafe.hub.store.tables import FORGOTTEN, STEPS_DUE

STEPS_S = (10, 60, 900)
SLOT_S = STEPS_S[-1]
RAW_S = 1
"""Stands for the values themselves, of which about one a second and zone is kept."""
_LEAST_SLOTS = 10
_MOST_SLOTS = 100

# The spans come as one text: with a statement for each, whoever makes steps and the hub's loop
# would wait for one another a thousand times.
_SQLITE_SPANS = """
WITH spans (of_zone, from_s, to_s) AS MATERIALIZED (
  SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
  FROM json_each(:spans)
)
"""
_POSTGRESQL_SPANS = """
WITH spans (of_zone, from_s, to_s) AS MATERIALIZED (
  SELECT each ->> 0, CAST(each ->> 1 AS float8), CAST(each ->> 2 AS float8)
  FROM json_array_elements(CAST(:spans AS json)) AS every (each)
)
"""
# Both are to look up the rows of each span, never the spans of each row, whatever they know of how
# much there is: SQLite keeps to the order of a CROSS JOIN, PostgreSQL looks not past an OFFSET.
_SQLITE_ROWS = """
spans CROSS JOIN {table} AS row_of_it
WHERE {only} zone_id = of_zone AND at_s >= from_s AND at_s < to_s
"""
_POSTGRESQL_ROWS = """
spans CROSS JOIN LATERAL (
  SELECT ctid, {table}.* FROM {table}
  WHERE {only} zone_id = of_zone AND at_s >= from_s AND at_s < to_s OFFSET 0
) AS row_of_it
"""
_SQLITE_DELETE = """
{spans} DELETE FROM zone_steps WHERE (step_s, zone_id, at_s, revision) IN (
  SELECT step_s, zone_id, at_s, revision FROM {rows}
)
"""
_POSTGRESQL_DELETE = """
{spans} DELETE FROM zone_steps WHERE ctid = ANY (ARRAY (SELECT row_of_it.ctid FROM {rows}))
"""
_INSERT = """
{spans} INSERT INTO zone_steps (
  step_s, zone_id, at_s, known, mean_ppm2, min_ppm2, max_ppm2, peak_ppm2, people, known_share,
  revision
)
"""
_FROM_VALUES = """
SELECT {step_s}, zone_id, {bucket}, count(density_ppm2), avg(density_ppm2), min(density_ppm2),
  max(density_ppm2), max(peak_ppm2), avg(count),
  count(density_ppm2) * 1.0 / sum(count(*)) OVER (PARTITION BY zone_id, {bucket}),
  coalesce(revision, 0)
FROM {rows}
GROUP BY zone_id, {bucket}, coalesce(revision, 0)
"""
# What a step lacks was not known, except what of it is still to come.
_FROM_STEPS = """
SELECT {step_s}, zone_id, {bucket}, sum(known), sum(mean_ppm2 * known) / nullif(sum(known), 0),
  min(min_ppm2), max(max_ppm2), max(peak_ppm2), sum(people * known) / nullif(sum(known), 0),
  sum(known_share) / CASE WHEN {bucket} + {step_s} <= :now_s THEN {of}
    ELSE (max(max(at_s)) OVER (PARTITION BY zone_id, {bucket}) - {bucket}) / {from_step_s} + 1 END,
  revision
FROM {rows}
GROUP BY zone_id, {bucket}, revision
"""
_HERE = (STEPS_DUE.c.zone_id == bindparam("of")) & (STEPS_DUE.c.slot_at_s == bindparam("slot"))
_OVER = delete(STEPS_DUE).where(_HERE)
_MADE = update(STEPS_DUE).where(_HERE).values(changed_from_s=bindparam("made"))


def bucket_sql(step_s: int, *, is_sqlite: bool) -> str:
    """Return SQL for the beginning of the step that ``at_s`` lies in; times are never negative."""
    whole = f"CAST(at_s / {step_s} AS INTEGER)" if is_sqlite else f"floor(at_s / {step_s})"
    return f"{whole} * {step_s}.0"


def steps_from_values_sql(*, is_sqlite: bool) -> str:
    """Return SQL that makes the 10 s steps of zones' values.

    ``:spans`` is JSON: a list of zone, from_s and to_s for each of them, whole steps.
    """
    return (_INSERT + _FROM_VALUES).format(
        spans=_SQLITE_SPANS if is_sqlite else _POSTGRESQL_SPANS,
        rows=_rows("zone_values", is_sqlite=is_sqlite),
        step_s=STEPS_S[0],
        bucket=bucket_sql(STEPS_S[0], is_sqlite=is_sqlite),
    )


def steps_from_steps_sql(from_step_s: int, step_s: int, *, is_sqlite: bool) -> str:
    """Return SQL that makes longer steps of shorter ones, of ``:spans`` and as of ``:now_s``."""
    return (_INSERT + _FROM_STEPS).format(
        spans=_SQLITE_SPANS if is_sqlite else _POSTGRESQL_SPANS,
        rows=_rows("zone_steps", only=f"step_s = {from_step_s} AND", is_sqlite=is_sqlite),
        from_step_s=from_step_s,
        step_s=step_s,
        of=f"{step_s // from_step_s}.0",
        bucket=bucket_sql(step_s, is_sqlite=is_sqlite),
    )


def _delete_sql(step_s: int, *, is_sqlite: bool) -> str:
    return (_SQLITE_DELETE if is_sqlite else _POSTGRESQL_DELETE).format(
        spans=_SQLITE_SPANS if is_sqlite else _POSTGRESQL_SPANS,
        rows=_rows("zone_steps", only=f"step_s = {step_s} AND", is_sqlite=is_sqlite),
    )


def _rows(table: str, *, only: str = "", is_sqlite: bool) -> str:
    return (_SQLITE_ROWS if is_sqlite else _POSTGRESQL_ROWS).format(table=table, only=only)


def mark_due(connection: Connection, values: Sequence[ZoneValue]) -> None:
    """Note that steps have to be made of values that are written."""
    due: dict[tuple[str, float], float] = {}
    for value in values:
        slot = (value.zone_id, value.at_s // SLOT_S * SLOT_S)
        if value.at_s < due.get(slot, value.at_s + 1):
            due[slot] = value.at_s
    rows = [(zone_id, float(slot_s), float(at_s)) for (zone_id, slot_s), at_s in due.items()]
    # In one order, so that nobody waits for somebody who waits for them.
    put_rows(connection, STEPS_DUE, sorted(rows), there="smaller")


def make_steps(database: Database, *, now_s: float) -> int:
    """Make all steps that are due, the one that is going on among them; return how many slots."""
    taken_up = ("", 0.0)

    def step(connection: Connection, most: int) -> int:
        nonlocal taken_up
        slots = _due_after(connection, taken_up, now_s=now_s, most=most)
        if slots:
            _take_up(connection, slots, now_s=now_s)
            taken_up = slots[-1].zone_id, slots[-1].slot_at_s
        return len(slots)

    return in_steps(database, step, least=_LEAST_SLOTS, most=_MOST_SLOTS)


def _due_after(
    connection: Connection, taken_up: tuple[str, float], *, now_s: float, most: int
) -> Sequence[Row[Any]]:
    """Return slots that are due, in order of their key.

    What was taken up and has changed since waits for the next time: there would be no end, where
    values come as fast as steps are made of them.
    """
    key = tuple_(STEPS_DUE.c.zone_id, STEPS_DUE.c.slot_at_s)
    changed = STEPS_DUE.c.changed_from_s < STEPS_DUE.c.slot_at_s + SLOT_S
    over = STEPS_DUE.c.slot_at_s + SLOT_S <= now_s
    query = (
        select(STEPS_DUE)
        .where(key > tuple_(*taken_up), or_(changed, over))
        .order_by(STEPS_DUE.c.zone_id, STEPS_DUE.c.slot_at_s)
        .limit(most)
        .with_for_update()
    )
    return connection.execute(query).all()


def _take_up(connection: Connection, slots: Sequence[Row[Any]], *, now_s: float) -> None:
    """Make the steps of some slots."""
    kept_from_s = dict.fromkeys((RAW_S, *STEPS_S), 0.0)
    for row in connection.execute(select(FORGOTTEN)):
        kept_from_s[row.step_s] = row.before_s
    is_sqlite = connection.dialect.name == "sqlite"
    finest_s, *longer_s = STEPS_S
    _make(
        connection,
        finest_s,
        steps_from_values_sql(is_sqlite=is_sqlite),
        [
            (
                slot.zone_id,
                slot.changed_from_s // finest_s * finest_s,
                slot.slot_at_s + SLOT_S,
            )
            for slot in slots
            if slot.slot_at_s >= kept_from_s[RAW_S]
        ],
    )
    from_step_s = finest_s
    for step_s in longer_s:
        _make(
            connection,
            step_s,
            steps_from_steps_sql(from_step_s, step_s, is_sqlite=is_sqlite),
            [
                (
                    slot.zone_id,
                    # At the end all of it: what was going on then is past now.
                    slot.slot_at_s
                    if slot.slot_at_s + SLOT_S <= now_s
                    else slot.changed_from_s // step_s * step_s,
                    slot.slot_at_s + SLOT_S,
                )
                for slot in slots
                if slot.slot_at_s >= kept_from_s[from_step_s]
            ],
            now_s=now_s,
        )
        from_step_s = step_s
    _settle(connection, slots=[(row.zone_id, row.slot_at_s) for row in slots], now_s=now_s)


def _make(
    connection: Connection,
    step_s: int,
    sql: str,
    spans: list[tuple[str, float, float]],
    **at: float,
) -> None:
    if not spans:
        return
    told = json.dumps(spans)
    # What was made of values that have another revision now would stay beside the new.
    delete_sql = _delete_sql(step_s, is_sqlite=connection.dialect.name == "sqlite")
    connection.execute(text(delete_sql), {"spans": told})
    connection.execute(text(sql), {"spans": told, **at})


def _settle(connection: Connection, *, slots: list[tuple[str, float]], now_s: float) -> None:
    over, going_on = [], []
    for zone_id, slot_at_s in slots:
        here = {"of": zone_id, "slot": slot_at_s}
        if slot_at_s + SLOT_S <= now_s:
            over.append(here)
        else:
            going_on.append(here | {"made": slot_at_s + SLOT_S})
    if over:
        connection.execute(_OVER, over)
    if going_on:
        connection.execute(_MADE, going_on)
