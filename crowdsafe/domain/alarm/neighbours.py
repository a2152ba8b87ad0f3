"""Which zones are so near that a crowd in one soon stands in the other."""

from collections.abc import Mapping, Sequence

import shapely

from crowdsafe.domain.crowd.zones import Zone

NEAR_M = 5.0
FIRST_OUT_WITHIN_S = 120.0
"""Alarms of neighbours that come within so long of each other are one event."""


def neighbours_of(zones: Sequence[Zone], *, near_m: float = NEAR_M) -> Mapping[str, frozenset[str]]:
    """Return for each zone id the ids of the zones within ``near_m``."""
    shapes = [zone.polygon for zone in zones]
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="dwithin", distance=near_m)
    near: dict[str, set[str]] = {zone.id: set() for zone in zones}
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        if one != other:
            near[zones[one].id].add(zones[other].id)
    return {zone_id: frozenset(ids) for zone_id, ids in near.items()}
