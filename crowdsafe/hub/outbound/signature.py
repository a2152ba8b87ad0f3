"""Signed messages, after https://github.com/standard-webhooks/standard-webhooks."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook


def signed_headers(
    body: str, *, message_id: str, sent_at_s: float, secrets: Sequence[str]
) -> dict[str, str]:
    """Return the headers that say who sent a body, and when.

    Args:
        body: exactly what is sent.
        message_id: the same for every attempt.
        sent_at_s: of this attempt; a receiver refuses what is older than five minutes.
        secrets: one signature is made with each.
    """
    sent_at = datetime.fromtimestamp(math.floor(sent_at_s), UTC)
    signatures = (
        Webhook(secret).sign(msg_id=message_id, timestamp=sent_at, data=body) for secret in secrets
    )
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(math.floor(sent_at_s)),
        "webhook-signature": " ".join(signatures),
    }
