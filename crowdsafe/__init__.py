"""Live crowd density from cameras: zones in metres, alarms, and a control-room page."""

__version__ = "0.1.0"
