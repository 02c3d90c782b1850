"""What the regulation leaves open and the council may set, each with its conventional default.

A value stands from the day of the decision that set it; what was decided before keeps the value of
its own day (I28).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from shared.refusal import Refusal

PREFIX = "council."


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two bounds, which belong to it."""

    default: str
    least: int
    most: int

    def accepts(self, value: str) -> bool:
        """Whether the text is such a number."""
        is_number = value.isascii() and value.isdigit() and len(value) <= 4
        return is_number and self.least <= int(value) <= self.most


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, written `2/3`; above 0 and at most 1."""

    default: str

    def accepts(self, value: str) -> bool:
        """Whether the text is such a part."""
        parts = value.split("/")
        if len(parts) != 2 or not all(
            part.isascii() and part.isdigit() and len(part) <= 3 for part in parts
        ):
            return False
        above, below = map(int, parts)
        return 0 < above <= below


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    default: str
    options: tuple[str, ...]

    def accepts(self, value: str) -> bool:
        """Whether the text is one of them."""
        return value in self.options


Kind = Whole | Share | Choice

PARAMETERS: dict[str, Kind] = {
    "council.seats_min": Whole("11", 3, 500),
    "council.seats_max": Whole("25", 3, 500),
    "council.employers_share_min": Share("1/3"),
    "council.authority_seats_max": Whole("25", 0, 500),
    "council.college_seats_max": Whole("25", 0, 500),
    "council.university_seats_max": Whole("25", 0, 500),
    "council.employer_seats_max": Whole("25", 0, 500),
    "council.vote_unit": Choice("seat", ("seat", "member")),
    "council.extraordinary_share": Share("1/3"),
    "council.notice_working_days": Whole("5", 1, 30),
    "council.materials_working_days": Whole("3", 0, 30),
    "council.absentee_working_days": Whole("5", 1, 30),
    "council.quorum_percent": Whole("50", 1, 99),
    "council.special_quorum_percent": Whole("50", 1, 99),
    "council.majority_percent": Whole("50", 1, 99),
    "council.exclusion_majority": Share("2/3"),
    "council.ending_majority": Share("2/3"),
    "council.powers_per_delegate": Whole("1", 1, 5),
    "council.authority_weight": Whole("1", 1, 100),
    "council.college_weight": Whole("1", 1, 100),
    "council.university_weight": Whole("1", 1, 100),
    "council.employer_weight": Whole("1", 1, 100),
    "council.tie": Choice("chair", ("chair", "rejected")),
    "council.dissent_working_days": Whole("3", 1, 30),
    "council.minutes_working_days": Whole("5", 1, 60),
}
"""Domain 1.4: how large the council is and of whom it is made, how it meets, and how it votes.

A percent is what has to be exceeded; a share is what has to be reached.
"""


class ParameterIsWrong(Refusal):
    """There is no such parameter, or it cannot have this value."""

    code = "parameter-wrong"


def require_value(name: str | None, value: str | None) -> tuple[str, str]:
    """The parameter and its value, once the council may set it so; raises ParameterIsWrong."""
    kind = PARAMETERS.get(name or "")
    if name is None or value is None or kind is None or not kind.accepts(value):
        raise ParameterIsWrong(parameter=name)
    return name, value


@dataclass(frozen=True, slots=True)
class Rules:
    """What the parameters say on one day."""

    values: Mapping[str, str]

    def whole(self, name: str) -> int:
        """The number of a parameter that is one."""
        return int(self.values[f"{PREFIX}{name}"])

    def share(self, name: str) -> Fraction:
        """The part of a parameter that is one."""
        return Fraction(self.values[f"{PREFIX}{name}"])

    def choice(self, name: str) -> str:
        """The word of a parameter that is one."""
        return self.values[f"{PREFIX}{name}"]
