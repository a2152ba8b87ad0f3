"""Aggregates zones, raises alarms, keeps the record, and serves the control-room page."""
