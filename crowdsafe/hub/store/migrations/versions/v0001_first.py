"""The schema before schemas were numbered."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column(
            "user", sa.String(100), sa.ForeignKey("users.name", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("expires_at_s", sa.Float, nullable=False),
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    )
    op.create_table(
        "readings",
        sa.Column("zone_id", sa.String(64), primary_key=True),
        sa.Column("captured_at_s", sa.Float, primary_key=True),
        sa.Column("camera_id", sa.String(64), primary_key=True),
        sa.Column("count", sa.Float, nullable=False),
        sa.Column("count_sd", sa.Float, nullable=False),
        sa.Column("density_ppm2", sa.Float),
        sa.Column("density_sd_ppm2", sa.Float),
        sa.Column("seen_share", sa.Float, nullable=False),
    )
    op.create_index("readings_by_time", "readings", ["captured_at_s"])
    op.create_table(
        "alarms",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
    )
    op.create_index("ix_alarms_state", "alarms", ["state"])
    op.create_table(
        "alarm_events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("alarm_id", sa.Integer, sa.ForeignKey("alarms.id"), nullable=False),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("at_s", sa.Float, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
    )
    op.create_index("ix_alarm_events_alarm_id", "alarm_events", ["alarm_id"])
    op.create_table(
        "zone_levels",
        sa.Column("zone_id", sa.String(64), primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
    )
