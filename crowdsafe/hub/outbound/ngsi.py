"""Zones as NGSI-LD entities of type CrowdFlowObserved (Smart Data Models, Transportation).

What is not known is left out, never 0: a zone that nobody sees has no count, no density and no
``congested``, and its ``level`` is "unknown". Attributes that the model does not have: ``level``,
``unknownReason``, ``crowdDensity``, ``crowdDensityDeviation`` (persons per square metre) and
``seenShare``. The model's ``occupancy`` is a share of time, which nobody measures here.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from crowdsafe.contract.page_messages import ZoneInfo, ZoneState
from crowdsafe.hub.outbound.moments import iso

TYPE = "CrowdFlowObserved"
_KMH_PER_M_S = 3.6
_KMH = "KMH"
"""UN/CEFACT common code, as NGSI-LD asks for units."""
_CONGESTED = frozenset({"tight", "critical"})

Entity = dict[str, Any]


def entities(
    zones: Iterable[ZoneInfo],
    states: Mapping[str, ZoneState],
    *,
    site_id: str,
    context: str,
    now_s: float,
) -> list[Entity]:
    """Return one entity a zone that has a state."""
    return [
        entity(zone, states[zone.id], site_id=site_id, context=context, now_s=now_s)
        for zone in zones
        if zone.id in states
    ]


def entity(zone: ZoneInfo, state: ZoneState, *, site_id: str, context: str, now_s: float) -> Entity:
    """Return one zone as it is now, normalized."""
    known = state.level != "unknown"
    # That nothing is known is observed now; a value, when its picture was taken.
    observed_at_s = state.captured_at_s if known and state.captured_at_s is not None else now_s
    observed_at = iso(observed_at_s)
    found: Entity = {
        "id": f"urn:ngsi-ld:{TYPE}:{site_id}:{zone.id}",
        "type": TYPE,
        "@context": [context],
        "name": _property(zone.name.de),
        "dateObserved": _property({"@type": "DateTime", "@value": observed_at}),
        "location": {
            "type": "GeoProperty",
            "value": {
                "type": "Polygon",
                "coordinates": [[list(point) for point in ring] for ring in zone.rings],
            },
        },
        "level": _property(state.level, observedAt=observed_at),
    }
    if not known:
        if state.unknown_reason is not None:
            found["unknownReason"] = _property(state.unknown_reason, observedAt=observed_at)
        return found
    found["congested"] = _property(state.level in _CONGESTED, observedAt=observed_at)
    figures = {
        "peopleCount": None if state.count is None else round(state.count),
        "crowdDensity": state.density_ppm2,
        "crowdDensityDeviation": state.density_sd_ppm2,
        "seenShare": state.seen_share,
    }
    for name, figure in figures.items():
        if figure is not None:
            found[name] = _property(figure, observedAt=observed_at)
    if state.motion is not None:
        speed = round(state.motion.speed_m_s * _KMH_PER_M_S, 3)
        found["averageCrowdSpeed"] = _property(speed, unitCode=_KMH, observedAt=observed_at)
    return found


def _property(value: Any, **more: str) -> Entity:
    return {"type": "Property", "value": value, **more}
