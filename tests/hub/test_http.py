"""People and workers over HTTP."""

import time
from typing import Any

import pytest
from fastapi.testclient import TestClient

from crowdsafe.contract.messages import MAX_MESSAGE_BYTES
from tests.hub.conftest import CAMERA, PASSWORD, MakeObservation, sign_in


def _post(client: TestClient, token: str, body: Any) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"}
    if isinstance(body, bytes):
        answer = client.post("/api/observations", content=body, headers=headers)
    else:
        answer = client.post("/api/observations", json=body, headers=headers)
    return answer.status_code, answer.json().get("error", "")


def test_a_person_signs_in_and_out(client: TestClient) -> None:
    assert client.get("/api/session").status_code == 401
    sign_in(client)
    assert client.get("/api/session").json() == {"name": "night_shift", "role": "operator"}
    assert client.delete("/api/session").status_code == 204
    assert client.get("/api/session").status_code == 401


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client: TestClient) -> None:
    answer = client.post("/api/session", json={"name": "night_shift", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_a_wrong_password_is_refused_and_too_many_lock_the_name(client: TestClient) -> None:
    for _ in range(3):
        answer = client.post("/api/session", json={"name": "night_shift", "password": "wrong"})
        assert (answer.status_code, answer.json()["error"]) == (401, "name or password is wrong")
    answer = client.post("/api/session", json={"name": "night_shift", "password": PASSWORD})
    assert answer.status_code == 429
    sign_in(client, "guest")


def test_an_unknown_name_gets_the_same_answer_as_a_wrong_password(client: TestClient) -> None:
    answer = client.post("/api/session", json={"name": "nobody", "password": PASSWORD})
    assert (answer.status_code, answer.json()["error"]) == (401, "name or password is wrong")


def test_a_page_of_another_address_may_not_act_for_a_person(client: TestClient) -> None:
    sign_in(client)
    answer = client.post("/api/alarms/1/acknowledge", headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"name": "night_shift"}, "password: field required"),
        ({"name": "night_shift", "password": "x", "role": "administrator"}, "role: extra inputs"),
        ({"name": 3, "password": "x"}, "name: input should be a valid string"),
    ],
)
def test_a_malformed_sign_in_is_one_sentence(
    client: TestClient, body: dict[str, Any], says: str
) -> None:
    answer = client.post("/api/session", json=body)
    assert answer.status_code == 422
    assert says in answer.json()["error"]


def test_an_observation_is_stored_and_read_back(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    observation = make_observation(density_ppm2=0.03)
    observation["zones"][0]["cells"] = {"columns": [3], "rows": [4], "people": [1.9]}
    assert _post(client, token, observation)[0] == 200
    sign_in(client)
    span = {"from_s": time.time() - 60, "to_s": time.time() + 60}
    points = client.get("/api/zones/junction/history", params=span).json()["points"]
    assert points == [{"at_s": observation["captured_at_s"], "density_ppm2": 0.03}]


def test_an_observation_sent_twice_is_stored_once(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    observation = make_observation()
    assert [_post(client, token, observation)[0] for _ in range(2)] == [200, 200]
    sign_in(client)
    span = {"from_s": 0, "to_s": time.time() + 60}
    answer = client.get("/api/zones/junction/history", params=span)
    assert len(answer.json()["points"]) == 1


def test_a_wrong_token_is_refused_before_the_body_is_read(
    client: TestClient, make_observation: MakeObservation
) -> None:
    status, says = _post(client, "wrong", b"x" * (2 * MAX_MESSAGE_BYTES))
    assert (status, says) == (401, "the worker's token is missing or unknown")
    assert _post(client, "", make_observation())[0] == 401


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"camera_id": "nowhere"}, "camera_id: 'nowhere' is not a camera of this site"),
        ({"captured_at_s": time.time() + 3600}, "in the future"),
        ({"captured_at_s": "yesterday"}, "captured_at_s: input should be a valid number"),
        ({"people_in_view": -1}, "people_in_view: input should be greater than or equal to 0"),
        ({"surprise": 1}, "surprise: extra inputs are not permitted"),
        ({"zones": "none"}, "zones: input should be a valid"),
    ],
)
def test_an_observation_that_cannot_be_is_one_sentence(
    client: TestClient,
    token: str,
    make_observation: MakeObservation,
    changes: dict[str, Any],
    says: str,
) -> None:
    status, sentence = _post(client, token, make_observation(**changes))
    assert status == 422
    assert says in sentence
    assert _post(client, token, make_observation())[0] == 200, "the hub goes on"


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("zone_id", "nowhere", "'nowhere' is not a zone of this site"),
        ("count", -3, "zones.0.count: input should be greater than or equal to 0"),
        ("seen_share", 1.5, "zones.0.seen_share: input should be less than or equal to 1"),
        ("density_ppm2", None, "expected null exactly for 0"),
        ("density_ppm2", 1e9, "zones.0.density_ppm2: input should be less than or equal to 50"),
        (
            "cells",
            {"columns": [2**40], "rows": [0], "people": [1.0]},
            "zones.0.cells.columns.0: input should be less than or equal to 1000000",
        ),
    ],
)
def test_a_reading_that_cannot_be_is_one_sentence(
    client: TestClient,
    token: str,
    make_observation: MakeObservation,
    field: str,
    value: object,
    says: str,
) -> None:
    observation = make_observation()
    observation["zones"][0][field] = value
    status, sentence = _post(client, token, observation)
    assert status == 422
    assert says in sentence


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1, 2]", b'{"type": "observation", "seq": NaN}', b"\xff\xfe", b"[" * 5000]
)
def test_rubbish_is_refused(client: TestClient, token: str, body: bytes) -> None:
    status, sentence = _post(client, token, body)
    assert status == 422
    assert sentence


def test_nan_in_an_observation_is_refused(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    import json

    observation = make_observation()
    observation["zones"][0]["density_ppm2"] = float("nan")
    status, sentence = _post(client, token, json.dumps(observation).encode())
    assert status == 422
    assert "density_ppm2" in sentence


def test_an_oversized_observation_is_refused(client: TestClient, token: str) -> None:
    status, sentence = _post(client, token, b" " * (MAX_MESSAGE_BYTES + 1))
    assert (status, sentence) == (413, f"body: more than {MAX_MESSAGE_BYTES} bytes")


def _raise_alarm(client: TestClient, token: str, make: MakeObservation) -> int:
    """Hold the junction above its limit for longer than its rise time; return the alarm."""
    now_s = time.time()
    for back_s in (2.4, 1.2, 0.1):
        body = make(density_ppm2=0.1, captured_at_s=now_s - back_s)
        assert _post(client, token, body)[0] == 200
    with client.websocket_connect("/ws/page") as page:
        alarms = page.receive_json()["alarms"]
    (alarm,) = [alarm for alarm in alarms if alarm["cause"] == "density"]
    assert (alarm["zone_id"], alarm["camera_id"]) == ("junction", CAMERA)
    assert alarm["state"] == "unacknowledged"
    return int(alarm["id"])


def test_an_operator_acknowledges_an_alarm_once(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    sign_in(client)
    alarm_id = _raise_alarm(client, token, make_observation)
    answer = client.post(f"/api/alarms/{alarm_id}/acknowledge")
    assert answer.status_code == 200
    assert answer.json()["state"] == "acknowledged"
    assert answer.json()["acknowledged_by"] == "night_shift"
    again = client.post(f"/api/alarms/{alarm_id}/acknowledge")
    assert again.status_code == 409
    assert "night_shift has acknowledged it already" in again.json()["error"]


def test_a_viewer_may_not_acknowledge(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    sign_in(client, "guest")
    alarm_id = _raise_alarm(client, token, make_observation)
    answer = client.post(f"/api/alarms/{alarm_id}/acknowledge")
    assert (answer.status_code, answer.json()["error"]) == (
        403,
        "a viewer may not acknowledge alarms",
    )


def test_nobody_without_a_session_acknowledges_or_reads(client: TestClient) -> None:
    assert client.post("/api/alarms/1/acknowledge").status_code == 401
    span = {"from_s": 0, "to_s": 1}
    assert client.get("/api/zones/junction/history", params=span).status_code == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/alarms/999/acknowledge", 404),
        ("/api/alarms/0/acknowledge", 422),
        ("/api/alarms/one/acknowledge", 422),
    ],
)
def test_an_alarm_that_is_not_there_is_said(client: TestClient, path: str, status: int) -> None:
    sign_in(client)
    answer = client.post(path)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_a_zone_that_is_not_there_is_said(client: TestClient) -> None:
    sign_in(client)
    answer = client.get("/api/zones/nowhere/history", params={"from_s": 0, "to_s": 1})
    assert (answer.status_code, answer.json()["error"]) == (
        404,
        "zone_id: 'nowhere' is not a zone of this site",
    )


def test_every_answer_forbids_foreign_content(client: TestClient) -> None:
    policy = client.get("/healthz").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
