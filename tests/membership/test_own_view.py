"""What a member sees of itself: what is still open elsewhere (R5.1, I2), and its log."""
