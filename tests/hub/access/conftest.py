"""One person of every role."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

from crowdsafe.contract.people import Role
from crowdsafe.contract.site import Site
from crowdsafe.hub.access.auth import Auth
from crowdsafe.hub.access.oidc import Oidc, OidcClient
from crowdsafe.hub.app import create_app
from crowdsafe.hub.revisions import Revisions
from crowdsafe.hub.service import Hub
from crowdsafe.hub.store import Store
from crowdsafe.resources import DEMO_SITE, resource
from crowdsafe.settings import HubSettings
from tests.hub.conftest import PASSWORD, sign_in

PEOPLE: dict[str, Role] = {
    "guest": "viewer",
    "night_shift": "operator",
    "bureau": "organiser",
    "workshop": "engineer",
    "head": "administrator",
}


@dataclass(frozen=True)
class OpenHub:
    """A hub that several tests ask one after another."""

    app: FastAPI
    auth: Auth


def add_people(auth: Auth) -> Auth:
    """Make everybody of ``PEOPLE``."""
    for name, role in PEOPLE.items():
        auth.put_user(name=name, password=PASSWORD, role=role)
    return auth


@pytest.fixture
def auth(auth: Auth) -> Auth:
    return add_people(auth)


@pytest.fixture
def head(client: TestClient) -> TestClient:
    """The hub, asked by an administrator."""
    sign_in(client, "head")
    return client


@pytest.fixture(scope="module")
def open_hub(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHub]:
    """A hub for all tests of a module, which leave it as they found it."""
    folder = tmp_path_factory.mktemp("open_hub")
    settings = HubSettings(database_url=f"sqlite:///{folder / 'hub.db'}")
    store = Store(settings.database_url)
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    auth = add_people(Auth(store, session_hours=1, failures_per_min=1000, hasher=cheap))
    # Nobody listens there: who gets so far is let in.
    provider = OidcClient(
        issuer="http://127.0.0.1:9",
        client_id="crowdsafe",
        client_secret="",
        redirect_url="http://127.0.0.1:9/api/oidc/back",
        role_claim="roles",
        roles={"any": "viewer"},
    )
    revisions = Revisions(store)
    revisions.start(resource(DEMO_SITE), now_s=time.time())
    hub = Hub(site, settings, store, revisions=revisions)
    yield OpenHub(create_app(hub, auth, oidc=Oidc(provider)), auth)
    store.close()


@pytest.fixture(scope="module")
def lasting_head(open_hub: OpenHub) -> Iterator[TestClient]:
    """That hub, asked by an administrator."""
    with TestClient(open_hub.app) as client:
        sign_in(client, "head")
        yield client
