"""Messages out of the hub: what they say, where they go, and that they arrive."""
