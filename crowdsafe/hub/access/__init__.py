"""Who may do what: people, their roles and sessions, and the keys of workers."""

COMMAND_LINE = "command line"
"""Who acts in the record where nobody is signed in."""
