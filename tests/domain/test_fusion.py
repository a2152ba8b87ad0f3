"""Several cameras over one zone: one speaks for it."""

from itertools import permutations

from crowdsafe.domain.fusion import View, owner


def _owner_id(*views: View, now_s: float = 100.0) -> str | None:
    owned = owner(views, now_s=now_s, unknown_after_s=5.0)
    return owned.camera_id if owned else None


def test_the_camera_that_sees_most_owns_the_zone() -> None:
    views = (View("a", 100, 0.4), View("b", 99, 0.9), View("c", 100, 0.5))
    assert {_owner_id(*order) for order in permutations(views)} == {"b"}


def test_equal_views_are_decided_by_name_in_any_order() -> None:
    views = (View("c", 100, 0.5), View("a", 96, 0.5), View("b", 100, 0.5))
    assert {_owner_id(*order) for order in permutations(views)} == {"a"}


def test_a_stale_view_speaks_for_nobody() -> None:
    views = (View("a", 95, 0.9), View("b", 99, 0.4))
    assert _owner_id(*views, now_s=100.0) == "a"
    assert _owner_id(*views, now_s=100.001) == "b"
    assert _owner_id(*views, now_s=104.001) is None


def test_a_camera_that_sees_nothing_of_it_owns_nothing() -> None:
    assert _owner_id(View("a", 100, 0.0)) is None
    assert _owner_id() is None
