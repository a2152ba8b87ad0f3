"""One owner for each zone."""

from crowdsafe.domain.fusion import View, owner


def test_the_view_that_sees_most_owns_the_zone() -> None:
    views = [View("a", 9.0, 0.4), View("b", 9.5, 0.9), View("c", 9.9, 0.6)]
    found = owner(views, now_s=10.0, unknown_after_s=5.0)
    assert found is not None
    assert found.camera_id == "b"


def test_a_stale_or_blind_view_owns_nothing() -> None:
    views = [View("a", 4.9, 0.9), View("b", 9.0, 0.0)]
    assert owner(views, now_s=10.0, unknown_after_s=5.0) is None
    assert owner([], now_s=10.0, unknown_after_s=5.0) is None


def test_equal_views_do_not_take_turns() -> None:
    views = [View("b", 9.9, 0.5), View("a", 9.0, 0.5)]
    for order in (views, views[::-1]):
        found = owner(order, now_s=10.0, unknown_after_s=5.0)
        assert found is not None
        assert found.camera_id == "a"
