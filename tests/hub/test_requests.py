"""Queries that are refused, above all names that the route does not know."""

import pytest
from fastapi.testclient import TestClient

from tests.hub.conftest import MakeObservation, sign_in


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/api/alarms?newst=5", "query.newst: is not known here, expected cause, from_s, newest"),
        ("/api/alarms?newest=5&newest=6", "query.newest: is there twice, expected once"),
        ("/api/alarms?=1", "query.: is not known here"),
        ("/api/load?all=1", "query.all: is not known here, expected none"),
        ("/api/zones/junction/history?from=1&to_s=2", "query.from: is not known here"),
        ("/api/alarms?from_s=5&to_s=4", "from_s: 5.0 is after to_s, 4.0, expected them in order"),
        ("/api/load?a%0Ab=1", "query.a\\nb: is not known here"),
    ],
)
def test_a_wrong_query_is_refused(client: TestClient, path: str, says: str) -> None:
    sign_in(client)
    answer = client.get(path)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(says)


def test_a_stranger_learns_nothing_of_a_query(client: TestClient) -> None:
    assert client.get("/api/alarms?no_such=1").json() == {"error": "not signed in"}


def test_an_observation_has_no_query(
    client: TestClient, token: str, make_observation: MakeObservation
) -> None:
    answer = client.post(
        "/api/observations?dry_run=1",
        json=make_observation(),
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.json() == {"error": "query.dry_run: is not known here, expected none"}


@pytest.mark.parametrize(
    "path",
    [
        "/api/alarms?zone_id=a%00b",
        "/api/zones/a%00b/history?from_s=1&to_s=2",
        "/api/record/events?after=2147483648",
    ],
)
def test_what_a_database_cannot_look_for_is_refused(client: TestClient, path: str) -> None:
    sign_in(client)
    assert client.get(path).status_code in (404, 422)


def test_a_name_that_no_database_keeps_is_wrong(client: TestClient) -> None:
    answer = client.post("/api/session", json={"name": "a\0b", "password": "any"})
    assert (answer.status_code, answer.json()["error"]) == (401, "name or password is wrong")
