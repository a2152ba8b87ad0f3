"""Readings in the order in which they come; readings, values and steps with their revision.

And notices by when they were done with, for those that are old are looked for every hour.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    _make_anew(
        "readings",
        sa.Column("zone_id", sa.String(64), nullable=False),
        sa.Column("captured_at_s", sa.Float, nullable=False),
        sa.Column("camera_id", sa.String(64), nullable=False),
        sa.Column("count", sa.Float, nullable=False),
        sa.Column("count_sd", sa.Float, nullable=False),
        sa.Column("density_ppm2", sa.Float),
        sa.Column("density_sd_ppm2", sa.Float),
        sa.Column("seen_share", sa.Float, nullable=False),
        sa.Column("revision", sa.Integer),
        key=("captured_at_s", "zone_id", "camera_id"),
        revision_before="NULL",
    )
    op.add_column("zone_values", sa.Column("revision", sa.Integer))
    _make_anew(
        "zone_steps",
        sa.Column("step_s", sa.Integer, nullable=False),
        sa.Column("zone_id", sa.String(64), nullable=False),
        sa.Column("at_s", sa.Float, nullable=False),
        sa.Column("known", sa.Integer, nullable=False),
        sa.Column("mean_ppm2", sa.Float),
        sa.Column("min_ppm2", sa.Float),
        sa.Column("max_ppm2", sa.Float),
        sa.Column("peak_ppm2", sa.Float),
        sa.Column("people", sa.Float),
        sa.Column("known_share", sa.Float, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        key=("step_s", "zone_id", "at_s", "revision"),
        revision_before="0",
    )
    op.create_index("outbox_by_end", "outbox", ["done_at_s"])


def _make_anew(
    name: str, *columns: sa.Column[Any], key: tuple[str, ...], revision_before: str
) -> None:
    """Give a table another key; ``revision_before`` is what its old rows say for the revision."""
    known = ", ".join(column.name for column in columns if column.name != "revision")
    op.create_table(
        f"{name}_anew", *columns, sa.PrimaryKeyConstraint(*key), sqlite_with_rowid=False
    )
    op.execute(
        f"INSERT INTO {name}_anew ({known}, revision) SELECT {known}, {revision_before} "
        f"FROM {name} ORDER BY {', '.join(each for each in key if each != 'revision')}"
    )
    op.drop_table(name)
    op.rename_table(f"{name}_anew", name)
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f"ALTER INDEX {name}_anew_pkey RENAME TO {name}_pkey")
