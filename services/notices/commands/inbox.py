"""What a person does with the own inbox: reading, and choosing how to be told."""

from uuid import UUID

from services.notices.commands.telling import tell_changes
from services.notices.domain.ways import Preferences, Way, next_digest_at
from services.notices.queries.inbox import notice
from shared.database import Transaction


async def read(tx: Transaction, notice_id: UUID) -> None:
    """The person has read a notice; raises NotFound for another's. Again changes nothing."""
    row = await notice(tx, notice_id)
    if row["read_at"] is None:
        await tx.execute(
            "UPDATE notices SET read_at = $2, is_for_digest = false WHERE id = $1",
            notice_id,
            tx.now,
        )
        tell_changes(tx, [row["person_id"]])


async def read_all(tx: Transaction) -> None:
    """The person has read everything that stands in the inbox; what waits goes on waiting."""
    actor = tx.authorise()
    touched = await tx.execute(
        "UPDATE notices SET read_at = $2, is_for_digest = false"
        " WHERE person_id = $1 AND read_at IS NULL",
        actor.person_id,
        tx.now,
    )
    if touched:
        tell_changes(tx, [actor.person_id])


async def prefer(tx: Transaction, preferences: Preferences) -> None:
    """The person chooses how to be told; a digest that is planned moves to the chosen hour."""
    actor = tx.authorise()
    await tx.execute(
        "INSERT INTO preferences (person_id, language, digest_hour, ways) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (person_id) DO UPDATE SET language = excluded.language,"
        " digest_hour = excluded.digest_hour, ways = excluded.ways",
        actor.person_id,
        preferences.language,
        preferences.digest_hour,
        {group.value: Way(way).value for group, way in preferences.ways.items()},
    )
    await tx.execute(
        "UPDATE mailings SET due_at = $2"
        " WHERE person_id = $1 AND purpose = 'digest' AND ended_at IS NULL",
        actor.person_id,
        next_digest_at(tx.now, preferences.digest_hour),
    )
