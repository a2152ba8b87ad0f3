"""A camera from which nothing comes, as a page hears of it."""

import time
from typing import Any

import pytest
from fastapi.testclient import TestClient

from crowdsafe.settings import HubSettings
from tests.hub.conftest import CAMERA, WORKER, MakeObservation, sign_in
from tests.hub.page_socket import heard


@pytest.fixture
def settings(settings: HubSettings) -> HubSettings:
    return settings.model_copy(update={"unknown_after_s": 2.0})


def test_a_silent_camera_makes_its_zones_unknown_and_raises_one_alarm(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    sign_in(client)
    with (
        client.websocket_connect("/ws/page") as page,
        client.websocket_connect(
            "/ws/edge", headers={"Authorization": f"Bearer {token}"}
        ) as worker,
    ):
        heard(page)
        worker.send_json(
            {
                "type": "hello",
                "worker": WORKER,
                "version": "1",
                "detector": "heads",
                "camera_ids": [CAMERA],
            }
        )
        worker.send_json(make_observation())
        levels: list[str] = []
        alarms: list[dict[str, Any]] = []
        deadline_s = time.monotonic() + 20
        while time.monotonic() < deadline_s and not (alarms and levels[-1:] == ["unknown"]):
            change = heard(page)
            levels += [
                state["level"] for state in change["zone_states"] if state["zone_id"] == "junction"
            ]
            alarms += change["alarms"]
        assert levels[0] == "clear"
        assert levels[-1] == "unknown"
        assert {(alarm["cause"], alarm["camera_id"]) for alarm in alarms} == {("silence", CAMERA)}
        assert len({alarm["id"] for alarm in alarms}) == 1
