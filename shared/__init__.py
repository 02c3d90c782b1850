"""The chassis that every service stands on; no word of the cluster in it."""
