"""Notices go out in order, and what is stuck shows."""

from crowdsafe.hub.store import Batch, KeepDays, Outgoing, Store
from crowdsafe.hub.store.engine import Database


def _put(store: Store, target_id: str, *notice_ids: str) -> None:
    store.write(
        Batch(
            outgoing=tuple(
                Outgoing(target_id, notice_id, f'{{"id":"{notice_id}"}}', 100.0 + number)
                for number, notice_id in enumerate(notice_ids)
            )
        )
    )


def _waiting(store: Store, target_id: str, now_s: float = 1000.0, limit: int = 10) -> list[str]:
    rows = store.outbox.waiting(target_id, now_s=now_s, limit=limit)
    return [row.notice_id for row in rows]


def test_notices_wait_in_order_for_each_target(store: Store) -> None:
    _put(store, "mast", "a", "b", "c")
    _put(store, "mail", "a", "b")
    assert _waiting(store, "mast") == ["a", "b", "c"]
    assert _waiting(store, "mast", limit=2) == ["a", "b"]
    assert _waiting(store, "mail") == ["a", "b"]
    assert _waiting(store, "nowhere") == []
    first = store.outbox.waiting("mast", now_s=1000.0, limit=1)[0]
    assert (first.target_id, first.body, first.created_at_s) == ("mast", '{"id":"a"}', 100.0)
    assert (first.tries, first.error) == (0, None)


def test_a_notice_that_failed_holds_back_those_behind_it_until_its_next_try(store: Store) -> None:
    _put(store, "mast", "a", "b")
    _put(store, "mail", "a")
    first = store.outbox.waiting("mast", now_s=1000.0, limit=1)[0]
    store.outbox.failed(first.seq, at_s=1000.0, next_try_at_s=1010.0, error="answered 503")
    assert _waiting(store, "mast", now_s=1009.0) == []
    assert _waiting(store, "mail", now_s=1009.0) == ["a"]
    assert _waiting(store, "mast", now_s=1010.0) == ["a", "b"]
    again = store.outbox.waiting("mast", now_s=1010.0, limit=1)[0]
    assert (again.tries, again.tried_at_s, again.error) == (1, 1000.0, "answered 503")


def test_what_was_delivered_or_given_up_waits_no_more(store: Store) -> None:
    _put(store, "mast", "a", "b", "c")
    a, b, _ = store.outbox.waiting("mast", now_s=1000.0, limit=3)
    store.outbox.delivered(a.seq, at_s=1000.0, receipt="ok")
    store.outbox.give_up(b.seq, at_s=1001.0, error="gone")
    assert _waiting(store, "mast") == ["c"]
    # What is done stays done.
    store.outbox.failed(a.seq, at_s=1002.0, next_try_at_s=1003.0, error="late")
    assert _waiting(store, "mast") == ["c"]


def test_what_is_done_keeps_no_body_and_what_waits_does(store: Store, database: Database) -> None:
    _put(store, "mast", "a", "b", "c")
    a, b, _ = store.outbox.waiting("mast", now_s=1000.0, limit=3)
    store.outbox.delivered(a.seq, at_s=1000.0, receipt="ok")
    store.outbox.give_up(b.seq, at_s=1001.0, error="gone")
    with database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT notice_id, body FROM outbox ORDER BY seq").all()
    assert [tuple(row) for row in rows] == [("a", ""), ("b", ""), ("c", '{"id":"c"}')]


def test_a_great_many_old_notices_go_and_what_waits_stays(store: Store, database: Database) -> None:
    _put(store, "mast", *(f"n-{number}" for number in range(300)))
    for row in store.outbox.waiting("mast", now_s=1000.0, limit=290):
        store.outbox.delivered(row.seq, at_s=row.created_at_s)
    store.forget(40 * 86400.0, KeepDays())
    with database.reading() as connection:
        left = connection.exec_driver_sql("SELECT notice_id FROM outbox ORDER BY seq").scalars()
        assert left.all() == [f"n-{number}" for number in range(290, 300)]


def test_what_is_stuck_shows_for_each_target(store: Store) -> None:
    assert store.outbox.stuck() == ()
    _put(store, "mast", "a", "b")
    _put(store, "mail", "c")
    _put(store, "done", "d")
    (done,) = store.outbox.waiting("done", now_s=1000.0, limit=1)
    store.outbox.delivered(done.seq, at_s=1000.0)
    first = store.outbox.waiting("mast", now_s=1000.0, limit=1)[0]
    for _ in range(2):
        store.outbox.failed(first.seq, at_s=1000.0, next_try_at_s=1001.0, error="no answer")
    mail, mast = store.outbox.stuck()
    assert (mail.target_id, mail.waiting, mail.oldest_at_s, mail.last_error) == (
        "mail",
        1,
        100.0,
        None,
    )
    assert (mast.target_id, mast.waiting, mast.tries, mast.last_error) == (
        "mast",
        2,
        2,
        "no answer",
    )


def test_a_receipt_finds_its_notice(store: Store) -> None:
    _put(store, "mast", "a")
    assert store.outbox.receipt("a", at_s=5.0, text="shown on the display")
    assert not store.outbox.receipt("b", at_s=5.0, text="who?")


def test_numbers_are_not_used_again(store: Store) -> None:
    _put(store, "mast", "a")
    (a,) = store.outbox.waiting("mast", now_s=1000.0, limit=1)
    store.outbox.delivered(a.seq, at_s=0.0)
    store.forget(40 * 86400.0, KeepDays())
    _put(store, "mast", "b")
    (b,) = store.outbox.waiting("mast", now_s=1000.0, limit=1)
    assert b.seq > a.seq
