"""Messages: what is let in, and that the schema is the same for the same contract."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from crowdsafe.contract.edge_messages import EDGE_MESSAGE, MAX_ZONES, Observation
from crowdsafe.contract.schema import dashboards_schema
from crowdsafe.contract.strict import first_problem

SCHEMA = Path(__file__).parent.parent.parent / "dashboards" / "contract.schema.json"


def _reading(**changes: Any) -> dict[str, Any]:
    reading = {
        "zone_id": "gate",
        "count": 3,
        "count_sd": 1,
        "density_ppm2": 0.1,
        "density_sd_ppm2": 0.05,
        "seen_share": 0.5,
    }
    return {**reading, **changes}


def _cells(**changes: Any) -> dict[str, Any]:
    return {"columns": [1], "rows": [1], "people": [1.0], **changes}


def _observation(**changes: Any) -> dict[str, Any]:
    observation = {
        "type": "observation",
        "camera_id": "mast",
        "seq": 1,
        "captured_at_s": 1.7e9,
        "analysis_ms": 30,
        "frames_dropped": 0,
        "people_in_view": 3,
        "zones": [_reading()],
    }
    return {**observation, **changes}


def test_an_observation_comes_back_from_the_wire() -> None:
    message = EDGE_MESSAGE.validate_json(json.dumps(_observation()))
    assert isinstance(message, Observation)
    assert EDGE_MESSAGE.validate_json(message.model_dump_json()) == message


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"type": "rumour"}, "document"),
        ({"camera_id": "two words"}, "camera_id"),
        ({"camera_id": "x" * 65}, "camera_id"),
        ({"camera_id": "../etc"}, "camera_id"),
        ({"camera_id": "mast\n"}, "camera_id"),
        ({"seq": -1}, "seq"),
        ({"seq": 2**60}, "seq"),
        ({"seq": 1.5}, "seq"),
        ({"captured_at_s": -1}, "captured_at_s"),
        ({"captured_at_s": 1e12}, "captured_at_s"),
        ({"captured_at_s": float("nan")}, "captured_at_s"),
        ({"analysis_ms": float("inf")}, "analysis_ms"),
        ({"people_in_view": -1}, "people_in_view"),
        ({"people_in_view": None}, "people_in_view"),
        ({"frames_dropped": -1}, "frames_dropped"),
        ({"zones": [_reading(zone_id=f"z{i}") for i in range(MAX_ZONES + 1)]}, "zones"),
        ({"sent_at_s": float("nan")}, "sent_at_s"),
        ({"sent_at_s": 1e12}, "sent_at_s"),
        ({"ticks_s": -1}, "ticks_s"),
        ({"zones": [_reading(cells=_cells(columns=[1_000_001]))]}, "zones.0.cells.columns.0"),
        ({"zones": [_reading(cells=_cells(rows=[-(2**63)]))]}, "zones.0.cells.rows.0"),
        ({"zones": [_reading(cells=_cells(rows=[1, 2]))]}, "zones.0.cells"),
        ({"zones": [_reading(cells=_cells(people=[-0.1]))]}, "zones.0.cells.people.0"),
        ({"zones": [_reading(count=-1)]}, "zones.0.count"),
        ({"zones": [_reading(count=float("nan"))]}, "zones.0.count"),
        ({"zones": [_reading(density_ppm2=51)]}, "zones.0.density_ppm2"),
        ({"zones": [_reading(density_ppm2=float("inf"))]}, "zones.0.density_ppm2"),
        ({"zones": [_reading(density_sd_ppm2=-0.1)]}, "zones.0.density_sd_ppm2"),
        ({"zones": [_reading(seen_share=1.01)]}, "zones.0.seen_share"),
        ({"zones": [_reading(smell=1)]}, "zones.0.smell"),
    ],
)
def test_what_cannot_be_an_observation_is_refused_by_field(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        EDGE_MESSAGE.validate_json(json.dumps(_observation(**changes)))
    problem = first_problem(refused.value)
    assert problem.removeprefix("observation.").startswith(f"{field}: ")
    assert "\n" not in problem
    assert len(problem) < 300


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '{"type": "observation"}'])
def test_what_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        EDGE_MESSAGE.validate_json(text)


def test_messages_are_frozen() -> None:
    message = EDGE_MESSAGE.validate_python(_observation(zones=()))
    with pytest.raises(ValidationError, match="frozen"):
        message.type = "hello"  # type: ignore[assignment,misc]


def test_the_schema_is_the_same_each_time_and_the_one_the_page_was_made_from() -> None:
    assert dashboards_schema() == dashboards_schema()
    assert SCHEMA.read_text(encoding="utf-8") == dashboards_schema(), "run `make contract`"


def test_the_schema_holds_the_websocket_messages_without_titles() -> None:
    schema = json.loads(dashboards_schema())
    assert {"Snapshot", "Change", "SignIn"} <= set(schema["properties"])
    for name, shape in schema["$defs"].items():
        assert shape["additionalProperties"] is False, name
        assert set(shape["required"]) >= set(shape["properties"]) - {"default"}, name
        assert all("title" not in field for field in shape["properties"].values()), name
