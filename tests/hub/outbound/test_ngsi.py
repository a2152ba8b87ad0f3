"""CrowdFlowObserved: by the model, and honest about what is not known."""

import json

import pytest

from crowdsafe.contract.page_messages import ZoneState
from crowdsafe.hub.outbound.ngsi import Entity, entities, entity
from tests.hub.outbound.notices import AT_S
from tests.hub.outbound.zones import zone_info, zone_state

CONTEXT = "https://context.example/context.jsonld"


def of(state: ZoneState) -> Entity:
    return entity(zone_info("stage"), state, site_id="fair", context=CONTEXT, now_s=AT_S)


def test_a_known_zone() -> None:
    found = of(zone_state())
    assert found["id"] == "urn:ngsi-ld:CrowdFlowObserved:fair:stage"
    assert found["type"] == "CrowdFlowObserved"
    assert found["@context"] == [CONTEXT]
    assert found["dateObserved"]["value"] == {
        "@type": "DateTime",
        "@value": "2026-08-07T21:14:02.750Z",
    }
    assert found["peopleCount"]["value"] == 250
    assert isinstance(found["peopleCount"]["value"], int)
    assert found["averageCrowdSpeed"] == {
        "type": "Property",
        "value": 1.8,
        "unitCode": "KMH",
        "observedAt": "2026-08-07T21:14:02.750Z",
    }
    assert found["congested"]["value"] is True
    assert found["level"]["value"] == "tight"
    assert found["crowdDensity"]["value"] == 2.5
    location = found["location"]
    assert location["type"] == "GeoProperty"
    assert location["value"]["type"] == "Polygon"
    assert location["value"]["coordinates"][0][0] == [7.15, 51.55]
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(
    ("level", "congested"),
    [("clear", False), ("busy", False), ("tight", True), ("critical", True)],
)
def test_congested_begins_with_tight(level: str, congested: bool) -> None:
    assert of(zone_state(level=level))["congested"]["value"] is congested


def test_an_unknown_zone_says_no_figure_at_all() -> None:
    # Old figures may still be there; with the level unknown they say nothing of now.
    state = zone_state().model_copy(update={"level": "unknown", "unknown_reason": "frozen"})
    found = of(state)
    assert set(found) == {
        "id",
        "type",
        "@context",
        "name",
        "location",
        "dateObserved",
        "level",
        "unknownReason",
    }
    assert found["level"]["value"] == "unknown"
    assert found["unknownReason"]["value"] == "frozen"
    assert found["dateObserved"]["value"]["@value"] == "2026-08-07T21:14:03.750Z"


def test_what_is_missing_of_a_known_zone_is_left_out_and_never_0() -> None:
    found = of(zone_state(count=None, motion=None, seen_share=None, density_sd_ppm2=None))
    for name in ("peopleCount", "averageCrowdSpeed", "seenShare", "crowdDensityDeviation"):
        assert name not in found
    assert of(zone_state(count=0.0))["peopleCount"]["value"] == 0


def test_a_zone_without_a_state_makes_no_entity() -> None:
    zones = [zone_info("stage"), zone_info("gone")]
    found = entities(zones, {"stage": zone_state()}, site_id="fair", context=CONTEXT, now_s=AT_S)
    assert [each["id"].rpartition(":")[2] for each in found] == ["stage"]
