"""Beside the cameras: pictures to detections to zone readings, sent to the hub. No frame leaves."""
