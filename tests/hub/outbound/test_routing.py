"""Which notice goes where."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from crowdsafe.contract.targets import TargetBase, Targets
from crowdsafe.hub.outbound.lateness import late_after_s
from crowdsafe.hub.outbound.routing import recipients, wants
from tests.hub.outbound.notices import alarm_notice, measure_notice
from tests.hub.outbound.test_targets import CAP, NGSI, WEBHOOK

_READ: TypeAdapter[tuple[TargetBase, ...]] = TypeAdapter(Targets)


def webhook(**changes: Any) -> TargetBase:
    return _READ.validate_python([WEBHOOK | changes])[0]


@pytest.mark.parametrize(
    ("filters", "event", "of_alarm", "is_wanted"),
    [
        ({}, "acknowledged", {}, True),
        ({"events": ["raised", "ended"]}, "raised", {}, True),
        ({"events": ["raised", "ended"]}, "acknowledged", {}, False),
        ({"causes": ["density", "peak"]}, "raised", {}, True),
        ({"causes": ["weather"]}, "raised", {}, False),
        ({"min_priority": "high"}, "raised", {}, True),
        ({"min_priority": "high"}, "raised", {"priority": "medium"}, False),
        ({"min_priority": "medium"}, "raised", {"priority": "medium"}, True),
        ({"min_priority": "medium"}, "raised", {"priority": "low"}, False),
        ({"takes": "measures"}, "raised", {}, False),
        ({"takes": "alarms"}, "raised", {}, True),
        ({"from_step": 2}, "escalated", {"escalated": 1}, False),
        ({"from_step": 2}, "escalated", {"escalated": 2}, True),
        ({}, "raised", {"cause": "delivery", "subject_id": "mast", "zone_id": None}, False),
        ({}, "raised", {"cause": "delivery", "subject_id": "post", "zone_id": None}, True),
    ],
)
def test_filters(
    filters: dict[str, Any], event: str, of_alarm: dict[str, Any], is_wanted: bool
) -> None:
    assert wants(webhook(**filters), alarm_notice(event, of_alarm=of_alarm)) is is_wanted


def test_a_measure_goes_only_where_it_says() -> None:
    targets = _READ.validate_python([WEBHOOK, WEBHOOK | {"id": "other"}, CAP, NGSI])
    assert recipients(targets, measure_notice(target="mast")) == ("mast",)
    assert recipients(targets, measure_notice(target=None)) == ()
    assert recipients(targets, measure_notice(target="gone")) == ()
    assert not wants(webhook(takes="alarms"), measure_notice(target="mast"))


def test_warnings_and_zones_are_no_notices() -> None:
    targets = _READ.validate_python([CAP, NGSI, WEBHOOK])
    assert recipients(targets, alarm_notice()) == ("mast",)


def test_what_comes_late_is_worth_nothing() -> None:
    target = webhook(measure_late_s=90)
    assert late_after_s(target, measure_notice().model_dump_json()) == 90
    assert late_after_s(target, alarm_notice().model_dump_json()) is None
    assert late_after_s(target, "[") is None
    assert late_after_s(_READ.validate_python([NGSI | {"late_s": 7}])[0], "[]") == 7
