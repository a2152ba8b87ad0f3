"""A notice as machines get it: by webhook, MQTT and the event stream."""

import json
from collections.abc import Mapping
from typing import Any

from crowdsafe.contract.notices import AlarmNotice, MeasureNotice
from crowdsafe.hub.outbound.moments import iso


def notice_type(notice: AlarmNotice | MeasureNotice) -> str:
    """Return what happened in one word with a dot: alarm.EVENT or measure.confirmed."""
    return f"alarm.{notice.event}" if isinstance(notice, AlarmNotice) else "measure.confirmed"


def envelope_text(notice: AlarmNotice | MeasureNotice) -> str:
    """Return a notice in its envelope as one line of JSON."""
    return enveloped(notice.model_dump(mode="json"), what=notice_type(notice), at_s=notice.at_s)


def enveloped(data: Mapping[str, Any], *, what: str, at_s: float) -> str:
    """Return the payload that the Standard Webhooks describe: type, timestamp and data.

    One line of JSON, the same for the same notice.
    """
    payload = {"type": what, "timestamp": iso(at_s), "data": data}
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
