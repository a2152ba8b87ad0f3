"""A measure that a person confirmed for an alarm, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

DeliveryState = Literal["by_hand", "waiting", "sent", "received", "failed"]
"""``by_hand``: nothing goes out, a person does it. ``received``: the target sent a receipt."""

_RANK: dict[DeliveryState, int] = {
    "by_hand": 0,
    "waiting": 0,
    "failed": 1,
    "sent": 2,
    "received": 3,
}


@dataclass(frozen=True)
class MeasureUse:
    """One confirmed measure; ``notice_id`` is that of the message by which it goes out."""

    measure_id: str
    notice_id: str
    confirmed_at_s: float
    confirmed_by: str
    delivery: DeliveryState
    delivered_at_s: float | None = None
    detail: str = ""


def delivered(
    uses: Sequence[MeasureUse], *, notice_id: str, delivery: DeliveryState, detail: str, at_s: float
) -> tuple[MeasureUse, ...]:
    """Note what became of a message; a receipt is not undone by word of the sending before it."""
    return tuple(
        replace(use, delivery=delivery, detail=detail[:300], delivered_at_s=at_s)
        if use.notice_id == notice_id and _RANK[delivery] >= _RANK[use.delivery]
        else use
        for use in uses
    )
