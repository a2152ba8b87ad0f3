"""Whether a picture can be believed."""
