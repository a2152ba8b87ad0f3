"""The schema and the messages of a store from before schemas were numbered."""

import json
from typing import Any

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    insert,
)

from crowdsafe.hub.store.engine import Database

METADATA = MetaData()
USERS = Table(
    "users",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("password_hash", String(200), nullable=False),
    Column("role", String(20), nullable=False),
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
)
READINGS = Table(
    "readings",
    METADATA,
    Column("zone_id", String(64), primary_key=True),
    Column("captured_at_s", Float, primary_key=True),
    Column("camera_id", String(64), primary_key=True),
    Column("count", Float, nullable=False),
    Column("count_sd", Float, nullable=False),
    Column("density_ppm2", Float),
    Column("density_sd_ppm2", Float),
    Column("seen_share", Float, nullable=False),
    Index("readings_by_time", "captured_at_s"),
)
ALARMS = Table(
    "alarms",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("state", String(20), nullable=False, index=True),
    Column("message", Text, nullable=False),
)
ALARM_EVENTS = Table(
    "alarm_events",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("alarm_id", Integer, ForeignKey("alarms.id"), nullable=False, index=True),
    Column("event", String(20), nullable=False),
    Column("at_s", Float, nullable=False),
    Column("message", Text, nullable=False),
)
ZONE_LEVELS = Table(
    "zone_levels",
    METADATA,
    Column("zone_id", String(64), primary_key=True),
    Column("state", Text, nullable=False),
)

RAISED: dict[str, Any] = {
    "id": 1,
    "cause": "density",
    "zone_id": "junction",
    "camera_id": "view_001",
    "state": "unacknowledged",
    "level": "tight",
    "raised_at_s": 100.0,
    "acknowledged_at_s": None,
    "acknowledged_by": None,
    "returned_at_s": None,
    "cleared_at_s": None,
    "value_ppm2": 2.5,
    "value_sd_ppm2": 0.2,
    "peak_ppm2": 2.75,
    "threshold_ppm2": 2.17,
    "held_s": 5.0,
    "seen_share": 0.9,
    "times": 1,
}
WORSENED = {**RAISED, "level": "critical", "value_ppm2": 3.75, "threshold_ppm2": 3.57}
RETURNED = {**WORSENED, "state": "returned", "returned_at_s": 120.0, "peak_ppm2": 4.0}
CLEARED = {
    **RETURNED,
    "state": "cleared",
    "acknowledged_at_s": 130.0,
    "acknowledged_by": "night_shift",
    "cleared_at_s": 130.0,
}
SILENCE: dict[str, Any] = {
    **dict.fromkeys(RAISED),
    "id": 2,
    "cause": "silence",
    "camera_id": "view_001",
    "state": "acknowledged",
    "level": "unknown",
    "raised_at_s": 140.0,
    "acknowledged_at_s": 150.0,
    "acknowledged_by": "night_shift",
    "held_s": 5.0,
    "times": 3,
}
EVENTS = (
    (1, "raised", 100.0, RAISED),
    (1, "worsened", 110.0, WORSENED),
    (1, "returned", 120.0, RETURNED),
    (1, "cleared", 130.0, CLEARED),
    (2, "raised", 140.0, {**SILENCE, "state": "unacknowledged", "acknowledged_at_s": None}),
    (2, "acknowledged", 150.0, SILENCE),
)
_LATCH_TURNING = {"on": False, "turning_since_s": 145.0}
_LATCH_ON = {"on": True, "turning_since_s": None}
_LATCH_OFF = {"on": False, "turning_since_s": None}


def write_first_schema(database: Database) -> None:
    """Write a store as it was: people, a session, a worker, readings, alarms and a level."""
    METADATA.create_all(database.engine)
    with database.writing() as connection:
        connection.execute(
            insert(USERS).values(name="night_shift", password_hash="x", role="operator")
        )
        connection.execute(
            insert(SESSIONS).values(token_hash="s", user="night_shift", expires_at_s=1e10)
        )
        connection.execute(insert(WORKERS).values(name="mast_1", token_hash="w"))
        connection.execute(
            insert(READINGS).values(
                zone_id="junction",
                captured_at_s=99.5,
                camera_id="view_001",
                count=12.0,
                count_sd=0.5,
                density_ppm2=2.5,
                density_sd_ppm2=0.2,
                seen_share=0.9,
            )
        )
        for alarm in (CLEARED, SILENCE):
            connection.execute(
                insert(ALARMS).values(
                    id=alarm["id"], state=alarm["state"], message=json.dumps(alarm)
                )
            )
        for alarm_id, event, at_s, message in EVENTS:
            connection.execute(
                insert(ALARM_EVENTS).values(
                    alarm_id=alarm_id, event=event, at_s=at_s, message=json.dumps(message)
                )
            )
        connection.execute(
            insert(ZONE_LEVELS).values(
                zone_id="junction",
                state=json.dumps(
                    {"latches": [_LATCH_ON, _LATCH_TURNING, _LATCH_OFF], "since_s": 90.0}
                ),
            )
        )
