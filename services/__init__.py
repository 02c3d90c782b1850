"""One folder per service; each owns its database and is the only one that speaks its subjects."""
