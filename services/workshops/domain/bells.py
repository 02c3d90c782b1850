"""Bell plans: the pairs of a site's day, each from its first bell to its last."""

from collections.abc import Sequence
from itertools import pairwise

from services.workshops.domain.facts import Bell
from shared.refusal import Invalid

PAIRS_MAX = 12
_DAY_MINUTES = 24 * 60
_GRAIN_MINUTES = 5

SAMPLE = (
    Bell(1, 8 * 60 + 30, 10 * 60 + 5),
    Bell(2, 10 * 60 + 15, 11 * 60 + 50),
    Bell(3, 12 * 60 + 30, 14 * 60 + 5),
    Bell(4, 14 * 60 + 15, 15 * 60 + 50),
    Bell(5, 16 * 60, 17 * 60 + 35),
    Bell(6, 17 * 60 + 45, 19 * 60 + 20),
)
"""The usual day of six pairs (domain.md 2.2), for a site that names none of its own."""


def check_bells(bells: Sequence[Bell]) -> None:
    """Raises Invalid unless the pairs are numbered and rung in order, on five minutes, and apart."""
    if not 1 <= len(bells) <= PAIRS_MAX:
        raise Invalid(f"A bell plan has 1 to {PAIRS_MAX} pairs.", at="body.bells")
    for bell in bells:
        if not 0 <= bell.opens < bell.closes <= _DAY_MINUTES:
            raise Invalid(f"Pair {bell.pair} ends before it starts.", at="body.bells")
        if bell.opens % _GRAIN_MINUTES or bell.closes % _GRAIN_MINUTES:
            raise Invalid(f"Pair {bell.pair} does not stand on five minutes.", at="body.bells")
    for before, after in pairwise(bells):
        if before.pair >= after.pair:
            raise Invalid("Pairs are numbered in the order of the day.", at="body.bells")
        if before.closes > after.opens:
            raise Invalid(f"Pairs {before.pair} and {after.pair} overlap.", at="body.bells")
