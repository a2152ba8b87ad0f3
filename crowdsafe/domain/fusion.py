"""Several cameras over one zone: one owner, never a sum of two views of the same people."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """One camera's latest view of a zone."""

    camera_id: str
    captured_at_s: float
    seen_share: float


def owner(views: Iterable[View], *, now_s: float, unknown_after_s: float) -> View | None:
    """Return the fresh view that sees most of the zone, None when no view is fresh.

    A view that is older than ``unknown_after_s`` speaks for nobody. Equal shares are decided by
    the camera's id, so that the owner does not flicker.
    """
    fresh = [
        view
        for view in views
        if now_s - view.captured_at_s <= unknown_after_s and view.seen_share > 0
    ]
    return min(fresh, key=lambda view: (-view.seen_share, view.camera_id), default=None)
