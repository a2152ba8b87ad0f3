"""A hub on the demo's site with a store of its own, asked in-process.

The store is SQLite, or PostgreSQL where TEST_DATABASE_URL names a server.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, make_url, text

from crowdsafe.contract.site import Site, read_site
from crowdsafe.hub.access.auth import Auth
from crowdsafe.hub.app import create_app
from crowdsafe.hub.service import Hub
from crowdsafe.hub.store import Store
from crowdsafe.resources import DEMO_SITE, resource
from crowdsafe.settings import HubSettings

PASSWORD = "a long enough one"
WORKER = "mast_1"
CAMERA = "view_001"

MakeObservation = Callable[..., dict[str, Any]]
_SERVER_URL = os.environ.get("TEST_DATABASE_URL")
_NUMBERS = count()


@contextmanager
def _made(folder: Path, name: str, *, of: Path | str | None = None) -> Iterator[str]:
    """A database with nothing in it, or a copy of another."""
    if _SERVER_URL is None:
        file = folder / f"{name}.db"
        if of is not None:
            shutil.copy(make_url(str(of)).database or "", file)
        yield f"sqlite:///{file}"
        return
    name = f"test_{os.getpid()}_{next(_NUMBERS)}_{name}"
    template = make_url(str(of)).database if of else "template0"
    engine = create_engine(_SERVER_URL, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        yield make_url(_SERVER_URL).set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(scope="session")
def newest_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a store with nothing in it, to be copied."""
    with _made(tmp_path_factory.mktemp("newest"), "newest") as url:
        Store(url).close()
        yield url


@pytest.fixture
def empty_url(tmp_path: Path) -> Iterator[str]:
    """The address of a database in which no store was ever opened."""
    with _made(tmp_path, "empty") as url:
        yield url


@pytest.fixture
def store_url(tmp_path: Path, newest_url: str) -> Iterator[str]:
    """The address of a store with nothing in it."""
    with _made(tmp_path, "store", of=newest_url) as url:
        yield url


@pytest.fixture(scope="session")
def site() -> Site:
    return read_site(resource(DEMO_SITE))


@pytest.fixture
def settings(store_url: str) -> HubSettings:
    return HubSettings(
        database_url=store_url,
        unknown_after_s=10.0,
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
