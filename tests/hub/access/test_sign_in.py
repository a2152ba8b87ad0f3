"""People sign in and out."""

import math
import time
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, inspect, text

from crowdsafe.hub.access.auth import LONGEST_SESSION_S, Auth, NotSignedIn
from crowdsafe.hub.store import Store
from tests.hub.access.conftest import OpenHub
from tests.hub.conftest import PASSWORD, sign_in

_NEW_PASSWORD = "another long enough one"


def _ask(client: TestClient, password: object = PASSWORD, name: object = "night_shift") -> Any:
    return client.post("/api/session", json={"name": name, "password": password})


def test_a_person_signs_in_and_out(client: TestClient) -> None:
    assert client.get("/api/session").status_code == 401
    sign_in(client)
    assert client.get("/api/session").json() == {
        "name": "night_shift",
        "role": "operator",
        "rights": ["look", "read_record", "acknowledge", "shelve", "confirm_measure", "hand_over"],
    }
    assert client.delete("/api/session").status_code == 204
    assert client.get("/api/session").status_code == 401


def test_a_session_that_was_signed_out_is_over_for_whoever_kept_its_cookie(
    client: TestClient,
) -> None:
    sign_in(client)
    kept = client.cookies["crowdsafe_session"]
    client.delete("/api/session")
    client.cookies.set("crowdsafe_session", kept)
    assert client.get("/api/session").status_code == 401


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client: TestClient) -> None:
    cookie = _ask(client).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_a_wrong_password_is_refused_and_too_many_lock_the_name(client: TestClient) -> None:
    for _ in range(3):
        answer = _ask(client, "wrong")
        assert (answer.status_code, answer.json()["error"]) == (401, "name or password is wrong")
    assert _ask(client).status_code == 429
    sign_in(client, "guest")


def test_an_unknown_name_gets_the_same_answer_as_a_wrong_password(client: TestClient) -> None:
    answer = _ask(client, name="nobody")
    assert (answer.status_code, answer.json()["error"]) == (401, "name or password is wrong")


def test_who_is_disabled_is_told_so_only_with_the_right_password(
    client: TestClient, auth: Auth
) -> None:
    auth.people.disable("night_shift", by="head")
    assert _ask(client, "wrong").json()["error"] == "name or password is wrong"
    answer = _ask(client)
    assert (answer.status_code, answer.json()["error"]) == (401, "this account is disabled")


def test_a_page_of_another_address_may_not_sign_in_or_out(client: TestClient) -> None:
    elsewhere = {"Origin": "http://evil.example"}
    body = {"name": "night_shift", "password": PASSWORD}
    assert client.post("/api/session", json=body, headers=elsewhere).status_code == 403
    sign_in(client)
    assert client.delete("/api/session", headers=elsewhere).status_code == 403
    assert client.delete("/api/session", headers={"Origin": "null"}).status_code == 403
    assert client.get("/api/session").status_code == 200


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"name": "night_shift"}', "password: field required"),
        (b'{"name": "a", "password": "x", "role": "administrator"}', "role: extra inputs"),
        (b'{"name": 3, "password": "x"}', "name: input should be a valid string"),
        (b'{"name": NaN, "password": "x"}', "name: input should be a valid string"),
        (b'{"name": "", "password": "x"}', "name: string should have at least 1 character"),
        (b"[]", "document: input should be an object"),
        (b"", "document: invalid json"),
        (b"[" * 5000, "document: invalid json"),
        (b"\xff\xfe", "document: invalid json"),
        (b'{"name": "a", "password": "\\ud800"}', "document: invalid json"),
        (b'{"name": "' + b"a" * 101 + b'", "password": "x"}', "name: string should have at most"),
    ],
)
def test_a_malformed_sign_in_is_one_sentence(
    lasting_head: TestClient, body: bytes, says: str
) -> None:
    answer = lasting_head.post("/api/session", content=body)
    assert answer.status_code == 422
    assert answer.json()["error"].lower().startswith(says)


def test_a_sign_in_of_absurd_size_is_not_read(client: TestClient) -> None:
    answer = client.post("/api/session", content=b" " * 20_000_000)
    assert (answer.status_code, answer.json()["error"]) == (413, "body: more than 10000 bytes")


@pytest.mark.parametrize("cookie", ["", "x", "7fffffffffffffff.x", "a" * 4000])
def test_a_made_up_cookie_is_nobodys(open_hub: OpenHub, cookie: str) -> None:
    answer = TestClient(open_hub.app).get(
        "/api/session", headers={"Cookie": f"crowdsafe_session={cookie}"}
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "not signed in")


def test_a_session_ends_when_nobody_uses_it(auth: Auth) -> None:
    token = auth.sign_in(name="guest", password=PASSWORD, now_s=1000.0).token
    assert auth.person(token, now_s=1000 + 3599).name == "guest"
    with pytest.raises(NotSignedIn):
        auth.person(token, now_s=1000 + 3599 + 3601)


def test_a_session_in_use_goes_on_for_a_week_and_no_longer(auth: Auth) -> None:
    begun_s = 1000.0
    token = auth.sign_in(name="guest", password=PASSWORD, now_s=begun_s).token
    used = [begun_s + 1800.0 * step for step in range(math.ceil(LONGEST_SESSION_S / 1800))]
    for now_s in used:
        assert auth.person(token, now_s=now_s).name == "guest"
    with pytest.raises(NotSignedIn):
        auth.person(token, now_s=begun_s + LONGEST_SESSION_S + 1)


def test_a_session_whose_person_got_another_password_is_not_renewed_into_life(auth: Auth) -> None:
    now_s = time.time()
    token = auth.sign_in(name="guest", password=PASSWORD, now_s=now_s).token
    auth.put_user(name="guest", password=_NEW_PASSWORD, role="viewer")
    with pytest.raises(NotSignedIn):
        auth.person(token, now_s=now_s + 2000)


def test_the_store_has_neither_passwords_nor_tokens(
    auth: Auth, client: TestClient, settings: Any
) -> None:
    sign_in(client)
    worker = auth.add_worker("mast_1")
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        tables = inspect(engine).get_table_names()
        kept = repr([connection.execute(text(f'SELECT * FROM "{each}"')).all() for each in tables])
    engine.dispose()
    assert "night_shift" in kept
    for secret in (PASSWORD, client.cookies["crowdsafe_session"], worker):
        assert secret not in kept


def test_signing_in_and_out_is_in_the_record(client: TestClient, store: Store) -> None:
    sign_in(client)
    client.delete("/api/session")
    last = store.audit.entries(limit=1000)[-2:]
    assert [(each.actor, each.action, each.subject) for each in last] == [
        ("night_shift", "person.signed_in", "person/night_shift"),
        ("night_shift", "person.signed_out", "person/night_shift"),
    ]


def test_a_person_changes_their_password_and_is_signed_out_everywhere_else(
    client: TestClient, auth: Auth
) -> None:
    sign_in(client)
    elsewhere = auth.sign_in(name="night_shift", password=PASSWORD, now_s=time.time()).token
    body = {"password": PASSWORD, "new_password": _NEW_PASSWORD}
    assert client.put("/api/session/password", json=body).status_code == 200
    assert client.get("/api/session").json()["name"] == "night_shift"
    with pytest.raises(NotSignedIn):
        auth.person(elsewhere, now_s=time.time())
    assert _ask(client).status_code == 401
    assert _ask(client, _NEW_PASSWORD).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"password": "wrong", "new_password": _NEW_PASSWORD}, 401, "name or password is wrong"),
        ({"password": PASSWORD, "new_password": "head_head_head"}, 422, "password: is the name"),
        ({"password": PASSWORD}, 422, "new_password: field required"),
        ({"password": PASSWORD, "new_password": "a", "name": "head"}, 422, "name: extra inputs"),
    ],
)
def test_a_password_is_changed_only_rightly(
    lasting_head: TestClient, body: dict[str, str], status: int, says: str
) -> None:
    answer = lasting_head.put("/api/session/password", json=body)
    assert answer.status_code == status
    assert answer.json()["error"].startswith(says)
    assert lasting_head.get("/api/session").status_code == 200
    assert _ask(lasting_head, name="head").status_code == 200


def test_the_page_can_ask_how_to_sign_in(client: TestClient) -> None:
    assert client.get("/api/sign-in").json() == {"password": True, "oidc": False}
    assert client.get("/api/oidc/begin", follow_redirects=False).status_code == 404
