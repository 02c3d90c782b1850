"""The rules of telling people: what, to whom, when, and what never. Facts in, a decision out; no I/O."""
