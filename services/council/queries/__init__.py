"""What may be looked up in the council, by heading."""
