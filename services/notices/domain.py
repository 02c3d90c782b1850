"""The rules of telling people: what, to whom, when, and what never."""
