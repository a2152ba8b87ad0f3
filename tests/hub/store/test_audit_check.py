"""Whatever somebody does to the record behind the store's back is found, and where."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import text

from crowdsafe.hub.store import AuditEntry, Store
from crowdsafe.hub.store.chain import entry_hash
from crowdsafe.hub.store.engine import Database

_GUARDS = ("audit_stays", "audit_kept", "audit_appended", "audit_anchor_moves_on")


@pytest.fixture
def record(store: Store) -> Store:
    """A store with ten entries in its record."""
    for number in range(1, 11):
        store.audit.append(AuditEntry(number, "night_shift", "looked", f"thing/{number}", {"n": 1}))
    return store


def _meddle(database: Database, *statements: str) -> None:
    with database.writing() as connection:
        if database.is_sqlite:
            for guard in _GUARDS:
                connection.execute(text(f"DROP TRIGGER {guard}"))
        else:
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        for statement in statements:
            connection.exec_driver_sql(statement)


def _renumber(first: int, last: int, by: int) -> tuple[str, ...]:
    """Statements that shift numbers, over a range that is free."""
    return (
        f"UPDATE audit SET seq = seq + 1000 WHERE seq BETWEEN {first} AND {last}",
        f"UPDATE audit SET seq = seq - 1000 + {by} WHERE seq > 1000",
    )


_COPY = (
    "INSERT INTO audit SELECT {to}, at_s, actor, action, subject, detail, prev_hash, hash "
    "FROM audit WHERE seq = {of}"
)


@pytest.mark.parametrize(
    ("statements", "seq", "what"),
    [
        (("UPDATE audit SET actor = 'guest' WHERE seq = 4",), 4, "changed"),
        (("UPDATE audit SET at_s = at_s + 0.0000001 WHERE seq = 4",), 4, "changed"),
        (("UPDATE audit SET action = 'left' WHERE seq = 4",), 4, "changed"),
        (("UPDATE audit SET subject = 'thing/5' WHERE seq = 4",), 4, "changed"),
        (("UPDATE audit SET detail = '{\"n\":2}' WHERE seq = 4",), 4, "changed"),
        (("UPDATE audit SET detail = 'ü' WHERE seq = 10",), 10, "changed"),
        (("UPDATE audit SET hash = prev_hash WHERE seq = 4",), 4, "changed"),
        (("UPDATE audit SET prev_hash = 'x' WHERE seq = 4",), 4, "changed"),
        (("DELETE FROM audit WHERE seq = 4",), 4, "missing"),
        (("DELETE FROM audit WHERE seq IN (1, 2)",), 1, "missing"),
        (("DELETE FROM audit WHERE seq IN (4, 5)", *_renumber(6, 10, -2)), 4, "missing"),
        ((*_renumber(4, 10, 1), _COPY.format(to=4, of=2)), 4, "inserted"),
        ((*_renumber(4, 10, 2), _COPY.format(to=4, of=2), _COPY.format(to=5, of=3)), 4, "inserted"),
        (
            (
                "UPDATE audit SET seq = 1004 WHERE seq = 4",
                "UPDATE audit SET seq = 4 WHERE seq = 5",
                "UPDATE audit SET seq = 5 WHERE seq = 1004",
            ),
            4,
            "reordered",
        ),
        (("UPDATE audit SET seq = 1001 WHERE seq = 1",), 1, "missing"),
        (
            (
                "UPDATE audit SET seq = 2000 WHERE seq = 10",
                *_renumber(4, 9, 1)[:1],
                "UPDATE audit SET seq = seq - 999 WHERE seq BETWEEN 1001 AND 1999",
                "UPDATE audit SET seq = 4 WHERE seq = 2000",
            ),
            4,
            "reordered",
        ),
    ],
)
def test_what_was_done_to_the_record_is_found(
    record: Store, database: Database, statements: tuple[str, ...], seq: int, what: str
) -> None:
    assert record.audit.verify().problem is None
    _meddle(database, *statements)
    report = record.audit.verify()
    assert report.problem is not None
    assert (report.problem.seq, report.problem.what) == (seq, what), report.problem.sentence
    assert report.entries == seq - 1
    assert str(seq) in report.problem.sentence


def _forged(database: Database, seq: int, prev_hash: str) -> dict[str, Any]:
    content: dict[str, Any] = {
        "at_s": 4.0,
        "actor": "forger",
        "action": "looked",
        "subject": "x",
        "detail": "{}",
    }
    its_hash = entry_hash(prev_hash=prev_hash, **content)
    return {"seq": seq, "prev_hash": prev_hash, "hash": its_hash, **content}


_ADD = text(
    "INSERT INTO audit VALUES (:seq, :at_s, :actor, :action, :subject, :detail, :prev_hash, :hash)"
)


def test_an_entry_that_somebody_forged_well_and_put_between_is_found(
    record: Store, database: Database
) -> None:
    before = record.audit.entries(after_seq=2, limit=1)[0]
    _meddle(database, *_renumber(4, 10, 1))
    with database.writing() as connection:
        connection.execute(_ADD, _forged(database, 4, before.hash))
    problem = record.audit.verify().problem
    assert problem is not None
    assert (problem.seq, problem.what) == (4, "inserted")


def test_an_entry_that_was_written_anew_with_its_hash_does_not_go_on(
    record: Store, database: Database
) -> None:
    before = record.audit.entries(after_seq=2, limit=1)[0]
    _meddle(database, "DELETE FROM audit WHERE seq = 4")
    with database.writing() as connection:
        connection.execute(_ADD, _forged(database, 4, before.hash))
    problem = record.audit.verify().problem
    assert problem is not None
    assert (problem.seq, problem.what) == (5, "missing")
    assert "entry 4 was written anew" in problem.sentence


def test_an_end_that_was_cut_off_is_found_with_a_head_that_was_noted(
    record: Store, database: Database
) -> None:
    head = record.audit.verify().head_hash
    record.audit.append(AuditEntry(11.0, "night_shift", "looked", "x"))
    assert record.audit.verify(head=head).problem is None
    _meddle(database, "DELETE FROM audit WHERE seq >= 10")
    assert record.audit.verify().problem is None
    report = record.audit.verify(head=head)
    assert report.problem is not None
    assert (report.problem.seq, report.problem.what) == (10, "cut off")
    assert (report.entries, report.last_seq) == (9, 9)


def test_a_record_that_was_written_anew_as_a_whole_is_found_with_a_head_that_was_noted(
    record: Store, database: Database
) -> None:
    head = record.audit.verify().head_hash
    _meddle(database, "DELETE FROM audit")
    prev_hash = "0" * 64
    with database.writing() as connection:
        for seq in range(1, 11):
            entry = _forged(database, seq, prev_hash)
            prev_hash = entry["hash"]
            connection.execute(_ADD, entry)
    assert record.audit.verify().problem is None
    problem = record.audit.verify(head=head).problem
    assert problem is not None
    assert problem.what == "cut off"


def test_a_head_that_never_was_is_not_found(record: Store) -> None:
    problem = record.audit.verify(head=hashlib.sha256(b"x").hexdigest()).problem
    assert problem is not None
    assert problem.what == "cut off"


def test_an_empty_record_has_nothing_wrong(store: Store) -> None:
    report = store.audit.verify()
    assert (report.entries, report.first_seq, report.last_seq) == (0, None, None)
    assert report.problem is None
