"""Parameters are set by decisions of the council, and in no other way."""

from datetime import date
from uuid import UUID

from contracts.council import ParameterSet
from services.council.domain.parameters import require_value
from shared.database import Transaction


async def set_parameter(
    tx: Transaction,
    *,
    decision_id: UUID,
    parameter: str | None,
    value: str | None,
    adopted_on: date,
) -> None:
    """What the regulation leaves open is so from the day of the decision on.

    Raises ParameterIsWrong.
    """
    name, text = require_value(parameter, value)
    await tx.execute(
        "INSERT INTO parameters (name, value, valid_from, decision_id) VALUES ($1, $2, $3, $4)",
        name,
        text,
        adopted_on,
        decision_id,
    )
    tx.record(
        ParameterSet(decision_id=decision_id, parameter=name, value=text, valid_from=adopted_on),
        after={"parameter": name, "value": text},
    )
