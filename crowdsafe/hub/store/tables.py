"""The tables of the newest schema. What leads to it is in ``migrations``."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData()

# --- people and workers ----------------------------------------------------------------------

USERS = Table(
    "users",
    METADATA,
    Column("name", String(100), primary_key=True),
    # Without one a person signs in by OIDC only.
    Column("password_hash", String(200)),
    Column("role", String(20), nullable=False),
    Column("changed_at_s", Float),
    Column("disabled_at_s", Float),
)
SESSIONS = Table(
    "sessions",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("user", String(100), ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    Column("expires_at_s", Float, nullable=False),
)
WORKERS = Table(
    "workers",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_at_s", Float),
    Column("revoked_at_s", Float),
    Column("last_seen_at_s", Float),
)
SHIFTS = Table(
    "shifts",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String(100), nullable=False),
    Column("since_s", Float, nullable=False),
    Column("until_s", Float),
    Column("summary", Text, nullable=False),
    sqlite_autoincrement=True,
)

# --- values ----------------------------------------------------------------------------------

READINGS = Table(
    "readings",
    METADATA,
    Column("zone_id", String(64), nullable=False),
    Column("captured_at_s", Float, nullable=False),
    Column("camera_id", String(64), nullable=False),
    Column("count", Float, nullable=False),
    Column("count_sd", Float, nullable=False),
    Column("density_ppm2", Float),
    Column("density_sd_ppm2", Float),
    Column("seen_share", Float, nullable=False),
    # Of the site, under which it was made; null: the worker did not say.
    Column("revision", Integer),
    # In the order in which they come: what is written together lies together.
    PrimaryKeyConstraint("captured_at_s", "zone_id", "camera_id"),
    sqlite_with_rowid=False,
)
ZONE_VALUES = Table(
    "zone_values",
    METADATA,
    Column("zone_id", String(64), primary_key=True),
    Column("at_s", Float, primary_key=True),
    Column("density_ppm2", Float),
    Column("density_sd_ppm2", Float),
    Column("peak_ppm2", Float),
    Column("count", Float),
    Column("seen_share", Float),
    # Of the site, that the hub ran; null: it had none.
    Column("revision", Integer),
    # The rows of a zone lie side by side in its key, so that a span of it is read in one go.
    sqlite_with_rowid=False,
)
ZONE_STEPS = Table(
    "zone_steps",
    METADATA,
    Column("step_s", Integer, primary_key=True, autoincrement=False),
    Column("zone_id", String(64), primary_key=True),
    Column("at_s", Float, primary_key=True),
    Column("known", Integer, nullable=False),
    Column("mean_ppm2", Float),
    Column("min_ppm2", Float),
    Column("max_ppm2", Float),
    Column("peak_ppm2", Float),
    Column("people", Float),
    Column("known_share", Float, nullable=False),
    # A step in which the revision changed has a row for each; 0: there was none.
    Column("revision", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
STEPS_DUE = Table(
    "steps_due",
    METADATA,
    Column("zone_id", String(64), primary_key=True),
    Column("slot_at_s", Float, primary_key=True),
    Column("changed_from_s", Float, nullable=False),
    sqlite_with_rowid=False,
)
FORGOTTEN = Table(
    "forgotten",
    METADATA,
    Column("step_s", Integer, primary_key=True, autoincrement=False),
    Column("before_s", Float, nullable=False),
)
ZONE_LEVELS = Table(
    "zone_levels",
    METADATA,
    Column("zone_id", String(64), primary_key=True),
    Column("state", Text, nullable=False),
)

# --- alarms and the record -------------------------------------------------------------------

ALARMS = Table(
    "alarms",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("state", String(20), nullable=False, index=True),
    Column("message", Text, nullable=False),
    Column("cause", String(20), nullable=False),
    Column("priority", String(10), nullable=False),
    Column("zone_id", String(64)),
    Column("raised_at_s", Float, nullable=False, index=True),
    Column("ended_at_s", Float, index=True),
)
AUDIT = Table(
    "audit",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at_s", Float, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
AUDIT_ANCHOR = Table(
    "audit_anchor",
    METADATA,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)

# --- what leaves, and what is configured -----------------------------------------------------

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("target_id", String(64), nullable=False),
    Column("notice_id", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at_s", Float, nullable=False),
    Column("state", String(10), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("tried_at_s", Float),
    Column("next_try_at_s", Float, nullable=False),
    Column("done_at_s", Float),
    Column("error", Text),
    Column("receipt", Text),
    Column("receipt_at_s", Float),
    UniqueConstraint("notice_id", "target_id", name="outbox_once"),
    Index("outbox_by_state", "state", "target_id", "seq"),
    Index("outbox_by_end", "done_at_s"),
    sqlite_autoincrement=True,
)
WARNINGS = Table(
    "warnings",
    METADATA,
    Column("alarm_id", Integer, primary_key=True, autoincrement=False),
    Column("series", Text, nullable=False),
)
REVISIONS = Table(
    "revisions",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("content", Text, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("author", String(100), nullable=False),
    Column("at_s", Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("parent", Integer, ForeignKey("revisions.number")),
    sqlite_autoincrement=True,
)
PUBLICATIONS = Table(
    "publications",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("number", Integer, ForeignKey("revisions.number"), nullable=False, index=True),
    Column("by", String(100), nullable=False),
    Column("at_s", Float, nullable=False),
    sqlite_autoincrement=True,
)
