"""Alarms in the shape of EN 62682, with columns to look for; their events go into the record."""

import json

import sqlalchemy as sa
from alembic import op

from crowdsafe.errors import BadInput
from crowdsafe.hub.store.chain import BEFORE_THE_FIRST, canonical, entry_hash
from crowdsafe.hub.store.migrations.first_alarms import (
    CALLS,
    converted_alarm,
    converted_level,
    who_did,
)

revision = "0004"
down_revision = "0003"

_ALARMS = sa.table(
    "alarms",
    sa.column("id", sa.Integer),
    sa.column("state", sa.String),
    sa.column("message", sa.Text),
    sa.column("cause", sa.String),
    sa.column("priority", sa.String),
    sa.column("zone_id", sa.String),
    sa.column("raised_at_s", sa.Float),
    sa.column("ended_at_s", sa.Float),
)
_EVENTS = sa.table(
    "alarm_events",
    sa.column("id", sa.Integer),
    sa.column("alarm_id", sa.Integer),
    sa.column("event", sa.String),
    sa.column("at_s", sa.Float),
    sa.column("message", sa.Text),
)
_AUDIT = sa.table(
    "audit",
    sa.column("seq", sa.Integer),
    sa.column("at_s", sa.Float),
    sa.column("actor", sa.Text),
    sa.column("action", sa.Text),
    sa.column("subject", sa.Text),
    sa.column("detail", sa.Text),
    sa.column("prev_hash", sa.String),
    sa.column("hash", sa.String),
)
_LEVELS = sa.table("zone_levels", sa.column("zone_id", sa.String), sa.column("state", sa.Text))


def upgrade() -> None:
    op.add_column("alarms", sa.Column("cause", sa.String(20)))
    op.add_column("alarms", sa.Column("priority", sa.String(10)))
    op.add_column("alarms", sa.Column("zone_id", sa.String(64)))
    op.add_column("alarms", sa.Column("raised_at_s", sa.Float))
    op.add_column("alarms", sa.Column("ended_at_s", sa.Float))
    connection = op.get_bind()
    try:
        _convert_alarms(connection, called_at_s=_convert_events(connection))
        _convert_levels(connection)
    except (KeyError, ValueError) as error:
        raise BadInput(f"store: an alarm or level is not of schema 0001 ({error!r})") from None
    op.drop_table("alarm_events")
    with op.batch_alter_table("alarms") as alarms:
        alarms.alter_column("cause", existing_type=sa.String(20), nullable=False)
        alarms.alter_column("priority", existing_type=sa.String(10), nullable=False)
        alarms.alter_column("raised_at_s", existing_type=sa.Float(), nullable=False)
    op.create_index("ix_alarms_raised_at_s", "alarms", ["raised_at_s"])
    op.create_index("ix_alarms_ended_at_s", "alarms", ["ended_at_s"])


def _convert_alarms(connection: sa.Connection, *, called_at_s: dict[int, float]) -> None:
    for row in connection.execute(sa.select(_ALARMS.c.id, _ALARMS.c.message)).all():
        old = json.loads(row.message)
        alarm = converted_alarm(old, called_at_s=called_at_s.get(row.id, old["raised_at_s"]))
        connection.execute(
            sa.update(_ALARMS)
            .where(_ALARMS.c.id == row.id)
            .values(
                state=alarm["state"],
                message=json.dumps(alarm, ensure_ascii=False),
                cause=alarm["cause"],
                priority=alarm["priority"],
                zone_id=alarm["zone_id"],
                raised_at_s=alarm["first_raised_at_s"],
                ended_at_s=alarm["ended_at_s"],
            )
        )


def _convert_events(connection: sa.Connection) -> dict[int, float]:
    """Put the events into the record, and return when each alarm last called an operator."""
    called_at_s: dict[int, float] = {}
    rows = connection.execute(sa.select(_EVENTS).order_by(_EVENTS.c.id)).all()
    prev_hash = BEFORE_THE_FIRST
    for seq, row in enumerate(rows, start=1):
        old = json.loads(row.message)
        if row.event in CALLS:
            called_at_s[row.alarm_id] = row.at_s
        called = called_at_s.get(row.alarm_id, old["raised_at_s"])
        entry = {
            "at_s": row.at_s,
            "actor": who_did(row.event, old, at_s=row.at_s),
            "action": f"alarm.{'ended' if row.event == 'cleared' else row.event}",
            "subject": f"alarm/{row.alarm_id}",
            "detail": canonical(converted_alarm(old, called_at_s=called)),
        }
        its_hash = entry_hash(prev_hash=prev_hash, **entry)
        connection.execute(
            sa.insert(_AUDIT).values(seq=seq, prev_hash=prev_hash, hash=its_hash, **entry)
        )
        prev_hash = its_hash
    return called_at_s


def _convert_levels(connection: sa.Connection) -> None:
    for row in connection.execute(sa.select(_LEVELS)).all():
        connection.execute(
            sa.update(_LEVELS)
            .where(_LEVELS.c.zone_id == row.zone_id)
            .values(state=json.dumps(converted_level(json.loads(row.state))))
        )
