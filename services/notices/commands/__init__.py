"""What may be asked of notices: facts, then the rule, then rows and the event. One transaction."""
