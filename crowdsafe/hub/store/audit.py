"""The record: entries in a hash chain that is only ever appended to."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, text, update

from crowdsafe.hub.store.audit_check import AuditReport, Check, KeptEntry
from crowdsafe.hub.store.batch import AuditEntry
from crowdsafe.hub.store.chain import entry_hash
from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.tables import AUDIT, AUDIT_ANCHOR

_AT_A_TIME = 1000
_LOOKS = 500
# Two that append at once would both follow on the same entry.
_APPEND_LOCK = 0x63_72_6F_77_64_00_02


# Entries are written in the order in which they happen, but for what waits for its batch.
_OUT_OF_ORDER_S = 60.0


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes:
        entries: in the order of the search.
        reached: the number of the last entry that was looked at.
        more: whether there are entries beyond it that were not looked at.
        head: the number of the newest entry of all.
    """

    entries: tuple[KeptEntry, ...]
    reached: int
    more: bool
    head: int


class Audit:
    """The record of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, entry: AuditEntry) -> int:
        """Append an entry by itself and return its number; with other rows: ``Store.write``."""
        with self._database.writing() as connection:
            return append_entries(connection, [entry])

    def entries(self, *, after_seq: int = 0, limit: int = _AT_A_TIME) -> tuple[KeptEntry, ...]:
        """Return the entries after a number, in order."""
        query = select(AUDIT).where(AUDIT.c.seq > after_seq).order_by(AUDIT.c.seq).limit(limit)
        with self._database.reading() as connection:
            return tuple(KeptEntry(*row) for row in connection.execute(query))

    def between(self, *, from_s: float, to_s: float) -> Iterator[KeptEntry]:
        """Yield the entries of a span of time, its end not included, in order."""
        query = select(AUDIT).where(*_within(from_s, to_s)).order_by(AUDIT.c.seq)
        with self._database.snapshot() as connection:
            for row in connection.execution_options(yield_per=_AT_A_TIME).execute(query):
                yield KeptEntry(*row)

    def search(
        self,
        fits: Callable[[KeptEntry], bool],
        *,
        after_seq: int = 0,
        before_seq: int | None = None,
        from_s: float = -math.inf,
        to_s: float = math.inf,
        newest_first: bool = False,
        most: int,
        looks: int,
    ) -> Found:
        """Return the entries of a span that fit, both its ends not included.

        Args:
            fits: whether an entry is wanted.
            after_seq: only entries after this number.
            before_seq: only entries before this number.
            from_s: only entries of this time or later.
            to_s: only entries from before this time.
            newest_first: from the newest on, else from the oldest.
            most: so many are returned at most.
            looks: so many are looked at, about, at most.
        """
        with self._database.reading() as connection:
            head = _end(connection)[0]
            first = max(after_seq + 1, _first_at(connection, from_s - _OUT_OF_ORDER_S))
            last = min(
                head if before_seq is None else before_seq - 1,
                _first_at(connection, to_s + _OUT_OF_ORDER_S) - 1,
            )
            entries: list[KeptEntry] = []
            seq, step = (last, -1) if newest_first else (first, 1)
            looked = 0
            while first <= seq <= last and len(entries) < most and looked < looks:
                edge = max(first, seq - _LOOKS) if newest_first else min(last, seq + _LOOKS)
                query = (
                    select(AUDIT)
                    .where(AUDIT.c.seq >= min(seq, edge), AUDIT.c.seq <= max(seq, edge))
                    .order_by(AUDIT.c.seq.desc() if newest_first else AUDIT.c.seq)
                )
                for row in connection.execute(query):
                    entry = KeptEntry(*row)
                    seq = entry.seq
                    if from_s <= entry.at_s < to_s and fits(entry):
                        entries.append(entry)
                        if len(entries) == most:
                            break
                else:
                    seq = edge
                looked += _LOOKS
                seq += step
        return Found(
            entries=tuple(entries),
            reached=max(0, seq - step),
            more=first <= seq <= last,
            head=head,
        )

    def last_seq(self) -> int:
        """Return the number of the newest entry, 0 before there is one."""
        with self._database.reading() as connection:
            return _end(connection)[0]

    def count(self, *, from_s: float = -math.inf, to_s: float = math.inf) -> int:
        """Return how many entries are kept, all or those of a span of time."""
        query = select(func.count()).select_from(AUDIT).where(*_within(from_s, to_s))
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def verify(
        self, *, head: str | None = None, checked: Callable[[int], object] = lambda _: None
    ) -> AuditReport:
        """Check every entry, and return the first that is wrong.

        Args:
            head: the hash of an entry that must be there, as an earlier check reported it; without
                one, entries that are missing at the end cannot be told.
            checked: is told, now and then, how many more were checked.
        """
        with self._database.snapshot() as connection:
            return Check(connection, head).run(checked)


def append_entries(connection: Connection, entries: Sequence[AuditEntry]) -> int:
    """Append entries within a transaction and return the number of the last."""
    lock_for_append(connection)
    seq, prev_hash = _end(connection)
    rows = []
    for entry in entries:
        seq += 1
        its_hash = entry_hash(
            prev_hash=prev_hash,
            at_s=entry.at_s,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            detail=entry.detail_text,
        )
        rows.append(
            {
                "seq": seq,
                "at_s": float(entry.at_s),
                "actor": entry.actor,
                "action": entry.action,
                "subject": entry.subject,
                "detail": entry.detail_text,
                "prev_hash": prev_hash,
                "hash": its_hash,
            }
        )
        prev_hash = its_hash
    if rows:
        connection.execute(insert(AUDIT), rows)
    return seq


def lock_for_append(connection: Connection) -> None:
    """Make others wait who would append; SQLite lets only one write anyway."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _APPEND_LOCK})


def forget_entries(connection: Connection, most: int, *, before_s: float, now_s: float) -> int:
    """Delete the oldest entries, up to the first that is not older than a time, so many at most.

    What is left still verifies: the anchor keeps the hash that it follows on. That entries were
    forgotten is an entry by itself.
    """
    lock_for_append(connection)
    forgotten_seq = connection.execute(select(AUDIT_ANCHOR.c.seq)).scalar_one()
    oldest = AUDIT.c.seq <= forgotten_seq + most
    first_kept = connection.execute(
        select(func.min(AUDIT.c.seq)).where(oldest, AUDIT.c.at_s >= before_s)
    ).scalar()
    up_to = (
        connection.execute(select(func.max(AUDIT.c.seq)).where(oldest)).scalar()
        if first_kept is None
        else int(first_kept) - 1
    )
    anchor_hash = connection.execute(select(AUDIT.c.hash).where(AUDIT.c.seq == up_to)).scalar()
    if anchor_hash is None:
        return 0
    connection.execute(update(AUDIT_ANCHOR).values(seq=up_to, hash=anchor_hash))
    deleted = connection.execute(delete(AUDIT).where(AUDIT.c.seq <= up_to)).rowcount
    append_entries(
        connection,
        [
            AuditEntry(
                at_s=now_s,
                actor="hub",
                action="record.forgotten",
                subject="audit",
                detail={"up_to_seq": up_to, "hash": anchor_hash, "before_s": before_s},
            )
        ],
    )
    return int(deleted)


def _first_at(connection: Connection, at_s: float) -> int:
    """Return the number of the first entry of a time or later, by halving: no index is needed."""
    lowest, highest = connection.execute(select(func.min(AUDIT.c.seq), func.max(AUDIT.c.seq))).one()
    if lowest is None:
        return 1
    low, high = int(lowest), int(highest) + 1
    while low < high:
        middle = (low + high) // 2
        found = connection.execute(
            select(AUDIT.c.at_s).where(AUDIT.c.seq >= middle).order_by(AUDIT.c.seq).limit(1)
        ).scalar_one()
        low, high = (middle + 1, high) if found < at_s else (low, middle)
    return low


def _within(from_s: float, to_s: float) -> tuple[ColumnElement[bool], ...]:
    return (AUDIT.c.at_s >= from_s, AUDIT.c.at_s < to_s)


def _end(connection: Connection) -> tuple[int, str]:
    last = connection.execute(
        select(AUDIT.c.seq, AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1)
    ).one_or_none()
    if last is None:
        last = connection.execute(select(AUDIT_ANCHOR.c.seq, AUDIT_ANCHOR.c.hash)).one()
    return int(last[0]), str(last[1])
