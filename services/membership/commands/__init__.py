"""What may be asked of membership: facts, then the rule, then rows and the event. One transaction."""
