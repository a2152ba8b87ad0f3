"""One sender for each kind of target."""
