"""Keys of edge workers."""

import time
from typing import Any

import pytest
from fastapi.testclient import TestClient

from crowdsafe.hub.access.auth import Auth, NotSignedIn
from crowdsafe.hub.store import Store
from tests.hub.conftest import WORKER, MakeObservation


def _sent(client: TestClient, token: str, observation: dict[str, Any]) -> int:
    return client.post(
        "/api/observations", json=observation, headers={"Authorization": f"Bearer {token}"}
    ).status_code


def test_a_new_worker_s_token_lets_it_in(
    head: TestClient, make_observation: MakeObservation
) -> None:
    answer = head.post("/api/workers", json={"name": "mast_2"}).json()
    assert answer["name"] == "mast_2"
    assert _sent(head, answer["token"], make_observation()) == 200
    assert answer["token"] not in head.get("/api/workers").text


def test_workers_are_listed_with_what_is_known_of_them(
    head: TestClient, auth: Auth, token: str
) -> None:
    (before,) = head.get("/api/workers").json()
    assert before["created_at_s"] == pytest.approx(time.time(), abs=10)
    assert before["last_seen_at_s"] is None
    auth.worker(f"Bearer {token}")
    (after,) = head.get("/api/workers").json()
    assert after["name"] == WORKER
    assert after["last_seen_at_s"] == pytest.approx(time.time(), abs=10)


def test_a_busy_worker_is_noted_as_seen_once_a_minute(
    auth: Auth, store: Store, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[float] = []
    monkeypatch.setattr(store.workers, "saw", lambda name, at_s: noted.append(at_s))
    for _ in range(50):
        auth.worker(f"Bearer {token}")
    assert len(noted) == 1


def test_a_revoked_key_is_refused_at_once_and_an_open_connection_can_tell(
    head: TestClient, auth: Auth, token: str, make_observation: MakeObservation
) -> None:
    key = auth.worker_key(f"Bearer {token}")
    assert auth.worker_is_known(key)
    revoked = head.post(f"/api/workers/{WORKER}/revoke").json()
    assert revoked["revoked_at_s"] == pytest.approx(time.time(), abs=10)
    assert not auth.worker_is_known(key)
    assert _sent(head, token, make_observation()) == 401


def test_a_replaced_key_is_as_good_as_revoked(auth: Auth, token: str) -> None:
    key = auth.worker_key(f"Bearer {token}")
    newer = auth.add_worker(WORKER)
    assert not auth.worker_is_known(key)
    assert auth.worker_is_known(auth.worker_key(f"Bearer {newer}"))


def test_a_revoked_worker_comes_back_with_a_new_key(auth: Auth, token: str) -> None:
    auth.workers.revoke(WORKER, by="head")
    newer = auth.add_worker(WORKER)
    assert auth.worker(f"bearer {newer}") == WORKER
    with pytest.raises(NotSignedIn):
        auth.worker(f"Bearer {token}")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic {}", "{}", "Bearer  {}"])
def test_a_header_that_is_not_right_lets_nobody_in(
    auth: Auth, token: str, header: str | None
) -> None:
    with pytest.raises(NotSignedIn):
        auth.worker(header.format(token) if header is not None else None)


def test_a_worker_that_is_not_there_cannot_be_revoked_nor_one_twice(
    head: TestClient, token: str
) -> None:
    answer = head.post("/api/workers/mast_9/revoke")
    assert (answer.status_code, answer.json()["error"]) == (
        404,
        "name: there is no worker 'mast_9'",
    )
    assert head.post(f"/api/workers/{WORKER}/revoke").status_code == 200
    answer = head.post(f"/api/workers/{WORKER}/revoke")
    assert (answer.status_code, answer.json()["error"]) == (
        404,
        f"name: the key of worker '{WORKER}' is revoked already",
    )


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"name": "mast 2"}, "name: string should match pattern"),
        ({"name": "../x"}, "name: string should match pattern"),
        ({"name": "x" * 65}, "name: string should match pattern"),
        ({"name": 2}, "name: input should be a valid string"),
        ({}, "name: field required"),
        ({"name": "mast_2", "token": "mine"}, "token: extra inputs"),
    ],
)
def test_a_worker_that_cannot_be_is_one_sentence(
    lasting_head: TestClient, body: dict[str, Any], says: str
) -> None:
    answer = lasting_head.post("/api/workers", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(says)
    assert lasting_head.get("/api/workers").json() == []


def test_every_change_is_in_the_record_without_the_token(head: TestClient, store: Store) -> None:
    begun = store.audit.entries(limit=1000)[-1].seq
    token = head.post("/api/workers", json={"name": "mast_2"}).json()["token"]
    head.post("/api/workers/mast_2/revoke")
    entries = store.audit.entries(after_seq=begun)
    assert [(each.actor, each.action, each.subject) for each in entries] == [
        ("head", "worker.key_made", "worker/mast_2"),
        ("head", "worker.revoked", "worker/mast_2"),
    ]
    assert token not in str(entries)
