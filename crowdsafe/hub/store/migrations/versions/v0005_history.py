"""The fused values of the zones, and their steps of 10, 60 and 900 seconds."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "zone_values",
        sa.Column("zone_id", sa.String(64), primary_key=True),
        sa.Column("at_s", sa.Float, primary_key=True),
        sa.Column("density_ppm2", sa.Float),
        sa.Column("density_sd_ppm2", sa.Float),
        sa.Column("peak_ppm2", sa.Float),
        sa.Column("count", sa.Float),
        sa.Column("seen_share", sa.Float),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "zone_steps",
        sa.Column("step_s", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("zone_id", sa.String(64), primary_key=True),
        sa.Column("at_s", sa.Float, primary_key=True),
        sa.Column("known", sa.Integer, nullable=False),
        sa.Column("mean_ppm2", sa.Float),
        sa.Column("min_ppm2", sa.Float),
        sa.Column("max_ppm2", sa.Float),
        sa.Column("peak_ppm2", sa.Float),
        sa.Column("people", sa.Float),
        sa.Column("known_share", sa.Float, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "steps_due",
        sa.Column("zone_id", sa.String(64), primary_key=True),
        sa.Column("slot_at_s", sa.Float, primary_key=True),
        sa.Column("changed_from_s", sa.Float, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "forgotten",
        sa.Column("step_s", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("before_s", sa.Float, nullable=False),
    )
