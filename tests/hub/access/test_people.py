"""Administrators make, change and disable accounts."""

import json
import time
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from crowdsafe.errors import BadInput
from crowdsafe.hub.access.auth import Auth, NotSignedIn
from crowdsafe.hub.store import Store
from tests.hub.access.conftest import PEOPLE
from tests.hub.conftest import PASSWORD

_OTHER = "another long enough one"


def _session(auth: Auth, name: str, password: str = PASSWORD) -> str:
    return auth.sign_in(name=name, password=password, now_s=time.time()).token


def _is_over(auth: Auth, token: str) -> bool:
    try:
        auth.person(token, now_s=time.time())
    except NotSignedIn:
        return True
    return False


def test_an_administrator_sees_all_accounts(head: TestClient) -> None:
    assert head.get("/api/people").json() == [
        {"name": name, "role": role, "by": "password", "disabled_at_s": None}
        for name, role in sorted(PEOPLE.items())
    ]


@pytest.mark.parametrize("name", ["second shift", "zweite Schicht Süd", "O'Neil & co"])
def test_a_new_person_can_sign_in(head: TestClient, auth: Auth, name: str) -> None:
    answer = head.put(f"/api/people/{quote(name)}", json={"role": "operator", "password": _OTHER})
    assert answer.json() == {
        "name": name,
        "role": "operator",
        "by": "password",
        "disabled_at_s": None,
    }
    assert auth.person(_session(auth, name, _OTHER), now_s=time.time()).role == "operator"


def test_another_role_ends_the_sessions_and_keeps_the_password(
    head: TestClient, auth: Auth
) -> None:
    token = _session(auth, "guest")
    assert head.put("/api/people/guest", json={"role": "operator"}).status_code == 200
    assert _is_over(auth, token)
    assert auth.person(_session(auth, "guest"), now_s=time.time()).role == "operator"


def test_another_password_ends_the_sessions(head: TestClient, auth: Auth) -> None:
    token = _session(auth, "guest")
    body = {"role": "viewer", "password": _OTHER}
    assert head.put("/api/people/guest", json=body).status_code == 200
    assert _is_over(auth, token)
    with pytest.raises(NotSignedIn):
        _session(auth, "guest")
    _session(auth, "guest", _OTHER)


def test_a_disabled_person_is_out_at_once_until_enabled(head: TestClient, auth: Auth) -> None:
    token = _session(auth, "guest")
    answer = head.post("/api/people/guest/disable")
    assert answer.json()["disabled_at_s"] == pytest.approx(time.time(), abs=10)
    assert _is_over(auth, token)
    with pytest.raises(NotSignedIn, match="this account is disabled"):
        _session(auth, "guest")
    assert head.put("/api/people/guest", json={"role": "viewer"}).json()["disabled_at_s"]
    assert head.post("/api/people/guest/enable").json()["disabled_at_s"] is None
    assert _is_over(auth, token)
    _session(auth, "guest")


def test_an_administrator_cannot_lock_themselves_out(head: TestClient) -> None:
    for answer in (
        head.post("/api/people/head/disable"),
        head.put("/api/people/head", json={"role": "viewer"}),
        head.put("/api/people/%20head", json={"role": "viewer"}),
    ):
        assert answer.status_code == 403
        assert answer.json()["error"].startswith("nobody may ")
    assert head.get("/api/people").status_code == 200


@pytest.mark.parametrize(
    ("name", "body", "status", "says"),
    [
        ("new", {"role": "operator"}, 422, "password: none, expected one for a new person"),
        ("new", {"role": "king", "password": _OTHER}, 422, "role: input should be 'viewer'"),
        ("new", {"role": "viewer", "password": "short"}, 422, "password: 5 characters"),
        ("new", {"role": "viewer", "password": "password123"}, 422, "password: is one of the"),
        ("new", {"role": "viewer", "password": float("nan")}, 422, "password: input should be"),
        ("new", {"role": "viewer", "password": "x" * 201}, 422, "password: string should have at"),
        ("new", {"role": "viewer", "password": _OTHER, "rights": []}, 422, "rights: extra inputs"),
        ("new", {"password": _OTHER}, 422, "role: field required"),
        ("new", [], 422, "document: input should be an object"),
        ("hub", {"role": "viewer", "password": _OTHER}, 422, "name: 'hub' stands for"),
        (
            "Command Line",
            {"role": "viewer", "password": _OTHER},
            422,
            "name: 'Command Line' stands",
        ),
        (
            "HEAD",
            {"role": "viewer", "password": _OTHER},
            422,
            "name: 'HEAD' is mistaken for 'head'",
        ),
        ("%20", {"role": "viewer", "password": _OTHER}, 422, "name: 0 characters"),
        ("a%0Ab", {"role": "viewer", "password": _OTHER}, 422, "name: expected a letter or digit"),
        ("a%00b", {"role": "viewer", "password": _OTHER}, 422, "name: expected a letter or digit"),
        ("-x", {"role": "viewer", "password": _OTHER}, 422, "name: expected a letter or digit"),
        ("x" * 101, {"role": "viewer", "password": _OTHER}, 422, "path.name: string should have"),
    ],
)
def test_an_account_that_cannot_be_is_one_sentence(
    lasting_head: TestClient, name: str, body: Any, status: int, says: str
) -> None:
    answer = lasting_head.put(f"/api/people/{name}", content=json.dumps(body).encode())
    assert answer.status_code == status
    assert answer.json()["error"].startswith(says)
    assert len(lasting_head.get("/api/people").json()) == len(PEOPLE)


@pytest.mark.parametrize("what", ["disable", "enable"])
def test_a_person_who_is_not_there_is_said(lasting_head: TestClient, what: str) -> None:
    answer = lasting_head.post(f"/api/people/ghost/{what}")
    assert (answer.status_code, answer.json()["error"]) == (
        404,
        "name: there is no person 'ghost'",
    )


def test_a_page_of_another_address_changes_nothing(head: TestClient) -> None:
    elsewhere = {"Origin": "http://evil.example"}
    assert head.post("/api/people/guest/disable", headers=elsewhere).status_code == 403
    body = {"role": "administrator"}
    assert head.put("/api/people/guest", json=body, headers=elsewhere).status_code == 403
    assert head.get("/api/people").json()[1]["role"] == "viewer"


def test_every_change_is_in_the_record_with_who_made_it(head: TestClient, store: Store) -> None:
    begun = store.audit.entries(limit=1000)[-1].seq
    head.put("/api/people/new", json={"role": "viewer", "password": _OTHER})
    head.put("/api/people/new", json={"role": "operator"})
    head.post("/api/people/new/disable")
    head.post("/api/people/new/enable")
    entries = store.audit.entries(after_seq=begun)
    assert [(each.actor, each.action, each.subject) for each in entries] == [
        ("head", "person.put", "person/new"),
        ("head", "person.put", "person/new"),
        ("head", "person.disabled", "person/new"),
        ("head", "person.enabled", "person/new"),
    ]
    assert "operator" in str(entries[1].detail)
    assert _OTHER not in str(entries)


def test_a_name_has_one_form(auth: Auth) -> None:
    auth.put_user(name="  Su\u0308d ", password=_OTHER, role="viewer")
    assert auth.people.account("Süd").role == "viewer"
    assert auth.person(_session(auth, "Su\u0308d", _OTHER), now_s=time.time()).name == "Süd"


def test_an_unknown_role_is_refused(auth: Auth) -> None:
    with pytest.raises(BadInput, match="role: 'king', expected one of viewer"):
        auth.put_user(name="guest", password=_OTHER, role="king")
