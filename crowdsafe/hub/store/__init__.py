"""The hub's store: one SQLite file, or one PostgreSQL database."""

from crowdsafe.hub.store.batch import AlarmEventRow, AuditEntry, Batch, Outgoing, ZoneValue
from crowdsafe.hub.store.keep_days import KeepDays
from crowdsafe.hub.store.store import Store

__all__ = [
    "AlarmEventRow",
    "AuditEntry",
    "Batch",
    "KeepDays",
    "Outgoing",
    "Store",
    "ZoneValue",
]
