"""One container per service: what is done once before them, beside them, and by people at the console."""
