"""That this process is about to end: whoever holds answers open without an end is told to let go."""

from collections.abc import Callable

_told: list[Callable[[], None]] = []


def on_end(let_go: Callable[[], None]) -> None:
    """Has this called when the process is asked to end, in its main thread, between two steps."""
    _told.append(let_go)


def forget(let_go: Callable[[], None]) -> None:
    """Takes back what `on_end` was given."""
    if let_go in _told:
        _told.remove(let_go)


def begin() -> None:
    """The process was asked to end."""
    for let_go in list(_told):
        let_go()
