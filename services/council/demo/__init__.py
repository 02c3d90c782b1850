"""The demo of the council, laid by the same commands as everybody's."""
