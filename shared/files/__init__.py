"""Files in the database of the service that owns them: taken, looked at, kept as they are, given out."""
