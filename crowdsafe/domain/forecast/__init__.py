"""Where a density is going: how fast, until when it reaches a limit, and how sure that is."""
