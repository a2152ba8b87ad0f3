"""Targets to send to, and an outbox to send from."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.outbound.broker import Broker
from tests.hub.outbound.http_target import HttpTarget, http_target
from tests.hub.outbound.kept import FILE_NAME, Kept


@pytest.fixture(scope="session")
def http_server() -> Iterator[HttpTarget]:
    with http_target() as target:
        yield target


@pytest.fixture
def http(http_server: HttpTarget) -> HttpTarget:
    http_server.reset()
    return http_server


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store's file, so that not every test has to make the tables."""
    folder = tmp_path_factory.mktemp("empty")
    Kept(folder).close()
    return folder / FILE_NAME


@pytest.fixture
def kept(tmp_path: Path, empty_store: Path) -> Iterator[Kept]:
    shutil.copy(empty_store, tmp_path / FILE_NAME)
    kept = Kept(tmp_path)
    yield kept
    kept.close()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.stop()
