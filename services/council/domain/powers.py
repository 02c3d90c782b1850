"""Written powers: a seat that cannot come lets another cast its vote, for a term, and no further."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.refusal import Invalid, Refusal

POWER_DAYS_MAX = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPower:
    """A power as it lies in writing: its number, its day, and its term, both days included."""

    id: UUID
    from_seat_id: UUID
    to_seat_id: UUID
    valid_from: date
    valid_until: date
    """Its last day; the day it was taken back where that is earlier."""


class PowerIsForItself(Invalid):
    """A power names another seat that has a vote."""


class DelegateHasNoVote(Invalid):
    """A power is given by a seat that has a vote, to another one that has."""


class PowerTermIsWrong(Invalid):
    """A power counts from its own day on at the earliest, is not over yet, and lasts a year at most."""


class PowersMakeNoChain(Refusal):
    """Who votes for others gives no power away, and who gave it away votes for nobody."""

    code = "power-chain"


class PowerIsGiven(Refusal):
    """This seat has given a power for these days already."""

    code = "power-given"


class DelegateHasEnough(Refusal):
    """This seat votes for as many others as one seat may."""

    code = "delegate-has-enough"


class PowerIsOver(Refusal):
    """This power counts no more."""

    code = "power-over"


def require_may_give(
    wished: WrittenPower, standing: Iterable[WrittenPower], most: int, today: date
) -> None:
    """A power is given for a term to one who gives none away, and has few others (domain 1.4)."""
    if wished.from_seat_id == wished.to_seat_id:
        raise PowerIsForItself(PowerIsForItself.title(), at="body.to_seat_id")
    days = (wished.valid_until - wished.valid_from).days
    if not 0 <= days < POWER_DAYS_MAX or wished.valid_until < today:
        raise PowerTermIsWrong(PowerTermIsWrong.title(), at="body.valid_until")
    meanwhile = [power for power in standing if _meet(power, wished)]
    if any(power.from_seat_id == wished.from_seat_id for power in meanwhile):
        raise PowerIsGiven
    if any(
        power.to_seat_id == wished.from_seat_id or power.from_seat_id == wished.to_seat_id
        for power in meanwhile
    ):
        raise PowersMakeNoChain
    if sum(power.to_seat_id == wished.to_seat_id for power in meanwhile) >= most:
        raise DelegateHasEnough(most=most)


def require_may_revoke(power: WrittenPower, today: date) -> None:
    """A power that still counts may be taken back at any time."""
    if power.valid_until < today:
        raise PowerIsOver


def _meet(one: WrittenPower, other: WrittenPower) -> bool:
    return one.valid_from <= other.valid_until and other.valid_from <= one.valid_until
