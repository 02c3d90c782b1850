"""What PostgreSQL is told, whichever way it is run."""
