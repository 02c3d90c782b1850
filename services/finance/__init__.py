"""Finance: who owes whom what, to the kopeck; every sum stands between two named members."""
