"""The record over HTTP: zone courses, events, shifts."""

import time

import pytest
from fastapi.testclient import TestClient

from tests.hub.conftest import MakeObservation, sign_in
from tests.hub.page_socket import heard
from tests.hub.routes.posting import raise_alarm


def test_a_zone_that_is_not_there_is_said(client: TestClient) -> None:
    sign_in(client)
    answer = client.get("/api/zones/nowhere/history", params={"from_s": 0, "to_s": 1})
    assert (answer.status_code, answer.json()["error"]) == (
        404,
        "zone_id: 'nowhere' is not a zone of this site",
    )


@pytest.mark.parametrize(
    "span", [{"from_s": 5, "to_s": 5}, {"from_s": "nan", "to_s": 5}, {"from_s": 1}]
)
def test_a_span_that_is_none_is_said(client: TestClient, span: dict[str, float]) -> None:
    sign_in(client)
    answer = client.get("/api/zones/junction/history", params=span)
    assert answer.status_code == 422
    assert answer.json()["error"]


def test_what_happened_is_read_back_in_order(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    sign_in(client)
    alarm_id = raise_alarm(client, token, make_observation)
    client.post(f"/api/alarms/{alarm_id}/acknowledge")
    events = client.get("/api/record/events").json()["events"]
    assert [event["seq"] for event in events] == sorted(event["seq"] for event in events)
    mine = [
        (event["action"], event["actor"])
        for event in events
        if event["subject"] == f"alarm/{alarm_id}"
    ]
    assert mine == [("alarm.raised", "hub"), ("alarm.acknowledged", "night_shift")]
    rest = client.get("/api/record/events", params={"after": events[-1]["seq"]}).json()
    assert rest == {"events": []}


def test_a_shift_is_handed_over_with_what_happened(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    sign_in(client)
    alarm_id = raise_alarm(client, token, make_observation)
    client.post(f"/api/alarms/{alarm_id}/measures/junction_keep_moving/confirm")
    shift = client.get("/api/shift").json()
    assert shift["duty"] is None
    summary = shift["summary"]
    assert (summary["raised"], summary["by_subject"]["junction"]) == (1, 1)
    assert [alarm["id"] for alarm in summary["standing"]] == [alarm_id]
    assert (summary["measures"], summary["unanswered"]) == (1, [])
    answer = client.post("/api/shift", json={"note": "gate 2 is slow"})
    assert answer.status_code == 200
    assert answer.json()["duty"]["name"] == "night_shift"
    after = client.get("/api/shift").json()
    assert after["duty"]["since_s"] == pytest.approx(time.time(), abs=5)
    assert after["summary"]["raised"] == 0
    assert [alarm["id"] for alarm in after["summary"]["standing"]] == [alarm_id]
    with client.websocket_connect("/ws/page") as page:
        assert heard(page)["duty"]["name"] == "night_shift"


def test_a_viewer_takes_over_no_shift(client: TestClient) -> None:
    sign_in(client, "guest")
    answer = client.post("/api/shift", json={})
    assert (answer.status_code, answer.json()["error"]) == (
        403,
        "a viewer may not hand over a shift",
    )
