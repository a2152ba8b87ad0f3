"""Notices on their way out, and revisions of what is configured."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("target_id", sa.String(64), nullable=False),
        sa.Column("notice_id", sa.String(200), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at_s", sa.Float, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("tried_at_s", sa.Float),
        sa.Column("next_try_at_s", sa.Float, nullable=False),
        sa.Column("done_at_s", sa.Float),
        sa.Column("error", sa.Text),
        sa.Column("receipt", sa.Text),
        sa.Column("receipt_at_s", sa.Float),
        sa.UniqueConstraint("notice_id", "target_id", name="outbox_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_by_state", "outbox", ["state", "target_id", "seq"])
    op.create_table(
        "revisions",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("author", sa.String(100), nullable=False),
        sa.Column("at_s", sa.Float, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("parent", sa.Integer, sa.ForeignKey("revisions.number")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("number", sa.Integer, sa.ForeignKey("revisions.number"), nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("at_s", sa.Float, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_publications_number", "publications", ["number"])
