"""What notices tells: nothing yet; it is the last to hear of things."""
