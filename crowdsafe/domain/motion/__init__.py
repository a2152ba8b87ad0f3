"""How people move, and who crosses a line."""
