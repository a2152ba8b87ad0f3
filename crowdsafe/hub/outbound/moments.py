"""Moments as others write them."""

from datetime import UTC, datetime


def iso(at_s: float) -> str:
    """Return seconds since 1970 UTC as 2026-08-07T21:14:03.250Z."""
    return _utc(at_s).strftime("%Y-%m-%dT%H:%M:%S.") + f"{_milliseconds(at_s):03d}Z"


def cap_time(at_s: float) -> str:
    """Return seconds since 1970 UTC as CAP 1.2 asks, 3.3.2: whole seconds, -00:00, never Z."""
    return _utc(at_s).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def _utc(at_s: float) -> datetime:
    return datetime.fromtimestamp(int(at_s), UTC)


def _milliseconds(at_s: float) -> int:
    return int(at_s * 1000) % 1000
