"""The record with its hash chain, which the database itself keeps append-only."""

import sqlalchemy as sa
from alembic import op

from crowdsafe.hub.store.chain import BEFORE_THE_FIRST

revision = "0003"
down_revision = "0002"

# What may be deleted is said by the anchor, which retention moves on and nothing moves back.
_SQLITE = (
    """
    CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit: an entry is never changed'); END
    """,
    """
    CREATE TRIGGER audit_kept BEFORE DELETE ON audit
    WHEN OLD.seq > (SELECT seq FROM audit_anchor)
    BEGIN SELECT RAISE(ABORT, 'audit: an entry after the anchor is never deleted'); END
    """,
    """
    CREATE TRIGGER audit_appended BEFORE INSERT ON audit
    WHEN NEW.seq <> 1 + coalesce((SELECT max(seq) FROM audit), (SELECT seq FROM audit_anchor))
      OR NEW.prev_hash <> coalesce(
        (SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), (SELECT hash FROM audit_anchor)
      )
    BEGIN SELECT RAISE(ABORT, 'audit: an entry follows on the last one'); END
    """,
    """
    CREATE TRIGGER audit_anchor_moves_on BEFORE UPDATE ON audit_anchor
    WHEN NEW.id <> OLD.id OR NEW.seq < OLD.seq
      OR NEW.hash <> coalesce((SELECT hash FROM audit WHERE seq = NEW.seq), '')
    BEGIN SELECT RAISE(ABORT, 'audit: the anchor moves on to an entry'); END
    """,
    """
    CREATE TRIGGER audit_anchor_stays BEFORE DELETE ON audit_anchor
    BEGIN SELECT RAISE(ABORT, 'audit: the anchor is never deleted'); END
    """,
)
_POSTGRESQL = (
    """
    CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'INSERT' THEN
        IF NEW.seq <> 1 + coalesce((SELECT max(seq) FROM audit), (SELECT seq FROM audit_anchor))
          OR NEW.prev_hash <> coalesce(
            (SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), (SELECT hash FROM audit_anchor)
          )
        THEN RAISE EXCEPTION 'audit: an entry follows on the last one'; END IF;
        RETURN NEW;
      END IF;
      IF TG_OP = 'DELETE' THEN
        IF OLD.seq > (SELECT seq FROM audit_anchor)
        THEN RAISE EXCEPTION 'audit: an entry after the anchor is never deleted'; END IF;
        RETURN OLD;
      END IF;
      RAISE EXCEPTION 'audit: an entry is never changed';
    END $$
    """,
    """
    CREATE FUNCTION audit_anchor_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' THEN
        IF NEW.id <> OLD.id OR NEW.seq < OLD.seq
          OR NEW.hash <> coalesce((SELECT hash FROM audit WHERE seq = NEW.seq), '')
        THEN RAISE EXCEPTION 'audit: the anchor moves on to an entry'; END IF;
        RETURN NEW;
      END IF;
      RAISE EXCEPTION 'audit: the anchor is never deleted';
    END $$
    """,
    """
    CREATE TRIGGER audit_guard BEFORE INSERT OR UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_guard()
    """,
    """
    CREATE TRIGGER audit_whole BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_guard()
    """,
    """
    CREATE TRIGGER audit_anchor_guard BEFORE UPDATE OR DELETE ON audit_anchor
    FOR EACH ROW EXECUTE FUNCTION audit_anchor_guard()
    """,
    """
    CREATE TRIGGER audit_anchor_whole BEFORE TRUNCATE ON audit_anchor
    FOR EACH STATEMENT EXECUTE FUNCTION audit_anchor_guard()
    """,
)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at_s", sa.Float, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    anchor = op.create_table(
        "audit_anchor",
        sa.Column(
            "id", sa.Integer, sa.CheckConstraint("id = 1"), primary_key=True, autoincrement=False
        ),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.bulk_insert(anchor, [{"id": 1, "seq": 0, "hash": BEFORE_THE_FIRST}])
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if is_sqlite else _POSTGRESQL:
        op.execute(statement)
