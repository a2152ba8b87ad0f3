"""Values from outside: adapters that fetch them and say when they fail."""
