"""People on the ground: where they stand, how dense, how many."""
