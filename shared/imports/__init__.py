"""Importing from files: read, checked row by row with a report, and written as one whole or not at all."""
