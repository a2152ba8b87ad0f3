"""Loads on a running hub: what it takes, how late a page is, and what that costs."""
