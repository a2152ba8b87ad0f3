"""Who may ask what: every role on every route and websocket of the real app, over HTTP."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.routing import APIWebSocketRoute, iter_route_contexts
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from crowdsafe.contract.people import Right, Role
from crowdsafe.hub.access.auth import SESSION_COOKIE, Auth
from crowdsafe.hub.access.rights import RIGHTS
from crowdsafe.hub.page_feed import unpacked
from tests.hub.access.conftest import PEOPLE, OpenHub
from tests.hub.access.serving import serving
from tests.hub.conftest import CAMERA, PASSWORD, WORKER

Need = Right | Literal["nothing", "a session", "a worker's key"]

# A route that is added needs its line here; one that is gone must not leave its line behind.
TABLE: dict[tuple[str, str], Need] = {
    ("GET", "/"): "nothing",
    ("GET", "/openapi.json"): "nothing",
    ("GET", "/healthz"): "nothing",
    ("GET", "/api/sign-in"): "nothing",
    ("POST", "/api/session"): "nothing",
    ("DELETE", "/api/session"): "nothing",
    ("GET", "/api/oidc/begin"): "nothing",
    ("GET", "/api/oidc/back"): "nothing",
    ("GET", "/api/session"): "a session",
    ("PUT", "/api/session/password"): "a session",
    ("GET", "/api/people"): "manage_people",
    ("PUT", "/api/people/{name}"): "manage_people",
    ("POST", "/api/people/{name}/disable"): "manage_people",
    ("POST", "/api/people/{name}/enable"): "manage_people",
    ("GET", "/api/workers"): "manage_workers",
    ("POST", "/api/workers"): "manage_workers",
    ("POST", "/api/workers/{name}/revoke"): "manage_workers",
    ("POST", "/api/alarms/{alarm_id}/acknowledge"): "acknowledge",
    ("POST", "/api/alarms/{alarm_id}/shelve"): "shelve",
    ("POST", "/api/alarms/{alarm_id}/unshelve"): "shelve",
    ("POST", "/api/alarms/{alarm_id}/measures/{measure_id}/confirm"): "confirm_measure",
    ("POST", "/api/out-of-service"): "take_out_of_service",
    ("POST", "/api/alarms/{alarm_id}/in-service"): "take_out_of_service",
    ("GET", "/api/alarms"): "read_record",
    ("GET", "/api/record/events"): "read_record",
    ("GET", "/api/record/export"): "export_record",
    ("GET", "/api/load"): "look",
    ("GET", "/api/zones/{zone_id}/history"): "look",
    ("GET", "/api/shift"): "look",
    ("POST", "/api/shift"): "hand_over",
    ("GET", "/api/warnings"): "look",
    ("GET", "/api/warnings/{alarm_id}/xml"): "look",
    ("POST", "/api/warnings/{alarm_id}/approve"): "approve_warning",
    ("POST", "/api/warnings/{alarm_id}/discard"): "approve_warning",
    ("GET", "/api/outbox"): "look",
    ("GET", "/api/events/stream"): "look",
    ("GET", "/metrics"): "look",
    ("GET", "/api/revisions"): "look",
    ("GET", "/api/revisions/{number}"): "look",
    ("GET", "/api/revisions/{number}/diff"): "look",
    ("POST", "/api/revisions"): "edit_draft",
    ("POST", "/api/revisions/{number}/publish"): "publish",
    ("POST", "/api/revisions/{number}/roll-back"): "publish",
    ("POST", "/api/observations"): "a worker's key",
    ("websocket", "/ws/page"): "look",
    ("websocket", "/ws/edge"): "a worker's key",
}
# Of nothing that is there, so that who is let in changes nothing.
_FILLED = {
    "name": "ghost",
    "alarm_id": "999",
    "measure_id": "ghost",
    "zone_id": "ghost",
    "number": "999",
}
_ENDS_THE_SESSION = ("DELETE", "/api/session")
_ASKS_BY_ITSELF = ("GET", "/api/oidc/back")

Who = Role | Literal["nobody", "somebody disabled", "a worker", "a revoked worker"]
WHO: tuple[Who, ...] = (
    *get_args(Role),
    "nobody",
    "somebody disabled",
    "a worker",
    "a revoked worker",
)


@dataclass(frozen=True)
class Served:
    """The app on a real port, and what everybody brings along."""

    address: str
    http: httpx2.Client
    auth: Auth
    cookies: dict[Who, str]
    tokens: dict[Who, str]

    def headers(self, who: Who, *, fresh: bool = False) -> dict[str, str]:
        """What somebody sends with every request; of a session of its own where asked."""
        headers = {}
        if who in self.cookies:
            cookie = self.cookies[who]
            if fresh and who in RIGHTS:
                name = next(name for name, role in PEOPLE.items() if role == who)
                cookie = self.auth.sign_in(name=name, password=PASSWORD, now_s=time.time()).token
            headers["Cookie"] = f"{SESSION_COOKIE}={cookie}"
        if who in self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        return headers


@pytest.fixture(scope="module")
def served(open_hub: OpenHub) -> Iterator[Served]:
    auth = open_hub.auth
    auth.put_user(name="gone", password=PASSWORD, role="administrator")
    tokens: dict[Who, str] = {
        "a worker": auth.add_worker(WORKER),
        "a revoked worker": auth.add_worker("mast_2"),
    }
    auth.workers.revoke("mast_2", by="head")
    people: tuple[tuple[str, Who], ...] = (*PEOPLE.items(), ("gone", "somebody disabled"))
    cookies = {
        who: auth.sign_in(name=name, password=PASSWORD, now_s=time.time()).token
        for name, who in people
    }
    auth.people.disable("gone", by="head")
    with serving(open_hub.app) as address, httpx2.Client() as http:
        yield Served(address, http, auth, cookies, tokens)


def _routes(app: FastAPI) -> set[tuple[str, str]]:
    found = set()
    for route in iter_route_contexts(app.routes):
        methods = (
            {"websocket"}
            if isinstance(route.original_route, APIWebSocketRoute)
            else route.methods or {"GET"}
        )
        # The page's files are mounted under "", which is "/".
        found |= {(method, route.path or "/") for method in methods - {"HEAD"}}
    return found


def _is_allowed(who: Who, need: Need) -> bool:
    if need == "nothing":
        return True
    if need == "a worker's key":
        return who == "a worker"
    role = next((role for role in RIGHTS if role == who), None)
    return role is not None and (need == "a session" or need in RIGHTS[role])


def test_the_table_has_a_line_for_every_route_there_is(open_hub: OpenHub) -> None:
    there = _routes(open_hub.app)
    assert sorted(there - TABLE.keys()) == [], "without a line in the table"
    assert sorted(TABLE.keys() - there) == [], "in the table, but there is no such route"


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("method", "path"), [each for each in TABLE if each[0] != "websocket"])
def test_a_route_answers_whom_the_table_says(
    served: Served, who: Who, method: str, path: str
) -> None:
    need = TABLE[method, path]
    headers = served.headers(who, fresh=(method, path) == _ENDS_THE_SESSION)
    url = f"http://{served.address}{path.format(**_FILLED)}"
    body = b"{}" if method in ("POST", "PUT") else None
    # Streamed, as an answer may have no end.
    with served.http.stream(method, url, headers=headers, content=body) as answer:
        status = answer.status_code
        sentence = answer.read().decode() if status in (401, 403) else ""
    if (method, path) == _ASKS_BY_ITSELF:
        assert "this sign-in was not begun here" in sentence
    elif _is_allowed(who, need):
        assert status not in (401, 403), sentence
    elif who in RIGHTS and need != "a worker's key":
        assert status == 403
        assert f"{who} may not " in sentence
    else:
        assert status == 401
        missing = "worker's token is missing" if need == "a worker's key" else "not signed in"
        assert missing in sentence


@pytest.mark.parametrize("who", WHO)
def test_the_pages_websocket_is_open_to_whom_the_table_says(served: Served, who: Who) -> None:
    url = f"ws://{served.address}/ws/page"
    with connect(url, additional_headers=served.headers(who)) as socket:
        if _is_allowed(who, TABLE["websocket", "/ws/page"]):
            snapshot = socket.recv(timeout=10, decode=False)
            assert json.loads(unpacked(snapshot))["type"] == "snapshot"
        else:
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv(timeout=10)
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4401, "not signed in")


@pytest.mark.parametrize("who", WHO)
def test_the_workers_websocket_is_open_to_whom_the_table_says(served: Served, who: Who) -> None:
    url = f"ws://{served.address}/ws/edge"
    if not _is_allowed(who, TABLE["websocket", "/ws/edge"]):
        with (
            pytest.raises(InvalidStatus) as refused,
            connect(url, additional_headers=served.headers(who)),
        ):
            pass
        assert refused.value.response.status_code == 403
        return
    hello = {
        "type": "hello",
        "worker": WORKER,
        "version": "0",
        "detector": "test",
        "camera_ids": [CAMERA],
    }
    with connect(url, additional_headers=served.headers(who)) as socket:
        socket.send(json.dumps(hello))
        assert json.loads(socket.recv(timeout=10))["type"] == "welcome"
