"""A hub on the demo's site with a store of its own, asked in-process."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient

from crowdsafe.contract.site import Site, read_site
from crowdsafe.hub.app import create_app
from crowdsafe.hub.auth import Auth
from crowdsafe.hub.service import Hub
from crowdsafe.hub.store import Store
from crowdsafe.resources import DEMO_SITE, resource
from crowdsafe.settings import HubSettings

PASSWORD = "a long enough one"
WORKER = "mast_1"
CAMERA = "view_001"

MakeObservation = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def site() -> Site:
    return read_site(resource(DEMO_SITE))


@pytest.fixture
def settings(tmp_path: Path) -> HubSettings:
    return HubSettings(
        database_url=f"sqlite:///{tmp_path / 'hub.db'}",
        unknown_after_s=3.0,
        sign_in_failures_per_min=3,
    )


@pytest.fixture
def store(settings: HubSettings) -> Iterator[Store]:
    store = Store(settings.database_url)
    yield store
    store.close()


@pytest.fixture
def auth(store: Store) -> Auth:
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    auth = Auth(store, session_hours=1, failures_per_min=3, hasher=cheap)
    for name, role in (("night_shift", "operator"), ("guest", "viewer")):
        auth.put_user(name=name, password=PASSWORD, role=role)
    return auth


@pytest.fixture
def token(auth: Auth) -> str:
    return auth.add_worker(WORKER)


@pytest.fixture
def client(site: Site, settings: HubSettings, store: Store, auth: Auth) -> Iterator[TestClient]:
    with TestClient(create_app(Hub(site, settings, store), auth)) as client:
        yield client


@pytest.fixture
def make_observation() -> MakeObservation:
    """A function that returns a right observation, with what is asked changed."""
    numbers = iter(range(1_000_000))

    def make(*, density_ppm2: float = 0.02, **changes: Any) -> dict[str, Any]:
        reading = {
            "zone_id": "junction",
            "count": density_ppm2 * 64,
            "count_sd": 0.5,
            "density_ppm2": density_ppm2,
            "density_sd_ppm2": 0.008,
            "seen_share": 1.0,
        }
        return {
            "type": "observation",
            "camera_id": CAMERA,
            "seq": next(numbers),
            "captured_at_s": time.time(),
            "analysis_ms": 50.0,
            "frames_dropped": 0,
            "people_in_view": 1.0,
            "zones": [reading],
            **changes,
        }

    return make


def sign_in(client: TestClient, name: str = "night_shift") -> None:
    """Sign a person in."""
    answer = client.post("/api/session", json={"name": name, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
