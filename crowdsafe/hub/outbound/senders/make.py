"""The sender of each target."""

from collections.abc import Callable, Iterable

from crowdsafe.contract.targets import (
    AppriseTarget,
    CapSettings,
    CapTarget,
    MqttTarget,
    NgsiTarget,
    TargetBase,
    WebhookTarget,
)
from crowdsafe.errors import BadInput
from crowdsafe.hub.outbound.delivery import Sender
from crowdsafe.hub.outbound.senders.apprise_channel import AppriseSender
from crowdsafe.hub.outbound.senders.cap import CapSender
from crowdsafe.hub.outbound.senders.mqtt import MqttSender
from crowdsafe.hub.outbound.senders.ngsi import NgsiSender
from crowdsafe.hub.outbound.senders.webhook import WebhookSender


def make_senders(
    targets: Iterable[TargetBase], *, cap: CapSettings, timezone: str, now: Callable[[], float]
) -> dict[str, Sender]:
    """Return the senders by target.

    Args:
        targets: of the settings.
        cap: what warnings say of their sender.
        timezone: of the site, for times of day in words.
        now: the clock that signatures are dated with.

    Raises:
        BadInput: a target that cannot be sent to; the sentence names it and no secret.
    """
    return {target.id: _sender(target, cap=cap, timezone=timezone, now=now) for target in targets}


def _sender(
    target: TargetBase, *, cap: CapSettings, timezone: str, now: Callable[[], float]
) -> Sender:
    match target:
        case WebhookTarget():
            return WebhookSender(target, now=now)
        case MqttTarget():
            return MqttSender(target)
        case AppriseTarget():
            return AppriseSender(target, timezone=timezone)
        case CapTarget():
            if cap.sender.endswith(".invalid"):
                raise BadInput(
                    f"hub.targets: '{target.id}': set hub.cap.sender, which says who warns"
                )
            return CapSender(target, settings=cap)
        case NgsiTarget():
            return NgsiSender(target)
        case _:
            raise BadInput(f"hub.targets: '{target.id}': nothing sends to this kind")
