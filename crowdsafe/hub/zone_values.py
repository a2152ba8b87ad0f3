"""Which fused values of the zones are kept: about one a second, and the moment one is lost."""

from collections.abc import Iterable

from crowdsafe.contract.page_messages import ZoneState
from crowdsafe.hub.state.hub_state import HubState
from crowdsafe.hub.store.batch import ZoneValue

_EVERY_S = 1.0


class ZoneValues:
    """Thins what changed to what is worth keeping."""

    def __init__(self) -> None:
        self._kept: dict[str, ZoneValue] = {}

    def of(self, state: HubState, zone_ids: Iterable[str], *, now_s: float) -> list[ZoneValue]:
        """Return the values to keep of zones that changed."""
        values = []
        for zone_id in sorted(zone_ids):
            kept = self._kept.get(zone_id)
            value = _value(state.zone_state(zone_id), now_s=now_s)
            known_as_before = kept is not None and (
                (kept.density_ppm2 is None) == (value.density_ppm2 is None)
            )
            if kept is not None and known_as_before and value.at_s - kept.at_s < _EVERY_S:
                continue
            if kept is not None and value.at_s <= kept.at_s:
                continue
            self._kept[zone_id] = value
            values.append(value)
        return values


def _value(state: ZoneState, *, now_s: float) -> ZoneValue:
    if state.level == "unknown" or state.captured_at_s is None:
        return ZoneValue(zone_id=state.zone_id, at_s=now_s, density_ppm2=None)
    return ZoneValue(
        zone_id=state.zone_id,
        at_s=state.captured_at_s,
        density_ppm2=state.density_ppm2,
        density_sd_ppm2=state.density_sd_ppm2,
        peak_ppm2=state.peak_ppm2,
        count=state.count,
        seen_share=state.seen_share,
    )
