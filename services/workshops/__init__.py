"""Workshops: what members let others use, when it is free, and what became of each booking."""
