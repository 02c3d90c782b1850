"""How a person wants to be told."""

from uuid import UUID

from services.notices.domain.kinds import Group
from services.notices.domain.ways import Language, Preferences, Way
from shared.database import Transaction


async def preferences_of(tx: Transaction, person_id: UUID) -> Preferences:
    """What the person has chosen, or what holds until they choose."""
    row = await tx.row("SELECT * FROM preferences WHERE person_id = $1", person_id)
    if row is None:
        return Preferences()
    return Preferences(
        language=Language(row["language"]),
        digest_hour=row["digest_hour"],
        ways={Group(group): Way(way) for group, way in row["ways"].items()},
    )
