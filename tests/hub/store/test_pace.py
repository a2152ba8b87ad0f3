"""Long work in short transactions: all of it is done, and others get in between."""

import threading
import time
from itertools import pairwise

import pytest
from sqlalchemy import Connection, text

from crowdsafe.hub.store import AuditEntry, Batch, KeepDays, Store
from crowdsafe.hub.store.engine import Database
from crowdsafe.hub.store.pace import in_steps
from tests.hub.store.making import make_observation, make_value

T0 = 1_800_000_000.0
DAY_S = 86400.0


def test_steps_grow_while_they_are_quick_and_end_with_the_work(database: Database) -> None:
    left, asked = 1000, []

    def step(_: Connection, most: int) -> int:
        nonlocal left
        asked.append(most)
        did = min(left, most)
        left -= did
        return did

    assert in_steps(database, step, least=10, most=100) == 1000
    assert left == 0
    assert asked[0] == 10
    assert all(10 <= most <= 100 for most in asked)
    assert all(later <= 2 * earlier for earlier, later in pairwise(asked))


def test_slow_steps_do_no_more_than_the_least(database: Database) -> None:
    asked = []

    def step(_: Connection, most: int) -> int:
        asked.append(most)
        time.sleep(0.03)
        return most if len(asked) < 4 else 0

    in_steps(database, step, least=10, most=100)
    assert asked == [10] * 4


def test_what_was_done_before_a_step_failed_stays_done(store: Store, database: Database) -> None:
    store.people.put_user(name="guest", password_hash="x", role="viewer", at_s=0)
    for number in range(30):
        store.people.put_session(token_hash=str(number), user="guest", expires_at_s=1e10)
    deleted = 0

    def step(connection: Connection, most: int) -> int:
        nonlocal deleted
        one = "DELETE FROM sessions WHERE token_hash = :it"
        for number in range(deleted, deleted + most):
            connection.execute(text(one), {"it": str(number)})
        if deleted:
            raise KeyboardInterrupt
        deleted += most
        return most

    with pytest.raises(KeyboardInterrupt):
        in_steps(database, step, least=10, most=10)
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM sessions")).scalar() == 20


def test_who_writes_gets_in_between(store: Store) -> None:
    for hour in range(20):
        zones = [f"zone_{zone}" for zone in range(50)]
        times = [T0 + hour * 3600 + second for second in range(20)]
        store.write(Batch(observations=tuple(make_observation(at_s, *zones) for at_s in times)))
    forgetting = threading.Thread(
        target=store.forget, args=(T0 + 10 * DAY_S, KeepDays(readings=1.0))
    )
    forgetting.start()
    written = 0
    while forgetting.is_alive():
        store.write(Batch(zone_values=(make_value(T0 + 10 * DAY_S + written),)))
        written += 1
    forgetting.join()
    # 20,000 readings in slices of a thousand and more: as often as that, others came in.
    assert written >= 5


def test_an_old_record_is_forgotten_in_steps_and_still_verifies(
    store: Store, database: Database
) -> None:
    old = tuple(AuditEntry(T0 + number, "guest", "looked", "x") for number in range(120))
    new = tuple(AuditEntry(T0 + 5 * DAY_S + number, "guest", "looked", "x") for number in range(9))
    store.write(Batch(audit=old + new))
    store.forget(T0 + 6 * DAY_S, KeepDays(audit=2.0))
    entries = store.audit.entries()
    assert [entry.at_s for entry in entries[:9]] == [entry.at_s for entry in new]
    assert {entry.action for entry in entries[9:]} == {"record.forgotten"}
    assert 1 <= len(entries[9:]) <= 3
    report = store.audit.verify()
    assert (report.first_seq, report.problem) == (121, None)
