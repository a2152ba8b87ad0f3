"""A store for a hub that is killed: SQLite, or PostgreSQL where TEST_DATABASE_URL names one."""

from tests.hub.conftest import newest_url, store_url

__all__ = ["newest_url", "store_url"]
