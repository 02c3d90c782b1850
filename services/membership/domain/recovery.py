"""Getting back into an account, moving it to another address, and the letters that this takes."""

from datetime import timedelta

from services.membership.domain.accounts import normal_email
from shared.refusal import Invalid, TooMany

LETTERS_MAX = 3
LETTERS_WINDOW = timedelta(hours=1)
REPEATS_WITHIN = timedelta(minutes=1)
"""The same wish again so soon is a second click, and writes no second letter."""


class TooManyLetters(TooMany):
    """Several letters were written within an hour; look into the mailbox, or wait."""

    code = "too-many-letters"


class AddressIsTheSame(Invalid):
    """This is the address of the account already."""


def may_write(letters_of_late: int) -> bool:
    """Whether one more letter of a kind may be written to a person within LETTERS_WINDOW."""
    return letters_of_late < LETTERS_MAX


def check_address(new: str, old: str, *, at: str) -> str:
    """The new address in the form in which it is kept; raises AddressIsTheSame."""
    kept = normal_email(new)
    if kept == normal_email(old):
        raise AddressIsTheSame(AddressIsTheSame.title(), at=at, why="address-same")
    return kept
