"""Whether a person's own second factor is set."""

from dataclasses import dataclass
from datetime import datetime

from shared.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """The actor's own second factor; nothing that makes a code."""

    is_on: bool
    since: datetime | None
    recovery_codes_left: int


async def own_second_factor(tx: Transaction) -> SecondFactor:
    """Since when a code is asked for at sign-in, and how many codes of paper are left."""
    actor = tx.authorise()
    row = await tx.row(
        "SELECT confirmed_at, (SELECT count(*) FROM recovery_codes c"
        " WHERE c.person_id = f.person_id AND used_at IS NULL) AS left"
        " FROM second_factors f WHERE person_id = $1 AND confirmed_at IS NOT NULL",
        actor.person_id,
    )
    if row is None:
        return SecondFactor(is_on=False, since=None, recovery_codes_left=0)
    return SecondFactor(is_on=True, since=row["confirmed_at"], recovery_codes_left=row["left"])
