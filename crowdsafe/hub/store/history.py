"""The course of zones over minutes to years, and what of it is forgotten."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, Table, func, insert, select, text, update

from crowdsafe.errors import BadInput
from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.keep_days import KeepDays
from crowdsafe.hub.store.slices import delete_in_slices
from crowdsafe.hub.store.steps import RAW_S, SLOT_S, STEPS_S, bucket_sql, make_steps
from crowdsafe.hub.store.tables import FORGOTTEN, ZONE_STEPS, ZONE_VALUES


class HistoryPoint(NamedTuple):
    """One step of a zone's course.

    Attributes:
        at_s: its beginning.
        mean_ppm2, min_ppm2, max_ppm2: of the mean density; None: it was never known in it.
        peak_ppm2: the highest local peak.
        people: the mean count of people.
        known_share: the part of it in which the density was known.
        revision: of the site, that the hub ran; None: that is not known.
    """

    at_s: float
    mean_ppm2: float | None
    min_ppm2: float | None
    max_ppm2: float | None
    peak_ppm2: float | None
    people: float | None
    known_share: float
    revision: int | None = None


class ZoneCourse(NamedTuple):
    """The course of a zone in steps of ``step_s``; a step that is left out was never known.

    A step in which the revision of the site changed is there once for each revision.
    """

    step_s: float
    points: tuple[HistoryPoint, ...]


class History:
    """The history of one store's zones."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def zone(
        self, zone_id: str, *, from_s: float, to_s: float, max_points: int = 1500
    ) -> ZoneCourse:
        """Return the course of a zone in the shortest steps that are kept and not too many.

        Raises:
            BadInput: the span is none, or there is room for no course.
        """
        if not 0 <= from_s < to_s < math.inf:
            raise BadInput(f"history: from {from_s} to {to_s}, expected two times in order")
        if not 2 <= max_points <= 100_000:
            raise BadInput(f"history: max_points {max_points}, expected 2 to 100000")
        with self._database.reading() as connection:
            step_s = _step_for(connection, zone_id, from_s=from_s, to_s=to_s, max_points=max_points)
            if step_s == RAW_S:
                points = _values(connection, zone_id, from_s=from_s, to_s=to_s)
                if len(points) <= max_points:
                    return ZoneCourse(float(RAW_S), points)
                step_s = STEPS_S[0]
            times = max(1, math.ceil((to_s - from_s) / step_s / max_points))
            points = _steps(
                connection, zone_id, step_s=step_s, times=times, from_s=from_s, to_s=to_s
            )
        return ZoneCourse(float(step_s * times), points)

    def densities(
        self, *, from_s: float, revision: int | None = None
    ) -> tuple[tuple[str, float, float], ...]:
        """Return zone, time and density of all known values since, in order of time.

        Args:
            from_s: the time.
            revision: of the site, that they must be of; None: of any.
        """
        of_it = () if revision is None else (ZONE_VALUES.c.revision == revision,)
        found: list[tuple[str, float, float]] = []
        with self._database.reading() as connection:
            for zone_id in zone_ids(connection, ZONE_VALUES):
                query = select(
                    ZONE_VALUES.c.zone_id, ZONE_VALUES.c.at_s, ZONE_VALUES.c.density_ppm2
                ).where(
                    ZONE_VALUES.c.zone_id == zone_id,
                    ZONE_VALUES.c.at_s >= from_s,
                    ZONE_VALUES.c.density_ppm2.is_not(None),
                    *of_it,
                )
                found += [(row[0], row[1], row[2]) for row in connection.execute(query)]
        return tuple(sorted(found, key=lambda row: row[1]))

    def downsample(self, now_s: float) -> int:
        """Make the steps that are due, and return of how many slots; cheap when few are.

        The newest step is as new as the last call: every 10 s is often enough.
        """
        return make_steps(self._database, now_s=now_s)

    def forget(self, now_s: float, keep: KeepDays) -> int:
        """Delete values and steps older than they are kept, and return how many rows.

        What is deleted has become longer steps before.
        """
        self.downsample(now_s)
        deleted = 0
        for step_s, days in (
            (RAW_S, keep.zone_values),
            (STEPS_S[0], keep.steps_10_s),
            (STEPS_S[1], keep.steps_60_s),
            (STEPS_S[2], keep.steps_900_s),
        ):
            # Whole slots only: a slot is made anew from all of it or not at all.
            before_s = (now_s - days * 86400) // SLOT_S * SLOT_S
            if before_s <= 0:
                continue
            self._note_forgotten(step_s, before_s=before_s)
            table = ZONE_VALUES if step_s == RAW_S else ZONE_STEPS
            fixed = {} if step_s == RAW_S else {"step_s": step_s}
            with self._database.reading() as connection:
                zones = tuple(zone_ids(connection, table, **fixed))
            for zone_id in zones:
                deleted += delete_in_slices(
                    self._database, table, "at_s", before_s=before_s, zone_id=zone_id, **fixed
                )
        return deleted

    def _note_forgotten(self, step_s: int, *, before_s: float) -> None:
        here = FORGOTTEN.c.step_s == step_s
        with self._database.writing() as connection:
            known = connection.execute(select(FORGOTTEN.c.before_s).where(here)).scalar()
            if known is None:
                connection.execute(insert(FORGOTTEN).values(step_s=step_s, before_s=before_s))
            elif before_s > known:
                connection.execute(update(FORGOTTEN).where(here).values(before_s=before_s))


def zone_ids(connection: Connection, table: Table, **fixed: int) -> Iterator[str]:
    """Yield the zones of a table, from one to the next in its key: no row is read twice."""
    query = select(func.min(table.c.zone_id)).where(
        *(table.c[name] == value for name, value in fixed.items())
    )
    zone_id = connection.execute(query).scalar()
    while zone_id is not None:
        yield zone_id
        zone_id = connection.execute(query.where(table.c.zone_id > zone_id)).scalar()


def _step_for(
    connection: Connection, zone_id: str, *, from_s: float, to_s: float, max_points: int
) -> int:
    """Return the shortest step that is not too many and reaches back as far as any."""
    fitting = [each for each in (RAW_S, *STEPS_S) if (to_s - from_s) / each <= max_points]
    fitting = fitting or [STEPS_S[-1]]
    oldest = {each: _oldest_slot_s(connection, zone_id, step_s=each) for each in fitting}
    reach_s = [max(from_s, each) for each in oldest.values() if each is not None]
    for step_s, oldest_s in oldest.items():
        if oldest_s is not None and oldest_s <= min(reach_s):
            return step_s
    return fitting[0]


def _oldest_slot_s(connection: Connection, zone_id: str, *, step_s: int) -> float | None:
    if step_s == RAW_S:
        query = select(func.min(ZONE_VALUES.c.at_s)).where(ZONE_VALUES.c.zone_id == zone_id)
    else:
        query = select(func.min(ZONE_STEPS.c.at_s)).where(
            ZONE_STEPS.c.step_s == step_s, ZONE_STEPS.c.zone_id == zone_id
        )
    oldest_s = connection.execute(query).scalar()
    return None if oldest_s is None else oldest_s // SLOT_S * SLOT_S


def _values(
    connection: Connection, zone_id: str, *, from_s: float, to_s: float
) -> tuple[HistoryPoint, ...]:
    query = (
        select(
            ZONE_VALUES.c.at_s,
            ZONE_VALUES.c.density_ppm2,
            ZONE_VALUES.c.peak_ppm2,
            ZONE_VALUES.c.count,
            ZONE_VALUES.c.revision,
        )
        .where(
            ZONE_VALUES.c.zone_id == zone_id,
            ZONE_VALUES.c.at_s >= from_s,
            ZONE_VALUES.c.at_s <= to_s,
        )
        .order_by(ZONE_VALUES.c.at_s)
    )
    return tuple(
        HistoryPoint(
            at_s, density, density, density, peak, people, float(density is not None), revision
        )
        for at_s, density, peak, people, revision in connection.execute(query)
    )


def _steps(
    connection: Connection, zone_id: str, *, step_s: int, times: int, from_s: float, to_s: float
) -> tuple[HistoryPoint, ...]:
    """Return steps as they are kept, or so many times longer."""
    span = {"zone_id": zone_id, "step_s": step_s, "to_s": to_s}
    kept = "FROM zone_steps WHERE step_s = :step_s AND zone_id = :zone_id AND at_s > :from_s"
    if times == 1:
        sql = (
            "SELECT at_s, mean_ppm2, min_ppm2, max_ppm2, peak_ppm2, people, known_share, "
            f"nullif(revision, 0) {kept} AND at_s <= :to_s ORDER BY at_s, revision"
        )
        span["from_s"] = from_s - step_s
    else:
        longer_s = step_s * times
        bucket = bucket_sql(longer_s, is_sqlite=connection.dialect.name == "sqlite")
        sql = (
            f"SELECT {bucket} AS longer_at_s, sum(mean_ppm2 * known) / nullif(sum(known), 0), "
            "min(min_ppm2), max(max_ppm2), max(peak_ppm2), "
            f"sum(people * known) / nullif(sum(known), 0), sum(known_share) / {times}.0, "
            f"nullif(revision, 0) {kept} AND at_s <= :to_s "
            "GROUP BY longer_at_s, revision ORDER BY longer_at_s, revision"
        )
        # From the beginning of a longer step on, so that none is told by its rest.
        span["from_s"] = from_s // longer_s * longer_s - step_s / 2
    return tuple(HistoryPoint(*row) for row in connection.execute(text(sql), span))
