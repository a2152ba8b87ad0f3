"""Signed JSON by HTTP."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from crowdsafe.contract.targets import WebhookTarget
from crowdsafe.hub.outbound.delivery import Message, TakeReceipt
from crowdsafe.hub.outbound.senders.http_post import HttpPost
from crowdsafe.hub.outbound.senders.reading import read_enveloped
from crowdsafe.hub.outbound.senders.receipt import receipt_of
from crowdsafe.hub.outbound.signature import signed_headers


class WebhookSender:
    """Sends notices to a webhook; an answer ``{"receipt": "..."}`` is a receipt."""

    def __init__(self, target: WebhookTarget, *, now: Callable[[], float]) -> None:
        self._post = HttpPost(target.url)
        self._secrets = [target.secret.get_secret_value()]
        if target.previous_secret is not None:
            self._secrets.append(target.previous_secret.get_secret_value())
        self._now = now

    def open(self, take_receipt: TakeReceipt) -> AbstractAsyncContextManager[None]:  # noqa: ARG002
        """Keep the connection; receipts come with the answers."""
        return self._post.open()

    async def send(self, message: Message) -> str | None:
        """Post one notice, signed anew for each attempt."""
        body = read_enveloped(message.body).text
        headers = signed_headers(
            body, message_id=message.notice_id, sent_at_s=self._now(), secrets=self._secrets
        )
        answer = await self._post.post(
            body.encode(), headers={"Content-Type": "application/json", **headers}
        )
        return receipt_of(answer.body)
