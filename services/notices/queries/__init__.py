"""What may be looked up in notices."""
