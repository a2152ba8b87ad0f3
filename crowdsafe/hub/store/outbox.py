"""Notices on their way out: sent at least once, and in order for each target."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from crowdsafe.hub.store.batch import Outgoing
from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.tables import OUTBOX

_WAITING, _DELIVERED, _GIVEN_UP = "waiting", "delivered", "given_up"


@dataclass(frozen=True)
class WaitingRow:
    """One notice that is to be sent; ``error`` is what went wrong at the last try."""

    seq: int
    target_id: str
    notice_id: str
    body: str
    created_at_s: float
    tries: int
    tried_at_s: float | None
    error: str | None


@dataclass(frozen=True)
class StuckTarget:
    """What waits for one target. Without an error nothing was tried yet, or nobody sends there."""

    target_id: str
    waiting: int
    oldest_at_s: float
    tries: int
    last_error: str | None


class Outbox:
    """The outbox of one store.

    What was delivered or given up keeps no body: alarms and measures are in the record with their
    words, and all zones every half minute would soon be most of the store.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, target_id: str, *, now_s: float, limit: int) -> tuple[WaitingRow, ...]:
        """Return what is to be sent to a target now, in order.

        One whose next try is still to come holds back all that follow on it.
        """
        query = (
            select(
                OUTBOX.c.seq,
                OUTBOX.c.target_id,
                OUTBOX.c.notice_id,
                OUTBOX.c.body,
                OUTBOX.c.created_at_s,
                OUTBOX.c.tries,
                OUTBOX.c.tried_at_s,
                OUTBOX.c.error,
                OUTBOX.c.next_try_at_s,
            )
            .where(OUTBOX.c.state == _WAITING, OUTBOX.c.target_id == target_id)
            .order_by(OUTBOX.c.seq)
            .limit(limit)
        )
        found: list[WaitingRow] = []
        with self._database.reading() as connection:
            for *row, next_try_at_s in connection.execute(query).all():
                if next_try_at_s > now_s:
                    break
                found.append(WaitingRow(*row))
        return tuple(found)

    def delivered(self, seq: int, *, at_s: float, receipt: str | None = None) -> None:
        """Note that a target took a notice, with the receipt that it gave at once."""
        values: dict[str, object] = {
            "state": _DELIVERED,
            "body": "",
            "tried_at_s": at_s,
            "done_at_s": at_s,
            "error": None,
        }
        if receipt is not None:
            values |= {"receipt": receipt, "receipt_at_s": at_s}
        self._update(seq, values)

    def failed(self, seq: int, *, at_s: float, next_try_at_s: float, error: str) -> None:
        """Note that a try failed, and when the next is due."""
        self._update(
            seq,
            {
                "tries": OUTBOX.c.tries + 1,
                "tried_at_s": at_s,
                "next_try_at_s": next_try_at_s,
                "error": error,
            },
        )

    def give_up(self, seq: int, *, at_s: float, error: str) -> None:
        """Note that a notice will not be sent, so that those behind it are."""
        self._update(
            seq,
            {
                "state": _GIVEN_UP,
                "body": "",
                "tried_at_s": at_s,
                "done_at_s": at_s,
                "error": error,
            },
        )

    def stuck(self) -> tuple[StuckTarget, ...]:
        """Return what waits, for each target that anything waits for."""
        totals = (
            select(
                OUTBOX.c.target_id,
                func.count().label("waiting"),
                func.min(OUTBOX.c.created_at_s).label("oldest_at_s"),
                func.min(OUTBOX.c.seq).label("first"),
            )
            .where(OUTBOX.c.state == _WAITING)
            .group_by(OUTBOX.c.target_id)
            .subquery()
        )
        query = (
            select(
                totals.c.target_id,
                totals.c.waiting,
                totals.c.oldest_at_s,
                OUTBOX.c.tries,
                OUTBOX.c.error,
            )
            .join(OUTBOX, OUTBOX.c.seq == totals.c.first)
            .order_by(totals.c.target_id)
        )
        with self._database.reading() as connection:
            return tuple(StuckTarget(*row) for row in connection.execute(query))

    def receipt(self, notice_id: str, *, at_s: float, text: str) -> bool:
        """Note a receipt that came later, of every target of a notice; False: no such notice."""
        with self._database.writing() as connection:
            known = connection.execute(
                update(OUTBOX)
                .where(OUTBOX.c.notice_id == notice_id)
                .values(receipt=text, receipt_at_s=at_s)
            )
        return known.rowcount > 0

    def _update(self, seq: int, values: dict[str, object]) -> None:
        with self._database.writing() as connection:
            connection.execute(
                update(OUTBOX).where(OUTBOX.c.seq == seq, OUTBOX.c.state == _WAITING).values(values)
            )


def put_outgoing(connection: Connection, outgoing: tuple[Outgoing, ...]) -> None:
    """Add notices; one that is there for its target already is not added again."""
    its = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(
        its.insert(OUTBOX).on_conflict_do_nothing(),
        [
            {
                "target_id": each.target_id,
                "notice_id": each.notice_id,
                "body": each.body,
                "created_at_s": each.created_at_s,
                "state": _WAITING,
                "tries": 0,
                "next_try_at_s": each.created_at_s,
            }
            for each in outgoing
        ],
    )


def forget_outgoing(connection: Connection, most: int, *, before_s: float) -> int:
    """Delete notices that were delivered or given up before a time, so many at most."""
    old = (
        select(OUTBOX.c.seq)
        .where(OUTBOX.c.done_at_s < before_s)
        .order_by(OUTBOX.c.done_at_s)
        .limit(most)
    )
    return connection.execute(delete(OUTBOX).where(OUTBOX.c.seq.in_(old))).rowcount
