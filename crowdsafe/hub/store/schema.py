"""Brings a database to the newest schema, with alembic."""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from crowdsafe.errors import BadInput
from crowdsafe.hub.store.engine import Database, exists

_LOG = logging.getLogger(__name__)
_FIRST = "0001"
# The tables by which a database from before the first numbered schema is known.
_FIRST_TABLES = frozenset(
    {"users", "sessions", "workers", "readings", "alarms", "alarm_events", "zone_levels"}
)
# Numbers of PostgreSQL's advisory locks are for whoever uses the database to agree upon.
_MIGRATION_LOCK = 0x63_72_6F_77_64_00_01


def bring_up(database: Database, *, to: str = "head") -> None:
    """Bring a database to a schema, the newest by default; one process at a time.

    Raises:
        BadInput: it was written by a newer crowdsafe, or its rows contradict each other.
        sqlalchemy.exc.DBAPIError: it cannot be opened or changed.
    """
    # A table that is made anew drops the old one, which must not empty those that refer to it.
    plain = Database(database.url, checks_foreign_keys=False)
    try:
        with plain.writing() as connection:
            if not plain.is_sqlite:
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK}
                )
            config = _config(connection)
            before = _known_revision(connection, config, shown=database.shown)
            if before is None and set(inspect(connection).get_table_names()) >= _FIRST_TABLES:
                command.stamp(config, _FIRST)
                before = _FIRST
            if before == _newest(config):
                return
            command.upgrade(config, to)
            if plain.is_sqlite and connection.execute(text("PRAGMA foreign_key_check")).first():
                raise BadInput(f"hub.database_url: {database.shown} has rows that refer to nothing")
            after = MigrationContext.configure(connection).get_current_revision()
            _LOG.info("store: schema %s is now %s", before or "(none)", after)
    finally:
        plain.close()


def must_be_newest(database: Database) -> None:
    """Refuse a database that is not there or not of the newest schema, and change nothing.

    Raises:
        BadInput: so it is.
    """
    if not exists(database):
        raise BadInput(f"hub.database_url: {database.shown}: there is no such database")
    with database.reading() as connection:
        config = _config(connection)
        found = _known_revision(connection, config, shown=database.shown)
    if found != _newest(config):
        raise BadInput(
            f"hub.database_url: {database.shown} has schema {found or '(none)'}, expected "
            f"{_newest(config)}; `crowdsafe hub run` brings it there"
        )


def _config(connection: Connection) -> Config:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    folder = Path(__file__).parent / "migrations"
    # A percent sign would begin a substitution.
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _newest(config: Config) -> str | None:
    return ScriptDirectory.from_config(config).get_current_head()


def _known_revision(connection: Connection, config: Config, *, shown: str) -> str | None:
    found = MigrationContext.configure(connection).get_current_revision()
    known = [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]
    if found is not None and found not in known:
        raise BadInput(
            f"hub.database_url: {shown} has schema {found}, which this crowdsafe does not know "
            f"(newest {known[0]}); it was written by a newer one"
        )
    return found
