"""Zones on their way to context brokers, as often as each target wants them."""

import json
from collections.abc import Mapping, Sequence

from crowdsafe.contract.page_messages import ZoneInfo, ZoneState
from crowdsafe.contract.targets import NgsiTarget, TargetBase
from crowdsafe.hub.outbound.ngsi import entities
from crowdsafe.hub.store.batch import Outgoing


class ZoneMessages:
    """Knows when each broker is due."""

    def __init__(self, targets: Sequence[TargetBase]) -> None:
        self._targets = tuple(each for each in targets if isinstance(each, NgsiTarget))
        self._due_at_s = dict.fromkeys((each.id for each in self._targets), 0.0)

    def due(self, now_s: float) -> bool:
        """Whether anything is to be sent; a clock that was set back does not stop it."""
        return any(self._is_due(target, now_s) for target in self._targets)

    def outgoing(
        self,
        zones: Sequence[ZoneInfo],
        states: Mapping[str, ZoneState],
        *,
        site_id: str,
        now_s: float,
    ) -> tuple[Outgoing, ...]:
        """Return one message with all zones for each broker that is due."""
        messages = []
        for target in self._targets:
            if not self._is_due(target, now_s):
                continue
            self._due_at_s[target.id] = now_s + target.every_s
            found = entities(zones, states, site_id=site_id, context=target.context, now_s=now_s)
            if found:
                body = json.dumps(found, ensure_ascii=False, allow_nan=False)
                notice_id = f"zones-{int(now_s * 1000)}"
                messages.append(Outgoing(target.id, notice_id, body, now_s))
        return tuple(messages)

    def _is_due(self, target: NgsiTarget, now_s: float) -> bool:
        due_at_s = self._due_at_s[target.id]
        return now_s >= due_at_s or due_at_s - now_s > target.every_s
