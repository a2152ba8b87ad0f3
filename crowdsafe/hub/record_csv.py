"""The record as CSV for a spreadsheet, in which no text becomes a formula."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from crowdsafe.hub.record_filter import entry_facts
from crowdsafe.hub.store.audit_check import KeptEntry

COLUMNS = (
    "seq",
    "at",
    "at_s",
    "actor",
    "action",
    "subject",
    "places",
    "priority",
    "detail",
    "hash",
)
"""``at`` is ``at_s`` in the site's time zone, as ISO 8601 with its offset from UTC."""
# A spreadsheet runs what begins with one of these, a browser's download being no exception:
# CWE-1236.
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_head() -> str:
    """Return the first line."""
    return _lines([COLUMNS])


def csv_rows(entries: Sequence[KeptEntry], *, timezone: ZoneInfo) -> str:
    """Return a line for each entry."""
    return _lines([_row(entry, timezone) for entry in entries])


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: it is quoted with an apostrophe."""
    return f"'{text}" if text.startswith(_BEGINS_FORMULA) else text


def _row(entry: KeptEntry, timezone: ZoneInfo) -> tuple[str, ...]:
    detail = json.loads(entry.detail)
    facts = entry_facts(entry.action, detail)
    at = datetime.fromtimestamp(entry.at_s, timezone).isoformat(timespec="milliseconds")
    said = json.dumps(detail, ensure_ascii=False, sort_keys=True)
    texts = (entry.actor, entry.action, entry.subject, " ".join(sorted(facts.places)))
    return (
        str(entry.seq),
        at,
        repr(entry.at_s),
        *map(harmless, texts),
        facts.priority or "",
        harmless(said),
        entry.hash,
    )


def _lines(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
