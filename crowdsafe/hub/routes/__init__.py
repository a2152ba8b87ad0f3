"""The hub's HTTP routes, one room each."""
