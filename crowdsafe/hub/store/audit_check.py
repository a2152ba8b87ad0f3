"""Checks the record: whether each entry is as it was written, and follows on the one before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, func, select

from crowdsafe.hub.store.chain import entry_hash
from crowdsafe.hub.store.tables import AUDIT, AUDIT_ANCHOR

_AT_A_TIME = 1000


class KeptEntry(NamedTuple):
    """One entry as it is kept; ``detail`` is canonical JSON, see ``chain``."""

    seq: int
    at_s: float
    actor: str
    action: str
    subject: str
    detail: str
    prev_hash: str
    hash: str


@dataclass(frozen=True)
class AuditProblem:
    """The first entry that is not as it was written, and what is wrong."""

    seq: int
    what: Literal["changed", "missing", "inserted", "reordered", "cut off"]
    sentence: str


@dataclass(frozen=True)
class AuditReport:
    """What a check of the record found.

    Attributes:
        entries: how many follow on each other unbroken, from the first that is kept.
        first_seq: the number of the first; None: there is none.
        last_seq: the number of the last that is right.
        head_hash: its hash: with it, kept elsewhere, a later check finds whether the end is there.
        problem: the first thing that is wrong.
    """

    entries: int
    first_seq: int | None
    last_seq: int | None
    head_hash: str
    problem: AuditProblem | None


class Check:
    """One check of the whole record, on one connection."""

    def __init__(self, connection: Connection, head: str | None) -> None:
        self._connection = connection
        anchor = connection.execute(select(AUDIT_ANCHOR.c.seq, AUDIT_ANCHOR.c.hash)).one()
        self._seq, self._hash = int(anchor.seq), str(anchor.hash)
        self._head = head
        self._head_found = head in (None, self._hash)
        self._first_seq: int | None = None
        self._entries = 0

    def run(self, checked: Callable[[int], object]) -> AuditReport:
        """Check every entry up to the first that is wrong."""
        streamed = self._connection.execution_options(yield_per=_AT_A_TIME).execute(
            select(AUDIT).order_by(AUDIT.c.seq)
        )
        problem = None
        for rows in streamed.partitions():
            problem = next(filter(None, map(self._step, rows)), None)
            checked(len(rows))
            if problem:
                break
        streamed.close()
        if problem is None and not self._head_found:
            problem = AuditProblem(
                seq=self._seq + 1,
                what="cut off",
                sentence=f"no entry has the hash {self._head}: the end was cut off after entry "
                f"{self._seq} or earlier, or the record was written anew",
            )
        return AuditReport(
            entries=self._entries,
            first_seq=self._first_seq,
            last_seq=self._seq if self._entries else None,
            head_hash=self._hash,
            problem=problem,
        )

    def _step(self, row: Row[*tuple[Any, ...]]) -> AuditProblem | None:
        entry = KeptEntry._make(row)
        if entry.seq <= self._seq:
            return _inserted(entry.seq, entry.seq)
        if entry.seq != self._seq + 1:
            return _missing(self._seq + 1, entry.seq - 1)
        is_itself = entry.hash == entry_hash(
            prev_hash=entry.prev_hash,
            at_s=entry.at_s,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            detail=entry.detail,
        )
        if entry.prev_hash != self._hash:
            return self._broken_link(entry, is_itself=is_itself)
        if not is_itself:
            return _changed(entry.seq)
        self._seq, self._hash = entry.seq, entry.hash
        self._first_seq = self._first_seq or entry.seq
        self._entries += 1
        self._head_found = self._head_found or entry.hash == self._head
        return None

    def _broken_link(self, entry: KeptEntry, *, is_itself: bool) -> AuditProblem:
        """Say why an entry does not follow on the one before it."""
        heir = self._seq_where(AUDIT.c.prev_hash == self._hash)
        parent = self._seq_where(AUDIT.c.hash == entry.prev_hash)
        if heir is not None and parent is not None and parent > entry.seq:
            return AuditProblem(
                seq=entry.seq,
                what="reordered",
                sentence=f"entry {entry.seq} was written after what is now entry {parent}",
            )
        if heir is not None:
            return _inserted(entry.seq, heir - 1)
        if parent is not None and parent < self._seq:
            return _inserted(parent + 1, self._seq)
        if not is_itself:
            return _changed(entry.seq)
        return AuditProblem(
            seq=entry.seq,
            what="missing",
            sentence=f"entry {entry.seq} does not follow on entry {self._seq}: one between them is "
            f"missing, or entry {self._seq} was written anew",
        )

    def _seq_where(self, condition: ColumnElement[bool]) -> int | None:
        found = self._connection.execute(select(func.min(AUDIT.c.seq)).where(condition)).scalar()
        return None if found is None else int(found)


def _missing(first: int, last: int) -> AuditProblem:
    which = f"entry {first} is" if first == last else f"entries {first} to {last} are"
    return AuditProblem(seq=first, what="missing", sentence=f"{which} missing")


def _inserted(first: int, last: int) -> AuditProblem:
    which = f"entry {first} was" if first == last else f"entries {first} to {last} were"
    return AuditProblem(seq=first, what="inserted", sentence=f"{which} inserted afterwards")


def _changed(seq: int) -> AuditProblem:
    return AuditProblem(seq=seq, what="changed", sentence=f"entry {seq} was changed")
