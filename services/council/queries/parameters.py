"""What the parameters say on a day, and on which decision each stands."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from services.council.domain.parameters import PARAMETERS, Choice, Rules, Share, Whole
from shared.database import Transaction
from shared.russia.calendar import moscow_date

_ON = (
    "SELECT DISTINCT ON (name) name, value, valid_from, decision_id FROM parameters"
    " WHERE valid_from <= $1 ORDER BY name, valid_from DESC, decision_id DESC NULLS LAST"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterView:
    """A rule that the regulation leaves open, as it stands on the day."""

    name: str
    value: str
    valid_from: date
    decision_id: UUID | None
    """On which decision it stands; empty while it is the conventional default."""
    default: str
    kind: Literal["whole", "share", "choice"]
    least: int | None
    most: int | None
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterValue:
    """A value that a parameter had, or has, from a day on."""

    name: str
    value: str
    valid_from: date
    decision_id: UUID | None


async def rules_on(tx: Transaction, day: date) -> Rules:
    """What the parameters say on that Moscow day."""
    return Rules({row["name"]: row["value"] for row in await tx.fetch(_ON, day)})


async def parameters(tx: Transaction, on: date | None) -> list[ParameterView]:
    """Every parameter as it stands on the day, or today, by name."""
    tx.authorise()
    rows = await tx.fetch(_ON, on or moscow_date(tx.now))
    return [_view(**row) for row in rows if row["name"] in PARAMETERS]


async def history(tx: Transaction) -> list[ParameterValue]:
    """All values that parameters have had, the newest first."""
    tx.authorise()
    rows = await tx.fetch(
        "SELECT name, value, valid_from, decision_id FROM parameters"
        " ORDER BY valid_from DESC, decision_id DESC NULLS LAST, name LIMIT 1000"
    )
    return [ParameterValue(**row) for row in rows]


def _view(name: str, value: str, valid_from: date, decision_id: UUID | None) -> ParameterView:
    kind = PARAMETERS[name]
    words: dict[type, Literal["whole", "share", "choice"]] = {
        Whole: "whole",
        Share: "share",
        Choice: "choice",
    }
    return ParameterView(
        name=name,
        value=value,
        valid_from=valid_from,
        decision_id=decision_id,
        default=kind.default,
        kind=words[type(kind)],
        least=kind.least if isinstance(kind, Whole) else None,
        most=kind.most if isinstance(kind, Whole) else None,
        options=kind.options if isinstance(kind, Choice) else (),
    )
