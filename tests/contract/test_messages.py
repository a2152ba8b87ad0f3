"""Wire shapes refuse what they do not know, and the page's types come from them."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from crowdsafe.contract.messages import EDGE_MESSAGE, MAX_ZONES, Observation
from crowdsafe.contract.schema import dashboards_schema
from crowdsafe.contract.strict import first_problem

_SCHEMA = Path(__file__).parent.parent.parent / "dashboards" / "contract.schema.json"
_GOOD = {
    "type": "observation",
    "camera_id": "a",
    "seq": 1,
    "captured_at_s": 100.0,
    "analysis_ms": 1.0,
    "frames_dropped": 0,
    "people_in_view": 0,
    "zones": [],
}
_READING = {
    "zone_id": "z",
    "count": 1,
    "count_sd": 0.5,
    "density_ppm2": 0.1,
    "density_sd_ppm2": 0.05,
    "seen_share": 1,
}


def test_a_right_message_is_told_by_its_type() -> None:
    assert isinstance(EDGE_MESSAGE.validate_json(json.dumps(_GOOD)), Observation)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"type": "video"}, "tag 'video'"),
        ({"picture": "base64"}, "picture: extra inputs are not permitted"),
        ({"captured_at_s": float("inf")}, "captured_at_s"),
        ({"captured_at_s": -1}, "captured_at_s"),
        ({"seq": 2**60}, "seq"),
        ({"seq": 1.5}, "seq"),
        ({"camera_id": "../etc"}, "camera_id"),
        ({"camera_id": "a" * 65}, "camera_id"),
        ({"zones": [_READING] * (MAX_ZONES + 1)}, "zones"),
        ({"zones": [{**_READING, "count": float("nan")}]}, "zones.0.count"),
    ],
)
def test_a_wrong_message_is_refused_with_the_field(changes: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        EDGE_MESSAGE.validate_json(json.dumps({**_GOOD, **changes}))
    assert says in first_problem(refused.value)
    assert len(first_problem(refused.value)) < 300


def test_messages_are_frozen() -> None:
    message = EDGE_MESSAGE.validate_python(_GOOD)
    with pytest.raises(ValidationError):
        message.camera_id = "b"  # type: ignore[union-attr,misc]


def test_the_schema_is_the_same_each_time_and_the_one_the_page_was_made_from() -> None:
    assert dashboards_schema() == dashboards_schema()
    assert _SCHEMA.read_text(encoding="utf-8") == dashboards_schema(), "run `make contract`"
