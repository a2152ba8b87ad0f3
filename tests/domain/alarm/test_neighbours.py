"""Which zones are one neighbourhood."""

import shapely

from crowdsafe.domain.alarm.neighbours import neighbours_of
from crowdsafe.domain.crowd.zones import Zone


def test_zones_that_touch_or_nearly_do_are_neighbours_and_none_is_its_own() -> None:
    zones = [
        Zone("a", shapely.box(0, 0, 10, 10)),
        Zone("b", shapely.box(10, 0, 20, 10)),
        Zone("c", shapely.box(24, 0, 30, 10)),
        Zone("d", shapely.box(36, 0, 40, 10)),
    ]
    assert neighbours_of(zones) == {
        "a": {"b"},
        "b": {"a", "c"},
        "c": {"b"},
        "d": set(),
    }


def test_one_zone_has_none() -> None:
    assert neighbours_of([Zone("a", shapely.box(0, 0, 1, 1))]) == {"a": frozenset()}
