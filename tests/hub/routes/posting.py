"""Observations over HTTP, and an alarm that they raise."""

import time
from typing import Any

from fastapi.testclient import TestClient

from tests.hub.conftest import CAMERA, MakeObservation
from tests.hub.page_socket import heard


def post(client: TestClient, token: str, body: Any) -> tuple[int, str]:
    """Send one observation; return status and error."""
    headers = {"Authorization": f"Bearer {token}"}
    if isinstance(body, bytes):
        answer = client.post("/api/observations", content=body, headers=headers)
    else:
        answer = client.post("/api/observations", json=body, headers=headers)
    return answer.status_code, answer.json().get("error", "")


def raise_alarm(client: TestClient, token: str, make: MakeObservation) -> int:
    """Hold the junction above its limit for longer than its rise time; return the alarm.

    The client has to be signed in.
    """
    now_s = time.time()
    for back_s in (2.4, 1.2, 0.1):
        body = make(density_ppm2=0.1, captured_at_s=now_s - back_s)
        assert post(client, token, body)[0] == 200
    with client.websocket_connect("/ws/page") as page:
        alarms = heard(page)["alarms"]
    (alarm,) = [alarm for alarm in alarms if alarm["cause"] == "density"]
    assert (alarm["zone_id"], alarm["camera_id"]) == ("junction", CAMERA)
    assert alarm["state"] == "unacknowledged"
    return int(alarm["id"])
