"""Rows as facts, read for commands and queries alike, by heading."""
