"""Recordings through the edge's own path: readings for each frame, and their error against truth."""
