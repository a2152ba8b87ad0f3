"""Warnings that wait for a person, or are out."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "warnings",
        sa.Column("alarm_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("series", sa.Text, nullable=False),
    )
