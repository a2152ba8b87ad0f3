"""People, sessions, workers and shifts."""

import pytest

from crowdsafe.errors import BadInput
from crowdsafe.hub.store import Store


@pytest.fixture
def signed_in(store: Store) -> Store:
    """A store with one person, who signed in twice."""
    store.people.put_user(name="guest", password_hash="hash", role="viewer", at_s=1.0)
    for token in ("one", "two"):
        store.people.put_session(token_hash=token, user="guest", expires_at_s=100.0)
    return store


def test_a_person_comes_back(signed_in: Store) -> None:
    guest = signed_in.people.user("guest")
    assert guest is not None
    assert (guest.name, guest.password_hash, guest.role) == ("guest", "hash", "viewer")
    assert (guest.changed_at_s, guest.disabled_at_s) == (1.0, None)
    assert signed_in.people.user("nobody") is None
    signed_in.people.put_user(name="älf", password_hash=None, role="engineer", at_s=2.0)
    assert {(user.name, user.password_hash) for user in signed_in.people.users()} == {
        ("guest", "hash"),
        ("älf", None),
    }


def test_a_session_is_known_until_it_expires(signed_in: Store) -> None:
    assert signed_in.people.session(token_hash="one", now_s=99.0) == ("guest", "viewer")
    assert signed_in.people.session(token_hash="one", now_s=100.0) is None
    assert signed_in.people.session(token_hash="three", now_s=1.0) is None


def test_a_session_goes_on_unless_it_has_ended(signed_in: Store) -> None:
    signed_in.people.end_session("two")
    for token in ("one", "two"):
        signed_in.people.renew_session(token_hash=token, expires_at_s=200.0)
    assert signed_in.people.session(token_hash="one", now_s=199.0) == ("guest", "viewer")
    assert signed_in.people.session(token_hash="two", now_s=199.0) is None


def test_sessions_end_one_by_one_or_all_at_once(signed_in: Store) -> None:
    signed_in.people.end_session("one")
    assert signed_in.people.session(token_hash="one", now_s=1.0) is None
    assert signed_in.people.session(token_hash="two", now_s=1.0) is not None
    signed_in.people.end_sessions_of("guest")
    assert signed_in.people.session(token_hash="two", now_s=1.0) is None


def test_a_new_role_holds_at_the_next_sign_in(signed_in: Store) -> None:
    signed_in.people.put_user(name="guest", password_hash="new", role="operator", at_s=2.0)
    assert signed_in.people.session(token_hash="one", now_s=3.0) is None
    guest = signed_in.people.user("guest")
    assert guest is not None
    assert (guest.password_hash, guest.role, guest.changed_at_s) == ("new", "operator", 2.0)


def test_a_disabled_person_has_no_session_and_stays_disabled(signed_in: Store) -> None:
    signed_in.people.disable_user("guest", at_s=5.0)
    assert signed_in.people.session(token_hash="one", now_s=6.0) is None
    signed_in.people.put_session(token_hash="three", user="guest", expires_at_s=100.0)
    assert signed_in.people.session(token_hash="three", now_s=6.0) is None
    signed_in.people.put_user(name="guest", password_hash="new", role="viewer", at_s=7.0)
    guest = signed_in.people.user("guest")
    assert guest is not None
    assert guest.disabled_at_s == 5.0
    signed_in.people.enable_user("guest")
    signed_in.people.put_session(token_hash="four", user="guest", expires_at_s=100.0)
    assert signed_in.people.session(token_hash="four", now_s=8.0) == ("guest", "viewer")
    assert signed_in.people.session(token_hash="one", now_s=8.0) is None


def test_nobody_is_neither_disabled_nor_enabled(store: Store) -> None:
    with pytest.raises(BadInput, match="there is nobody named 'nobody'"):
        store.people.disable_user("nobody", at_s=1.0)
    with pytest.raises(BadInput, match="there is nobody named 'nobody'"):
        store.people.enable_user("nobody")


def test_a_worker_is_known_by_its_token_until_it_is_revoked(store: Store) -> None:
    store.workers.put_worker(name="mast_1", token_hash="one", at_s=1.0)
    store.workers.put_worker(name="mast_2", token_hash="two", at_s=2.0)
    assert store.workers.worker("one") == "mast_1"
    assert store.workers.worker("three") is None
    store.workers.saw("mast_1", at_s=3.0)
    assert store.workers.revoke("mast_1", at_s=4.0)
    assert not store.workers.revoke("mast_1", at_s=5.0)
    assert not store.workers.revoke("mast_3", at_s=5.0)
    assert store.workers.worker("one") is None
    assert store.workers.worker("two") == "mast_2"
    first, second = store.workers.workers()
    assert (first.name, first.created_at_s) == ("mast_1", 1.0)
    assert (first.revoked_at_s, first.last_seen_at_s) == (4.0, 3.0)
    assert (second.revoked_at_s, second.last_seen_at_s) == (None, None)
    store.workers.put_worker(name="mast_1", token_hash="four", at_s=6.0)
    assert store.workers.worker("four") == "mast_1"
    assert store.workers.worker("one") is None


def test_a_shift_is_handed_over(store: Store) -> None:
    assert store.shifts.current() is None
    store.shifts.hand_over(name="early", at_s=1.0, summary='{"open":[]}')
    store.shifts.hand_over(name="late", at_s=2.0, summary='{"open":[3]}')
    now = store.shifts.current()
    assert now is not None
    assert (now.name, now.since_s, now.until_s, now.summary) == ("late", 2.0, None, '{"open":[3]}')
    assert [(each.name, each.until_s) for each in store.shifts.list(limit=5)] == [
        ("late", None),
        ("early", 2.0),
    ]
    assert len(store.shifts.list(limit=1)) == 1
