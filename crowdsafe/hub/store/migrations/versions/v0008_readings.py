"""Readings in the order in which they come: what is written together lies together."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_COLUMNS = (
    "zone_id, captured_at_s, camera_id, count, count_sd, density_ppm2, density_sd_ppm2, seen_share"
)


def upgrade() -> None:
    op.create_table(
        "readings_in_order",
        sa.Column("zone_id", sa.String(64), nullable=False),
        sa.Column("captured_at_s", sa.Float, nullable=False),
        sa.Column("camera_id", sa.String(64), nullable=False),
        sa.Column("count", sa.Float, nullable=False),
        sa.Column("count_sd", sa.Float, nullable=False),
        sa.Column("density_ppm2", sa.Float),
        sa.Column("density_sd_ppm2", sa.Float),
        sa.Column("seen_share", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("captured_at_s", "zone_id", "camera_id"),
        sqlite_with_rowid=False,
    )
    op.execute(
        f"INSERT INTO readings_in_order ({_COLUMNS}) SELECT {_COLUMNS} FROM readings "
        "ORDER BY captured_at_s, zone_id, camera_id"
    )
    op.drop_table("readings")
    op.rename_table("readings_in_order", "readings")
