"""What delivering a message is: who sends it, where it waits, and how an attempt ends."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Literal, Protocol

from crowdsafe.errors import CrowdsafeError

DeliveryEnd = Literal["sent", "received", "failed"]
OnDelivery = Callable[[str, DeliveryEnd, str, float], None]
"""Called with a notice's id, what became of it, receipt or reason, and when."""
TakeReceipt = Callable[[str, str], None]
"""Called with a notice's id and the receipt that came for it."""
RECEIPT_LENGTH = 300


class NotDelivered(CrowdsafeError):
    """It did not arrive now and may later: nobody answers, or not well."""

    def __init__(self, reason: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class Refused(CrowdsafeError):
    """The target does not want this very message, and will hardly want it later."""


class Unreadable(CrowdsafeError):
    """What was kept is not a message that can be sent."""


class Message(Protocol):
    """A message that is not delivered yet.

    Attributes:
        seq: its place in the order.
        tries: how many attempts failed.
        error: why the last of them did.
    """

    @property
    def seq(self) -> int: ...
    @property
    def notice_id(self) -> str: ...
    @property
    def body(self) -> str: ...
    @property
    def created_at_s(self) -> float: ...
    @property
    def tries(self) -> int: ...
    @property
    def error(self) -> str | None: ...


class Stuck(Protocol):
    """What waits for one target."""

    @property
    def target_id(self) -> str: ...
    @property
    def waiting(self) -> int: ...
    @property
    def oldest_at_s(self) -> float: ...
    @property
    def last_error(self) -> str | None: ...


class Outbox(Protocol):
    """Where messages wait; each call blocks, and is kept when it returns."""

    def waiting(self, target_id: str, *, now_s: float, limit: int) -> Sequence[Message]:
        """Return the oldest messages of a target up to the first that is not due, in order."""

    def delivered(self, seq: int, *, at_s: float, receipt: str | None) -> None:
        """Note that a message arrived."""

    def failed(self, seq: int, *, at_s: float, next_try_at_s: float, error: str) -> None:
        """Note that an attempt failed."""

    def give_up(self, seq: int, *, at_s: float, error: str) -> None:
        """Note that a message is not tried any more."""

    def receipt(self, notice_id: str, *, at_s: float, text: str) -> object:
        """Note what a target said of a notice later."""

    def stuck(self) -> Sequence[Stuck]:
        """Return what waits, by target."""


class Sender(Protocol):
    """Brings messages to one target."""

    def open(self, take_receipt: TakeReceipt) -> AbstractAsyncContextManager[None]:
        """Hold what is needed for sending."""

    async def send(self, message: Message) -> str | None:
        """Deliver one message and return the receipt, if the answer has one.

        It may be cancelled at any time, when it takes too long.

        Raises:
            NotDelivered, Refused, Unreadable: it is not delivered.
        """
