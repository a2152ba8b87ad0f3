"""What the hub knows now: no clock, no store, no web."""
