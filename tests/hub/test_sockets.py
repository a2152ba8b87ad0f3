"""Workers and pages over websockets."""

import time
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from tests.hub.conftest import CAMERA, WORKER, MakeObservation, sign_in
from tests.hub.page_socket import heard


def _hello(**changes: Any) -> dict[str, Any]:
    return {
        "type": "hello",
        "worker": WORKER,
        "version": "0",
        "detector": "test",
        "camera_ids": [CAMERA],
        **changes,
    }


def _edge(client: TestClient, token: str) -> WebSocketTestSession:
    return client.websocket_connect("/ws/edge", headers={"Authorization": f"Bearer {token}"})


def _next_with(page: WebSocketTestSession, key: str) -> Any:
    """Return the first change that has something under ``key``."""
    for _ in range(20):
        found = heard(page)[key]
        if found:
            return found
    raise AssertionError(f"no change with {key}")


def _hear_until_closed(page: WebSocketTestSession) -> None:
    for _ in range(100):
        heard(page)


def test_a_page_without_a_session_is_closed_with_a_reason(client: TestClient) -> None:
    with client.websocket_connect("/ws/page") as page, pytest.raises(WebSocketDisconnect) as closed:
        heard(page)
    assert (closed.value.code, closed.value.reason) == (4401, "not signed in")


def test_a_page_of_another_address_is_closed(client: TestClient) -> None:
    sign_in(client)
    headers = {"Origin": "http://evil.example"}
    with (
        client.websocket_connect("/ws/page", headers=headers) as page,
        pytest.raises(WebSocketDisconnect) as closed,
    ):
        heard(page)
    assert closed.value.code == 4403


def test_a_new_page_gets_everything_then_the_changes(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    sign_in(client)
    with client.websocket_connect("/ws/page") as page, _edge(client, token) as worker:
        snapshot = heard(page)
        assert {zone["id"] for zone in snapshot["zones"]} == {"junction", "west_path", "north_road"}
        assert {state["level"] for state in snapshot["zone_states"]} == {"unknown"}
        assert [camera["id"] for camera in snapshot["cameras"]] == [CAMERA]
        assert len(snapshot["cameras"][0]["view"]) >= 4
        assert snapshot["grid"]["cell_m"] == 0.5
        assert [line["id"] for line in snapshot["lines"]] == [
            state["line_id"] for state in snapshot["line_states"]
        ]
        worker.send_json(_hello())
        assert worker.receive_json()["type"] == "welcome"
        observation = make_observation(density_ppm2=0.05)
        worker.send_json(observation)
        assert worker.receive_json() == {
            "type": "accepted",
            "camera_id": CAMERA,
            "seq": observation["seq"],
        }
        (state,) = _next_with(page, "zone_states")
        assert state["zone_id"] == "junction"
        # Count over the area that is seen by the hub's own calibration.
        assert state["density_ppm2"] == pytest.approx(0.05, rel=1e-3)
        assert state["seen_share"] == pytest.approx(1.0)
        assert state["captured_at_s"] == observation["captured_at_s"]


def test_a_worker_whose_clock_is_an_hour_ahead_is_heard(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    sign_in(client)
    with client.websocket_connect("/ws/page") as page, _edge(client, token) as worker:
        heard(page)
        ahead_s = time.time() + 3600
        worker.send_json(_hello(sent_at_s=ahead_s, ticks_s=10.0))
        assert worker.receive_json()["type"] == "welcome"
        worker.send_json(
            make_observation(captured_at_s=ahead_s - 0.2, sent_at_s=ahead_s, ticks_s=10.0)
        )
        assert worker.receive_json()["type"] == "accepted"
        (state,) = _next_with(page, "zone_states")
        assert state["level"] == "clear"
        assert time.time() - 10 < state["captured_at_s"] < time.time()


def test_a_page_hears_the_time_even_when_nothing_changes(client: TestClient) -> None:
    sign_in(client)
    with client.websocket_connect("/ws/page") as page:
        heard(page)
        times = [heard(page)["now_s"] for _ in range(2)]
    assert times[0] < times[1] < times[0] + 3


def test_a_wrong_token_is_refused_at_the_door(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), _edge(client, "wrong"):
        pass


@pytest.mark.parametrize(
    ("first", "says"),
    [
        (_hello(worker="mast_2"), "worker: 'mast_2', but the token is of 'mast_1'"),
        (_hello(camera_ids=["nowhere"]), "camera_ids: 'nowhere' is not a camera of this site"),
        ({"type": "camera_status", "camera_id": CAMERA, "at_s": 1, "status": "lost"}, "'hello'"),
        ({"type": "chat"}, "Input tag 'chat'"),
        ([], "document"),
    ],
)
def test_a_worker_that_does_not_greet_rightly_is_told_why(
    client: TestClient, token: str, first: Any, says: str
) -> None:
    with _edge(client, token) as worker:
        worker.send_json(first)
        answer = worker.receive_json()
        assert answer["type"] == "refused"
        assert says.lower() in answer["reason"].lower()
        with pytest.raises(WebSocketDisconnect):
            worker.receive_json()


def test_a_refused_message_does_not_end_the_connection(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    with _edge(client, token) as worker:
        worker.send_json(_hello())
        worker.receive_json()
        for bad in (
            "rubbish",
            '{"type": "observation"}',
            '{"type": "observation", "captured_at_s": NaN}',
        ):
            worker.send_text(bad)
            assert worker.receive_json()["type"] == "refused"
        future = make_observation(captured_at_s=time.time() + 100)
        worker.send_json(future)
        answer = worker.receive_json()
        assert (answer["type"], answer["seq"]) == ("refused", future["seq"])
        foreign = make_observation(camera_id="elsewhere")
        worker.send_json(foreign)
        assert "was not in this worker's hello" in worker.receive_json()["reason"]
        worker.send_json(make_observation())
        assert worker.receive_json()["type"] == "accepted"


def test_bytes_instead_of_text_close_the_connection_with_a_reason(
    client: TestClient, token: str
) -> None:
    with _edge(client, token) as worker:
        worker.send_json(_hello())
        worker.receive_json()
        worker.send_bytes(b"\x00\x01")
        with pytest.raises(WebSocketDisconnect) as closed:
            worker.receive_json()
    assert closed.value.reason == "expected text, got bytes"


def test_a_page_says_what_it_watches_and_is_told_that(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    sign_in(client)
    cells = {"columns": [1], "rows": [1], "people": [1.0]}
    with client.websocket_connect("/ws/page") as page, _edge(client, token) as worker:
        heard(page)
        page.send_json({"type": "watch", "zone_id": "junction", "cells": True})
        worker.send_json(_hello())
        assert worker.receive_json()["type"] == "welcome"
        observation = make_observation()
        observation["zones"][0]["cells"] = cells
        worker.send_json(observation)
        told = [heard(page) for _ in range(8)]
        assert any(each["type"] == "cells" for each in told)
        assert any(
            each["type"] == "change" and each["zone_states"] and each["zone_columns"] is None
            for each in told
        )


@pytest.mark.parametrize(
    "said", ["nonsense", '{"type":"watch","zone_id":"a b"}', '{"type":"watch","all":1}', "x" * 2000]
)
def test_a_page_that_says_something_else_is_closed_with_a_reason(
    client: TestClient, said: str
) -> None:
    sign_in(client)
    with client.websocket_connect("/ws/page") as page:
        heard(page)
        page.send_text(said)
        with pytest.raises(WebSocketDisconnect) as closed:
            _hear_until_closed(page)
    assert closed.value.code == 4400
    assert closed.value.reason.startswith("expected what to watch: ")
