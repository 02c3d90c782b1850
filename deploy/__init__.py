"""How Artel is run: in one box with one command, and in containers."""
