"""What may be asked of workshops: facts, then the rule, then rows and the event. One transaction."""
