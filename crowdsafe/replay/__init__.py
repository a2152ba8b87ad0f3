"""Pictures and recordings through the edge's own path: counts, readings, and their error."""
