"""The rules of the coordination council, by heading and clause (R4, R5.1, R6, R8)."""
