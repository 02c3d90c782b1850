"""Council: who sits in it, what is proposed, met about, voted on and decided, and the annual plan."""
