"""Duties that the council shares out by decision (R4.4)."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.council.domain.duties import require_sharing
from services.council.queries.members import members_on
from shared.database import Transaction


async def share_duties(
    tx: Transaction,
    *,
    decision_id: UUID,
    addressee_ids: Sequence[UUID],
    words: str,
    adopted_on: date,
    due_on: date | None,
) -> None:
    """Each member that the decision names has the duty from that day on, up to `due_on`.

    Raises DutiesOfNobody, DutiesAreOver.
    """
    require_sharing(addressee_ids, await members_on(tx, adopted_on), adopted_on, due_on)
    for member_id in dict.fromkeys(addressee_ids):
        duty_id = tx.new_id("duty")
        await tx.execute(
            "INSERT INTO duties (id, member_id, words, from_on, until_on, decision_id)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            duty_id,
            member_id,
            words,
            adopted_on,
            due_on,
            decision_id,
        )
        tx.note(
            "duty.shared",
            duty_id,
            after={"member_id": member_id, "decision_id": decision_id, "until_on": due_on},
        )
