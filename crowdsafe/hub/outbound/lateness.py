"""After how long a message is worth nothing any more."""

import json

from crowdsafe.contract.targets import NgsiTarget, NoticeTarget, TargetBase


def late_after_s(target: TargetBase, body: str) -> float | None:
    """Return how long a message may wait before it is given up; None: for ever."""
    if isinstance(target, NgsiTarget):
        return target.late_s
    if isinstance(target, NoticeTarget) and _is_measure(body):
        return target.measure_late_s
    return None


def _is_measure(body: str) -> bool:
    try:
        content = json.loads(body)
    except ValueError:
        return False
    return isinstance(content, dict) and content.get("type") == "measure"
