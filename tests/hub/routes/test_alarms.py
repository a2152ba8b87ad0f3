"""What people do about alarms, over HTTP."""

import time
from typing import Any

import pytest
from fastapi.testclient import TestClient

from crowdsafe.hub.access.auth import Auth
from crowdsafe.hub.store import Store
from tests.hub.conftest import PASSWORD, MakeObservation, sign_in
from tests.hub.page_socket import heard
from tests.hub.routes.posting import raise_alarm


@pytest.fixture
def alarm_id(client: TestClient, token: str, make_observation: MakeObservation) -> int:
    sign_in(client)
    return raise_alarm(client, token, make_observation)


def _do(client: TestClient, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    answer = client.post(f"/api/{path}", json=body)
    return answer.status_code, answer.json()


def test_an_operator_acknowledges_an_alarm_once(client: TestClient, alarm_id: int) -> None:
    status, alarm = _do(client, f"alarms/{alarm_id}/acknowledge")
    assert (status, alarm["state"], alarm["acknowledged_by"]) == (
        200,
        "acknowledged",
        "night_shift",
    )
    status, again = _do(client, f"alarms/{alarm_id}/acknowledge")
    assert status == 409
    assert "night_shift has acknowledged it already" in again["error"]


def test_an_alarm_is_shelved_for_a_time_with_a_reason_and_brought_back(
    client: TestClient, alarm_id: int
) -> None:
    body = {"for_s": 600, "reason": "parade, stewards are there"}
    status, alarm = _do(client, f"alarms/{alarm_id}/shelve", body)
    assert (status, alarm["state"]) == (200, "shelved")
    assert alarm["aside"]["by"] == "night_shift"
    assert alarm["aside"]["reason"] == body["reason"]
    assert alarm["aside"]["until_s"] == pytest.approx(time.time() + 600, abs=5)
    status, refused = _do(client, f"alarms/{alarm_id}/acknowledge")
    assert (status, refused["error"]) == (409, "alarm: is shelved, expected one that waits")
    status, alarm = _do(client, f"alarms/{alarm_id}/unshelve")
    assert (status, alarm["state"], alarm["aside"]) == (200, "unacknowledged", None)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"for_s": 600}, "reason: field required"),
        ({"for_s": 600, "reason": "x"}, "reason: string should have at least 3"),
        ({"for_s": 0, "reason": "parade"}, "for_s: input should be greater than 0"),
        ({"for_s": 1e9, "reason": "parade"}, "for_s: input should be less than or equal to"),
        ({"for_s": 60, "reason": "parade", "by": "me"}, "by: extra inputs"),
        ("NaN", "input should be"),
    ],
)
def test_a_wrong_shelving_is_one_sentence(
    client: TestClient, alarm_id: int, body: Any, says: str
) -> None:
    status, answer = _do(client, f"alarms/{alarm_id}/shelve", body)
    assert status == 422
    assert says in answer["error"]


def test_a_measure_is_confirmed_by_name_and_is_in_the_record(
    client: TestClient, alarm_id: int, store: Store
) -> None:
    status, alarm = _do(client, f"alarms/{alarm_id}/measures/junction_keep_moving/confirm")
    assert status == 200
    (use,) = alarm["measures"]
    assert (use["measure_id"], use["confirmed_by"], use["delivery"]) == (
        "junction_keep_moving",
        "night_shift",
        "by_hand",
    )
    entries = [each for each in store.audit.entries() if each.action == "measure.confirmed"]
    (entry,) = entries
    assert (entry.actor, entry.subject) == ("night_shift", f"alarm/{alarm_id}")
    assert "loudspeaker" in entry.detail, "the exact words are kept"


@pytest.mark.parametrize("measure", ["nowhere", "keep_right"])
def test_only_what_was_approved_for_the_alarm_is_confirmed(
    client: TestClient, alarm_id: int, measure: str
) -> None:
    status, answer = _do(client, f"alarms/{alarm_id}/measures/{measure}/confirm")
    assert status == 404
    assert f"'{measure}' is none that was approved for alarm {alarm_id}" in answer["error"]


def test_a_cause_is_taken_out_of_service_and_back_by_the_organiser(
    client: TestClient, auth: Auth
) -> None:
    auth.put_user(name="head", password=PASSWORD, role="organiser")
    sign_in(client, "head")
    body = {"cause": "density", "subject_id": "junction", "reason": "closed for the night"}
    status, alarm = _do(client, "out-of-service", body)
    assert (status, alarm["state"], alarm["aside"]["by"]) == (200, "out_of_service", "head")
    assert _do(client, "out-of-service", body)[0] == 409
    assert _do(client, f"alarms/{alarm['id']}/in-service")[1]["state"] == "normal"
    assert _do(client, f"alarms/{alarm['id']}/in-service")[0] == 404


@pytest.mark.parametrize(
    ("cause", "subject", "says"),
    [
        ("density", "nowhere", "'nowhere' is nothing that 'density' can be about"),
        ("silence", "junction", "'junction' is nothing that 'silence' can be about"),
        ("worker", "nobody", "'nobody' is nothing that 'worker' can be about"),
        ("mood", "junction", "cause: input should be"),
    ],
)
def test_only_what_there_is_is_taken_out_of_service(
    client: TestClient, auth: Auth, cause: str, subject: str, says: str
) -> None:
    auth.put_user(name="head", password=PASSWORD, role="organiser")
    sign_in(client, "head")
    body = {"cause": cause, "subject_id": subject, "reason": "closed"}
    status, answer = _do(client, "out-of-service", body)
    assert status == 422
    assert says in answer["error"]


def test_past_alarms_are_found_by_zone_and_cause(client: TestClient, alarm_id: int) -> None:
    found = client.get("/api/alarms", params={"zone_id": "junction", "cause": "density"}).json()
    assert [alarm["id"] for alarm in found["alarms"]] == [alarm_id]
    assert client.get("/api/alarms", params={"cause": "peak"}).json() == {"alarms": []}
    assert client.get("/api/alarms", params={"from_s": "nan"}).status_code == 422


def test_the_load_counts_those_who_have_a_page_open(client: TestClient, alarm_id: int) -> None:
    assert client.get("/api/load").json()["operators"] == 0
    with client.websocket_connect("/ws/page") as page:
        heard(page)
        load = client.get("/api/load").json()
    assert load["operators"] == 1
    assert load["last_10_min"] >= 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("alarms/999/acknowledge", 404),
        ("alarms/0/acknowledge", 422),
        ("alarms/one/acknowledge", 422),
        ("alarms/999/unshelve", 404),
        ("alarms/999/measures/x/confirm", 404),
    ],
)
def test_an_alarm_that_is_not_there_is_said(client: TestClient, path: str, status: int) -> None:
    sign_in(client)
    got, answer = _do(client, path)
    assert got == status
    assert answer["error"]


def test_a_page_of_another_address_may_not_act_for_a_person(client: TestClient) -> None:
    sign_in(client)
    answer = client.post("/api/alarms/1/acknowledge", headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
