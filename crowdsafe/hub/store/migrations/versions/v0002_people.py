"""People can be disabled and workers revoked; who is on duty is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.alter_column("password_hash", existing_type=sa.String(200), nullable=True)
        users.add_column(sa.Column("changed_at_s", sa.Float))
        users.add_column(sa.Column("disabled_at_s", sa.Float))
    op.add_column("workers", sa.Column("created_at_s", sa.Float))
    op.add_column("workers", sa.Column("revoked_at_s", sa.Float))
    op.add_column("workers", sa.Column("last_seen_at_s", sa.Float))
    op.create_table(
        "shifts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("since_s", sa.Float, nullable=False),
        sa.Column("until_s", sa.Float),
        sa.Column("summary", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
