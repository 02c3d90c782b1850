"""What may be asked of the council, by heading: facts, then the rule, then rows and the event."""
