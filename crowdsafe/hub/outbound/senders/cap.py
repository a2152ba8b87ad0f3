"""CAP 1.2 by HTTP."""

from contextlib import AbstractAsyncContextManager

from crowdsafe.contract.targets import CapSettings, CapTarget
from crowdsafe.hub.outbound.cap import MEDIA_TYPE, cap_xml
from crowdsafe.hub.outbound.delivery import Message, TakeReceipt
from crowdsafe.hub.outbound.senders.http_post import HttpPost
from crowdsafe.hub.outbound.senders.reading import read_cap_message
from crowdsafe.hub.outbound.senders.receipt import receipt_of


class CapSender:
    """Sends approved warnings."""

    def __init__(self, target: CapTarget, *, settings: CapSettings) -> None:
        self._post = HttpPost(target.url, token=target.token)
        self._settings = settings

    def open(self, take_receipt: TakeReceipt) -> AbstractAsyncContextManager[None]:  # noqa: ARG002
        """Keep the connection."""
        return self._post.open()

    async def send(self, message: Message) -> str | None:
        """Post one warning."""
        document = cap_xml(read_cap_message(message.body), settings=self._settings)
        answer = await self._post.post(document, headers={"Content-Type": MEDIA_TYPE})
        return receipt_of(answer.body)
