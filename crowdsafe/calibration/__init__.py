"""Looking at a camera's calibration, and taking one over from elsewhere."""
