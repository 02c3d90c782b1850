"""The rules of shared workshops. Facts in, a decision or a named refusal out; no I/O, no clock."""
