"""Weather: what was told and measured, and how bad it is for a site."""
