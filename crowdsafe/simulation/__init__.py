"""Crowds with exact truth."""
