"""What brings a database from each schema of the store to the next."""
