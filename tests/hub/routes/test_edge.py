"""Observations over HTTP."""

import json
import time
from typing import Any

import pytest
from fastapi.testclient import TestClient

from crowdsafe.contract.edge_messages import MAX_MESSAGE_BYTES
from tests.hub.conftest import MakeObservation, sign_in
from tests.hub.routes.posting import post


def test_an_observation_is_stored_and_read_back(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    observation = make_observation(density_ppm2=0.03)
    observation["zones"][0]["cells"] = {"columns": [3], "rows": [4], "people": [1.9]}
    assert post(client, token, observation)[0] == 200
    sign_in(client)
    span = {"from_s": time.time() - 60, "to_s": time.time() + 60}
    points = client.get("/api/zones/junction/history", params=span).json()["points"]
    # Before that it was not known.
    (point,) = [each for each in points if each["known_share"] > 0]
    assert point["mean_ppm2"] == pytest.approx(0.03, rel=1e-3)
    assert point["at_s"] == pytest.approx(observation["captured_at_s"], abs=0.1)


def test_an_observation_sent_twice_is_stored_once(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    observation = make_observation()
    assert [post(client, token, observation)[0] for _ in range(2)] == [200, 200]
    sign_in(client)
    span = {"from_s": time.time() - 60, "to_s": time.time() + 60}
    answer = client.get("/api/zones/junction/history", params=span)
    assert sum(point["known_share"] > 0 for point in answer.json()["points"]) == 1


def test_a_wrong_token_is_refused_before_the_body_is_read(
    client: TestClient, make_observation: MakeObservation
) -> None:
    status, says = post(client, "wrong", b"x" * (2 * MAX_MESSAGE_BYTES))
    assert (status, says) == (401, "the worker's token is missing or unknown")
    assert post(client, "", make_observation())[0] == 401


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
    status, sentence = post(client, token, make_observation(**changes))
    assert status == 422
    assert says in sentence
    assert post(client, token, make_observation())[0] == 200, "the hub goes on"


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
    status, sentence = post(client, token, observation)
    assert status == 422
    assert says in sentence


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1, 2]", b'{"type": "observation", "seq": NaN}', b"\xff\xfe", b"[" * 5000]
)
def test_rubbish_is_refused(client: TestClient, token: str, body: bytes) -> None:
    status, sentence = post(client, token, body)
    assert status == 422
    assert sentence


def test_nan_in_an_observation_is_refused(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    observation = make_observation()
    observation["zones"][0]["density_ppm2"] = float("nan")
    status, sentence = post(client, token, json.dumps(observation).encode())
    assert status == 422
    assert "density_ppm2" in sentence


def test_an_oversized_observation_is_refused(client: TestClient, token: str) -> None:
    status, sentence = post(client, token, b" " * (MAX_MESSAGE_BYTES + 1))
    assert (status, sentence) == (413, f"body: more than {MAX_MESSAGE_BYTES} bytes")


def test_every_answer_forbids_foreign_content(client: TestClient) -> None:
    policy = client.get("/healthz").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
