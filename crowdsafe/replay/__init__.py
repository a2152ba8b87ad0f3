"""Recordings through the edge's own path: readings of each frame, and their error."""
