"""Sign in by an OpenID Connect provider that is served over HTTP and really signs."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc.jwk import ECKey, OctKey

from crowdsafe.contract.site import Site
from crowdsafe.errors import BadInput
from crowdsafe.hub.access import oidc as oidc_module
from crowdsafe.hub.access.auth import Auth, NotSignedIn
from crowdsafe.hub.access.oidc import Oidc, OidcClient
from crowdsafe.hub.app import create_app
from crowdsafe.hub.service import Hub
from crowdsafe.hub.store import Store
from crowdsafe.settings import HubSettings
from tests.hub.access.conftest import add_people
from tests.hub.access.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URL, Provider
from tests.hub.access.serving import serving
from tests.hub.conftest import PASSWORD, sign_in

_ISSUER = "https://login.example"
_ROLES = {"crowd-admins": "administrator", "control-room": "operator", "everybody": "viewer"}


def _client(issuer: str, **changes: Any) -> OidcClient:
    return OidcClient(
        **{
            "issuer": issuer,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "redirect_url": REDIRECT_URL,
            "role_claim": "groups",
            "roles": _ROLES,
            **changes,
        }
    )


@pytest.fixture(scope="module")
def served() -> Iterator[Provider]:
    provider = Provider()
    with serving(provider.app) as address:
        provider.issuer = f"http://{address}"
        yield provider


@pytest.fixture
def provider(served: Provider) -> Provider:
    served.reset()
    return served


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('oidc') / 'hub.db'}")
    yield store
    store.close()


@pytest.fixture(scope="module")
def auth(store: Store) -> Auth:
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    return add_people(Auth(store, session_hours=1, failures_per_min=1000, hasher=cheap))


@pytest.fixture(scope="module")
def hub(site: Site, store: Store) -> Hub:
    return Hub(site, HubSettings(), store)


@pytest.fixture(scope="module")
def app(hub: Hub, auth: Auth, served: Provider) -> FastAPI:
    return create_app(hub, auth, oidc=Oidc(_client(served.issuer)))


@pytest.fixture
def client(app: FastAPI, provider: Provider) -> TestClient:
    """A browser that was nowhere yet."""
    return TestClient(app, follow_redirects=False)


MakeClient = Callable[..., TestClient]


@pytest.fixture
def make_client(hub: Hub, auth: Auth, provider: Provider) -> MakeClient:
    """A function that returns a browser at a hub that knows the provider otherwise."""

    def make(**changes: Any) -> TestClient:
        oidc = Oidc(_client(**{"issuer": provider.issuer, **changes}))
        return TestClient(create_app(hub, auth, oidc=oidc), follow_redirects=False)

    return make


def _go(client: TestClient) -> str:
    """Begin at the hub, sign in at the provider, and return the address that it sends back to."""
    begun = client.get("/api/oidc/begin")
    assert begun.status_code == 302, begun.text
    back = httpx2.get(begun.headers["location"], verify=False)
    assert back.status_code == 302
    there = urlsplit(back.headers["location"])
    return f"{there.path}?{there.query}"


def _refused(client: TestClient, path: str) -> tuple[int, str]:
    answer = client.get(path)
    assert "crowdsafe_session" not in answer.headers.get("set-cookie", "")
    assert client.get("/api/session").status_code == 401
    return answer.status_code, answer.json()["error"]


def test_a_person_signs_in_by_the_provider(
    client: TestClient, provider: Provider, store: Store, auth: Auth
) -> None:
    assert client.get("/api/sign-in").json() == {"password": True, "oidc": True}
    answer = client.get(_go(client))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    person = client.get("/api/session").json()
    assert (person["name"], person["role"]) == (provider.name, "operator")
    assert "acknowledge" in person["rights"]
    assert auth.people.account(provider.name).by == "oidc"
    last = store.audit.entries(limit=1000)[-2:]
    assert [(each.actor, each.action) for each in last] == [
        (provider.name, "person.put"),
        (provider.name, "person.signed_in"),
    ]


def test_what_is_needed_on_the_way_is_out_of_reach_of_scripts(client: TestClient) -> None:
    cookie = client.get("/api/oidc/begin").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/api/oidc" in cookie


def test_local_passwords_go_on_working(client: TestClient) -> None:
    sign_in(client)
    assert client.get("/api/session").json()["name"] == "night_shift"


def test_a_person_of_the_provider_has_no_password(client: TestClient, provider: Provider) -> None:
    client.get(_go(client))
    answer = client.post("/api/session", json={"name": provider.name, "password": PASSWORD})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"nonce": "of another sign-in"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"aud": "another_client"}, "aud"),
        ({"aud": ["another_client"], "azp": CLIENT_ID}, "aud"),
        ({"aud": [CLIENT_ID, "another_client"]}, "azp"),
        ({"aud": None}, "aud"),
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": None}, "iss"),
        ({"exp": int(time.time()) - 120}, "expired"),
        ({"exp": None}, "exp"),
        ({"exp": "tomorrow"}, "exp"),
        ({"nbf": int(time.time()) + 3600}, "not yet valid"),
        ({"iat": None}, "iat"),
        ({"sub": None}, "sub"),
        ({"at_hash": "of another token"}, "at_hash"),
    ],
)
def test_an_id_token_that_does_not_hold_lets_nobody_in(
    client: TestClient, provider: Provider, claims: dict[str, Any], says: str
) -> None:
    provider.claims = claims
    status, sentence = _refused(client, _go(client))
    assert status == 401
    assert sentence.startswith("the provider's ID token does not hold")
    assert says in sentence


def test_a_token_of_another_key_lets_nobody_in(client: TestClient, provider: Provider) -> None:
    provider.sign_with = ECKey.generate_key("P-256")
    assert _refused(client, _go(client))[0] == 401


def test_a_token_signed_with_what_everybody_knows_lets_nobody_in(
    client: TestClient, provider: Provider
) -> None:
    provider.algorithm = "HS256"
    for known in (provider.public_pem().hex(), CLIENT_SECRET):
        provider.sign_with = OctKey.import_key(known)
        assert _refused(client, _go(client))[0] == 401


@pytest.mark.parametrize(
    "answer",
    [
        {"access_token": "any", "token_type": "Bearer"},
        {"access_token": "any", "token_type": "Bearer", "id_token": 3},
        {"access_token": "any", "token_type": "Bearer", "id_token": "rubbish"},
        {"access_token": "any", "token_type": "Bearer", "id_token": "eyJhbGciOiJub25lIn0.e30."},
        {"error": "server_error"},
    ],
)
def test_a_provider_that_sends_rubbish_lets_nobody_in(
    client: TestClient, provider: Provider, answer: Any
) -> None:
    provider.answers_token = answer
    assert _refused(client, _go(client))[0] == 401


def test_a_token_answer_that_is_no_object_is_the_providers_failure(
    client: TestClient, provider: Provider
) -> None:
    provider.answers_token = ["any"]
    status, sentence = _refused(client, _go(client))
    assert status == 502
    assert sentence.startswith("the sign-in provider does not answer rightly")


def test_a_sign_in_comes_back_once(client: TestClient) -> None:
    path, cookie = _go(client), client.cookies["crowdsafe_oidc"]
    assert client.get(path).status_code == 303
    client.cookies.clear()
    status, sentence = _refused(client, path)
    assert (status, sentence) == (401, "this sign-in was not begun here, or took too long")
    client.cookies.set("crowdsafe_oidc", cookie)
    assert _refused(client, path) == (401, "this sign-in came back already, begin again")


def test_a_sign_in_that_another_browser_began_is_refused(client: TestClient, app: FastAPI) -> None:
    path = _go(client)
    other = TestClient(app, follow_redirects=False)
    assert _refused(other, path)[0] == 401
    own = _go(other)
    assert _refused(other, path)[0] == 401
    assert other.get(own).status_code == 303


def test_a_sign_in_that_took_too_long_is_refused(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc_module, "BEGUN_WITHIN_S", -1)
    path = _go(client)
    assert _refused(client, path) == (401, "this sign-in was not begun here, or took too long")


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdGF0ZSI6IngifQ."])
def test_a_made_up_cookie_is_refused(client: TestClient, cookie: str) -> None:
    answer = client.get(
        "/api/oidc/back?state=x&code=y", headers={"Cookie": f"crowdsafe_oidc={cookie}"}
    )
    assert answer.status_code == 401


@pytest.mark.parametrize("tail", ["", "?error=access_denied", "?state=&code=", "?state=%ff&code=x"])
def test_coming_back_with_nothing_is_refused(client: TestClient, tail: str) -> None:
    client.get("/api/oidc/begin")
    assert client.get(f"/api/oidc/back{tail}").status_code == 401


def test_a_person_who_said_no_at_the_provider_is_told(client: TestClient) -> None:
    state = parse_qs(urlsplit(client.get("/api/oidc/begin").headers["location"]).query)["state"][0]
    path = f"/api/oidc/back?error=access_denied&state={state}"
    assert _refused(client, path) == (401, "the provider did not let you in")


def test_an_answer_of_another_issuer_or_with_another_code_is_refused(client: TestClient) -> None:
    assert _refused(client, _go(client) + "&iss=https://evil.example") == (
        401,
        "the answer is of another provider",
    )
    path = _go(client)
    code = parse_qs(urlsplit(path).query)["code"][0]
    assert _refused(client, path.replace(code, "made_up")) == (
        401,
        "the provider refused the code (invalid_grant)",
    )


@pytest.mark.parametrize("groups", [None, [], "visitors", ["visitors", 3], {"control-room": 1}, 7])
def test_who_has_no_role_here_is_refused(
    client: TestClient, provider: Provider, auth: Auth, groups: Any
) -> None:
    provider.claims = {"groups": groups}
    assert _refused(client, _go(client)) == (403, "the provider gave you no role here")
    assert provider.name not in {each.name for each in auth.people.accounts()}


@pytest.mark.parametrize(
    ("changes", "claims", "role"),
    [
        ({}, {"groups": "everybody"}, "viewer"),
        ({}, {"groups": ["everybody", "crowd-admins"]}, "administrator"),
        (
            {"role_claim": "realm_access.roles"},
            {"realm_access": {"roles": ["control-room"]}},
            "operator",
        ),
        (
            {"role_claim": "https://x.example/roles"},
            {"https://x.example/roles": ["everybody"]},
            "viewer",
        ),
    ],
)
def test_the_role_is_the_first_of_the_mapping_that_the_claim_has(
    make_client: MakeClient, provider: Provider, changes: Any, claims: Any, role: str
) -> None:
    provider.claims = claims
    client = make_client(**changes)
    assert client.get(_go(client)).status_code == 303
    assert client.get("/api/session").json()["role"] == role


def test_a_role_that_the_provider_takes_back_ends_the_sessions(
    client: TestClient, app: FastAPI, provider: Provider
) -> None:
    client.get(_go(client))
    provider.claims = {"groups": "everybody"}
    other = TestClient(app, follow_redirects=False)
    other.get(_go(other))
    assert other.get("/api/session").json()["role"] == "viewer"
    assert client.get("/api/session").status_code == 401


@pytest.mark.parametrize(
    ("claims", "status", "says"),
    [
        ({"preferred_username": "head"}, 403, "the name 'head' belongs to another account"),
        ({"preferred_username": " HEAD"}, 403, "the name 'HEAD' belongs to another account"),
        ({"preferred_username": None}, 403, "the provider sent no name in 'preferred_username'"),
        ({"preferred_username": ["anna"]}, 403, "the provider sent no name in"),
        ({"preferred_username": "hub"}, 422, "name: 'hub' stands for something else"),
        ({"preferred_username": "x" * 200}, 422, "name: 200 characters"),
    ],
)
def test_a_name_of_the_provider_is_nobody_elses(
    client: TestClient, provider: Provider, claims: Any, status: int, says: str
) -> None:
    provider.claims = claims
    found, sentence = _refused(client, _go(client))
    assert found == status
    assert sentence.startswith(says)


def test_a_name_stays_with_whom_it_was_first(
    client: TestClient, app: FastAPI, provider: Provider
) -> None:
    assert client.get(_go(client)).status_code == 303
    provider.claims = {"sub": "somebody else"}
    other = TestClient(app, follow_redirects=False)
    assert _refused(other, _go(other)) == (
        403,
        f"the name '{provider.name}' belongs to another account",
    )


def test_who_is_disabled_here_does_not_come_in_by_the_provider(
    client: TestClient, provider: Provider, auth: Auth
) -> None:
    client.get(_go(client))
    auth.people.disable(provider.name, by="head")
    assert _refused(client, _go(client)) == (403, "this account is disabled")


def test_a_session_by_the_provider_is_not_renewed(auth: Auth) -> None:
    auth.people.take_from_provider(name="anna", subject="x", role="viewer")
    token = auth.open_for_provider("anna", now_s=1000.0).token
    assert auth.person(token, now_s=1000 + 3500).name == "anna"
    with pytest.raises(NotSignedIn):
        auth.person(token, now_s=1000 + 3601)


def test_too_many_failures_lock_the_address(hub: Hub, store: Store, provider: Provider) -> None:
    strict = Auth(store, session_hours=1, failures_per_min=3)
    oidc = Oidc(_client(provider.issuer))
    client = TestClient(create_app(hub, strict, oidc=oidc), follow_redirects=False)
    provider.claims = {"groups": "visitors"}
    for _ in range(12):
        assert client.get(_go(client)).status_code == 403
    assert client.get("/api/oidc/begin").status_code == 429
    assert client.get("/api/oidc/back?state=x&code=y").status_code == 429


def test_the_provider_is_asked_once_for_what_it_says_of_itself(
    make_client: MakeClient, provider: Provider
) -> None:
    client = make_client()
    for _ in range(3):
        assert client.get(_go(client)).status_code == 303
    assert provider.asked.count("configuration") == 1
    assert provider.asked.count("keys") == 1


def test_new_keys_of_the_provider_are_taken(
    make_client: MakeClient, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_client()
    assert client.get(_go(client)).status_code == 303
    provider.change_keys()
    assert client.get(_go(client)).status_code == 401, "its keys were asked for just now"
    monkeypatch.setattr(oidc_module, "_NEW_KEYS_AFTER_S", 0.0)
    assert client.get(_go(client)).status_code == 303


def test_a_provider_that_is_away_or_another_is_said(
    make_client: MakeClient, provider: Provider
) -> None:
    away = make_client(issuer="http://127.0.0.1:9").get("/api/oidc/begin")
    assert away.status_code == 502
    assert away.json()["error"].startswith("the sign-in provider does not answer rightly")
    elsewhere = make_client(issuer=f"{provider.issuer}/elsewhere").get("/api/oidc/begin")
    assert elsewhere.status_code == 502
    provider.named_issuer = "https://evil.example"
    answer = make_client().get("/api/oidc/begin")
    assert (answer.status_code, answer.json()["error"]) == (
        502,
        "the sign-in provider calls itself another issuer",
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"issuer": "http://login.example"},
            "hub.oidc.issuer: 'http://login.example', expected an",
        ),
        ({"issuer": "http://127.0.0.1.evil.example"}, "hub.oidc.issuer"),
        ({"redirect_url": "http://crowd.example/api/oidc/back"}, "hub.oidc.redirect_url"),
        ({"roles": {}}, "hub.oidc.roles: empty"),
    ],
)
def test_a_provider_that_cannot_be_trusted_is_refused_at_the_start(
    changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadInput) as refused:
        _client(**{"issuer": _ISSUER, **changes})
    assert str(refused.value).startswith(says)
