"""Revisions are added, never changed, and one of them holds."""

import pytest

from crowdsafe.errors import BadInput
from crowdsafe.hub.store import Store


def _add(store: Store, content: str, parent: int | None) -> int:
    return store.revisions.add(
        content=content,
        author="engineer",
        at_s=5.0,
        reason="wider gate",
        parent=parent,
        content_hash=f"hash of {content}",
    )


def test_a_revision_comes_back(store: Store) -> None:
    assert store.revisions.newest() is None
    first = _add(store, '{"zones":[]}', None)
    second = _add(store, '{"zones":[1]}', first)
    assert (first, second) == (1, 2)
    got = store.revisions.get(second)
    assert got is not None
    assert (got.number, got.content, got.author, got.at_s) == (2, '{"zones":[1]}', "engineer", 5.0)
    assert (got.reason, got.parent) == ("wider gate", 1)
    assert got.content_hash == 'hash of {"zones":[1]}'
    assert store.revisions.newest() == got
    assert store.revisions.get(3) is None
    assert [each.number for each in store.revisions.list(limit=5)] == [2, 1]
    assert [each.number for each in store.revisions.list(limit=1)] == [2]


def test_one_revision_holds_and_an_older_one_may_again(store: Store) -> None:
    assert store.revisions.published() is None
    for content in ("one", "two"):
        _add(store, content, None)
    assert store.revisions.published() is None
    store.revisions.publish(2, by="organiser", at_s=6.0)
    assert store.revisions.published() == (2, "two")
    store.revisions.publish(1, by="engineer", at_s=7.0)
    assert store.revisions.published() == (1, "one")
    kept = [(each.number, each.by, each.at_s) for each in store.revisions.publications(limit=5)]
    assert kept == [(1, "engineer", 7.0), (2, "organiser", 6.0)]


def test_a_revision_that_is_not_there_is_refused(store: Store) -> None:
    with pytest.raises(BadInput, match="parent: there is no revision 7"):
        _add(store, "x", 7)
    with pytest.raises(BadInput, match="revision: there is no revision 1"):
        store.revisions.publish(1, by="x", at_s=1.0)
    assert store.revisions.list(limit=5) == ()
