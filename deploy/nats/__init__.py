"""What NATS is told, whichever way it is run."""
