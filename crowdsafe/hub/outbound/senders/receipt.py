"""Receipts: what a target says of a message that it took."""

import json

from crowdsafe.hub.outbound.delivery import RECEIPT_LENGTH


def receipt_of(body: bytes) -> str | None:
    """Return the receipt of an answer ``{"receipt": "..."}``; None: it has none."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    receipt = content.get("receipt") if isinstance(content, dict) else None
    return _printable(receipt) if isinstance(receipt, str) else None


def receipt_text(payload: bytes) -> str | None:
    """Return what a receipt on a topic says: the same JSON, or plain text."""
    return receipt_of(payload) or _printable(payload.decode("utf-8", "replace"))


def _printable(text: str) -> str | None:
    kept = "".join(each if each.isprintable() else " " for each in text).strip()
    return kept[:RECEIPT_LENGTH] or None
