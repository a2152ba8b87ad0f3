"""Which fused values of the zones are kept: about one a second, and the moment one is lost."""

from collections.abc import Iterable

from crowdsafe.hub.state.hub_state import HubState
from crowdsafe.hub.state.zone_record import ZoneFigures
from crowdsafe.hub.store.batch import ZoneValue

_EVERY_S = 1.0


class ZoneValues:
    """Thins what changed to what is worth keeping."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, bool]] = {}

    def of(self, state: HubState, zone_ids: Iterable[str], *, now_s: float) -> list[ZoneValue]:
        """Return the values to keep of zones that changed."""
        values = []
        for zone_id in sorted(zone_ids):
            kept = self._kept.get(zone_id)
            figures = state.zone_figures(zone_id)
            known = figures.known and figures.captured_at_s is not None
            at_s = figures.captured_at_s if known and figures.captured_at_s else now_s
            if kept is not None:
                since_s = at_s - kept[0]
                if since_s <= 0 or (kept[1] == known and since_s < _EVERY_S):
                    continue
            self._kept[zone_id] = at_s, known
            values.append(_value(zone_id, figures, revision=state.revision, now_s=now_s))
        return values


def _value(zone_id: str, figures: ZoneFigures, *, revision: int | None, now_s: float) -> ZoneValue:
    if not figures.known or figures.captured_at_s is None:
        return ZoneValue(zone_id=zone_id, at_s=now_s, density_ppm2=None, revision=revision)
    return ZoneValue(
        zone_id=zone_id,
        at_s=figures.captured_at_s,
        density_ppm2=figures.density_ppm2,
        density_sd_ppm2=figures.density_sd_ppm2,
        peak_ppm2=figures.peak_ppm2,
        count=figures.count,
        seen_share=figures.seen_share,
        revision=revision,
    )
