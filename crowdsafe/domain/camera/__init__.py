"""Cameras over the ground: lens, pose, calibration, what they see."""
