"""Alarms: limits, their life, their load."""
