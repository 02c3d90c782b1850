"""The rules of membership. Facts in, a decision or a named refusal out; no I/O, no clock."""
