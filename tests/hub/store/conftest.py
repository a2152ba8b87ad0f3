"""A store of its own for each test, and a look into its database."""

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import make_url

from crowdsafe.hub.store import Store
from crowdsafe.hub.store.engine import Database

# What only one of the databases can show.
collect_ignore = [
    "test_sqlite_only.py" if "TEST_DATABASE_URL" in os.environ else "test_postgresql_only.py"
]


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    store = Store(store_url)
    yield store
    store.close()


@pytest.fixture
def database(store_url: str, store: Store) -> Iterator[Database]:
    """The database of the store, to look into and to meddle with."""
    database = Database(make_url(store_url))
    yield database
    database.close()
