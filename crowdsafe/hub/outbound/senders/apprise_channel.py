"""E-mail, SMS and the like, through Apprise."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import apprise

from crowdsafe.contract.notices import AlarmNotice
from crowdsafe.contract.targets import AppriseTarget
from crowdsafe.errors import BadInput
from crowdsafe.hub.outbound.delivery import Message, NotDelivered, TakeReceipt
from crowdsafe.hub.outbound.letter import letter
from crowdsafe.hub.outbound.senders.reading import read_notice

# Below this they say addresses, and there may be passwords and tokens in them.
logging.getLogger("apprise").setLevel(logging.WARNING)
logging.getLogger("urllib3").setLevel(logging.INFO)

_APP_ID = "crowdsafe"


class AppriseSender:
    """Sends notices as words to one channel."""

    def __init__(self, target: AppriseTarget, *, timezone: str) -> None:
        """Raises BadInput when Apprise does not know the address."""
        asset = apprise.AppriseAsset(app_id=_APP_ID, app_desc=_APP_ID, async_mode=False)
        self._channel = apprise.Apprise(asset=asset)
        if not self._channel.add(target.url.get_secret_value()):
            raise BadInput(
                f"hub.targets: '{target.id}': url: Apprise knows no such address, see "
                "https://appriseit.com"
            )
        self._language = target.language
        self._timezone = timezone
        self._timeout_s = target.timeout_s

    @contextlib.asynccontextmanager
    async def open(self, take_receipt: TakeReceipt) -> AsyncIterator[None]:  # noqa: ARG002
        """Nothing is held open."""
        yield

    async def send(self, message: Message) -> str | None:
        """Send one notice; Apprise blocks, so in a thread."""
        notice = read_notice(message.body)
        words = letter(notice, language=self._language, timezone=self._timezone)
        high = isinstance(notice, AlarmNotice) and notice.alarm.priority == "high"
        result = await asyncio.to_thread(
            self._channel.notify,
            title=words.title,
            body=words.body,
            notify_type=apprise.NotifyType.WARNING if high else apprise.NotifyType.INFO,
            body_format=apprise.NotifyFormat.TEXT,
            timeout=self._timeout_s,
        )
        if not result:
            said = [entry.message for entry in result.logs()]
            raise NotDelivered(said[-1] if said else "the channel did not take it")
        return None
