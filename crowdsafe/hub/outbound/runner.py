"""Brings what waits in the outbox to its targets: in order, at least once, each on its own."""

import asyncio
import contextlib
import logging
import math
import random
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from crowdsafe.contract.targets import TargetBase
from crowdsafe.hub.outbound.backoff import FIRST_S, LONGEST_S, backoff_s
from crowdsafe.hub.outbound.delivery import (
    RECEIPT_LENGTH,
    Message,
    NotDelivered,
    OnDelivery,
    Outbox,
    Refused,
    Sender,
    Unreadable,
)
from crowdsafe.hub.outbound.ending import ended
from crowdsafe.hub.outbound.lateness import late_after_s
from crowdsafe.hub.outbound.prometheus import TargetFigures

_LOG = logging.getLogger(__name__)
_AT_A_TIME = 100
_MAX_REFUSALS = 5
_LOOK_AGAIN_S = 30.0
_STORE_AGAIN_S = 1.0
_BEGIN_AGAIN_S = 30.0
# How long to wait where only the store knows when the next attempt is due.
_NOT_KNOWN_S = 1.0
_AT_LEAST_S = 0.01

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class StuckTarget:
    """A target whose oldest message waits longer than it may."""

    target_id: str
    waits_s: float
    error: str


@dataclass
class _Progress:
    """How far one target is."""

    woken: asyncio.Event = field(default_factory=asyncio.Event)
    oldest_at_s: float | None = None
    error: str = ""
    next_try_at_s: float | None = None
    refusals: dict[int, int] = field(default_factory=dict)
    delivered: int = 0
    failed: int = 0
    given_up: int = 0


class OutboxRunner:
    """Serves all targets for as long as ``run`` runs."""

    def __init__(
        self,
        outbox: Outbox,
        targets: Sequence[TargetBase],
        senders: Mapping[str, Sender],
        *,
        on_delivery: OnDelivery,
        now: Callable[[], float] = time.time,
        luck: Callable[[], float] = random.random,
        first_wait_s: float = FIRST_S,
    ) -> None:
        """Take what is needed.

        Args:
            outbox: where messages wait; asked in threads.
            targets: of the settings.
            senders: by target id.
            on_delivery: told on the event loop, after it is kept.
            now: the clock, seconds since 1970.
            luck: for the jitter, from 0 to 1.
            first_wait_s: after the first failure; it doubles with each.
        """
        self._outbox = outbox
        self._targets = {target.id: target for target in targets}
        self._senders = senders
        self._on_delivery = on_delivery
        self._now = now
        self._luck = luck
        self._first_wait_s = first_wait_s
        self._progress = {target_id: _Progress() for target_id in self._targets}
        self._receipts: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    # --- for the hub ---------------------------------------------------------------------------

    def wake(self, target_ids: Collection[str]) -> None:
        """Say, on the event loop, that there are new messages for these targets."""
        for target_id in target_ids:
            if target_id in self._progress:
                self._progress[target_id].woken.set()

    def stuck(self, now_s: float) -> tuple[StuckTarget, ...]:
        """Return the targets that an alarm is due for; asks no store and never waits."""
        return tuple(
            StuckTarget(target_id, now_s - progress.oldest_at_s, progress.error)
            for target_id, progress in self._progress.items()
            if progress.oldest_at_s is not None
            and now_s - progress.oldest_at_s > self._targets[target_id].stuck_after_s
        )

    async def figures(self) -> tuple[TargetFigures, ...]:
        """Return how delivery goes, for Prometheus. Raises SQLAlchemyError."""
        waiting = {each.target_id: each for each in await asyncio.to_thread(self._outbox.stuck)}
        figures = []
        for target_id, progress in self._progress.items():
            stuck = waiting.get(target_id)
            figures.append(
                TargetFigures(
                    target_id=target_id,
                    waiting=0 if stuck is None else stuck.waiting,
                    oldest_at_s=None if stuck is None else stuck.oldest_at_s,
                    delivered=progress.delivered,
                    failed=progress.failed,
                    given_up=progress.given_up,
                )
            )
        return tuple(figures)

    # --- the loop ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._take_receipts())
            group.create_task(self._give_up_removed())
            for target_id in self._targets:
                group.create_task(self._keep_serving(target_id))

    async def _keep_serving(self, target_id: str) -> None:
        """Serve a target, and begin again after a fault that nobody foresaw."""
        while True:
            serving = asyncio.create_task(self._serve(target_id))
            try:
                await asyncio.wait({serving})
            finally:
                await ended(serving)
            fault = serving.exception()
            self._progress[target_id].error = f"fault in the hub: {type(fault).__name__}"
            _LOG.error("target '%s': fault, begins again", target_id, exc_info=fault)
            await asyncio.sleep(_BEGIN_AGAIN_S)

    async def _serve(self, target_id: str) -> None:
        target, sender = self._targets[target_id], self._senders[target_id]
        progress = self._progress[target_id]
        async with sender.open(
            lambda notice_id, text: self._receipts.put_nowait((notice_id, text))
        ):
            while True:
                progress.woken.clear()
                messages = await self._waiting(target_id)
                wait_s = await self._deliver(target, sender, messages)
                if wait_s > 0:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(wait_s):
                            await progress.woken.wait()

    async def _deliver(
        self, target: TargetBase, sender: Sender, messages: Sequence[Message]
    ) -> float:
        """Deliver in order until one fails; return how long to wait for the next look."""
        progress = self._progress[target.id]
        messages = [each for each in messages if not await self._given_up_late(target, each)]
        progress.oldest_at_s = messages[0].created_at_s if messages else None
        progress.error = progress.error or (messages[0].error or "" if messages else "")
        if messages and not await self._due(target.id):
            due_in_s = _NOT_KNOWN_S
            if progress.next_try_at_s is not None:
                due_in_s = max(progress.next_try_at_s - self._now(), _AT_LEAST_S)
            return min(due_in_s, LONGEST_S, *self._late_in_s(target, messages))
        for message in messages:
            progress.oldest_at_s = message.created_at_s
            if not await self._attempt(target, sender, message):
                return 0.0
        if len(messages) >= _AT_A_TIME:
            return 0.0
        progress.oldest_at_s, progress.error = None, ""
        return _LOOK_AGAIN_S

    async def _attempt(self, target: TargetBase, sender: Sender, message: Message) -> bool:
        """Try once; return whether the next message may follow."""
        progress = self._progress[target.id]
        try:
            async with asyncio.timeout(target.timeout_s):
                receipt = await sender.send(message)
        except TimeoutError:
            await self._failed(target, message, f"no answer within {target.timeout_s:g} s", None)
            return False
        except NotDelivered as error:
            await self._failed(target, message, str(error), error.retry_after_s)
            return False
        except Refused as error:
            refusals = progress.refusals.get(message.seq, 0) + 1
            progress.refusals[message.seq] = refusals
            if refusals < _MAX_REFUSALS:
                await self._failed(target, message, str(error), None)
                return False
            await self._give_up(target, message, f"refused {refusals} times: {error}")
            return True
        except Unreadable as error:
            await self._give_up(target, message, str(error))
            return True
        at_s = self._now()
        await self._kept(lambda: self._outbox.delivered(message.seq, at_s=at_s, receipt=receipt))
        progress.refusals.pop(message.seq, None)
        progress.delivered += 1
        progress.error = ""
        self._on_delivery(
            message.notice_id, "sent" if receipt is None else "received", receipt or "", at_s
        )
        return True

    async def _failed(
        self, target: TargetBase, message: Message, reason: str, asked_s: float | None
    ) -> None:
        progress = self._progress[target.id]
        reason = target.hidden(reason)[:RECEIPT_LENGTH]
        at_s = self._now()
        wait_s = backoff_s(
            message.tries + 1, luck=self._luck(), asked_s=asked_s, first_s=self._first_wait_s
        )
        progress.failed += 1
        progress.error = reason
        progress.next_try_at_s = at_s + wait_s
        if message.tries == 0:
            _LOG.warning("target '%s': %s; trying again", target.id, reason)
        await self._kept(
            lambda: self._outbox.failed(
                message.seq, at_s=at_s, next_try_at_s=at_s + wait_s, error=reason
            )
        )

    async def _give_up(self, target: TargetBase, message: Message, reason: str) -> None:
        progress = self._progress[target.id]
        reason = target.hidden(reason)[:RECEIPT_LENGTH]
        at_s = self._now()
        _LOG.error("target '%s': gave up notice '%s': %s", target.id, message.notice_id, reason)
        await self._kept(lambda: self._outbox.give_up(message.seq, at_s=at_s, error=reason))
        progress.refusals.pop(message.seq, None)
        progress.given_up += 1
        self._on_delivery(message.notice_id, "failed", reason, at_s)

    async def _given_up_late(self, target: TargetBase, message: Message) -> bool:
        late_s = late_after_s(target, message.body)
        if late_s is None or self._now() - message.created_at_s <= late_s:
            return False
        error = self._progress[target.id].error
        await self._give_up(
            target, message, f"not delivered within {late_s:g} s{f': {error}' if error else ''}"
        )
        return True

    def _late_in_s(self, target: TargetBase, messages: Sequence[Message]) -> list[float]:
        late = ((each, late_after_s(target, each.body)) for each in messages)
        return [
            max(_AT_LEAST_S, each.created_at_s + late_s - self._now())
            for each, late_s in late
            if late_s is not None
        ]

    # --- the store -----------------------------------------------------------------------------

    async def _waiting(self, target_id: str) -> Sequence[Message]:
        # Those that are not due yet too: what comes after must not overtake them.
        return await self._kept(
            lambda: self._outbox.waiting(target_id, now_s=math.inf, limit=_AT_A_TIME)
        )

    async def _due(self, target_id: str) -> bool:
        """Whether the oldest message may be tried now; before a restart it may have failed."""
        now_s = self._now()
        return bool(await self._kept(lambda: self._outbox.waiting(target_id, now_s=now_s, limit=1)))

    async def _kept(self, call: Callable[[], _Result]) -> _Result:
        """Call the store in a thread, until it answers: what was sent must not be forgotten."""
        while True:
            try:
                return await asyncio.to_thread(call)
            except SQLAlchemyError as error:
                _LOG.error("store: outbox not reached, trying again (%s)", error.args)
            await asyncio.sleep(_STORE_AGAIN_S)

    async def _take_receipts(self) -> None:
        while True:
            notice_id, text = await self._receipts.get()
            at_s = self._now()
            await self._kept(lambda: self._outbox.receipt(notice_id, at_s=at_s, text=text))  # noqa: B023
            self._on_delivery(notice_id, "received", text, at_s)

    async def _give_up_removed(self) -> None:
        """Give up what waits for targets that the settings do not have any more."""
        for stuck in await self._kept(self._outbox.stuck):
            if stuck.target_id in self._targets:
                continue
            _LOG.error("target '%s' is not in the settings any more", stuck.target_id)
            reason = "the target is not in the settings any more"
            while True:
                messages = await self._waiting(stuck.target_id)
                if not messages:
                    break
                for message in messages:
                    at_s = self._now()
                    seq = message.seq
                    await self._kept(lambda: self._outbox.give_up(seq, at_s=at_s, error=reason))  # noqa: B023
                    self._on_delivery(message.notice_id, "failed", reason, at_s)
